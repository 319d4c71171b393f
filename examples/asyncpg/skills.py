"""What an app copies: who is asking, and what its errors are called."""
import os
from contextlib import asynccontextmanager

# asyncpg has a class for each SQLSTATE.
from asyncpg import InsufficientPrivilegeError as NotAllowed  # 42501
from asyncpg import InvalidAuthorizationSpecificationError as NoIdentity  # 28000
from asyncpg import NoDataFoundError as NotFound  # P0002
from asyncpg import ObjectNotInPrerequisiteStateError as ChangedMeanwhile  # 55000
from asyncpg import UniqueViolationError as NameTaken  # 23505
from asyncpg import create_pool


@asynccontextmanager
async def as_user(pool, user, org):
    """A transaction that speaks for the user: what is run on its connection."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT skills.set_identity($1, $2)", user, org)
        yield connection


async def run(pool, user, org, statement, *values):
    async with as_user(pool, user, org) as connection:
        return await connection.fetch(statement, *values)


async def refused(expected, work):
    """The SQLSTATE, if that is what the database answered."""
    try:
        await work
    except expected as error:
        return error.sqlstate


async def with_pool(work):
    """Within the loop: a pool belongs to the one that it was opened in."""
    async with create_pool(os.environ["DATABASE_URL"]) as pool:
        await work(pool)
