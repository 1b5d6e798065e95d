"""One command, one transaction: the only place of the command line that commits (decision D23)."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bmms.config import Config
from bmms.domain.actors import Actor, command_actor
from bmms.domain.errors import RuleBroken
from bmms.extensions import db
from bmms.tenancy import bind_platform, bind_scope


@contextmanager
def command_session(reason: str, *, organization_id: int | None = None) -> Iterator[tuple[Session, Actor]]:
    """A session over all accounts, with the operator as its actor; commits when the block ends well.

    Args:
        reason: the name of the command; it stands as the reason of the platform scope.
        organization_id: bind this organization as well, so that its tenant rows can be read and written.
    """
    with Session(db.engine, info={"installation": current_app.extensions["installation"]}) as session:
        bind_platform(session, reason)
        if organization_id is not None:
            bind_scope(session, organization_id)
        yield session, command_actor(organization_id)
        session.commit()


@contextmanager
def owner_session(reason: str) -> Iterator[tuple[Session, Actor]]:
    """A session of the owner of the database, whom row-level security does not bind (decision D28); commits at the end.

    Args:
        reason: the name of the command, for the refusal.

    Raises:
        RuleBroken: the owner's address is not known here.
    """
    installation = current_app.extensions["installation"]
    engine = create_engine(owner_url(installation.config, reason))
    try:
        with Session(engine, info={"installation": installation}) as session:
            yield session, command_actor()
            session.commit()
    finally:
        engine.dispose()


def owner_url(config: Config, reason: str) -> str:
    """The owner's address, for a command that names itself in the refusal. Raises RuleBroken."""
    url = config.database_owner_url
    if not url and config.environment == "development":
        from bmms.launch.database import development_urls

        url = (development_urls(config.instance) or {}).get("DATABASE_OWNER_URL", "")
    if not url:
        raise RuleBroken(f"{reason} works as the owner of the database. Set DATABASE_OWNER_URL for this one command.")
    return url
