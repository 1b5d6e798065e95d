"""Keeping what was asked of the ledger, so that papers can hang on it."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.statements.statement import Statement
from bmms.models.statements import KeptStatement


def keep(session: Session, actor: Actor, asked: Statement) -> KeptStatement:
    """The row of a question, made at its first paper. Two at once make one row.

    Raises:
        NotAllowed: the actor may not ask it.
    """
    asked.require(actor)
    made = session.scalar(
        insert(KeptStatement)
        .values(organization_id=actor.organization_id, kind=asked.kind, asked=asked.asked)
        .on_conflict_do_nothing()
        .returning(KeptStatement.id)
    )
    query = select(KeptStatement).where(KeptStatement.kind == asked.kind, KeptStatement.asked == asked.asked)
    row = session.scalars(query).one()
    if made is not None:
        audit.record(session, actor, "kept_statements:create", row, label=f"{asked.name}, {asked.asked}"[:200])
    return row
