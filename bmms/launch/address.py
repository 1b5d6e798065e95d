"""The address of a database, as psycopg reads it."""

import re


def plain(url: str) -> str:
    """The address without SQLAlchemy's driver name: psycopg knows `postgresql://` only, SQLAlchemy no `postgres://`."""
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url)
