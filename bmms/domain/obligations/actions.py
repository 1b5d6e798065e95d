"""What is typed about an obligation request, as long as it is a draft."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.errors import RuleBroken
from bmms.domain.imports.table import Table
from bmms.domain.imports.watching import Watch, nobody_watches
from bmms.domain.obligations import rules
from bmms.domain.obligations.labels import STAGE, stage_of
from bmms.domain.obligations.rules import Asked, Line
from bmms.domain.permissions import P
from bmms.domain.versions import put_back_if_refused, require_unchanged
from bmms.models.authority import BudgetAccount
from bmms.models.obligations import Obligation, ObligationLine, ObligationStatus, RequestBatch


def enter(session: Session, actor: Actor, answers: Mapping[str, Any], lines: Sequence[Line]) -> Obligation:
    """Begin a request. It is demonstration data when the account of its first line is.

    Args:
        answers: columns of Obligation; the total and the fiscal year follow from lines and day.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: with a message for each wrong field: amount_2, object_2.
    """
    actor.require(P.LEDGER_EDIT)
    obligation = Obligation(**answers, entered_by=actor.user_id, entered_label=actor.signature)
    _fill(session, obligation, lines)
    session.add(obligation)
    session.flush()
    _write_lines(session, obligation, lines)
    audit.record(
        session, actor, "obligations:create", obligation, label=obligation.title, total=(None, obligation.total),
        particulars=(None, obligation.particulars),
    )  # fmt: skip
    return obligation


def change(
    session: Session, actor: Actor, obligation: Obligation, answers: Mapping[str, Any], lines: Sequence[Line], *,
    version: int | None = None,
) -> None:  # fmt: skip
    """Change a request that is a draft.

    Args:
        version: the row_version that the person looked at.

    Raises:
        NotAllowed: the permission is missing.
        Stale: somebody else has changed it meanwhile.
        RuleBroken: it is no draft any more, or an answer is wrong.
    """
    actor.require(P.LEDGER_EDIT)
    session.refresh(obligation, with_for_update=True)
    require_draft(obligation)
    require_unchanged(obligation, version, "this request")
    with put_back_if_refused(session, obligation):
        for name, value in answers.items():
            setattr(obligation, name, value)
        obligation.entered_by, obligation.entered_label = actor.user_id, actor.signature
        _fill(session, obligation, lines)
        changes = audit.changed_fields(obligation, *answers, "total")
    session.flush()
    session.execute(delete(ObligationLine).where(ObligationLine.obligation_id == obligation.id))
    _write_lines(session, obligation, lines)
    audit.record(session, actor, "obligations:change", obligation, label=obligation.title, **changes)


def take_in(
    session: Session, actor: Actor, batch: RequestBatch, made: Sequence[Asked], read: Table,
    watch: Watch = nobody_watches,
) -> None:  # fmt: skip
    """Keep the requests of a list as drafts, each with a record of its own; they were checked (`rules.wrong_of`).

    Args:
        made: requests that are not kept yet, with their lines.
        read: the list, for the record.
        watch: told how many requests are written.

    Raises:
        NotAllowed: the permission is missing.
    """
    actor.require(P.LEDGER_EDIT)
    for obligation, _ in made:
        obligation.entered_by, obligation.entered_label = actor.user_id, actor.signature
    session.add_all(obligation for obligation, _ in made)
    session.flush()
    _add_lines(session, made)
    watch(len(made), len(made))
    audit.record_many(
        session, actor, "obligations:create",
        [
            (one, one.title, {"total": (None, one.total), "particulars": (None, one.particulars)}) for one, _ in made
        ],
    )  # fmt: skip
    batch.file_name = read.file_name[:200]
    total = sum((one.total for one, _ in made), NONE)
    audit.record(
        session, actor, "request_batches:import", batch, label=batch.file_name, requests=(None, len(made)),
        rows=(None, len(read.rows)), total=(None, total), sha256=(None, read.sha256),
    )  # fmt: skip


def require_draft(obligation: Obligation) -> None:
    """Raises RuleBroken unless it may be changed."""
    if obligation.status != ObligationStatus.DRAFT:
        called = STAGE[stage_of(obligation, NONE, NONE)][0].lower()
        raise RuleBroken(f"This request is no draft any more: {called}. Look at it again before you go on.")


def _fill(session: Session, obligation: Obligation, lines: Sequence[Line]) -> None:
    """What follows from day and lines. Raises RuleBroken for all that is wrong."""
    obligation.fiscal_year = obligation.dated.year
    first = session.get(BudgetAccount, lines[0].account_id) if lines and lines[0].account_id else None
    obligation.is_demo = first.is_demo if first else False
    rules.require_sound(session, obligation, lines)
    obligation.total = sum((line.amount for line in lines if line.amount is not None), NONE)


def _write_lines(session: Session, obligation: Obligation, lines: Sequence[Line]) -> None:
    _add_lines(session, [(obligation, lines)])


def _add_lines(session: Session, made: Sequence[Asked]) -> None:
    session.add_all(
        ObligationLine(
            obligation_id=obligation.id, account_id=line.account_id, object_code=line.object_code,
            item_id=line.item_id, amount=line.amount,
        )
        for obligation, lines in made
        for line in lines
    )  # fmt: skip
    session.flush()
