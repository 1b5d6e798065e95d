"""Alerts of execution, AL-1 to AL-9 (modules 2.9, 8.4), and from when on an organization wants to be alerted.

An alert is opened, grows worse or better, is acknowledged, and closes when its cause ends; it never goes.
"""

from decimal import Decimal
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, Numeric, String, Text, func
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Moment, Timestamped, Versioned, one_of
from bmms.models.keys import part_of
from bmms.models.programs import CostStructure
from bmms.models.reference import ExpenseClass
from bmms.tenancy import TenantOwned

SUBJECT = ("account_id", "obligation_id", "work_item_id", "cost_structure", "program_id", "expense_class")


class AlertKind(StrEnum):
    """What is the matter, under the numbers of the specification."""

    NEAR_LIMIT = "AL-1"
    SLOW = "AL-2"
    IDLE = "AL-3"
    VALIDITY = "AL-4"
    UNRELEASED = "AL-5"
    PROGRAM = "AL-6"
    RECONCILIATION = "AL-7"
    GAP = "AL-8"
    REFUSED = "AL-9"


class Severity(StrEnum):
    """How urgent it is, the least first."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class BudgetAlert(TenantOwned, Identified, Versioned, Base):
    """One thing that somebody should look at; of each kind, subject and period one is open at most."""

    __tablename__ = "budget_alerts"
    __constraints__ = (
        part_of("account_id", "budget_accounts"),
        part_of("obligation_id", "obligations"),
        part_of("work_item_id", "work_items"),
        part_of("program_id", "programs"),
        Index(
            "uq_budget_alerts_open", "organization_id", "kind", *SUBJECT, "fiscal_year", "period", "is_demo",
            unique=True, postgresql_where="closed_at IS NULL", postgresql_nulls_not_distinct=True,
        ),
        Index("ix_budget_alerts_account", "account_id", postgresql_where="closed_at IS NULL"),
        CheckConstraint("num_nonnulls(account_id, obligation_id, work_item_id, expense_class) = 1", name="one_subject"),
        CheckConstraint("num_nonnulls(cost_structure, program_id) = 0 OR expense_class IS NOT NULL", name="class_of"),
        CheckConstraint(
            "num_nonnulls(acknowledged_by, acknowledged_at) IN (0, 2) AND (acknowledged_at IS NULL) = (note = '')",
            name="acknowledged",
        ),
        CheckConstraint("closed_at >= opened_at", name="order"),
        CheckConstraint("period <> ''", name="period"),
    )  # fmt: skip

    kind: Mapped[AlertKind] = mapped_column(one_of(AlertKind))
    severity: Mapped[Severity] = mapped_column(one_of(Severity))
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    obligation_id: Mapped[int | None] = mapped_column(BigInteger)
    work_item_id: Mapped[int | None] = mapped_column(BigInteger)
    # A class, of a program or of what the act does not break down (D22), as the program of the year has its lines.
    cost_structure: Mapped[CostStructure | None] = mapped_column(one_of(CostStructure))
    program_id: Mapped[int | None] = mapped_column(BigInteger)
    expense_class: Mapped[ExpenseClass | None] = mapped_column(one_of(ExpenseClass))
    fiscal_year: Mapped[int] = mapped_column(Integer)
    period: Mapped[str] = mapped_column(String(20))  # 2026, 2026-Q2, 2026-05, 2026-12-31: by kind
    facts: Mapped[dict] = mapped_column(JSONB, server_default="{}")  # the figures it is about; amounts as exact text
    opened_at: Mapped[Moment] = mapped_column(server_default=func.now())
    raised_at: Mapped[Moment | None]  # the last time it grew more severe
    closed_at: Mapped[Moment | None]
    acknowledged_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    acknowledged_label: Mapped[str] = mapped_column(String(200), server_default="")
    acknowledged_at: Mapped[Moment | None]
    note: Mapped[str] = mapped_column(Text, server_default="")
    is_demo: Mapped[bool] = mapped_column(server_default="false")

    @property
    def is_open(self) -> bool:
        """Does its cause go on?"""
        return self.closed_at is None

    @property
    def is_acknowledged(self) -> bool:
        """Has somebody acknowledged it as severe as it is now?"""
        at, raised = self.acknowledged_at, self.raised_at
        return at is not None and (raised is None or raised <= at)


def _share(least: str) -> Mapped[Decimal]:
    return mapped_column(Numeric(5, 2), server_default=least)


def _count(default: str) -> Mapped[int]:
    return mapped_column(Integer, server_default=default)


class AlertLimits(TenantOwned, Identified, Timestamped, Versioned, Base):
    """From when on an organization is alerted; without a row the defaults count. Shares are per cent."""

    __tablename__ = "alert_limits"
    __constraints__ = (
        Unique("organization_id"),
        CheckConstraint("0 < near_info AND near_info < near_warning AND near_warning < 100", name="near"),
        CheckConstraint(
            "0 < target_q1 AND target_q1 <= target_q2 AND target_q2 <= target_q3 AND target_q3 <= target_q4 "
            "AND target_q4 <= 100", name="targets",
        ),
        CheckConstraint("least(slow_below, least_q2, least_q3, unreleased, program, gap) >= 0", name="not_negative"),
        CheckConstraint("greatest(slow_below, least_q2, least_q3, unreleased, gap) <= 100", name="per_cent"),
        CheckConstraint("idle_days BETWEEN 1 AND 1000", name="idle"),
        CheckConstraint(
            "0 <= validity_critical AND validity_critical < validity_warning AND validity_warning < validity_info "
            "AND validity_info <= 365", name="validity",
        ),
        CheckConstraint("refusals BETWEEN 1 AND 1000", name="refusals"),
    )  # fmt: skip

    near_info: Mapped[Decimal] = _share("85")  # AL-1, of the allotment
    near_warning: Mapped[Decimal] = _share("95")
    target_q1: Mapped[Decimal] = _share("20")  # AL-2, of the appropriation, cumulative
    target_q2: Mapped[Decimal] = _share("50")
    target_q3: Mapped[Decimal] = _share("75")
    target_q4: Mapped[Decimal] = _share("95")
    slow_below: Mapped[Decimal] = _share("20")  # of the target
    least_q2: Mapped[Decimal] = _share("30")
    least_q3: Mapped[Decimal] = _share("50")
    idle_days: Mapped[int] = _count("90")  # AL-3
    validity_info: Mapped[int] = _count("60")  # AL-4, days
    validity_warning: Mapped[int] = _count("30")
    validity_critical: Mapped[int] = _count("7")
    unreleased: Mapped[Decimal] = _share("25")  # AL-5, of the appropriation
    program: Mapped[Decimal] = _share("20")  # AL-6, of what the program plans for the month
    gap: Mapped[Decimal] = _share("25")  # AL-8, points
    refusals: Mapped[int] = _count("3")  # AL-9, on one day
