"""
The usual: tables and policies of usual.sql, an app's role that row security
holds back, and four messages a turn: BEGIN, set_config, SELECT, COMMIT. The
client makes the tool's JSON. Only names and descriptions are asked for.
"""
import json
import uuid

import psycopg
from sqlalchemy import ForeignKey, create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from contender import Contender

INTRODUCTION = "Load one of the skills below. Each line is one: its name and when to use it.\n"


def tool(rows):
    lines = "".join(f"\n- {name}: {' '.join(description.split())}" for name, description in rows)
    return json.dumps({"name": "load_skill", "description": INTRODUCTION + lines, "input_schema": {
        "type": "object", "properties": {"name": {"type": "string", "enum": [name for name, _ in rows]}},
        "required": ["name"], "additionalProperties": False}}, ensure_ascii=False)


class Plain(Contender):
    """Plain SQL through psycopg, which prepares what it meets for the fifth time."""

    def connect(self):
        self.connection = psycopg.connect(dbname="bench", user=self.role)
        self.pid = self.connection.info.backend_pid

    def admin(self, sql, arguments=()):
        with self.connection.transaction():
            return self.connection.execute(sql, arguments)

    def call(self, turn, i):
        with self.connection.transaction():
            self.connection.execute("SELECT set_config('app.user_id', %s, true), set_config('app.org_id', %s, true)",
                                    (turn.user, turn.org))
            return tool(self.connection.execute("""
                SELECT s.name, v.description
                FROM usual.skill_subscriptions AS t
                JOIN usual.skill_versions AS v ON v.id = t.version_id
                JOIN usual.skills AS s ON s.id = t.skill_id
                WHERE t.user_id = %s
                ORDER BY s.name""", (turn.user,)).fetchall())


class Base(DeclarativeBase):
    __table_args__ = {"schema": "usual"}


class Skill(Base):
    __tablename__ = "skills"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]


class SkillVersion(Base):
    __tablename__ = "skill_versions"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    skill_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("usual.skills.id"))
    description: Mapped[str]


class SkillSubscription(Base):
    __tablename__ = "skill_subscriptions"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[str]
    skill_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("usual.skills.id"))
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("usual.skill_versions.id"))
    skill: Mapped[Skill] = relationship()
    version: Mapped[SkillVersion] = relationship()


class Mapper(Contender):
    """SQLAlchemy 2: a session a turn, from a pool of one connection."""

    def connect(self):
        self.engine = create_engine(f"postgresql+psycopg://{self.role}@/bench", pool_size=1, max_overflow=0)
        with Session(self.engine) as session:
            self.pid = session.connection().connection.driver_connection.info.backend_pid

    def admin(self, sql, arguments=()):
        with self.engine.begin() as connection:
            return connection.exec_driver_sql(sql, arguments).all()

    def call(self, turn, i):
        with Session(self.engine) as session, session.begin():
            session.execute(select(func.set_config("app.user_id", turn.user, True), func.set_config("app.org_id", turn.org, True)))
            return tool(session.execute(
                select(Skill.name, SkillVersion.description).select_from(SkillSubscription)
                .join(SkillSubscription.version).join(SkillSubscription.skill)
                .where(SkillSubscription.user_id == turn.user).order_by(Skill.name)).all())


contenders = [
    Mapper("usual: the turn, SQLAlchemy", None, role="usual_app"),
    Plain("usual: the turn, plain SQL", None, role="usual_app"),
]
