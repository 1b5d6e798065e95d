"""Changes of the budget in the year: realignment, augmentation, transfer, reversion (modules 2.8, BAA No. 84 46-50)."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, String, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Moment, Money, Timestamped, Versioned, one_of
from bmms.models.keys import part_of, refers_to
from bmms.tenancy import TenantOwned


class ChangeKind(StrEnum):
    """What kinds of changes there are."""

    REALIGNMENT = "realignment"  # between objects or classes of one program
    AUGMENTATION = "augmentation"  # from declared savings into another program
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    SUPPLEMENT = "supplement"  # from a special purpose fund or the Contingent Fund
    REDUCTION = "reduction"
    REVERSION = "reversion"
    CARRY_OVER = "carry_over"  # of a continuing balance


class ChangeStatus(StrEnum):
    """Requested, approved by somebody else, posted; reversed."""

    DRAFT = "draft"
    REQUESTED = "requested"
    APPROVED = "approved"
    POSTED = "posted"
    REJECTED = "rejected"
    REVERSED = "reversed"
    CANCELLED = "cancelled"


class Savings(StrEnum):
    """What makes an amount savings (Sec. 46)."""

    FINISHED = "finished"
    VACANT = "vacant"
    EFFICIENCY = "efficiency"


class BudgetChange(TenantOwned, Identified, Timestamped, Versioned, Base):
    """One change, with its authority."""

    __tablename__ = "budget_changes"
    __constraints__ = (
        refers_to("file_id", "stored_files"),
        Unique("organization_id", "fiscal_year", "reference", "is_demo"),
        CheckConstraint("reference <> ''", name="reference"),
        CheckConstraint("approved_by <> requested_by", name="two_persons"),
        CheckConstraint("char_length(reason) >= 100 OR status IN ('draft', 'cancelled')", name="reason"),
        CheckConstraint(
            "kind <> 'augmentation' OR status IN ('draft', 'cancelled') "
            "OR (savings IS NOT NULL AND declared_by <> '')", name="declared_savings",
        ),
        CheckConstraint("(kind IN ('transfer_out', 'transfer_in')) = (pair_key IS NOT NULL)", name="pair"),
    )  # fmt: skip

    fiscal_year: Mapped[int] = mapped_column(Integer)
    kind: Mapped[ChangeKind] = mapped_column(one_of(ChangeKind))
    reference: Mapped[str] = mapped_column(String(100))
    dated: Mapped[date]
    authority: Mapped[str] = mapped_column(String(300), server_default="")  # MFBM's or the CM's instrument
    cited_law: Mapped[str] = mapped_column(String(200), server_default="")  # where PS grows (INV-34)
    savings: Mapped[Savings | None] = mapped_column(one_of(Savings))
    declared_by: Mapped[str] = mapped_column(String(200), server_default="")  # who declared them (Sec. 47)
    reason: Mapped[str] = mapped_column(Text, server_default="")
    pair_key: Mapped[str | None] = mapped_column(String(40), index=True)  # both sides of a transfer carry it
    counterpart_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("organizations.id"))
    file_id: Mapped[int | None] = mapped_column(BigInteger)
    status: Mapped[ChangeStatus] = mapped_column(one_of(ChangeStatus), server_default=ChangeStatus.DRAFT)
    requested_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    requested_label: Mapped[str] = mapped_column(String(200), server_default="")
    requested_at: Mapped[Moment | None]
    approved_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    approved_label: Mapped[str] = mapped_column(String(200), server_default="")
    approved_at: Mapped[Moment | None]
    reversed_on: Mapped[date | None]  # the day of its reversal
    balances_seen: Mapped[str] = mapped_column(Text, server_default="")
    remarks: Mapped[str] = mapped_column(Text, server_default="")
    is_demo: Mapped[bool] = mapped_column(server_default="false")


class BudgetChangeLine(TenantOwned, Identified, Base):
    """What one account gains or loses: of its appropriation and of its allotment, signed."""

    __tablename__ = "budget_change_lines"
    __constraints__ = (
        part_of("change_id", "budget_changes"),
        refers_to("account_id", "budget_accounts"),
        CheckConstraint("appropriation <> 0 OR allotment <> 0", name="not_nothing"),
    )

    change_id: Mapped[int] = mapped_column(BigInteger, index=True)
    account_id: Mapped[int] = mapped_column(BigInteger, index=True)
    object_code: Mapped[str | None] = mapped_column(String(10), ForeignKey("object_codes.code"))
    appropriation: Mapped[Money] = mapped_column(server_default="0")
    allotment: Mapped[Money] = mapped_column(server_default="0")


class OfferStatus(StrEnum):
    """What the two sides of a transfer know of each other; follows their documents."""

    OFFERED = "offered"  # approved by the side that gives
    ANSWERED = "answered"  # entered by the side that receives
    POSTED = "posted"
    REVERSED = "reversed"


class TransferOffer(Identified, Base):
    """What one organization tells another one of a transfer: name, reference, amounts, day (law 1; migration 0019).

    Written by a trigger on `budget_changes` alone; either side reads it.
    """

    __tablename__ = "transfer_offers"
    __table_args__ = (CheckConstraint("from_organization_id <> to_organization_id", name="two_sides"),)

    pair_key: Mapped[str] = mapped_column(String(40), unique=True)
    from_organization_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("organizations.id"), index=True)
    to_organization_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("organizations.id"), index=True)
    reference: Mapped[str] = mapped_column(String(100))
    dated: Mapped[date]
    appropriation: Mapped[Money]
    allotment: Mapped[Money]  # of it released
    status: Mapped[OfferStatus] = mapped_column(one_of(OfferStatus), server_default=OfferStatus.OFFERED)
    is_demo: Mapped[bool] = mapped_column(server_default="false")
