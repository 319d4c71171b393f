"""Alembic's environment. Migrations are run by who owns the app's tables."""
import os

from alembic import context
from sqlalchemy import create_engine, make_url

from app import Base


def include_object(item, name, type_, reflected, compare_to):
    """The extension's tables are its own, whether as models or in the database."""
    return type_ != "table" or item.schema != "skills"


with create_engine(make_url(os.environ["ADMIN_URL"]).set(drivername="postgresql+psycopg")).connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, include_schemas=True, include_object=include_object)
    with context.begin_transaction():
        context.run_migrations()
