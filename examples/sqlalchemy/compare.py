"""What SQLAlchemy sees of the extension, and what Alembic would do to it. Usage: compare.py models | automap | plans | create_all"""
import os
import sys
import warnings

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, Table, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, SAWarning
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import Session

from app import Base

warnings.simplefilter("error", SAWarning)
EXTENSION = {"skill", "skill_version", "skill_file", "skill_subscription", "skill_summary"}
TABLES = EXTENSION - {"skill_summary"}


def engine(variable):
    return create_engine(make_url(os.environ[variable]).set(drivername="postgresql+psycopg"))


def columns(table, is_view):
    """Of a view, the database knows neither keys nor what may be null."""
    return {column.name: (column.type.compile(admin.dialect).replace(' COLLATE "C"', ""), is_view or (
        column.nullable, column.primary_key, column.server_default is not None)) for column in table.columns}


def keys(table):
    return {(tuple(key.column_keys), key.referred_table.name, tuple(part.column.name for part in key.elements))
            for key in table.foreign_key_constraints}


def models():
    """Reflects without a warning, and finds what models.py says."""
    reflected = MetaData()
    for name in EXTENSION:
        there = Table(name, reflected, schema="skills", autoload_with=admin)
        here = Base.metadata.tables[f"skills.{name}"]
        is_view = name == "skill_summary"
        assert columns(here, is_view) == columns(there, is_view), (columns(here, is_view), columns(there, is_view))
        assert keys(here) == keys(there), (keys(here), keys(there))
        assert there.comment and all(column.comment for column in there.columns), name


def automap():
    """Classes that are made just now read and write."""
    made = automap_base()
    made.prepare(autoload_with=admin, schema="skills")
    assert set(made.classes.keys()) == TABLES
    # Both keys of a subscription have the org and the skill; one of the relationships is enough to write it.
    warnings.filterwarnings("ignore", "relationship .* will copy column", SAWarning)
    with engine("DATABASE_URL").connect() as connection, connection.begin(), Session(connection) as session:
        session.execute(text("SELECT skills.set_identity('alice', 'acme')"))
        skill = made.classes.skill(name="automap", tags=["b", "a"])
        skill.skill_version_collection.append(made.classes.skill_version(description="When", body="What", frontmatter=None))
        session.add(skill)
        session.flush()
        session.refresh(skill)
        assert (skill.org_id, skill.tags, skill.skill_version_collection[0].version) == ("acme", ["a", "b"], 1)
        skill.skill_version_collection[0].body = "Else"
        assert session.query(made.classes.skill_version).filter_by(body="Else", revision=2).one().skill is skill
        assert session.get(made.classes.skill_subscription, ("acme", "alice", skill.skill_id)).ai_version == 1
        session.rollback()


def planned(metadata, **options):
    with admin.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)


def plans():
    """What include_object prevents. Nothing of it is done."""
    whole_database = planned(MetaData(), include_schemas=True)
    assert {step[1].name for step in whole_database if step[0] == "remove_table"} >= TABLES, whole_database
    one_schema = planned(Base.metadata)
    assert {step[1].name for step in one_schema if step[0] == "add_table"} >= EXTENSION, one_schema


def create_all():
    """The app's table is made; what is there stays; PostgreSQL keeps the extension's tables from being dropped, and so all."""
    Base.metadata.create_all(admin)
    try:
        Base.metadata.drop_all(admin)
    except DBAPIError as error:
        assert error.orig.sqlstate in ("2BP01", "42809"), error
    else:
        raise AssertionError("dropped")
    Base.metadata.tables["conversation"].drop(admin)


admin = engine("ADMIN_URL")
globals()[sys.argv[1]]()
