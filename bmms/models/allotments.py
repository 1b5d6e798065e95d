"""Allotment orders: authority to incur obligations, its withdrawal, its transfer (modules 2.6, BAA No. 84 36-37)."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, String, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Moment, Money, Timestamped, Versioned, one_of
from bmms.models.keys import part_of, refers_to
from bmms.models.offices import is_operated_in
from bmms.tenancy import TenantOwned


class OrderKind(StrEnum):
    """Comprehensive: PS and MOOE (Sec. 36); special: on request (Sec. 37); withdrawal; transfer of authority."""

    COMPREHENSIVE = "comprehensive"
    SPECIAL = "special"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"


class OrderStatus(StrEnum):
    """Entered, then released by somebody else, or cancelled."""

    DRAFT = "draft"
    RELEASED = "released"
    CANCELLED = "cancelled"


class AllotmentOrder(TenantOwned, Identified, Timestamped, Versioned, Base):
    """One order of MFBM."""

    __tablename__ = "allotment_orders"
    __constraints__ = (
        refers_to("file_id", "stored_files"),
        refers_to("withdraws_id", "allotment_orders"),
        Unique("organization_id", "fiscal_year", "number", "is_demo"),
        CheckConstraint("number <> ''", name="number"),
        CheckConstraint("total > 0", name="positive"),
        CheckConstraint("for_quarter BETWEEN 1 AND 4", name="quarter"),
        CheckConstraint("kind <> 'special' OR request <> ''", name="e14_request"),
        CheckConstraint("kind <> 'transfer' OR counterpart <> ''", name="counterpart"),
        CheckConstraint("released_by <> entered_by", name="two_persons"),
    )

    fiscal_year: Mapped[int] = mapped_column(Integer)
    number: Mapped[str] = mapped_column(String(60))  # as MFBM gave it
    kind: Mapped[OrderKind] = mapped_column(one_of(OrderKind))
    dated: Mapped[date]
    legal_basis: Mapped[str] = mapped_column(String(300), server_default="")
    request: Mapped[str] = mapped_column(String(300), server_default="")  # of a special one: its budget request
    counterpart: Mapped[str] = mapped_column(String(200), server_default="")  # of a transfer: to whom, from whom
    for_quarter: Mapped[int | None] = mapped_column(Integer)
    valid_until: Mapped[date | None]
    conditions: Mapped[str] = mapped_column(Text, server_default="")
    withdraws_id: Mapped[int | None] = mapped_column(BigInteger)
    total: Mapped[Money]  # as the order states it
    file_id: Mapped[int | None] = mapped_column(BigInteger)
    status: Mapped[OrderStatus] = mapped_column(one_of(OrderStatus), server_default=OrderStatus.DRAFT)
    overdue_reports: Mapped[str] = mapped_column(Text, server_default="")  # at the release (decision D31)
    entered_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    entered_label: Mapped[str] = mapped_column(String(200), server_default="")
    released_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    released_label: Mapped[str] = mapped_column(String(200), server_default="")
    released_at: Mapped[Moment | None]
    is_demo: Mapped[bool] = mapped_column(server_default="false")

    is_operated: Mapped[bool] = is_operated_in(fiscal_year)


class AllotmentLine(TenantOwned, Identified, Base):
    """An amount of an order for one account, for one of its objects where the order names them."""

    __tablename__ = "allotment_lines"
    __constraints__ = (
        part_of("order_id", "allotment_orders"),
        refers_to("account_id", "budget_accounts"),
        CheckConstraint("amount > 0", name="positive"),
        CheckConstraint("direction IN (-1, 1)", name="direction"),
    )

    order_id: Mapped[int] = mapped_column(BigInteger, index=True)
    account_id: Mapped[int] = mapped_column(BigInteger, index=True)
    object_code: Mapped[str | None] = mapped_column(String(10), ForeignKey("object_codes.code"))
    amount: Mapped[Money]
    direction: Mapped[int] = mapped_column(Integer, server_default="1")  # -1: withdrawn, or transferred to others
