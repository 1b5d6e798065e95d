"""The opening position of an organization that starts in mid-year: what its paper ledger says up to a day."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, String
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Moment, Money, Timestamped, Versioned, one_of
from bmms.models.keys import part_of, refers_to
from bmms.tenancy import TenantOwned


class OpeningStatus(StrEnum):
    """Entered from a workbook, confirmed and thereby posted by somebody else, or dropped."""

    DRAFT = "draft"
    POSTED = "posted"
    CANCELLED = "cancelled"


class OpeningPosition(TenantOwned, Identified, Timestamped, Versioned, Base):
    """Allotments, obligations and payments up to the cut-over, beside the totals that the last statement gives."""

    __tablename__ = "opening_positions"
    __constraints__ = (
        refers_to("file_id", "stored_files"),
        Unique("organization_id", "fiscal_year", "reference", "is_demo"),
        CheckConstraint("confirmed_by <> entered_by", name="two_persons"),
        CheckConstraint("least(stated_allotted, stated_obligated, stated_disbursed) >= 0", name="not_negative"),
    )

    fiscal_year: Mapped[int] = mapped_column(Integer)
    reference: Mapped[str] = mapped_column(String(100))  # FAR No. 1 as of 30 June 2026
    cut_over: Mapped[date]
    stated_allotted: Mapped[Money]
    stated_obligated: Mapped[Money]
    stated_disbursed: Mapped[Money]
    file_id: Mapped[int | None] = mapped_column(BigInteger)  # the last FAR No. 1, signed
    status: Mapped[OpeningStatus] = mapped_column(one_of(OpeningStatus), server_default=OpeningStatus.DRAFT)
    entered_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    entered_label: Mapped[str] = mapped_column(String(200), server_default="")
    confirmed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    confirmed_label: Mapped[str] = mapped_column(String(200), server_default="")
    confirmed_at: Mapped[Moment | None]
    is_demo: Mapped[bool] = mapped_column(server_default="false")


class OpeningLine(TenantOwned, Identified, Base):
    """An account and object in one quarter. An unpaid obligation is a row of its own that names its obligation line."""

    __tablename__ = "opening_lines"
    __constraints__ = (
        part_of("opening_id", "opening_positions"),
        refers_to("account_id", "budget_accounts"),
        refers_to("line_id", "obligation_lines"),
        CheckConstraint("allotted <> 0 OR obligated <> 0 OR due <> 0 OR disbursed <> 0", name="not_nothing"),
        CheckConstraint("due = 0 OR line_id IS NOT NULL", name="due_of_a_line"),
    )

    opening_id: Mapped[int] = mapped_column(BigInteger, index=True)
    account_id: Mapped[int] = mapped_column(BigInteger, index=True)
    object_code: Mapped[str | None] = mapped_column(String(10), ForeignKey("object_codes.code"))
    line_id: Mapped[int | None] = mapped_column(BigInteger)
    dated: Mapped[date]  # the day under which it is posted: the last of its quarter, or the cut-over
    allotted: Mapped[Money] = mapped_column(server_default="0")
    obligated: Mapped[Money] = mapped_column(server_default="0")
    due: Mapped[Money] = mapped_column(server_default="0")  # of an unpaid obligation: due and demandable, paid or not
    disbursed: Mapped[Money] = mapped_column(server_default="0")
