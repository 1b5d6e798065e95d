"""Budget preparation: the call of a fiscal year with its ceilings, its extensions, and the budget calendar.

Amounts are pesos. A call is the organization's own record of what MFBM called for (recorded mode, D16): one person
enters it with the instrument, another one opens it.
"""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Moment, Money, Timestamped, Versioned, one_of
from bmms.models.keys import part_of, refers_to
from bmms.models.offices import is_operated_in
from bmms.tenancy import TenantOwned


class CallStatus(StrEnum):
    """A call is prepared, open for proposals, or closed."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


class Audience(StrEnum):
    """Whom a date of the budget calendar concerns."""

    BUDGET = "budget"
    REVIEW = "review"
    PLANNING = "planning"
    EVERYBODY = "everybody"


class BudgetCall(TenantOwned, Identified, Timestamped, Versioned, Base):
    """What is called for, until when, and how much may be proposed. One for each fiscal year."""

    __tablename__ = "budget_calls"
    __constraints__ = (
        refers_to("file_id", "stored_files"),
        Unique("organization_id", "fiscal_year"),
        CheckConstraint("fiscal_year BETWEEN 2020 AND 2100", name="year"),
        CheckConstraint("due_on >= opens_on", name="days"),
        CheckConstraint("extended_to > due_on", name="extension"),
        CheckConstraint(
            "least(ceiling, ceiling_ps, ceiling_mooe, ceiling_finex, ceiling_co) >= 0", name="not_negative"
        ),
        CheckConstraint(
            "coalesce(ceiling_ps, 0) + coalesce(ceiling_mooe, 0) + coalesce(ceiling_finex, 0) + coalesce(ceiling_co, 0)"
            " <= ceiling",
            name="classes_within_ceiling",
        ),
        CheckConstraint("status = 'planned' OR file_id IS NOT NULL", name="open_with_instrument"),
        CheckConstraint("opened_by <> entered_by", name="two_persons"),
    )

    fiscal_year: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    reference: Mapped[str] = mapped_column(String(100))  # the number of the memorandum
    issued_on: Mapped[date]
    opens_on: Mapped[date]
    due_on: Mapped[date]  # as the call says; it moves to the next working day (domain/calls/queries.py)
    extended_to: Mapped[date | None]
    ceiling: Mapped[Money]
    ceiling_ps: Mapped[Money | None]
    ceiling_mooe: Mapped[Money | None]
    ceiling_finex: Mapped[Money | None]
    ceiling_co: Mapped[Money | None]
    above_ceiling: Mapped[bool] = mapped_column(server_default="false")  # may lines be flagged as above it (tier 2)?
    wanted: Mapped[str] = mapped_column(Text, server_default="")  # what else MFBM asks for, one a line (C-11)
    status: Mapped[CallStatus] = mapped_column(one_of(CallStatus), server_default=CallStatus.PLANNED)
    file_id: Mapped[int | None] = mapped_column(BigInteger)
    entered_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))  # who typed in it last
    entered_label: Mapped[str] = mapped_column(String(200), server_default="")
    opened_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    opened_label: Mapped[str] = mapped_column(String(200), server_default="")
    opened_at: Mapped[Moment | None]
    is_demo: Mapped[bool] = mapped_column(server_default="false")

    is_operated: Mapped[bool] = is_operated_in(fiscal_year)

    @property
    def last_day(self) -> date:
        """The last day for proposals as it was set, without regard to holidays."""
        return self.extended_to or self.due_on


class CallExtension(TenantOwned, Identified, Timestamped, Base):
    """A later deadline: entered by one person, in force once another one has confirmed it."""

    __tablename__ = "call_extensions"
    __constraints__ = (
        part_of("call_id", "budget_calls"),
        refers_to("file_id", "stored_files"),
        CheckConstraint("confirmed_by <> entered_by", name="two_persons"),
        Index("uq_call_extensions_waiting", "call_id", unique=True, postgresql_where=text("confirmed_at IS NULL")),
    )

    call_id: Mapped[int] = mapped_column(BigInteger, index=True)
    extended_to: Mapped[date]
    reference: Mapped[str] = mapped_column(String(100))
    file_id: Mapped[int] = mapped_column(BigInteger)
    entered_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    entered_label: Mapped[str] = mapped_column(String(200))
    confirmed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    confirmed_label: Mapped[str] = mapped_column(String(200), server_default="")
    confirmed_at: Mapped[Moment | None]


class CalendarItem(TenantOwned, Identified, Timestamped, Versioned, Base):
    """One date of the budget calendar of a fiscal year (modules 2.2)."""

    __tablename__ = "budget_calendar_items"
    __constraints__ = (
        Unique("organization_id", "fiscal_year", "name"),
        CheckConstraint("due_on >= starts_on", name="days"),
        CheckConstraint("fiscal_year BETWEEN 2020 AND 2100", name="year"),
    )

    fiscal_year: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date | None]
    due_on: Mapped[date]
    audience: Mapped[Audience] = mapped_column(one_of(Audience))
    source: Mapped[str] = mapped_column(String(300), server_default="")
    is_demo: Mapped[bool] = mapped_column(server_default="false")
