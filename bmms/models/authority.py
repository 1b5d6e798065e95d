"""What an organization may spend and by which law: appropriations, the budget accounts they open, and their windows.

Amounts are pesos. The totals of an account are kept by the triggers of the ledger (migration 0016), never by the
application: it has no right to change them (decision D43).
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Index, Integer, Numeric, String
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bmms.models.base import Base, Identified, Moment, Money, Timestamped, Versioned, one_of
from bmms.models.keys import part_of, refers_to
from bmms.models.offices import is_operated_in
from bmms.models.programs import CostStructure, Program
from bmms.models.proposals import FundingSource
from bmms.models.reference import ExpenseClass
from bmms.tenancy import TenantOwned

FUND_CLUSTERS = tuple(f"0{number}" for number in range(1, 8))


class LawKind(StrEnum):
    """The kinds of law that appropriate (modules 8.4)."""

    GAAB = "gaab"
    SUPPLEMENTAL = "supplemental"
    CONTINUING = "continuing"
    AUTOMATIC = "automatic"
    REENACTED = "reenacted"


class AppropriationStatus(StrEnum):
    """Entered, put in force by somebody else, lapsed."""

    DRAFT = "draft"
    IN_FORCE = "in_force"
    LAPSED = "lapsed"


class Appropriation(TenantOwned, Identified, Timestamped, Versioned, Base):
    """What one law gives one organization in one fiscal year."""

    __tablename__ = "appropriations"
    __constraints__ = (
        refers_to("proposal_id", "budget_proposals"),
        refers_to("file_id", "stored_files"),
        Unique("organization_id", "fiscal_year", "reference", "is_demo"),
        CheckConstraint("fiscal_year BETWEEN 2020 AND 2100", name="year"),
        CheckConstraint("total > 0", name="positive"),
        CheckConstraint("reference <> ''", name="reference"),
        CheckConstraint("obligate_until >= effective_on AND pay_until >= obligate_until", name="days"),
        CheckConstraint("confirmed_by <> entered_by", name="two_persons"),
    )

    fiscal_year: Mapped[int] = mapped_column(Integer)
    kind: Mapped[LawKind] = mapped_column(one_of(LawKind), server_default=LawKind.GAAB)
    reference: Mapped[str] = mapped_column(String(200))  # the law: BAA No. 85
    act_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("appropriation_acts.id", ondelete="SET NULL"), index=True
    )
    proposal_id: Mapped[int | None] = mapped_column(BigInteger)
    file_id: Mapped[int | None] = mapped_column(BigInteger)
    dated: Mapped[date]
    effective_on: Mapped[date]  # from when it may be allotted
    obligate_until: Mapped[date]
    pay_until: Mapped[date]
    total: Mapped[Money]  # as the law states it for this organization, as far as it names a class
    status: Mapped[AppropriationStatus] = mapped_column(
        one_of(AppropriationStatus), server_default=AppropriationStatus.DRAFT
    )
    entered_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    entered_label: Mapped[str] = mapped_column(String(200), server_default="")
    confirmed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    confirmed_label: Mapped[str] = mapped_column(String(200), server_default="")
    confirmed_at: Mapped[Moment | None]
    is_demo: Mapped[bool] = mapped_column(server_default="false")

    is_operated: Mapped[bool] = is_operated_in(fiscal_year)


class AppropriationLine(TenantOwned, Identified, Base):
    """One amount of an appropriation: it opens one budget account."""

    __tablename__ = "appropriation_lines"
    __constraints__ = (
        part_of("appropriation_id", "appropriations"),
        refers_to("program_id", "programs"),
        Index(
            "uq_appropriation_lines_key", "appropriation_id", "source", "fund_cluster", "cost_structure", "program_id",
            "expense_class", unique=True, postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("amount > 0", name="positive"),
    )  # fmt: skip

    appropriation_id: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[FundingSource] = mapped_column(one_of(FundingSource), server_default=FundingSource.GAAB)
    fund_cluster: Mapped[str] = mapped_column(String(2), server_default="01")
    # No structure: the act gives the organization a total by class alone. No program: it does not break it down (D22).
    cost_structure: Mapped[CostStructure | None] = mapped_column(one_of(CostStructure))
    program_id: Mapped[int | None] = mapped_column(BigInteger)
    expense_class: Mapped[ExpenseClass] = mapped_column(one_of(ExpenseClass))
    amount: Mapped[Money]


class BudgetAccount(TenantOwned, Identified, Base):
    """The control unit: what may be allotted, obligated and paid for one program in one class out of one law.

    `authorised` to `disbursed` are sums over the ledger (INV-28); the checks on them are E-1 to E-4.
    """

    __tablename__ = "budget_accounts"
    __constraints__ = (
        refers_to("appropriation_id", "appropriations"),
        refers_to("program_id", "programs"),
        Unique("organization_id", "fiscal_year", "number"),
        Index(
            "uq_budget_accounts_key", "appropriation_id", "source", "fund_cluster", "cost_structure", "program_id",
            "expense_class", unique=True, postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint(f"fund_cluster IN ({', '.join(map(repr, FUND_CLUSTERS))})", name="cluster"),
        CheckConstraint("authorised + adjustment >= 0", name="e1_appropriation"),
        CheckConstraint("allotted >= 0 AND allotted <= authorised + adjustment", name="e2_allotment"),
        CheckConstraint("obligated >= 0 AND obligated <= allotted", name="e3_obligation"),
        CheckConstraint("disbursed >= 0 AND disbursed <= obligated", name="e4_disbursement"),
        Index("ix_budget_accounts_year", "organization_id", "fiscal_year", "number"),
    )  # fmt: skip

    fiscal_year: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(Integer)  # shown as MOH-2026-118
    appropriation_id: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[FundingSource] = mapped_column(one_of(FundingSource))
    fund_cluster: Mapped[str] = mapped_column(String(2))
    cost_structure: Mapped[CostStructure | None] = mapped_column(one_of(CostStructure))
    program_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    expense_class: Mapped[ExpenseClass] = mapped_column(one_of(ExpenseClass))
    obligate_until: Mapped[date]
    pay_until: Mapped[date]
    by_object: Mapped[bool] = mapped_column(server_default="false")  # E-6 holds for each of its objects
    authorised: Mapped[Money] = mapped_column(server_default="0")
    adjustment: Mapped[Money] = mapped_column(server_default="0")
    allotted: Mapped[Money] = mapped_column(server_default="0")
    obligated: Mapped[Money] = mapped_column(server_default="0")
    disbursed: Mapped[Money] = mapped_column(server_default="0")
    last_on: Mapped[date | None]  # the latest day in its ledger
    is_demo: Mapped[bool] = mapped_column(server_default="false")
    appropriated: Mapped[Decimal] = mapped_column(Numeric(18, 2), Computed("authorised + adjustment", persisted=True))

    appropriation: Mapped[Appropriation] = relationship(
        lazy="raise", viewonly=True, primaryjoin="BudgetAccount.appropriation_id == Appropriation.id",
        foreign_keys=[appropriation_id],
    )  # fmt: skip
    program: Mapped[Program | None] = relationship(
        lazy="raise", viewonly=True, primaryjoin="BudgetAccount.program_id == Program.id", foreign_keys=[program_id]
    )

    @property
    def unreleased(self) -> Decimal:
        """What may still be allotted."""
        return self.appropriated - self.allotted

    @property
    def headroom(self) -> Decimal:
        """What may still be obligated."""
        return self.allotted - self.obligated

    @property
    def unpaid(self) -> Decimal:
        """What is obligated and not paid."""
        return self.obligated - self.disbursed


class AccountObject(TenantOwned, Identified, Base):
    """The part of an account in one object of expenditure; where it is controlled, E-6 holds for it."""

    __tablename__ = "budget_account_objects"
    __constraints__ = (
        part_of("account_id", "budget_accounts"),
        Unique("account_id", "object_code"),
        CheckConstraint("NOT is_controlled OR obligated <= allotted", name="e6_object"),
        CheckConstraint("disbursed <= obligated", name="e4_object"),
    )

    account_id: Mapped[int] = mapped_column(BigInteger)
    object_code: Mapped[str] = mapped_column(String(10), ForeignKey("object_codes.code"))
    is_controlled: Mapped[bool]
    allotted: Mapped[Money] = mapped_column(server_default="0")
    obligated: Mapped[Money] = mapped_column(server_default="0")
    disbursed: Mapped[Money] = mapped_column(server_default="0")


class ValidityExtension(TenantOwned, Identified, Base):
    """A law that lets the money of an appropriation be charged longer, from its own date on (E-8)."""

    __tablename__ = "validity_extensions"
    __constraints__ = (
        part_of("appropriation_id", "appropriations"),
        refers_to("file_id", "stored_files"),
        CheckConstraint("pay_until >= obligate_until AND obligate_until >= effective_on", name="days"),
        CheckConstraint("confirmed_by <> entered_by", name="two_persons"),
    )

    appropriation_id: Mapped[int] = mapped_column(BigInteger, index=True)
    expense_class: Mapped[ExpenseClass | None] = mapped_column(one_of(ExpenseClass))  # none: all classes
    law: Mapped[str] = mapped_column(String(200))
    effective_on: Mapped[date]
    obligate_until: Mapped[date]
    pay_until: Mapped[date]
    file_id: Mapped[int | None] = mapped_column(BigInteger)
    entered_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    entered_label: Mapped[str] = mapped_column(String(200), server_default="")
    confirmed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    confirmed_label: Mapped[str] = mapped_column(String(200), server_default="")
    confirmed_at: Mapped[Moment | None]
    is_demo: Mapped[bool] = mapped_column(server_default="false")
