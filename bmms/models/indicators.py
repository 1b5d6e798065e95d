"""The one register of indicators: KPIs of plans, output and outcome indicators of programs (modules 3.1, 8.5)."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Integer, Numeric, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import UniqueConstraint

from bmms.models.base import Base, Identified, Moment, Timestamped, Versioned, one_of
from bmms.models.keys import member, part_of, refers_to
from bmms.models.planning import Percent
from bmms.tenancy import TenantOwned

Quantity = Numeric(18, 4)


class IndicatorLevel(StrEnum):
    """Where in the chain of results it measures."""

    INPUT = "input"
    ACTIVITY = "activity"
    OUTPUT = "output"
    OUTCOME = "outcome"
    IMPACT = "impact"


class Measure(StrEnum):
    """What kind of figure its values are."""

    COUNT = "count"
    AMOUNT = "amount"
    PERCENTAGE = "percentage"
    RATIO = "ratio"
    SCORE = "score"
    YES_NO = "yes_no"
    MILESTONE = "milestone"


class Direction(StrEnum):
    """Which way is better."""

    INCREASE = "increase"
    DECREASE = "decrease"
    MAINTAIN = "maintain"
    ACHIEVE = "achieve"


class Accumulation(StrEnum):
    """How the values of several periods become one."""

    CUMULATIVE = "cumulative"
    ADDITIVE = "additive"
    SNAPSHOT = "snapshot"
    AVERAGE = "average"


class Frequency(StrEnum):
    """How often it is measured."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    SEMESTRAL = "semestral"
    ANNUAL = "annual"
    AT_COMPLETION = "at_completion"


class IndicatorStatus(StrEnum):
    """In use between its activation and its retirement."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class Indicator(TenantOwned, Identified, Timestamped, Versioned, Base):
    """One measure, anchored at exactly one thing that it measures (INV-43)."""

    __tablename__ = "indicators"
    __constraints__ = (
        UniqueConstraint("organization_id", "code"),
        part_of("goal_id", "strategic_goals"),
        part_of("objective_id", "strategic_objectives"),
        part_of("annual_objective_id", "annual_objectives"),
        refers_to("program_id", "programs"),
        part_of("work_item_id", "work_items"),
        refers_to("revises_id", "indicators"),
        member("owner_id"),
        member("verifier_id"),
        CheckConstraint(
            "num_nonnulls(goal_id, objective_id, annual_objective_id, program_id, work_item_id) = 1", name="one_anchor"
        ),
        CheckConstraint("green > amber AND amber >= 0", name="thresholds"),
        CheckConstraint("owner_id <> verifier_id", name="two_people"),
        CheckConstraint("tolerance >= 0", name="tolerance"),
        CheckConstraint("NOT (baseline_pending AND baseline IS NOT NULL)", name="baseline"),
        CheckConstraint(
            "direction NOT IN ('increase', 'decrease') OR baseline IS NULL OR end_target IS NULL "
            "OR (direction = 'increase' AND end_target > baseline) "
            "OR (direction = 'decrease' AND end_target < baseline)",
            name="target_fits_direction",  # PL-07
        ),
        CheckConstraint(
            "measure <> 'percentage' OR may_exceed OR (coalesce(baseline, 0) BETWEEN 0 AND 100 "
            "AND coalesce(end_target, 0) BETWEEN 0 AND 100)",
            name="percent",  # PL-07
        ),
    )

    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(300))
    definition: Mapped[str] = mapped_column(Text, server_default="")
    level: Mapped[IndicatorLevel] = mapped_column(one_of(IndicatorLevel))
    measure: Mapped[Measure] = mapped_column(one_of(Measure), server_default=Measure.COUNT)
    unit_of_measure_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("units_of_measure.id"))
    direction: Mapped[Direction] = mapped_column(one_of(Direction), server_default=Direction.INCREASE)
    accumulation: Mapped[Accumulation] = mapped_column(one_of(Accumulation), server_default=Accumulation.CUMULATIVE)
    frequency: Mapped[Frequency] = mapped_column(one_of(Frequency), server_default=Frequency.QUARTERLY)
    numerator_label: Mapped[str] = mapped_column(String(200), server_default="")
    denominator_label: Mapped[str] = mapped_column(String(200), server_default="")
    baseline: Mapped[Decimal | None] = mapped_column(Quantity)
    baseline_year: Mapped[int | None] = mapped_column(Integer)
    baseline_source: Mapped[str] = mapped_column(String(300), server_default="")
    baseline_pending: Mapped[bool] = mapped_column(server_default="false")  # "none yet"
    baseline_due_on: Mapped[date | None] = mapped_column(Date)
    end_target: Mapped[Decimal | None] = mapped_column(Quantity)
    end_on: Mapped[date | None] = mapped_column(Date)
    tolerance: Mapped[Decimal] = mapped_column(Quantity, server_default="0")
    may_exceed: Mapped[bool] = mapped_column(server_default="false")  # a percentage above 100 makes sense
    green: Mapped[Decimal] = mapped_column(Percent, server_default="90")
    amber: Mapped[Decimal] = mapped_column(Percent, server_default="70")
    breakdown: Mapped[list[str]] = mapped_column(ARRAY(String(20)), server_default="{}")  # up to three dimensions
    source: Mapped[str] = mapped_column(String(300), server_default="")  # means of verification: the document
    method: Mapped[str] = mapped_column(Text, server_default="")
    kept_at: Mapped[str] = mapped_column(String(200), server_default="")
    assumptions: Mapped[str] = mapped_column(Text, server_default="")
    sdg: Mapped[int | None] = mapped_column(Integer)
    owner_id: Mapped[int | None] = mapped_column(BigInteger)
    verifier_id: Mapped[int | None] = mapped_column(BigInteger)
    status: Mapped[IndicatorStatus] = mapped_column(one_of(IndicatorStatus), server_default=IndicatorStatus.DRAFT)

    goal_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    objective_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    annual_objective_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    program_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    work_item_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    revises_id: Mapped[int | None] = mapped_column(BigInteger)
    is_demo: Mapped[bool] = mapped_column(server_default="false")

    targets: Mapped[list["IndicatorTarget"]] = relationship(
        back_populates="indicator",
        lazy="raise",
        order_by="IndicatorTarget.starts_on",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )


class IndicatorTarget(TenantOwned, Identified, Timestamped, Versioned, Base):
    """What is to be reached in one period. A revision supersedes targets, never values (INV-15)."""

    __tablename__ = "indicator_targets"
    __constraints__ = (
        part_of("indicator_id", "indicators"),
        CheckConstraint("ends_on >= starts_on", name="dates"),
        ExcludeConstraint(
            (text("int8range(indicator_id, indicator_id, '[]')"), "&&"),
            (text("daterange(starts_on, ends_on, '[]')"), "&&"),
            name="one_target_a_period",
            where=text("superseded_at IS NULL"),
        ),
    )

    indicator_id: Mapped[int] = mapped_column(BigInteger)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    label: Mapped[str] = mapped_column(String(40))
    target: Mapped[Decimal] = mapped_column(Quantity)
    superseded_at: Mapped[Moment | None]

    indicator: Mapped[Indicator] = relationship(back_populates="targets", lazy="raise")
