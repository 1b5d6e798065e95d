"""The budget proposal: programs, amounts by class, line items, decisions (modules 2.3, 8.3).

Amounts are pesos. What a line costs the database computes; that lines of a submitted proposal stay as they are and that
none is submitted above its ceiling its triggers see to (migration 0009; INV-18 to INV-24).
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Numeric,
    String,
    Text,
    func,
    text,
)
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bmms.models.base import Base, Identified, Moment, Money, Timestamped, Versioned, one_of
from bmms.models.budgets import BudgetCall
from bmms.models.keys import part_of, refers_to
from bmms.models.offices import is_operated_in
from bmms.models.planning import Percent
from bmms.models.reference import ExpenseClass
from bmms.models.work import AnnualWorkPlan
from bmms.tenancy import TenantOwned

Quantity = Numeric(18, 4)


class ProposalKind(StrEnum):
    """One annual proposal a year; the others are numbered."""

    ANNUAL = "annual"
    SUPPLEMENTAL = "supplemental"
    SPECIAL = "special"


class ProposalStatus(StrEnum):
    """The life of a proposal (modules 8.10)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    FOR_SIGNATURE = "for_signature"
    APPROVED = "approved"
    TRANSMITTED = "transmitted"
    ENDORSED = "endorsed"
    ENACTED = "enacted"
    RETURNED = "returned"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


OPEN_FOR_EDITING = (ProposalStatus.DRAFT, ProposalStatus.RETURNED)
GIVEN_UP = (ProposalStatus.REJECTED, ProposalStatus.CANCELLED)


class FundingSource(StrEnum):
    """Where the money comes from (modules 2.1)."""

    GAAB = "gaab"
    SUPPLEMENTAL = "supplemental"
    CONTINGENT_FUND = "contingent_fund"
    SDF = "sdf"
    TDIF = "tdif"
    MP_ALLOCATION = "mp_allocation"
    NATIONAL = "national"
    LOCAL = "local"
    GRANT = "grant"
    OTHER = "other"


class ClimateTag(StrEnum):
    """What an expenditure does about the climate."""

    ADAPTATION = "adaptation"
    MITIGATION = "mitigation"


class Sphere(StrEnum):
    """What kind of works or goods needs the endorsement of another office (C-16)."""

    INFRASTRUCTURE = "infrastructure"
    ENVIRONMENT = "environment"
    ICT = "ict"


class Tier(StrEnum):
    """Within the ceiling, or flagged as above it where the call allows that (BP-07)."""

    WITHIN = "within"
    ABOVE = "above"


class Procurement(StrEnum):
    """How it is bought."""

    COMPETITIVE_BIDDING = "competitive_bidding"
    LIMITED_SOURCE = "limited_source"
    DIRECT_CONTRACTING = "direct_contracting"
    REPEAT_ORDER = "repeat_order"
    SMALL_VALUE = "small_value"
    NEGOTIATED = "negotiated"
    BY_ADMINISTRATION = "by_administration"


class BudgetProposal(TenantOwned, Identified, Timestamped, Versioned, Base):
    """What an organization asks for a fiscal year."""

    __tablename__ = "budget_proposals"
    __constraints__ = (
        refers_to("call_id", "budget_calls"),
        refers_to("plan_id", "strategic_plans"),
        refers_to("work_plan_id", "annual_work_plans"),
        refers_to("signed_file_id", "stored_files"),
        Unique("organization_id", "fiscal_year", "kind", "number"),
        Index(
            "uq_budget_proposals_live_annual",
            "organization_id",
            "fiscal_year",
            unique=True,
            postgresql_where=text("kind = 'annual' AND status NOT IN ('rejected', 'cancelled')"),  # INV-17
        ),
        CheckConstraint("fiscal_year BETWEEN 2020 AND 2100", name="year"),
        CheckConstraint("kind <> 'annual' OR call_id IS NOT NULL", name="annual_answers_a_call"),
        CheckConstraint("kind = 'annual' OR (reason <> '' AND legal_source <> '')", name="reason_of_others"),
        CheckConstraint("cardinality(sources) > 0 AND nil_sources <@ sources", name="sources"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("status <> 'enacted' OR (law <> '' AND enacted_total IS NOT NULL)", name="enacted_by_law"),
    )

    fiscal_year: Mapped[int] = mapped_column(Integer)
    call_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    kind: Mapped[ProposalKind] = mapped_column(one_of(ProposalKind), server_default=ProposalKind.ANNUAL)
    number: Mapped[int] = mapped_column(Integer, server_default="1")
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, server_default="")
    plan_id: Mapped[int | None] = mapped_column(BigInteger)
    work_plan_id: Mapped[int | None] = mapped_column(BigInteger)
    no_work_plan_reason: Mapped[str] = mapped_column(Text, server_default="")  # BP-13
    reason: Mapped[str] = mapped_column(Text, server_default="")  # of a supplemental or special one
    legal_source: Mapped[str] = mapped_column(String(300), server_default="")  # its law, or the fund it asks from
    sources: Mapped[list[str]] = mapped_column(ARRAY(String(40)), server_default="{gaab}")  # in scope (C-02)
    nil_sources: Mapped[list[str]] = mapped_column(ARRAY(String(40)), server_default="{}")  # in scope, nothing asked
    other_source: Mapped[str] = mapped_column(String(100), server_default="")  # the name of the source "other"
    status: Mapped[ProposalStatus] = mapped_column(one_of(ProposalStatus), server_default=ProposalStatus.DRAFT)
    resume_status: Mapped[ProposalStatus | None] = mapped_column(one_of(ProposalStatus, "resume_status"))
    submitted_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    submitted_label: Mapped[str] = mapped_column(String(200), server_default="")
    submitted_at: Mapped[Moment | None]
    signed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    signed_label: Mapped[str] = mapped_column(String(200), server_default="")
    signed_at: Mapped[Moment | None]
    signed_file_id: Mapped[int | None] = mapped_column(BigInteger)
    transmittal: Mapped[str] = mapped_column(String(100), server_default="")
    transmitted_on: Mapped[date | None]
    law: Mapped[str] = mapped_column(String(200), server_default="")  # by which it was enacted
    enacted_total: Mapped[Money | None]  # what that law gives in all, as it states it
    created_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    is_demo: Mapped[bool] = mapped_column(server_default="false")

    is_operated: Mapped[bool] = is_operated_in(fiscal_year)
    call: Mapped[BudgetCall | None] = relationship(
        lazy="raise", viewonly=True, primaryjoin="BudgetProposal.call_id == BudgetCall.id", foreign_keys=[call_id]
    )
    work_plan: Mapped[AnnualWorkPlan | None] = relationship(
        lazy="raise", viewonly=True, primaryjoin="BudgetProposal.work_plan_id == AnnualWorkPlan.id",
        foreign_keys=[work_plan_id],
    )  # fmt: skip

    @property
    def is_open(self) -> bool:
        """May its content be changed?"""
        return self.status in OPEN_FOR_EDITING


class ProposalProgram(TenantOwned, Identified, Timestamped, Versioned, Base):
    """A program in a proposal: its place among the others, what it is for, and where it stands in the plan."""

    __tablename__ = "proposal_programs"
    __constraints__ = (
        part_of("proposal_id", "budget_proposals"),
        refers_to("program_id", "programs"),
        refers_to("goal_id", "strategic_goals"),
        Unique("proposal_id", "program_id"),
        Unique("proposal_id", "ordinal", deferrable=True, initially="DEFERRED"),
    )

    proposal_id: Mapped[int] = mapped_column(BigInteger)
    program_id: Mapped[int] = mapped_column(BigInteger, index=True)
    ordinal: Mapped[int] = mapped_column(Integer)  # its rank
    outcome: Mapped[str] = mapped_column(Text, server_default="")
    thrust: Mapped[str] = mapped_column(Text, server_default="")
    expected_result: Mapped[str] = mapped_column(Text, server_default="")
    change_reason: Mapped[str] = mapped_column(Text, server_default="")  # BP-11
    goal_id: Mapped[int | None] = mapped_column(BigInteger)
    alignment_code_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("alignment_codes.id"))  # C-04


class ProposalAmount(TenantOwned, Identified, Timestamped, Versioned, Base):
    """The figures of a program in one class beside what its lines ask for; no figure ever replaces another (INV-22)."""

    __tablename__ = "proposal_amounts"
    __constraints__ = (
        part_of("proposal_program_id", "proposal_programs"),
        Unique("proposal_program_id", "expense_class"),
        CheckConstraint("least(previous_actual, planning_figure, recommended, approved) >= 0", name="not_negative"),
    )

    proposal_program_id: Mapped[int] = mapped_column(BigInteger)
    expense_class: Mapped[ExpenseClass] = mapped_column(one_of(ExpenseClass))
    previous_actual: Mapped[Money | None]  # obligations of the year before the current one, where they are known
    planning_figure: Mapped[Money | None]  # before there are lines (decision D32)
    recommended: Mapped[Money | None]
    approved: Mapped[Money | None]


class BudgetLine(TenantOwned, Identified, Timestamped, Versioned, Base):
    """One line item. `amount` is quantity x unit cost and its class that of the object code: both by the database."""

    __tablename__ = "budget_lines"
    __constraints__ = (
        part_of("proposal_id", "budget_proposals"),
        ForeignKeyConstraint(
            ["proposal_program_id", "organization_id"],
            ["proposal_programs.id", "proposal_programs.organization_id"],
        ),
        refers_to("work_item_id", "work_items"),
        Unique("proposal_program_id", "ordinal", deferrable=True, initially="DEFERRED"),
        Index("ix_budget_lines_proposal_id", "proposal_id", "proposal_program_id", "expense_class"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_cost >= 0.01", name="unit_cost"),
        CheckConstraint("amount > 0 AND amount <= 999999999999999.99", name="amount"),
        CheckConstraint("substr(object_code, 1, 3) IN ('501', '502', '503', '506')", name="object_of_budgets"),
        CheckConstraint("least(q1, q2, q3, q4) >= 0 AND q1 + q2 + q3 + q4 = amount", name="quarters"),
        CheckConstraint("gad_percent BETWEEN 0 AND 100", name="gad"),
    )

    proposal_id: Mapped[int] = mapped_column(BigInteger)
    proposal_program_id: Mapped[int] = mapped_column(BigInteger)
    ordinal: Mapped[int] = mapped_column(Integer)
    work_item_id: Mapped[int | None] = mapped_column(BigInteger)
    object_code: Mapped[str] = mapped_column(String(10), ForeignKey("object_codes.code"))
    expense_class: Mapped[ExpenseClass] = mapped_column(
        one_of(ExpenseClass),
        Computed(
            "CASE substr(object_code, 2, 2) WHEN '01' THEN 'PS' WHEN '02' THEN 'MOOE' WHEN '03' THEN 'FinEx' "
            "ELSE 'CO' END",
            persisted=True,
        ),
    )
    description: Mapped[str] = mapped_column(String(300))
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    unit: Mapped[str] = mapped_column(String(40))
    unit_cost: Mapped[Money]
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2), Computed("round(quantity * unit_cost, 2)", persisted=True))
    q1: Mapped[Money]
    q2: Mapped[Money]
    q3: Mapped[Money]
    q4: Mapped[Money]
    place_psgc: Mapped[str | None] = mapped_column(String(10), ForeignKey("places.psgc"))
    source: Mapped[FundingSource] = mapped_column(one_of(FundingSource), server_default=FundingSource.GAAB)
    gad_percent: Mapped[Decimal] = mapped_column(Percent, server_default="0")
    climate: Mapped[ClimateTag | None] = mapped_column(one_of(ClimateTag))
    sphere: Mapped[Sphere | None] = mapped_column(one_of(Sphere))
    tier: Mapped[Tier] = mapped_column(one_of(Tier), server_default=Tier.WITHIN)
    procurement: Mapped[Procurement | None] = mapped_column(one_of(Procurement))
    justification: Mapped[str] = mapped_column(Text, server_default="")
    price_references: Mapped[str] = mapped_column(Text, server_default="")  # of capital outlay, one a line
    procurement_entry: Mapped[str] = mapped_column(String(200), server_default="")  # of capital outlay
    is_not_itemised: Mapped[bool] = mapped_column(server_default="false")  # decision D32


class ProposalIndicator(TenantOwned, Identified, Timestamped, Versioned, Base):
    """What a program is to reach with the money, by an indicator of the register."""

    __tablename__ = "proposal_indicators"
    __constraints__ = (
        part_of("proposal_program_id", "proposal_programs"),
        refers_to("indicator_id", "indicators"),
        Unique("proposal_program_id", "indicator_id"),
    )

    proposal_program_id: Mapped[int] = mapped_column(BigInteger)
    indicator_id: Mapped[int] = mapped_column(BigInteger, index=True)
    target: Mapped[Decimal | None] = mapped_column(Quantity)


class CentralAct(TenantOwned, Identified, Base):
    """What MFBM or the Parliament decided about a proposal: entered by one person from the instrument, in force once
    another one has confirmed it (recorded mode, D16)."""

    __tablename__ = "central_acts"
    __constraints__ = (
        part_of("proposal_id", "budget_proposals"),
        refers_to("file_id", "stored_files"),
        CheckConstraint("confirmed_by <> entered_by", name="two_persons"),
        Index("uq_central_acts_waiting", "proposal_id", unique=True, postgresql_where=text("confirmed_at IS NULL")),
        Index("ix_central_acts_proposal", "proposal_id", "id"),
    )

    proposal_id: Mapped[int] = mapped_column(BigInteger)
    verb: Mapped[str] = mapped_column(String(40))
    reference: Mapped[str] = mapped_column(String(200))
    issued_on: Mapped[date]
    file_id: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Text, server_default="")
    amounts: Mapped[dict] = mapped_column(JSONB, server_default="{}")  # program of the proposal > class > pesos as text
    total: Mapped[Money | None]  # as the law states it
    entered_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    entered_label: Mapped[str] = mapped_column(String(200))
    entered_at: Mapped[Moment] = mapped_column(server_default=func.now())
    confirmed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    confirmed_label: Mapped[str] = mapped_column(String(200), server_default="")
    confirmed_at: Mapped[Moment | None]


class ProposalVersion(TenantOwned, Base):
    """A proposal word for word as it was submitted or decided about; never changed afterwards (INV-24)."""

    __tablename__ = "proposal_versions"
    __constraints__ = (part_of("proposal_id", "budget_proposals"), Unique("proposal_id", "number"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    proposal_id: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(Integer)
    payload: Mapped[dict] = mapped_column(JSONB)
    sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[Moment] = mapped_column(server_default=func.now())


class ProposalDecision(TenantOwned, Base):
    """One step: who took it, with which words, and the version that lay before that person; written once."""

    __tablename__ = "proposal_decisions"
    __constraints__ = (
        part_of("proposal_id", "budget_proposals"),
        refers_to("version_id", "proposal_versions"),
        Index("ix_proposal_decisions_proposal", "proposal_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    proposal_id: Mapped[int] = mapped_column(BigInteger)
    version_id: Mapped[int | None] = mapped_column(BigInteger)
    verb: Mapped[str] = mapped_column(String(40))
    before: Mapped[ProposalStatus] = mapped_column(one_of(ProposalStatus, "before"))
    after: Mapped[ProposalStatus] = mapped_column(one_of(ProposalStatus, "after"))
    note: Mapped[str] = mapped_column(Text, server_default="")
    actor_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    actor_label: Mapped[str] = mapped_column(String(200))
    at: Mapped[Moment] = mapped_column(server_default=func.now())
