"""Obligation requests, what changes them, and what of them is due and demandable (modules 2.6, BAA No. 84 Sec. 43).

Amounts are pesos. `adjusted`, `due` and `paid` of a line are sums over the ledger; only its triggers write them.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Index, Integer, Numeric, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bmms.models.base import Base, Identified, Moment, Money, Timestamped, Versioned, one_of
from bmms.models.keys import part_of, refers_to
from bmms.models.payees import Payee
from bmms.tenancy import TenantOwned


class ObligationType(StrEnum):
    """What an obligation rests on."""

    PURCHASE_ORDER = "purchase_order"
    CONTRACT = "contract"
    MOA = "moa"
    SERVICE_ORDER = "service_order"
    PAYROLL = "payroll"
    TRAVEL = "travel"
    OTHER = "other"


class ObligationStatus(StrEnum):
    """Requested (Box A), certified and thereby posted (Box B), its balance cancelled."""

    DRAFT = "draft"
    REQUESTED = "requested"
    OBLIGATED = "obligated"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class AdjustmentStatus(StrEnum):
    """A change of an obligation, or a note that something is due: entered, posted by somebody else, or dropped."""

    DRAFT = "draft"
    POSTED = "posted"
    CANCELLED = "cancelled"


class RequestBatch(TenantOwned, Identified, Timestamped, Base):
    """Requests of one year that came in together from a list; each of them goes its own way afterwards."""

    __tablename__ = "request_batches"

    fiscal_year: Mapped[int] = mapped_column(Integer)
    file_name: Mapped[str] = mapped_column(String(200), server_default="")  # what was imported last
    entered_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    entered_label: Mapped[str] = mapped_column(String(200), server_default="")


class Obligation(TenantOwned, Identified, Timestamped, Versioned, Base):
    """One obligation request and status (ORS)."""

    __tablename__ = "obligations"
    __constraints__ = (
        refers_to("payee_id", "payees"),
        refers_to("batch_id", "request_batches"),
        Index(
            "uq_obligations_ors_no", "organization_id", "fiscal_year", "fund_cluster", "ors_no", "is_demo",
            unique=True, postgresql_where="ors_no <> ''",
        ),
        Index("ix_obligations_year", "organization_id", "fiscal_year", "status"),
        CheckConstraint("total > 0", name="positive"),
        CheckConstraint("certified_by <> requested_by AND certified_by <> entered_by", name="two_persons"),
        CheckConstraint("status NOT IN ('obligated', 'closed') OR ors_no <> ''", name="numbered"),
    )  # fmt: skip

    fiscal_year: Mapped[int] = mapped_column(Integer)  # in which it is incurred
    fund_cluster: Mapped[str] = mapped_column(String(2), server_default="01")
    ors_no: Mapped[str] = mapped_column(String(30), server_default="")  # 01-2026-03-0031, given on certification
    dated: Mapped[date]
    payee_id: Mapped[int] = mapped_column(BigInteger, index=True)
    office: Mapped[str] = mapped_column(String(200), server_default="")  # the requesting unit
    kind: Mapped[ObligationType] = mapped_column(one_of(ObligationType))
    reference: Mapped[str] = mapped_column(String(100), server_default="")
    reference_on: Mapped[date | None]
    particulars: Mapped[str] = mapped_column(Text)
    expected_on: Mapped[date | None]  # when it will be paid
    total: Mapped[Money]
    status: Mapped[ObligationStatus] = mapped_column(one_of(ObligationStatus), server_default=ObligationStatus.DRAFT)
    entered_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    entered_label: Mapped[str] = mapped_column(String(200), server_default="")
    requested_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))  # Box A
    requested_label: Mapped[str] = mapped_column(String(200), server_default="")
    requested_at: Mapped[Moment | None]
    certified_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))  # Box B
    certified_label: Mapped[str] = mapped_column(String(200), server_default="")
    certified_at: Mapped[Moment | None]
    balances_seen: Mapped[dict] = mapped_column(JSONB, server_default="{}")  # account to headroom before (D31)
    remarks: Mapped[str] = mapped_column(Text, server_default="")  # of a return
    is_opening: Mapped[bool] = mapped_column(server_default="false")  # came over from the paper log
    batch_id: Mapped[int | None] = mapped_column(BigInteger, index=True)  # the list that it came in with
    is_demo: Mapped[bool] = mapped_column(server_default="false")

    payee: Mapped[Payee] = relationship(
        lazy="raise", viewonly=True, primaryjoin="Obligation.payee_id == Payee.id", foreign_keys=[payee_id]
    )

    @property
    def title(self) -> str:
        """`ORS 01-2026-03-0031`; as long as it has no number, the request by its id."""
        return f"ORS {self.ors_no}" if self.ors_no else f"Obligation request {self.id}"


class ObligationLine(TenantOwned, Identified, Base):
    """An amount of an obligation in one account and object, and what has become of it (E-5)."""

    __tablename__ = "obligation_lines"
    __constraints__ = (
        part_of("obligation_id", "obligations"),
        refers_to("account_id", "budget_accounts"),
        refers_to("item_id", "work_items"),
        CheckConstraint("amount > 0", name="positive"),
        CheckConstraint("paid >= 0 AND paid <= due AND due <= amount + adjusted", name="e5_line"),
    )

    obligation_id: Mapped[int] = mapped_column(BigInteger, index=True)
    account_id: Mapped[int] = mapped_column(BigInteger, index=True)
    object_code: Mapped[str] = mapped_column(String(10), ForeignKey("object_codes.code"))
    item_id: Mapped[int | None] = mapped_column(BigInteger, index=True)  # the work item that it pays for
    amount: Mapped[Money]
    adjusted: Mapped[Money] = mapped_column(server_default="0")
    due: Mapped[Money] = mapped_column(server_default="0")
    paid: Mapped[Money] = mapped_column(server_default="0")
    unpaid: Mapped[Decimal] = mapped_column(Numeric(18, 2), Computed("amount + adjusted - paid", persisted=True))


class ObligationAdjustment(TenantOwned, Identified, Timestamped, Versioned, Base):
    """A notice of adjustment (NORSA): more or less of an obligation, or its unpaid balance cancelled."""

    __tablename__ = "obligation_adjustments"
    __constraints__ = (
        part_of("obligation_id", "obligations"),
        Index(
            "uq_obligation_adjustments_number", "organization_id", "fiscal_year", "norsa_no", "is_demo",
            unique=True, postgresql_where="norsa_no <> ''",
        ),
        CheckConstraint("certified_by <> entered_by", name="two_persons"),
        CheckConstraint("reason <> ''", name="reason"),
    )  # fmt: skip

    obligation_id: Mapped[int] = mapped_column(BigInteger, index=True)
    fiscal_year: Mapped[int] = mapped_column(Integer)
    norsa_no: Mapped[str] = mapped_column(String(30), server_default="")
    dated: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    closes: Mapped[bool] = mapped_column(server_default="false")  # cancels the balance: the obligation is closed
    status: Mapped[AdjustmentStatus] = mapped_column(one_of(AdjustmentStatus), server_default=AdjustmentStatus.DRAFT)
    entered_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    entered_label: Mapped[str] = mapped_column(String(200), server_default="")
    certified_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    certified_label: Mapped[str] = mapped_column(String(200), server_default="")
    certified_at: Mapped[Moment | None]
    balances_seen: Mapped[dict] = mapped_column(JSONB, server_default="{}")
    is_demo: Mapped[bool] = mapped_column(server_default="false")


class ObligationAdjustmentLine(TenantOwned, Identified, Base):
    """By how much a line of the obligation changes."""

    __tablename__ = "obligation_adjustment_lines"
    __constraints__ = (
        part_of("adjustment_id", "obligation_adjustments"),
        refers_to("line_id", "obligation_lines"),
        CheckConstraint("amount <> 0", name="not_zero"),
    )

    adjustment_id: Mapped[int] = mapped_column(BigInteger, index=True)
    line_id: Mapped[int] = mapped_column(BigInteger, index=True)
    amount: Mapped[Money]


class DueNote(TenantOwned, Identified, Base):
    """Goods or services were accepted: so much of a line is due and demandable since a day."""

    __tablename__ = "due_notes"
    __constraints__ = (
        refers_to("line_id", "obligation_lines"),
        CheckConstraint("amount > 0", name="positive"),
    )

    line_id: Mapped[int] = mapped_column(BigInteger, index=True)
    dated: Mapped[date]
    amount: Mapped[Money]
    basis: Mapped[str] = mapped_column(String(200), server_default="")  # inspection and acceptance report no.
    entered_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    entered_label: Mapped[str] = mapped_column(String(200), server_default="")
    is_demo: Mapped[bool] = mapped_column(server_default="false")
