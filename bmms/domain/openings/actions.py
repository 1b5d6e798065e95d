"""What is typed about an opening position: up to which day, and what the last signed statement says of it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.files import store
from bmms.domain.ledger import files
from bmms.domain.openings.drafts import empty
from bmms.domain.openings.labels import TOTALS
from bmms.domain.permissions import P
from bmms.models.authority import Appropriation, AppropriationStatus
from bmms.models.openings import OpeningPosition, OpeningStatus

ANSWERS = ("fiscal_year", "reference", "cut_over", *(f"stated_{name}" for name in TOTALS))


def enter(
    session: Session, actor: Actor, answers: Mapping[str, Any], file: store.Upload | None
) -> OpeningPosition:  # fmt: skip
    """Enter what the last statement says; the workbook is imported afterwards, somebody else confirms.

    Args:
        answers: by the names of ANSWERS; amounts in pesos.
        file: the signed statement (FAR No. 1).

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: with a message for each wrong field; the file is missing or of no kind that is taken.
    """
    actor.require(P.LEDGER_EDIT)
    opening = OpeningPosition(**_tidy(answers), entered_by=actor.user_id, entered_label=actor.signature)
    _require_sound(session, opening)
    opening.file_id = files.keep(session, actor, file)
    session.add(opening)
    session.flush()
    told: dict[str, Any] = {name: (None, getattr(opening, name)) for name in ANSWERS[2:]}
    audit.record(session, actor, "opening_positions:create", opening, label=opening.reference, **told)
    return opening


def change(
    session: Session, actor: Actor, opening: OpeningPosition, answers: Mapping[str, Any], file: store.Upload | None
) -> None:
    """Change what was typed. With another cut-over or year, what was imported goes: its days have changed.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is confirmed or cancelled, or an answer is wrong.
    """
    actor.require(P.LEDGER_EDIT)
    session.refresh(opening, with_for_update=True)
    require_draft(opening)
    before = (opening.fiscal_year, opening.cut_over)
    for name, value in _tidy(answers).items():
        setattr(opening, name, value)
    _require_sound(session, opening)
    opening.entered_by, opening.entered_label = actor.user_id, actor.signature
    if file is not None:
        opening.file_id = files.keep(session, actor, file)
    changes = audit.changed_fields(opening, *ANSWERS, "file_id")
    session.flush()
    if before != (opening.fiscal_year, opening.cut_over):
        empty(session, opening)
    audit.record(session, actor, "opening_positions:change", opening, label=opening.reference, **changes)


def cancel(session: Session, actor: Actor, opening: OpeningPosition) -> None:
    """Give up an opening position that is not confirmed; what was imported goes. Raises NotAllowed, RuleBroken."""
    actor.require(P.LEDGER_EDIT)
    session.refresh(opening, with_for_update=True)
    require_draft(opening)
    empty(session, opening)
    opening.status = OpeningStatus.CANCELLED
    audit.record(
        session, actor, "opening_positions:cancel", opening, label=opening.reference,
        status=(OpeningStatus.DRAFT, OpeningStatus.CANCELLED),
    )  # fmt: skip


def require_draft(opening: OpeningPosition) -> None:
    """Raises RuleBroken unless it may be changed."""
    if opening.status == OpeningStatus.POSTED:
        raise RuleBroken("This opening position is in the ledger. It is corrected by documents of an open month only.")
    if opening.status == OpeningStatus.CANCELLED:
        raise RuleBroken("This opening position is cancelled. Enter a new one.")


def _tidy(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: answers[name].strip() if name == "reference" else answers[name] for name in ANSWERS}


def _require_sound(session: Session, opening: OpeningPosition) -> None:
    wrong: dict[str, str] = {}
    if not opening.reference:
        wrong["reference"] = "Name the statement, such as FAR No. 1 as of 30 June 2026."
    elif session.scalar(_same(opening)):
        wrong["reference"] = "There is one with this name in this year already, perhaps a cancelled one."
    if opening.cut_over.year != opening.fiscal_year:
        wrong["cut_over"] = f"Choose a day of the fiscal year {opening.fiscal_year}."
    elif opening.cut_over > clock.today():
        wrong["cut_over"] = "The day lies in the future."
    if not session.scalar(_laws(opening)):
        wrong["fiscal_year"] = "No appropriation of this year is in force. Have it entered and confirmed first."
    amounts = [getattr(opening, f"stated_{name}") for name in TOTALS]
    if amounts[0] <= 0:
        wrong["stated_allotted"] = "Type what is allotted up to the cut-over; without allotment there is no position."
    for (name, amount), most in zip(list(zip(TOTALS, amounts, strict=True))[1:], amounts, strict=False):
        if not 0 <= amount <= most:
            wrong[f"stated_{name}"] = f"{TOTALS[name]} are between zero and ₱ {most:,.2f}, the amount above."
    if wrong:
        (field, message), *rest = wrong.items()
        raise RuleBroken(message, field=field, **dict(rest))


def _same(opening: OpeningPosition) -> Any:
    query = select(OpeningPosition.id).where(
        OpeningPosition.fiscal_year == opening.fiscal_year, OpeningPosition.reference == opening.reference,
        OpeningPosition.is_demo.is_(False),
    )  # fmt: skip
    return query.where(OpeningPosition.id != opening.id) if opening.id else query


def _laws(opening: OpeningPosition) -> Any:
    return select(Appropriation.id).where(
        Appropriation.fiscal_year == opening.fiscal_year, Appropriation.status == AppropriationStatus.IN_FORCE,
        Appropriation.is_demo.is_(False),
    )  # fmt: skip
