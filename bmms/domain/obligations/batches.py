"""Lists of requests that came in together: begun, found again, and what became of their requests."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound
from bmms.domain.obligations.queries import Filters, list_obligations
from bmms.domain.permissions import P
from bmms.models.obligations import Obligation, RequestBatch
from bmms.models.obligations import ObligationStatus as S


def begin(session: Session, actor: Actor, fiscal_year: int) -> RequestBatch:
    """A list for requests of a year; one that this person began and left empty is taken up again.

    Raises:
        NotAllowed: the permission is missing.
    """
    actor.require(P.LEDGER_EDIT)
    used = select(Obligation.id).where(Obligation.batch_id == RequestBatch.id)
    empty = select(RequestBatch).where(
        RequestBatch.fiscal_year == fiscal_year, RequestBatch.entered_by == actor.user_id, ~used.exists()
    )
    if found := session.scalar(empty.order_by(RequestBatch.id.desc()).limit(1)):
        return found
    batch = RequestBatch(fiscal_year=fiscal_year, entered_by=actor.user_id, entered_label=actor.signature)
    session.add(batch)
    audit.record(session, actor, "request_batches:create", batch, label=title_of(batch))
    return batch


def get_batch(session: Session, actor: Actor, batch_id: int) -> RequestBatch:
    """One list. Raises NotFound: there is none here, or not for this actor."""
    batch = session.get(RequestBatch, batch_id) if actor.may(P.LEDGER_EDIT) else None
    if batch is None:
        raise NotFound("There is no such list of requests.")
    return batch


def title_of(batch: RequestBatch) -> str:
    """`List of requests 12`."""
    return f"List of requests {batch.id}"


def list_batches() -> Select[RequestBatch, int, int]:
    """(list, how many requests, how many of them are drafts), the latest first; lists without requests are left out."""
    drafts = func.count().filter(Obligation.status == S.DRAFT)
    return (
        select(RequestBatch, func.count().label("requests"), drafts.label("drafts"))
        .join(Obligation, Obligation.batch_id == RequestBatch.id)
        .group_by(RequestBatch.id)
        .order_by(RequestBatch.id.desc())
    )


def requests_of(actor: Actor, batch: RequestBatch) -> Select[Any]:
    """(obligation, payee's name, current, due, paid) of a list, in the order of the list."""
    query = list_obligations(actor, Filters()).where(Obligation.batch_id == batch.id)
    return query.order_by(None).order_by(Obligation.id)


def drafts_of(session: Session, actor: Actor, batch: RequestBatch, most: int) -> Sequence[Any]:
    """The same of its drafts, as many as are asked for at once."""
    query = requests_of(actor, batch).where(Obligation.status == S.DRAFT)
    return session.execute(query.limit(most)).all()


def counts_of(session: Session, batch: RequestBatch) -> dict[S, int]:
    """How many of its requests stand where."""
    query = select(Obligation.status, func.count().label("number")).where(Obligation.batch_id == batch.id)
    return {row.status: row.number for row in session.execute(query.group_by(Obligation.status))}
