"""An opening position is confirmed and thereby posted: whole, once, by somebody who did not enter it."""

import re

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.ledger import numbers, posting
from bmms.domain.openings import queries
from bmms.domain.openings.actions import require_draft
from bmms.domain.permissions import P
from bmms.models.authority import Appropriation, BudgetAccount
from bmms.models.ledger import DocumentKind
from bmms.models.obligations import Obligation, ObligationLine, ObligationStatus
from bmms.models.openings import OpeningLine, OpeningPosition, OpeningStatus

_SERIAL = re.compile(r"(\d{1,6})$", re.ASCII)


def confirm(session: Session, actor: Actor, opening: OpeningPosition, *, key: str) -> None:
    """Post an opening position that somebody else entered; its unpaid obligations can be paid from then on.

    The series of obligation requests go on after the highest number that the workbook names.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is not a draft, the actor entered it, the totals differ, something else is posted, a rule of the
            ledger refuses; nothing of it is posted then.
    """
    actor.require(P.BUDGET_REVIEW)
    session.refresh(opening)
    if opening.entered_by in actor.persons:
        raise RuleBroken("You entered this. Somebody else compares it with the signed statement and confirms.")
    with session.begin_nested():
        _hold(session, opening)
        if opening.status == OpeningStatus.CANCELLED:
            require_draft(opening)
        if opening.status == OpeningStatus.DRAFT:
            if found := queries.obstacles(session, opening, queries.by_account(session, opening)):
                raise RuleBroken(" ".join(found))
            _certify(session, actor, opening)
        posted = posting.post(session, actor, _order(actor, opening, key))
        if posted is not None:
            for name, last in last_numbers(session, opening).items():
                numbers.carry_on(session, actor, name, opening.fiscal_year, last)
    session.refresh(opening)


def last_numbers(session: Session, opening: OpeningPosition) -> dict[str, int]:
    """The highest running number that its obligations bear, by series."""
    query = (
        select(Obligation.fund_cluster, Obligation.ors_no)
        .join(ObligationLine, ObligationLine.obligation_id == Obligation.id)
        .join(OpeningLine, OpeningLine.line_id == ObligationLine.id)
        .where(OpeningLine.opening_id == opening.id)
        .distinct()
    )
    found: dict[str, int] = {}
    for cluster, number in session.execute(query):
        name = numbers.obligations_of(cluster)
        if serial := serial_of(number):
            found[name] = max(found.get(name, 0), serial)
    return dict(sorted(found.items()))


def serial_of(number: str) -> int | None:
    """The running number at the end of 01-2026-03-0031: 31. None where it ends in no number, or in a long one."""
    found = _SERIAL.search(number.strip())
    before = number.strip()[: found.start()] if found else ""
    return int(found[1]) if found and not before[-1:].isdigit() else None


def _hold(session: Session, opening: OpeningPosition) -> None:
    """Nobody posts into its laws and accounts meanwhile."""
    accounts = select(OpeningLine.account_id).where(OpeningLine.opening_id == opening.id)
    laws = select(BudgetAccount.appropriation_id).where(BudgetAccount.id.in_(accounts))
    session.execute(
        select(Appropriation.id)
        .where(Appropriation.id.in_(laws))
        .order_by(Appropriation.id)
        .with_for_update(key_share=True)
    ).all()
    session.execute(
        select(BudgetAccount.id).where(BudgetAccount.id.in_(accounts)).order_by(BudgetAccount.id)
        .with_for_update(key_share=True)
    ).all()  # fmt: skip
    session.refresh(opening, with_for_update=True)


def _certify(session: Session, actor: Actor, opening: OpeningPosition) -> None:
    """Its unpaid obligations become what they are on paper."""
    lines = select(OpeningLine.line_id).where(OpeningLine.opening_id == opening.id)
    ids = select(ObligationLine.obligation_id).where(ObligationLine.id.in_(lines))
    now = clock.now()
    session.execute(
        update(Obligation).where(Obligation.id.in_(ids)).values(
            status=ObligationStatus.OBLIGATED, entered_by=opening.entered_by, entered_label=opening.entered_label,
            requested_by=opening.entered_by, requested_label=opening.entered_label, certified_by=actor.user_id,
            certified_label=actor.signature, certified_at=now, row_version=Obligation.row_version + 1,
        ).execution_options(synchronize_session=False)
    )  # fmt: skip


def _order(actor: Actor, opening: OpeningPosition, key: str) -> posting.Order:
    return posting.Order(
        DocumentKind.OPENING, opening.id, {OpeningStatus.DRAFT},
        {
            "status": OpeningStatus.POSTED, "confirmed_by": actor.user_id, "confirmed_label": actor.signature,
            "confirmed_at": clock.now(),
        },
        label=f"Opening position, {opening.reference}", doc_date=opening.cut_over, key=key,
        called=opening.status.value,
    )  # fmt: skip
