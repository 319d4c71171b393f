"""What an app copies: who is asking, and what its errors are called."""
import os
from contextlib import contextmanager

# The driver has a class for each SQLSTATE.
from psycopg.errors import InsufficientPrivilege as NotAllowed  # 42501
from psycopg.errors import InvalidAuthorizationSpecification as NoIdentity  # 28000
from psycopg.errors import NoDataFound as NotFound  # P0002
from psycopg.errors import ObjectNotInPrerequisiteState as ChangedMeanwhile  # 55000
from psycopg.errors import UniqueViolation as NameTaken  # 23505
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import sessionmaker

engine = create_engine(make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg"), hide_parameters=True)
sessions = sessionmaker(engine, expire_on_commit=False)


@contextmanager
def transaction():
    """A session of one transaction; its errors are the driver's."""
    try:
        with sessions.begin() as session:
            yield session
    except DBAPIError as error:
        raise error.orig from error


@contextmanager
def as_user(user, org):
    """A transaction that speaks for the user."""
    with transaction() as session:
        session.execute(text("SELECT skills.set_identity(:user, :org)"), {"user": user, "org": org})
        yield session


def refused(expected, work, *values):
    """The SQLSTATE, if that is what the database answered."""
    try:
        work(*values)
    except expected as error:
        return error.sqlstate
