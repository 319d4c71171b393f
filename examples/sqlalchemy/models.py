"""The extension's tables and its view. What has a FetchedValue() is the database's: it is left out, and read back."""
from datetime import datetime
from typing import Any

from sqlalchemy import FetchedValue, ForeignKeyConstraint, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column, relationship


class Base(DeclarativeBase):
    type_annotation_map = {str: Text, list[str]: ARRAY(Text), bytes: LargeBinary, dict[str, Any]: JSONB(none_as_null=True),
                           datetime: TIMESTAMP(timezone=True)}


def filled(**more: Any) -> MappedColumn[Any]:
    return mapped_column(server_default=FetchedValue(), **more)


def stamp() -> MappedColumn[Any]:
    return filled(server_onupdate=FetchedValue())


class Skill(Base):
    __tablename__ = "skill"
    org_id: Mapped[str] = filled(primary_key=True)
    skill_id: Mapped[str] = filled(primary_key=True)
    name: Mapped[str]
    accessibility: Mapped[str] = filled()
    tags: Mapped[list[str]] = filled()
    created: Mapped[datetime] = filled()
    created_by: Mapped[str] = filled()
    modified: Mapped[datetime] = stamp()
    modified_by: Mapped[str | None] = stamp()
    revision: Mapped[int] = stamp()
    versions: Mapped[list["SkillVersion"]] = relationship(
        back_populates="skill", order_by="SkillVersion.version", cascade="all, delete", passive_deletes=True)
    __mapper_args__ = {"version_id_col": revision, "version_id_generator": False, "eager_defaults": True}
    __table_args__ = {"schema": "skills"}


class SkillVersion(Base):
    __tablename__ = "skill_version"
    org_id: Mapped[str] = filled(primary_key=True)
    skill_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = filled(primary_key=True, autoincrement=False)
    description: Mapped[str]
    body: Mapped[str]
    relevant_topics: Mapped[list[str]] = filled()
    frontmatter: Mapped[dict[str, Any] | None]
    author: Mapped[str] = stamp()
    accessibility: Mapped[str] = stamp()
    created: Mapped[datetime] = filled()
    created_by: Mapped[str] = filled()
    modified: Mapped[datetime] = stamp()
    modified_by: Mapped[str | None] = stamp()
    revision: Mapped[int] = stamp()
    skill: Mapped[Skill] = relationship(back_populates="versions")
    files: Mapped[list["SkillFile"]] = relationship(order_by="SkillFile.path", cascade="all, delete", passive_deletes=True)
    __mapper_args__ = {"version_id_col": revision, "version_id_generator": False, "eager_defaults": True}
    __table_args__ = (ForeignKeyConstraint(["org_id", "skill_id"], [Skill.org_id, Skill.skill_id], ondelete="CASCADE"),
                      {"schema": "skills"})


class SkillFile(Base):
    __tablename__ = "skill_file"
    org_id: Mapped[str] = filled(primary_key=True)
    skill_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(deferred=True)
    size: Mapped[int] = stamp()
    sha256: Mapped[str] = stamp()
    executable: Mapped[bool] = filled()
    author: Mapped[str] = stamp()
    accessibility: Mapped[str] = stamp()
    created: Mapped[datetime] = filled()
    created_by: Mapped[str] = filled()
    __mapper_args__ = {"eager_defaults": True}
    __table_args__ = (ForeignKeyConstraint(["org_id", "skill_id", "version"],
                                           [SkillVersion.org_id, SkillVersion.skill_id, SkillVersion.version],
                                           ondelete="CASCADE"), {"schema": "skills"})


class SkillSubscription(Base):
    __tablename__ = "skill_subscription"
    org_id: Mapped[str] = filled(primary_key=True)
    user_id: Mapped[str] = filled(primary_key=True)
    skill_id: Mapped[str] = mapped_column(primary_key=True)
    ai_version: Mapped[int | None]
    subscribed: Mapped[datetime] = filled()
    skill: Mapped[Skill] = relationship(viewonly=True)
    pinned: Mapped[SkillVersion | None] = relationship(viewonly=True)
    __mapper_args__ = {"eager_defaults": True}
    __table_args__ = (ForeignKeyConstraint(["org_id", "skill_id"], [Skill.org_id, Skill.skill_id], ondelete="CASCADE"),
                      ForeignKeyConstraint(["org_id", "skill_id", "ai_version"],
                                           [SkillVersion.org_id, SkillVersion.skill_id, SkillVersion.version]),
                      {"schema": "skills"})


class SkillSummary(Base):
    """The view: to read only."""
    __tablename__ = "skill_summary"
    org_id: Mapped[str] = mapped_column(primary_key=True)
    skill_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    accessibility: Mapped[str]
    tags: Mapped[list[str]]
    created: Mapped[datetime]
    created_by: Mapped[str]
    modified: Mapped[datetime]
    modified_by: Mapped[str | None]
    revision: Mapped[int]
    latest_version: Mapped[int]
    latest_description: Mapped[str]
    latest_body: Mapped[str] = mapped_column(deferred=True)
    latest_relevant_topics: Mapped[list[str]]
    latest_created: Mapped[datetime]
    latest_modified: Mapped[datetime]
    is_subscribed: Mapped[bool]
    ai_version: Mapped[int | None]
    subscribed: Mapped[datetime | None]
    is_author: Mapped[bool]
    can_edit: Mapped[bool]
    __table_args__ = {"schema": "skills"}
