"""What an app copies: who is asking, and what its errors are called."""
import os
from contextlib import contextmanager

# psycopg has a class for each SQLSTATE.
from psycopg.errors import InsufficientPrivilege as NotAllowed  # 42501
from psycopg.errors import InvalidAuthorizationSpecification as NoIdentity  # 28000
from psycopg.errors import NoDataFound as NotFound  # P0002
from psycopg.errors import ObjectNotInPrerequisiteState as ChangedMeanwhile  # 55000
from psycopg.errors import UniqueViolation as NameTaken  # 23505
from psycopg.rows import namedtuple_row
from psycopg_pool import ConnectionPool

pool = ConnectionPool(os.environ["DATABASE_URL"], kwargs={"row_factory": namedtuple_row}, open=True)


@contextmanager
def as_user(user, org):
    """A transaction that speaks for the user: what is run on its connection."""
    with pool.connection() as connection, connection.transaction():
        connection.execute("SELECT skills.set_identity(%s, %s)", (user, org))
        yield connection


def run(user, org, statement, *values):
    with as_user(user, org) as connection:
        return connection.execute(statement, values)


def refused(expected, work, *values):
    """The SQLSTATE, if that is what the database answered."""
    try:
        work(*values)
    except expected as error:
        return error.sqlstate
