"""BED-2: what programs are to reach, from the indicators and targets that BMMS has already (modules 2.11, R-14)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import Numeric, Select, Subquery, and_, cast, func, null, or_, select, union_all
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger

from bmms.domain.statements import sums as ledger
from bmms.domain.statements.programmed import OfProgram
from bmms.domain.statements.shape import Column, Look, Report, Row, completed
from bmms.models.authority import BudgetAccount
from bmms.models.indicators import Accumulation, Indicator, IndicatorStatus, IndicatorTarget
from bmms.models.lists import UnitOfMeasure
from bmms.models.planning import PlanStatus
from bmms.models.programs import Program
from bmms.models.proposals import BudgetProposal, ProposalIndicator, ProposalProgram, ProposalStatus
from bmms.models.work import AnnualObjective, AnnualWorkPlan, WorkItem

QUARTERS = {1: (1, 3, 31), 2: (4, 6, 30), 3: (7, 9, 30), 4: (10, 12, 31)}  # first month, last month, its last day
COLUMNS = (
    Column("title", "Program and indicator", Look.TEXT),
    Column("unit", "Unit", Look.TEXT),
    Column("annual", "Target of the year", Look.TEXT),
    *(Column(f"q{quarter}", f"Quarter {quarter}", Look.TEXT, "Targets by quarter") for quarter in QUARTERS),
)
SEVERAL = "Of the work plan, for no single program"
IN_FORCE = (PlanStatus.ACTIVE, PlanStatus.COMPLETED)


@dataclass(frozen=True, kw_only=True)
class Bed2(OfProgram):
    """The physical plan: derived from the work plan, the programs and the enacted proposal, never typed here."""

    kind = "bed-2"
    code = "BED2"
    name = "BED No. 2"
    title = "Physical plan"
    about = "The indicators of each program with their targets of the year and of its quarters."
    is_wide = True

    def read(self, session: Session, page: int | None = None) -> Report:
        """One query; programs without indicators are named too."""
        row = self.program(session)
        is_demo = row.is_demo if row else None
        found = session.execute(self._query(is_demo)).all()
        rows: list[Row] = []
        for (_, title), those in groupby(found, key=lambda one: (one.program_id, one.title or SEVERAL)):
            indicators = [_row(one) for one in those if one.name is not None]
            told = "" if indicators else "No indicator yet"
            rows.append(Row(completed(COLUMNS, {**EMPTY, "title": title, "unit": told}), is_sum=True))
            rows += indicators
        first, most = self.window(page)
        shown = rows[first:] if most is None else rows[first : first + most]
        return Report(
            COLUMNS, shown, None, len(rows), None,
            row.is_demo if row else ledger.accounts_of(session, self).is_demo, first=first,
            notes=(
                "Targets come from the indicators of programs, of the work plan in force and of the enacted proposal; "
                "what is missing is set there. Without a target of the year, quarters that add up are added.",
            ),
        )  # fmt: skip

    def _query(self, is_demo: bool | None) -> Select[Any]:
        anchors = self._anchors(is_demo)
        pairs = (
            select(anchors.c.program_id, anchors.c.indicator_id, func.max(anchors.c.target).label("target"))
            .group_by(anchors.c.program_id, anchors.c.indicator_id)
            .subquery("pairs")
        )
        with_accounts = select(BudgetAccount.program_id).where(
            BudgetAccount.fiscal_year == self.fiscal_year, BudgetAccount.program_id.is_not(None)
        )
        if is_demo is not None:
            with_accounts = with_accounts.where(BudgetAccount.is_demo.is_(is_demo))
        programs = select(Program.id, Program.title, Program.cost_structure).where(
            or_(Program.id.in_(with_accounts), Program.id.in_(select(pairs.c.program_id)))
        ).subquery("programs")  # fmt: skip
        targets = self._targets()
        return (
            select(
                func.coalesce(programs.c.id, pairs.c.program_id).label("program_id"), programs.c.title, Indicator.name,
                Indicator.accumulation, UnitOfMeasure.name.label("unit"), pairs.c.target,
                *(targets.c[name] for name in ("annual", *(f"q{quarter}" for quarter in QUARTERS))),
            )
            .select_from(programs)
            .join(pairs, pairs.c.program_id == programs.c.id, full=True)
            .outerjoin(Indicator, Indicator.id == pairs.c.indicator_id)
            .outerjoin(UnitOfMeasure, UnitOfMeasure.id == Indicator.unit_of_measure_id)
            .outerjoin(targets, targets.c.indicator_id == pairs.c.indicator_id)
            .order_by(
                programs.c.id.is_(None), ledger.placed(ledger.STRUCTURE_ORDER, programs.c.cost_structure),
                programs.c.title, programs.c.id, Indicator.name, Indicator.id,
            )
        )  # fmt: skip

    def _anchors(self, is_demo: bool | None) -> Subquery:
        """(program, indicator, target of the proposal) from each place where indicators hang."""
        active = and_(
            Indicator.status == IndicatorStatus.ACTIVE, *([Indicator.is_demo.is_(False)] if is_demo is False else [])
        )
        none = cast(null(), Numeric(18, 4))
        plan = and_(AnnualWorkPlan.fiscal_year == self.fiscal_year, AnnualWorkPlan.status.in_(IN_FORCE))
        enacted = [
            BudgetProposal.fiscal_year == self.fiscal_year, BudgetProposal.status == ProposalStatus.ENACTED,
            *([BudgetProposal.is_demo.is_(is_demo)] if is_demo is not None else []),
        ]  # fmt: skip
        return union_all(
            select(Indicator.program_id, Indicator.id.label("indicator_id"), none.label("target")).where(
                Indicator.program_id.is_not(None), active
            ),
            select(WorkItem.program_id, Indicator.id, none)
            .join(Indicator, Indicator.work_item_id == WorkItem.id)
            .join(AnnualWorkPlan, AnnualWorkPlan.id == WorkItem.work_plan_id)
            .where(plan, active),
            select(cast(null(), BigInteger), Indicator.id, none)
            .join(AnnualObjective, AnnualObjective.id == Indicator.annual_objective_id)
            .join(AnnualWorkPlan, AnnualWorkPlan.id == AnnualObjective.work_plan_id)
            .where(plan, active),
            select(ProposalProgram.program_id, ProposalIndicator.indicator_id, ProposalIndicator.target)
            .join(ProposalProgram, ProposalProgram.id == ProposalIndicator.proposal_program_id)
            .join(BudgetProposal, BudgetProposal.id == ProposalProgram.proposal_id)
            .where(*enacted),
        ).subquery("anchors")

    def _targets(self) -> Subquery:
        """The targets of the year and of its quarters; of months in a quarter, the last."""
        its, year = IndicatorTarget, self.fiscal_year
        start, end = date(year, 1, 1), date(year, 12, 31)
        whole = func.max(its.target).filter(its.starts_on <= start, its.ends_on >= end)
        quarters = [
            func.max(its.target)
            .filter(its.starts_on >= date(year, first, 1), its.ends_on == date(year, last, day))
            .label(f"q{quarter}")
            for quarter, (first, last, day) in QUARTERS.items()
        ]
        return (
            select(its.indicator_id, whole.label("annual"), *quarters)
            .where(its.superseded_at.is_(None), its.starts_on <= end, its.ends_on >= start)
            .group_by(its.indicator_id)
            .subquery("targets")
        )


EMPTY = {column.key: "" for column in COLUMNS}


def _row(found: Any) -> Row:
    quarters = [getattr(found, f"q{quarter}") for quarter in QUARTERS]
    annual = next((one for one in (found.target, found.annual) if one is not None), _together(found, quarters))
    cells = {f"q{quarter}": _figure(value) for quarter, value in zip(QUARTERS, quarters, strict=True)}
    told = {"title": found.name, "unit": found.unit or "", "annual": _figure(annual)}
    return Row(completed(COLUMNS, {**cells, **told}), level=1)


def _together(found: Any, quarters: Sequence[Decimal | None]) -> Decimal | None:
    """The target of the year as its quarters say it: their sum, or the last one where values stand for themselves."""
    given = [one for one in quarters if one is not None]
    if not given or found.accumulation == Accumulation.AVERAGE:
        return None
    return sum(given, Decimal(0)) if found.accumulation == Accumulation.ADDITIVE else given[-1]


def _figure(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():,f}"
