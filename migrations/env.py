"""Runs migrations as the owner of the database (decision D28), never as the application's login."""

import os
import sys
from pathlib import Path

from alembic import context
from sqlalchemy import create_engine

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import bmms.models  # noqa: E402, F401
from bmms.config import PROJECT  # noqa: E402
from bmms.extensions import Base  # noqa: E402
from bmms.launch.address import plain  # noqa: E402
from bmms.launch.database import development_urls  # noqa: E402
from bmms.models.locks import Lock  # noqa: E402


def _owner_url() -> str:
    url = context.config.get_main_option("sqlalchemy.url") or os.environ.get("DATABASE_OWNER_URL", "")
    if not url and (own := development_urls(PROJECT / "instance")):
        url = own["DATABASE_OWNER_URL"]
    if not url:
        raise SystemExit("DATABASE_OWNER_URL is not set: migrations run as the owner, not as the application.")
    return plain(url)


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and name is not None and name.startswith("huey_"))


def run() -> None:
    """Bring the database to the wanted revision in one transaction; one runner at a time."""
    engine = create_engine(_owner_url())
    with engine.begin() as connection:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (Lock.MIGRATION,))
        context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True, include_name=_ours)
        context.run_migrations()
    engine.dispose()


run()
