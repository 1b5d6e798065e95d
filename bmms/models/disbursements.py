"""Disbursement vouchers: payments of obligations, and their voiding (modules 2.6, 8.10). Amounts are pesos."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bmms.models.base import Base, Identified, Moment, Money, Timestamped, Versioned, one_of
from bmms.models.keys import part_of, refers_to
from bmms.models.payees import Payee
from bmms.tenancy import TenantOwned


class PaymentMode(StrEnum):
    """How it is paid."""

    CHECK = "check"
    BANK = "bank"
    CASH_ADVANCE = "cash_advance"
    TAX_REMITTANCE = "tax_remittance"
    OTHER = "other"


class DisbursementStatus(StrEnum):
    """Prepared, submitted, paid by somebody else, void."""

    DRAFT = "draft"
    FOR_APPROVAL = "for_approval"
    PAID = "paid"
    VOID = "void"
    CANCELLED = "cancelled"


class Disbursement(TenantOwned, Identified, Timestamped, Versioned, Base):
    """One disbursement voucher (DV)."""

    __tablename__ = "disbursements"
    __constraints__ = (
        refers_to("payee_id", "payees"),
        Index(
            "uq_disbursements_dv_no", "organization_id", "fiscal_year", "dv_no", "is_demo",
            unique=True, postgresql_where="dv_no <> ''",
        ),
        Index("ix_disbursements_year", "organization_id", "fiscal_year", "status"),
        CheckConstraint("gross > 0 AND tax >= 0 AND net = gross - tax AND net >= 0", name="net"),
        CheckConstraint("paid_by <> submitted_by", name="two_persons"),
        CheckConstraint("voided_by <> void_asked_by", name="two_persons_void"),
        CheckConstraint("status NOT IN ('paid', 'void') OR dv_no <> ''", name="numbered"),
    )  # fmt: skip

    fiscal_year: Mapped[int] = mapped_column(Integer)
    fund_cluster: Mapped[str] = mapped_column(String(2), server_default="01")
    dv_no: Mapped[str] = mapped_column(String(30), server_default="")
    dated: Mapped[date]
    payee_id: Mapped[int] = mapped_column(BigInteger, index=True)
    mode: Mapped[PaymentMode] = mapped_column(one_of(PaymentMode))
    instrument: Mapped[str] = mapped_column(String(60), server_default="")  # number of the check or advice
    particulars: Mapped[str] = mapped_column(Text, server_default="")
    gross: Mapped[Money]
    tax: Mapped[Money] = mapped_column(server_default="0")  # withheld
    net: Mapped[Money]
    status: Mapped[DisbursementStatus] = mapped_column(
        one_of(DisbursementStatus), server_default=DisbursementStatus.DRAFT
    )
    submitted_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    submitted_label: Mapped[str] = mapped_column(String(200), server_default="")
    submitted_at: Mapped[Moment | None]
    paid_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    paid_label: Mapped[str] = mapped_column(String(200), server_default="")
    paid_at: Mapped[Moment | None]
    voided_on: Mapped[date | None]  # the day of the reversal
    void_reason: Mapped[str] = mapped_column(Text, server_default="")
    void_asked_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    void_asked_label: Mapped[str] = mapped_column(String(200), server_default="")
    voided_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    voided_label: Mapped[str] = mapped_column(String(200), server_default="")
    remarks: Mapped[str] = mapped_column(Text, server_default="")  # of a return
    is_demo: Mapped[bool] = mapped_column(server_default="false")

    payee: Mapped[Payee] = relationship(
        lazy="raise", viewonly=True, primaryjoin="Disbursement.payee_id == Payee.id", foreign_keys=[payee_id]
    )


class DisbursementLine(TenantOwned, Identified, Base):
    """What a voucher pays of one line of an obligation."""

    __tablename__ = "disbursement_lines"
    __constraints__ = (
        part_of("disbursement_id", "disbursements"),
        refers_to("line_id", "obligation_lines"),
        CheckConstraint("amount > 0", name="positive"),
    )

    disbursement_id: Mapped[int] = mapped_column(BigInteger, index=True)
    line_id: Mapped[int] = mapped_column(BigInteger, index=True)
    amount: Mapped[Money]
