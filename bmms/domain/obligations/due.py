"""Due and demandable: goods or services of a line were accepted, so much of it is owed since a day (modules 2.6)."""

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.ledger import posting
from bmms.domain.obligations import rules
from bmms.domain.obligations.queries import ShownLine, lines_of
from bmms.domain.permissions import P
from bmms.models.ledger import DocumentKind
from bmms.models.obligations import DueNote, Obligation, ObligationStatus


def mark_due(
    session: Session, actor: Actor, obligation: Obligation, line_id: int | None, *, dated: date, amount: Decimal | None,
    basis: str, key: str,
) -> DueNote:  # fmt: skip
    """Note that an amount of a line is due since a day, and post it.

    Args:
        amount: pesos, on top of what is due already.
        basis: what proves it, such as the number of the inspection and acceptance report.
        key: of the button; pressed twice, it notes once.

    Raises:
        NotAllowed: the permission is missing.
        NotFound: the line is not one of the obligation.
        RuleBroken: it is not obligated, the day is wrong, or more would be due than the line comes to.
    """
    actor.require(P.LEDGER_PAY)
    session.refresh(obligation, with_for_update=True)
    if obligation.status != ObligationStatus.OBLIGATED:
        raise RuleBroken("Only what is obligated becomes due.")
    line = line_called(lines_of(session, obligation), line_id)
    wrong = rules.wrong_day(session, dated, "note")
    if not wrong and dated < obligation.dated:
        wrong["dated"] = f"It cannot be due before the obligation, {obligation.dated:%d %B %Y} (E-9)."
    if message := rules.wrong_amount(amount) or _too_much(line, amount or NONE):
        wrong["amount"] = message
    if not basis.strip():
        wrong["basis"] = "Say what proves it, such as the acceptance report."
    rules.refuse(wrong)
    note = DueNote(
        line_id=line.id, dated=dated, amount=amount, basis=basis.strip(), entered_by=actor.user_id,
        entered_label=actor.signature, is_demo=obligation.is_demo,
    )  # fmt: skip
    session.add(note)
    audit.record(
        session, actor, "obligations:due", obligation, label=obligation.title, note=note.basis,
        amount=(None, amount), line=(None, line.number),
    )  # fmt: skip
    posting.post(
        session, actor,
        posting.Order(
            DocumentKind.DUE_NOTE, note.id, (), {}, label=f"Due of {obligation.title}, line {line.number}",
            doc_date=dated, key=key,
        ),
    )  # fmt: skip
    return note


def not_due(line: ShownLine) -> Decimal:
    """What of a line can still become due; pesos."""
    return line.current - line.line.due


def line_called(lines: list[ShownLine], line_id: int | None) -> ShownLine:
    """One of these lines. Raises NotFound."""
    found = next((one for one in lines if one.id == line_id), None)
    if found is None:
        raise NotFound("There is no such line in this obligation.")
    return found


def _too_much(line: ShownLine, amount: Decimal) -> str:
    if amount <= not_due(line):
        return ""
    return f"₱ {not_due(line):,.2f} of this line is not due yet. No more than that can become due."
