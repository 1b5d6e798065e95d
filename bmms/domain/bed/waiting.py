"""What of the program of a year waits for a person: to be approved, or changed after it came back."""

from typing import Any

from sqlalchemy import ColumnElement, Select, String, case, cast, or_, select

from bmms.domain.actors import Actor
from bmms.domain.permissions import P
from bmms.domain.workplace import Heap, Waiting
from bmms.models.bed import BedProgram
from bmms.models.bed import BedStatus as S

SAID = {"approve": ("Waits for your approval", "info"), "returned": ("Returned to you", "warn")}


def _rows(actor: Actor) -> Select[Any] | None:
    """Nobody approves what he or she submitted."""
    row, persons = BedProgram, actor.persons
    when: dict[str, ColumnElement[bool]] = {}
    if actor.may(P.BUDGET_REVIEW):
        when["approve"] = (row.status == S.SUBMITTED) & row.submitted_by.not_in(persons)
    if actor.may(P.LEDGER_EDIT):
        when["returned"] = (row.status == S.RETURNED) & row.submitted_by.in_(persons)
    if not when:
        return None
    return select(
        case(*((condition, word) for word, condition in when.items())).label("what"), row.id,
        cast(row.edition, String).label("name"), case((row.is_demo, " (demo)"), else_="").label("note"),
        row.fiscal_year, row.updated_at.label("since"),
    ).where(or_(*when.values()))  # fmt: skip


def _told(row: Any) -> Waiting:
    return Waiting(
        f"Program of {row.fiscal_year}", f"Edition {row.name}{row.note}", *SAID[row.what], "execution.bed_show",
        {"bed_id": row.id},
    )  # fmt: skip


HEAP = Heap(_rows, _told)
