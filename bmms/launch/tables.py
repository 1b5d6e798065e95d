"""Whether the tables are already those of this code, told in milliseconds, without starting the application."""

from collections.abc import Mapping
from pathlib import Path

import psycopg


def revisions(versions: Path) -> tuple[str, ...]:
    """The revisions of all migrations, the oldest first: the numbers with which their files' names begin."""
    return tuple(sorted(path.name.partition("_")[0] for path in versions.glob("[0-9]*.py")))


def newest_revision(versions: Path) -> str:
    """The revision of the last migration."""
    return revisions(versions)[-1]


def are_current(versions: Path, urls: Mapping[str, str]) -> bool:
    """Whether the owner's database stands at the last migration. False when nobody can tell: then migrating will."""
    try:
        with psycopg.connect(urls["DATABASE_OWNER_URL"]) as connection:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except psycopg.Error:
        return False
    return found == [(newest_revision(versions),)]
