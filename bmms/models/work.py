"""The annual work plan: objectives of the year, the tree of work items, people, places, progress (modules 1, 8.2)."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
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
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Moment, Timestamped, Versioned, one_of
from bmms.models.keys import member, part_of, refers_to
from bmms.models.planning import Decided, Percent, Priority
from bmms.tenancy import TenantOwned


class ItemKind(StrEnum):
    """project > activity > task; a milestone is a day under a project or an activity."""

    PROJECT = "project"
    ACTIVITY = "activity"
    TASK = "task"
    MILESTONE = "milestone"


class ItemStatus(StrEnum):
    """The life of a work item; "overdue" is computed, never stored."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    BLOCKED = "blocked"
    COMPLETED = "completed"
    DEFERRED = "deferred"
    CANCELLED = "cancelled"


CLOSED = (ItemStatus.COMPLETED, ItemStatus.DEFERRED, ItemStatus.CANCELLED)
NOT_COUNTED = (ItemStatus.DEFERRED, ItemStatus.CANCELLED)  # in no average (INV-16)


class AnnualWorkPlan(Decided, TenantOwned, Identified, Timestamped, Versioned, Base):
    """What an organization does in one fiscal year of a strategic plan. A revision is one that `revises` another."""

    __tablename__ = "annual_work_plans"
    __constraints__ = (
        refers_to("plan_id", "strategic_plans"),
        refers_to("revises_id", "annual_work_plans"),
        CheckConstraint("fiscal_year BETWEEN 2020 AND 2100", name="year"),
        Index(
            "uq_annual_work_plans_year",
            "organization_id",
            "fiscal_year",
            unique=True,
            postgresql_where=text(
                "status <> 'archived' AND (revises_id IS NULL OR status IN ('active', 'completed'))"
            ),  # INV-10
        ),
        Index(
            "uq_annual_work_plans_one_revision",
            "revises_id",
            unique=True,
            postgresql_where=text("revises_id IS NOT NULL AND status IN ('draft', 'submitted', 'returned')"),
        ),
    )

    plan_id: Mapped[int] = mapped_column(BigInteger, index=True)
    fiscal_year: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    narrative: Mapped[str] = mapped_column(Text, server_default="")
    last_number: Mapped[int] = mapped_column(Integer, server_default="0")  # of the codes of its items
    progress: Mapped[Decimal | None] = mapped_column(Percent)
    is_demo: Mapped[bool] = mapped_column(server_default="false")


class AnnualObjective(TenantOwned, Identified, Timestamped, Versioned, Base):
    """What is to be reached this year of one strategic objective, quarter by quarter."""

    __tablename__ = "annual_objectives"
    __constraints__ = (
        part_of("work_plan_id", "annual_work_plans"),
        refers_to("objective_id", "strategic_objectives"),
        refers_to("revises_id", "annual_objectives"),
        member("owner_id"),
        UniqueConstraint("work_plan_id", "ordinal", deferrable=True, initially="DEFERRED"),
        CheckConstraint("weight > 0 AND weight <= 100", name="weight"),
    )

    work_plan_id: Mapped[int] = mapped_column(BigInteger)
    objective_id: Mapped[int] = mapped_column(BigInteger, index=True)
    ordinal: Mapped[int] = mapped_column(Integer)
    statement: Mapped[str] = mapped_column(Text)
    q1: Mapped[str] = mapped_column(Text, server_default="")
    q2: Mapped[str] = mapped_column(Text, server_default="")
    q3: Mapped[str] = mapped_column(Text, server_default="")
    q4: Mapped[str] = mapped_column(Text, server_default="")
    weight: Mapped[Decimal | None] = mapped_column(Percent)
    owner_id: Mapped[int | None] = mapped_column(BigInteger)
    revises_id: Mapped[int | None] = mapped_column(BigInteger)
    progress: Mapped[Decimal | None] = mapped_column(Percent)


class WorkItem(TenantOwned, Identified, Timestamped, Versioned, Base):
    """A project, activity, task or milestone (the tree is at most three deep, INV-12)."""

    __tablename__ = "work_items"
    __constraints__ = (
        part_of("work_plan_id", "annual_work_plans"),
        part_of("annual_objective_id", "annual_objectives"),
        part_of("parent_id", "work_items"),
        refers_to("program_id", "programs"),
        refers_to("unit_id", "units"),
        refers_to("carried_from_id", "work_items"),
        refers_to("revises_id", "work_items"),
        member("officer_id"),
        Index(
            "uq_work_items_code",
            "organization_id",
            "code",
            unique=True,
            postgresql_where=text("revises_id IS NULL"),
        ),
        Index("ix_work_items_tree", "annual_objective_id", "parent_id", "ordinal"),
        Index("ix_work_items_parent", "parent_id"),
        Index("ix_work_items_officer", "officer_id", "ends_on"),
        Index("ix_work_items_plan_ends", "work_plan_id", "ends_on"),
        CheckConstraint("ends_on >= starts_on", name="dates"),
        CheckConstraint("finished_on >= started_on", name="actual_dates"),
        CheckConstraint("kind <> 'milestone' OR starts_on = ends_on", name="milestone_is_a_day"),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        CheckConstraint("status <> 'not_started' OR progress = 0", name="not_started_is_zero"),
        CheckConstraint("status <> 'completed' OR progress = 100", name="completed_is_all"),
        CheckConstraint("female + male <= beneficiaries", name="beneficiaries"),
        CheckConstraint("least(beneficiaries, female, male) >= 0", name="no_negative_people"),
        CheckConstraint("planned_cost >= 0", name="cost"),
        CheckConstraint("parent_id <> id", name="own_parent"),
        CheckConstraint("(kind = 'project') <= (parent_id IS NULL)", name="projects_at_the_top"),
        CheckConstraint("(kind IN ('task', 'milestone')) <= (parent_id IS NOT NULL)", name="tasks_below"),
    )

    work_plan_id: Mapped[int] = mapped_column(BigInteger)
    annual_objective_id: Mapped[int] = mapped_column(BigInteger)
    parent_id: Mapped[int | None] = mapped_column(BigInteger)
    ordinal: Mapped[int] = mapped_column(Integer, server_default="0")
    program_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    code: Mapped[str] = mapped_column(String(40))  # MOH-2026-PPA-0007
    kind: Mapped[ItemKind] = mapped_column(one_of(ItemKind))
    title: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(Text, server_default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    started_on: Mapped[date | None]  # actual dates
    finished_on: Mapped[date | None]
    is_multi_year: Mapped[bool] = mapped_column(server_default="false")
    has_children: Mapped[bool] = mapped_column(server_default="false")  # then its progress is computed
    progress: Mapped[Decimal] = mapped_column(Percent, server_default="0")
    progressed_at: Mapped[Moment | None]  # the last word of an officer, on this item
    status: Mapped[ItemStatus] = mapped_column(one_of(ItemStatus), server_default=ItemStatus.NOT_STARTED)
    status_reason: Mapped[str] = mapped_column(Text, server_default="")
    priority: Mapped[Priority] = mapped_column(one_of(Priority), server_default=Priority.MEDIUM)
    officer_id: Mapped[int | None] = mapped_column(BigInteger)
    unit_id: Mapped[int | None] = mapped_column(BigInteger)
    planned_cost: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))  # pesos, until budget lines say it
    beneficiaries: Mapped[int | None] = mapped_column(Integer)
    female: Mapped[int | None] = mapped_column(Integer)
    male: Mapped[int | None] = mapped_column(Integer)
    tags: Mapped[list[str]] = mapped_column(ARRAY(String(20)), server_default="{}")
    on_calendar: Mapped[bool] = mapped_column(server_default="true")
    carried_from_id: Mapped[int | None] = mapped_column(BigInteger)
    revises_id: Mapped[int | None] = mapped_column(BigInteger)
    is_demo: Mapped[bool] = mapped_column(server_default="false")

    @property
    def is_closed(self) -> bool:
        """Is nothing left to do?"""
        return self.status in CLOSED

    @property
    def is_left_out(self) -> bool:
        """In a revision: is this the copy of an item that it cancels?"""
        return self.revises_id is not None and self.status == ItemStatus.CANCELLED


class WorkItemPerson(TenantOwned, Identified, Base):
    """A member of the team, besides the responsible officer."""

    __tablename__ = "work_item_people"
    __constraints__ = (
        part_of("work_item_id", "work_items"),
        member("membership_id"),
        UniqueConstraint("work_item_id", "membership_id"),
    )

    work_item_id: Mapped[int] = mapped_column(BigInteger)
    membership_id: Mapped[int] = mapped_column(BigInteger)


class WorkItemPlace(TenantOwned, Identified, Base):
    """Where it happens: a place of the PSGC down to the municipality; the barangay is free text (D51)."""

    __tablename__ = "work_item_places"
    __constraints__ = (part_of("work_item_id", "work_items"), UniqueConstraint("work_item_id", "psgc", "barangay"))

    work_item_id: Mapped[int] = mapped_column(BigInteger)
    psgc: Mapped[str] = mapped_column(String(10), ForeignKey("places.psgc"))
    barangay: Mapped[str] = mapped_column(String(120), server_default="")


class WorkItemPredecessor(TenantOwned, Identified, Base):
    """Another item of the same work plan that must be finished first."""

    __tablename__ = "work_item_predecessors"
    __constraints__ = (
        part_of("work_item_id", "work_items"),
        part_of("predecessor_id", "work_items"),
        UniqueConstraint("work_item_id", "predecessor_id"),
        CheckConstraint("predecessor_id <> work_item_id", name="not_itself"),
    )

    work_item_id: Mapped[int] = mapped_column(BigInteger)
    predecessor_id: Mapped[int] = mapped_column(BigInteger, index=True)


class ProgressUpdate(TenantOwned, Base):
    """What an officer said of an item on a day; never changed afterwards."""

    __tablename__ = "progress_updates"
    __constraints__ = (
        part_of("work_item_id", "work_items"),
        refers_to("file_id", "stored_files"),
        Index("ix_progress_updates_item", "work_item_id", "id"),
        CheckConstraint("after BETWEEN 0 AND 100", name="percent"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    work_item_id: Mapped[int] = mapped_column(BigInteger)
    day: Mapped[date]
    before: Mapped[Decimal] = mapped_column(Percent)
    after: Mapped[Decimal] = mapped_column(Percent)
    note: Mapped[str] = mapped_column(Text)
    drop_reason: Mapped[str] = mapped_column(Text, server_default="")
    file_id: Mapped[int | None] = mapped_column(BigInteger)
    author_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    author_label: Mapped[str] = mapped_column(String(200))
    at: Mapped[Moment] = mapped_column(server_default=func.now())
