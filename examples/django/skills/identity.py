"""What an app copies: who is asking, and what its errors are called."""
from contextlib import contextmanager

# The driver has a class for each SQLSTATE.
from psycopg.errors import InsufficientPrivilege as NotAllowed  # 42501
from psycopg.errors import InvalidAuthorizationSpecification as NoIdentity  # 28000
from psycopg.errors import NoDataFound as NotFound  # P0002
from psycopg.errors import ObjectNotInPrerequisiteState as ChangedMeanwhile  # 55000
from psycopg.errors import UniqueViolation as NameTaken  # 23505
from django.db import connection, transaction
from django.db.utils import Error


@contextmanager
def own_transaction():
    """Its errors are the driver's. It is refused inside another one, in which the identity would stay on."""
    try:
        with transaction.atomic(durable=True):
            yield
    except Error as error:
        raise (error.__cause__ or error) from error


@contextmanager
def as_user(user, org):
    """A transaction that speaks for the user."""
    with own_transaction(), connection.cursor() as cursor:
        cursor.execute("SELECT skills.set_identity(%s, %s)", [user, org])
        yield cursor


def refused(expected, work, *values):
    """The SQLSTATE, if that is what the database answered."""
    try:
        work(*values)
    except expected as error:
        return error.sqlstate
