"""The strategic plan: goals, objectives, risks, and what was approved when (modules 1, 8.2)."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bmms.models.base import Base, Identified, Moment, Timestamped, Versioned, one_of
from bmms.models.keys import member, part_of, refers_to
from bmms.tenancy import TenantOwned

Percent = Numeric(5, 2)  # 0.00 to 100.00


class PlanStatus(StrEnum):
    """The life of a strategic plan and of a work plan (modules 8.10)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    ACTIVE = "active"
    COMPLETED = "completed"
    ARCHIVED = "archived"


OPEN_FOR_EDITING = (PlanStatus.DRAFT, PlanStatus.RETURNED)


class Priority(StrEnum):
    """How much it matters."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Sector(StrEnum):
    """The sectors of the development plan."""

    ECONOMIC = "economic"
    SOCIAL = "social"
    INFRASTRUCTURE = "infrastructure"
    ENVIRONMENT = "environment"
    GOVERNANCE = "governance"
    PEACE = "peace"


class ObjectiveStatus(StrEnum):
    """Open until its end is decided."""

    OPEN = "open"
    COMPLETED = "completed"
    DEFERRED = "deferred"
    CANCELLED = "cancelled"


class Level(StrEnum):
    """Likelihood or impact of a risk."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Decided:
    """What is drafted, decided and then in force until a revision of it takes its place (modules 8.10)."""

    status: Mapped[PlanStatus] = mapped_column(one_of(PlanStatus), server_default=PlanStatus.DRAFT)
    active_from: Mapped[date | None]
    revises_id: Mapped[int | None] = mapped_column(BigInteger)
    revision_reason: Mapped[str] = mapped_column(Text, server_default="")
    revision_summary: Mapped[str] = mapped_column(Text, server_default="")
    revision_impact: Mapped[str] = mapped_column(Text, server_default="")
    effective_on: Mapped[date | None]
    submitted_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    submitted_at: Mapped[Moment | None]
    created_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))

    @property
    def is_open(self) -> bool:
        """May its content be changed?"""
        return self.status in OPEN_FOR_EDITING

    @property
    def is_open_revision(self) -> bool:
        """Is it a revision that is drafted or decided on, and not in force?"""
        return self.status != PlanStatus.ARCHIVED and self.revises_id is not None and self.active_from is None

    @property
    def is_given_up(self) -> bool:
        """Is it a revision that was given up, and never in force?"""
        return self.status == PlanStatus.ARCHIVED and self.revises_id is not None and self.active_from is None


class StrategicPlan(Decided, TenantOwned, Identified, Timestamped, Versioned, Base):
    """What an organization wants to reach in one to ten years. A revision is a plan that `revises` another."""

    __tablename__ = "strategic_plans"
    __constraints__ = (
        refers_to("revises_id", "strategic_plans"),
        refers_to("lead_unit_id", "units"),
        member("lead_officer_id"),
        CheckConstraint("start_year >= 2020 AND end_year >= start_year AND end_year - start_year < 10", name="years"),
        CheckConstraint("revises_id <> id", name="own_revision"),
        Index(
            "uq_strategic_plans_title",
            "organization_id",
            func.lower(text("title")),
            unique=True,
            postgresql_where=text("status <> 'archived' AND (revises_id IS NULL OR status IN ('active', 'completed'))"),
        ),
        Index(
            "uq_strategic_plans_one_revision",
            "revises_id",
            unique=True,
            postgresql_where=text("revises_id IS NOT NULL AND status IN ('draft', 'submitted', 'returned')"),
        ),
        ExcludeConstraint(
            (text("int8range(organization_id, organization_id, '[]')"), "&&"),
            (text("int4range(start_year, end_year, '[]')"), "&&"),
            name="one_active_plan_a_year",  # INV-9
            where=text("status = 'active'"),
        ),
    )

    title: Mapped[str] = mapped_column(String(200))
    start_year: Mapped[int]
    end_year: Mapped[int]
    vision: Mapped[str] = mapped_column(Text, server_default="")
    mission: Mapped[str] = mapped_column(Text, server_default="")
    narrative: Mapped[str] = mapped_column(Text, server_default="")
    span_reason: Mapped[str] = mapped_column(Text, server_default="")  # why it spans other than 3 to 5 years (PL-02)
    lead_officer_id: Mapped[int | None] = mapped_column(BigInteger)
    lead_unit_id: Mapped[int | None] = mapped_column(BigInteger)
    progress: Mapped[Decimal | None] = mapped_column(Percent)  # computed, never typed
    is_demo: Mapped[bool] = mapped_column(server_default="false")

    goals: Mapped[list["StrategicGoal"]] = relationship(
        back_populates="plan",
        lazy="raise",
        order_by="StrategicGoal.ordinal",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )

    @property
    def years(self) -> str:
        """`2026` or `2026 to 2028`."""
        return str(self.start_year) if self.start_year == self.end_year else f"{self.start_year} to {self.end_year}"


class PlanTheme(TenantOwned, Identified, Base):
    """A theme that a plan serves."""

    __tablename__ = "plan_themes"
    __constraints__ = (part_of("plan_id", "strategic_plans"), UniqueConstraint("plan_id", "theme_id"))

    plan_id: Mapped[int] = mapped_column(BigInteger)
    theme_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("themes.id"))


class PlanAlignment(TenantOwned, Identified, Base):
    """A code of the development plan or another official list that a plan answers to."""

    __tablename__ = "plan_alignments"
    __constraints__ = (part_of("plan_id", "strategic_plans"), UniqueConstraint("plan_id", "code_id"))

    plan_id: Mapped[int] = mapped_column(BigInteger)
    code_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("alignment_codes.id"))


class StrategicGoal(TenantOwned, Identified, Timestamped, Versioned, Base):
    """One of the few ends of a plan."""

    __tablename__ = "strategic_goals"
    __constraints__ = (
        part_of("plan_id", "strategic_plans"),
        ForeignKeyConstraint(
            ["revises_id", "organization_id"], ["strategic_goals.id", "strategic_goals.organization_id"]
        ),
        refers_to("lead_unit_id", "units"),
        UniqueConstraint("plan_id", "ordinal", deferrable=True, initially="DEFERRED"),
        CheckConstraint("weight > 0 AND weight <= 100", name="weight"),
    )

    plan_id: Mapped[int] = mapped_column(BigInteger, index=True)
    ordinal: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    statement: Mapped[str] = mapped_column(Text, server_default="")
    focus_area: Mapped[str] = mapped_column(String(100), server_default="")
    sector: Mapped[Sector | None] = mapped_column(one_of(Sector))
    theme_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("themes.id"))
    priority: Mapped[Priority] = mapped_column(one_of(Priority), server_default=Priority.MEDIUM)
    weight: Mapped[Decimal | None] = mapped_column(Percent)
    target_year: Mapped[int | None]
    lead_unit_id: Mapped[int | None] = mapped_column(BigInteger)
    revises_id: Mapped[int | None] = mapped_column(BigInteger)  # the goal of the plan that is being revised
    progress: Mapped[Decimal | None] = mapped_column(Percent)

    plan: Mapped[StrategicPlan] = relationship(back_populates="goals", lazy="raise")
    objectives: Mapped[list["StrategicObjective"]] = relationship(
        back_populates="goal",
        lazy="raise",
        order_by="StrategicObjective.ordinal",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )


class StrategicObjective(TenantOwned, Identified, Timestamped, Versioned, Base):
    """One measurable step towards a goal."""

    __tablename__ = "strategic_objectives"
    __constraints__ = (
        part_of("plan_id", "strategic_plans"),
        part_of("goal_id", "strategic_goals"),
        refers_to("revises_id", "strategic_objectives"),
        refers_to("unit_id", "units"),
        member("owner_id"),
        UniqueConstraint("goal_id", "ordinal", deferrable=True, initially="DEFERRED"),
        Index("uq_strategic_objectives_title", "plan_id", func.lower(text("title")), unique=True),
        CheckConstraint("target_on >= starts_on", name="dates"),
        CheckConstraint("weight > 0 AND weight <= 100", name="weight"),
    )

    plan_id: Mapped[int] = mapped_column(BigInteger)
    goal_id: Mapped[int] = mapped_column(BigInteger)
    ordinal: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    statement: Mapped[str] = mapped_column(Text, server_default="")
    priority: Mapped[Priority] = mapped_column(one_of(Priority), server_default=Priority.MEDIUM)
    owner_id: Mapped[int | None] = mapped_column(BigInteger)
    unit_id: Mapped[int | None] = mapped_column(BigInteger)
    starts_on: Mapped[date | None]
    target_on: Mapped[date | None]
    weight: Mapped[Decimal | None] = mapped_column(Percent)
    status: Mapped[ObjectiveStatus] = mapped_column(one_of(ObjectiveStatus), server_default=ObjectiveStatus.OPEN)
    close_reason: Mapped[str] = mapped_column(Text, server_default="")
    revises_id: Mapped[int | None] = mapped_column(BigInteger)
    progress: Mapped[Decimal | None] = mapped_column(Percent)

    goal: Mapped[StrategicGoal] = relationship(
        back_populates="objectives", lazy="raise", foreign_keys="[StrategicObjective.goal_id]",
        primaryjoin="StrategicObjective.goal_id == StrategicGoal.id",
    )  # fmt: skip


class ObjectiveRisk(TenantOwned, Identified, Timestamped, Versioned, Base):
    """What may keep an objective from being reached, and what is done about it."""

    __tablename__ = "objective_risks"
    __constraints__ = (part_of("objective_id", "strategic_objectives"), member("owner_id"))

    objective_id: Mapped[int] = mapped_column(BigInteger, index=True)
    description: Mapped[str] = mapped_column(Text)
    likelihood: Mapped[Level] = mapped_column(one_of(Level, "likelihood"))
    impact: Mapped[Level] = mapped_column(one_of(Level, "impact"))
    mitigation: Mapped[str] = mapped_column(Text, server_default="")
    owner_id: Mapped[int | None] = mapped_column(BigInteger)


class PlanDecision(TenantOwned, Base):
    """One step of a plan or work plan: who took it from which status to which, and the words that went with it."""

    __tablename__ = "plan_decisions"
    __constraints__ = (
        part_of("plan_id", "strategic_plans"),
        part_of("work_plan_id", "annual_work_plans"),
        CheckConstraint("num_nonnulls(plan_id, work_plan_id) = 1", name="one_subject"),
        Index("ix_plan_decisions_plan", "plan_id", "id"),
        Index("ix_plan_decisions_work_plan", "work_plan_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    plan_id: Mapped[int | None] = mapped_column(BigInteger)
    work_plan_id: Mapped[int | None] = mapped_column(BigInteger)
    verb: Mapped[str] = mapped_column(String(40))
    before: Mapped[PlanStatus] = mapped_column(one_of(PlanStatus, "before"))
    after: Mapped[PlanStatus] = mapped_column(one_of(PlanStatus, "after"))
    note: Mapped[str] = mapped_column(Text, server_default="")
    actor_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    actor_label: Mapped[str] = mapped_column(String(200))
    at: Mapped[Moment] = mapped_column(server_default=func.now())


class PlanVersion(TenantOwned, Base):
    """What was approved, word for word; never changed afterwards (INV-14)."""

    __tablename__ = "plan_versions"
    __constraints__ = (
        part_of("plan_id", "strategic_plans"),
        part_of("work_plan_id", "annual_work_plans"),
        CheckConstraint("num_nonnulls(plan_id, work_plan_id) = 1", name="one_subject"),
        Index("uq_plan_versions_plan", "plan_id", "number", unique=True),
        Index("uq_plan_versions_work_plan", "work_plan_id", "number", unique=True),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    plan_id: Mapped[int | None] = mapped_column(BigInteger)
    work_plan_id: Mapped[int | None] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(Integer)
    payload: Mapped[dict] = mapped_column(JSONB)
    sha256: Mapped[str] = mapped_column(String(64))
    approved_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    approved_by_label: Mapped[str] = mapped_column(String(200))
    approved_at: Mapped[Moment]
    instrument: Mapped[str] = mapped_column(String(200), server_default="")
