"""What of laws waits for a person: to be put in force, extensions to be confirmed. In operated years MFBM has them."""

from typing import Any

from sqlalchemy import Select, literal, select, union_all

from bmms.domain.actors import Actor
from bmms.domain.permissions import P
from bmms.domain.workplace import Heap, Waiting
from bmms.models.authority import Appropriation, AppropriationStatus, ValidityExtension

SAID = {
    "law": ("Waits to be put in force by you", "info"),
    "extension": ("An extension waits for your confirmation", "info"),
}


def _rows(actor: Actor) -> Select[Any] | None:
    """Nobody confirms what he or she entered."""
    if not actor.may(P.BUDGET_REVIEW):
        return None
    law, extension, persons = Appropriation, ValidityExtension, actor.persons
    laws = select(
        literal("law").label("what"),
        law.id,
        law.reference.label("name"),
        literal("").label("note"),
        law.fiscal_year,
        law.updated_at.label("since"),
    ).where(law.status == AppropriationStatus.DRAFT, law.entered_by.not_in(persons), law.is_operated.is_(False))
    extensions = (
        select(
            literal("extension").label("what"),
            law.id,
            law.reference.label("name"),
            extension.law.label("note"),
            law.fiscal_year,
            law.updated_at.label("since"),
        )
        .join(extension, extension.appropriation_id == law.id)
        .where(extension.confirmed_at.is_(None), extension.entered_by.not_in(persons), law.is_operated.is_(False))
    )
    return select(union_all(laws, extensions).subquery())


def _told(row: Any) -> Waiting:
    return Waiting(
        row.name, f"{row.note}, FY {row.fiscal_year}" if row.note else f"FY {row.fiscal_year}", *SAID[row.what],
        "execution.appropriation_show", {"appropriation_id": row.id},
    )  # fmt: skip


HEAP = Heap(_rows, _told)
