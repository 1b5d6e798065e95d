"""What stands in the lists that all organizations share, for those who keep them."""

from typing import TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bmms.domain.errors import NotFound
from bmms.models.lists import AlignmentCode, AlignmentKind, AlignmentList, Theme, UnitOfMeasure
from bmms.models.reference import ObjectCode

KIND_LABELS = {
    AlignmentKind.DEVELOPMENT_PLAN: "Development plan",
    AlignmentKind.PRIORITY_AGENDA: "Priority agenda",
    AlignmentKind.SDG: "Sustainable Development Goals",
    AlignmentKind.OTHER: "Other",
}
Entry = TypeVar("Entry", Theme, AlignmentList, AlignmentCode, UnitOfMeasure, ObjectCode)


def list_themes() -> Select:
    """All themes in their order, those that are no longer offered too."""
    return select(Theme).order_by(Theme.ordinal, Theme.code)


def list_units_of_measure() -> Select:
    """All units of measure by name."""
    return select(UnitOfMeasure).order_by(func.lower(UnitOfMeasure.name))


def list_alignment_lists() -> Select:
    """(list, number of its codes), the latest year first."""
    count = select(func.count(AlignmentCode.id)).where(AlignmentCode.list_id == AlignmentList.id).scalar_subquery()
    query = select(AlignmentList, count.label("codes"))
    return query.order_by(AlignmentList.year.desc(), AlignmentList.kind)


def list_codes(of: AlignmentList) -> Select:
    """The codes of one list."""
    return select(AlignmentCode).where(AlignmentCode.list_id == of.id).order_by(AlignmentCode.code)


def get_entry(session: Session, model: type[Entry], entry_id: int) -> Entry:
    """One entry of a list; an object code is known by its digits. Raises NotFound."""
    entry = session.get(model, str(entry_id) if model is ObjectCode else entry_id)
    if entry is None:
        raise NotFound("There is no such entry.")
    return entry
