"""Looking up holidays, places and object codes."""

import re
from datetime import date

from sqlalchemy import Select, extract, or_, select
from sqlalchemy.orm import Session

from bmms.domain.errors import NotFound
from bmms.domain.reference.object_codes import digits_of
from bmms.models.reference import ExpenseClass, Holiday, HolidayClass, ObjectCode, Place


def holidays_between(session: Session, first: date, last: date) -> list[Holiday]:
    """All holidays from the first to the last day, both included, in the order of the calendar."""
    query = select(Holiday).where(Holiday.day.between(first, last)).order_by(Holiday.day, Holiday.name)
    return list(session.scalars(query))


def non_working_days(session: Session, *years: int) -> frozenset[date]:
    """The days of these years on which offices are closed, for `working_days`; name every year that a count can touch.

    National and Bangsamoro days alike. A day whose date is still estimated counts as a working day until its
    proclamation has confirmed it (modules 5.6).
    """
    query = select(Holiday.day).where(
        extract("year", Holiday.day).in_(years),
        Holiday.kind != HolidayClass.SPECIAL_WORKING,
        Holiday.is_estimated.is_(False),
    )
    return frozenset(session.scalars(query))


def list_places(parent: str | None = None, *, search: str = "", in_barmm: bool | None = None) -> Select[Place]:
    """Places by name.

    Args:
        parent: PSGC of a region or province: only what lies directly in it.
        search: part of a name, or the beginning of a PSGC.
        in_barmm: only places inside (or outside) the region.
    """
    query = select(Place).order_by(Place.name, Place.psgc)
    if parent is not None:
        query = query.where(Place.parent_psgc == parent)
    if search:
        query = query.where(
            or_(Place.name.icontains(search, autoescape=True), Place.psgc.startswith(search, autoescape=True))
        )
    return query if in_barmm is None else query.where(Place.in_barmm.is_(in_barmm))


def find_object_code(session: Session, code: str) -> ObjectCode:
    """One object of expenditure, by its ten digits however they are written: 5010101001 or 5-01-01-010-01.

    Raises:
        NotFound: there is no such code.
    """
    digits = digits_of(code)
    found = session.get(ObjectCode, digits) if re.fullmatch("[0-9]{10}", digits) else None
    if found is None:
        raise NotFound(f"There is no object code {code}.")
    return found


def list_object_codes(*, search: str = "", expense_class: ExpenseClass | None = None) -> Select[ObjectCode]:
    """Object codes in their order; `search` is part of a title, or the beginning of a code with or without dashes."""
    query = select(ObjectCode).order_by(ObjectCode.code)
    if search:
        title = ObjectCode.title.icontains(search, autoescape=True)
        digits = digits_of(search)
        query = query.where(or_(title, ObjectCode.code.startswith(digits)) if digits.isdigit() else title)
    return query if expense_class is None else query.where(ObjectCode.expense_class == expense_class)
