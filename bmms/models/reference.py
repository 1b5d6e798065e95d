"""Reference data that all organizations share, loaded by `flask load_reference` from `bmms/reference/`."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, one_of


class HolidayClass(StrEnum):
    """Only the working kinds leave a day a working day."""

    REGULAR_NON_WORKING = "regular_non_working"
    SPECIAL_NON_WORKING = "special_non_working"
    SPECIAL_WORKING = "special_working"


class HolidayScope(StrEnum):
    """Where a holiday holds."""

    NATIONAL = "national"
    BARMM = "barmm"
    BOTH = "national+barmm"  # named by a national and by a Bangsamoro law


class ExpenseClass(StrEnum):
    """The classes of expenditure (UACS)."""

    PS = "PS"
    MOOE = "MOOE"
    CO = "CO"
    FINEX = "FinEx"


class Holiday(Identified, Base):
    """One holiday; `is_estimated` ones move by proclamation."""

    __tablename__ = "holidays"
    __table_args__ = (UniqueConstraint("day", "name"),)

    day: Mapped[date] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[HolidayClass] = mapped_column(one_of(HolidayClass))
    scope: Mapped[HolidayScope] = mapped_column(one_of(HolidayScope))
    is_estimated: Mapped[bool] = mapped_column(server_default="false")
    legal_basis: Mapped[str] = mapped_column(Text, server_default="")
    note: Mapped[str] = mapped_column(Text, server_default="")
    source: Mapped[str] = mapped_column(Text, server_default="")


class Place(Base):
    """A region, province, city or municipality of the PSGC (decision D51: barangays are free text)."""

    __tablename__ = "places"

    psgc: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    level: Mapped[str] = mapped_column(String(30))
    parent_psgc: Mapped[str | None] = mapped_column(String(10), ForeignKey("places.psgc"), index=True)
    in_barmm: Mapped[bool]
    barangays: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text, server_default="")
    source: Mapped[str] = mapped_column(Text, server_default="")


class ObjectCode(Base):
    """A UACS object of expenditure: ten digits, shown as 5-01-01-010-01."""

    __tablename__ = "object_codes"
    __table_args__ = (
        CheckConstraint("code ~ '^5[0-9]{9}$'", name="digits"),
        CheckConstraint(
            "expense_class = CASE substr(code, 2, 2) WHEN '01' THEN 'PS' WHEN '02' THEN 'MOOE' "
            "WHEN '03' THEN 'FinEx' ELSE 'CO' END",
            name="class_of_code",
        ),
        CheckConstraint("valid_to >= valid_from", name="days"),
    )

    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    title: Mapped[str] = mapped_column(String(300))
    expense_class: Mapped[ExpenseClass] = mapped_column(one_of(ExpenseClass))
    level: Mapped[str] = mapped_column(String(30))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]  # its last day; open where no source names one
    authority: Mapped[str] = mapped_column(Text, server_default="")
    source: Mapped[str] = mapped_column(Text, server_default="")
    note: Mapped[str] = mapped_column(Text, server_default="")
    is_controlled: Mapped[bool] = mapped_column(server_default="false")  # obligated within its own allotment (E-6)

    def is_valid_in(self, fiscal_year: int) -> bool:
        """May a budget of that year use it? It has to be in force on 1 January (BP-03)."""
        first = date(fiscal_year, 1, 1)
        return (self.valid_from or first) <= first <= (self.valid_to or first)

    @property
    def dashed(self) -> str:
        """The code as it is printed: 5-01-01-010-01."""
        return "-".join((self.code[:1], self.code[1:3], self.code[3:5], self.code[5:8], self.code[8:]))
