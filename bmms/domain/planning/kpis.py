"""The KPIs of a strategic objective: entries of the one register of indicators (modules 3.1)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, merging
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import Permission
from bmms.domain.planning import rules
from bmms.domain.planning.actions import require_open
from bmms.models.indicators import Indicator, IndicatorLevel, IndicatorTarget
from bmms.models.locks import Lock
from bmms.models.organizations import Organization
from bmms.models.planning import StrategicObjective, StrategicPlan

MOST_KPIS = 5  # of an objective (PL-05)


def add_kpi(
    session: Session,
    actor: Actor,
    plan: StrategicPlan,
    objective: StrategicObjective,
    answers: Mapping[str, Any],
    targets: Mapping[int, Decimal | None],
) -> Indicator:
    """Add a KPI to an objective.

    Args:
        answers: columns of Indicator.
        targets: fiscal year to what is to be reached in it; years without a figure are left out.

    Raises:
        RuleBroken: the plan is shut, five are there already (PL-05), or a figure is wrong (PL-07).
    """
    actor.require(Permission.PLAN_EDIT)
    session.refresh(objective, with_for_update=True)
    require_open(plan)
    there = session.scalar(select(func.count(Indicator.id)).where(Indicator.objective_id == objective.id)) or 0
    if there >= MOST_KPIS:
        raise RuleBroken(f"An objective has at most {MOST_KPIS} KPIs. Change one of them, or remove one.")
    rules.require_sound_kpi(answers)
    kpi = Indicator(
        **answers, objective_id=objective.id, level=IndicatorLevel.OUTCOME, code=next_code(session, actor, "KPI")
    )
    session.add(kpi)
    session.flush()
    _set_targets(session, plan, kpi, targets)
    audit.record(
        session, actor, "indicators:create", kpi, label=kpi.name, name=(None, kpi.name),
        baseline=(None, kpi.baseline), end_target=(None, kpi.end_target),
    )  # fmt: skip
    return kpi


def change_kpi(
    session: Session,
    actor: Actor,
    plan: StrategicPlan,
    kpi: Indicator,
    answers: Mapping[str, Any],
    targets: Mapping[int, Decimal | None],
    **ways: Any,
) -> None:
    """Change a KPI and its yearly targets. Raises RuleBroken, Conflicts.

    Args:
        ways: how to merge (`merging.save`), with the targets as `target_<year>`.
    """
    actor.require(Permission.PLAN_EDIT)
    require_open(plan)
    changes = merging.save(session, kpi, answers, **ways)
    rules.require_sound_kpi({name: getattr(kpi, name) for name in answers})
    before = targets_by_year(session, plan, kpi)
    named = {f"target_{year}": year for year in before}
    mine = {name: targets.get(year) for name, year in named.items()}
    merged = merging.save_linked({name: before[year] for name, year in named.items()}, mine, **ways)
    _set_targets(session, plan, kpi, before | {named[name]: value for name, value in merged.items()})
    if before != (after := targets_by_year(session, plan, kpi)):
        changes["targets"] = (_told(before), _told(after))
    if changes:
        audit.record(session, actor, "indicators:change", kpi, label=kpi.name, **changes)


def targets_by_year(session: Session, plan: StrategicPlan, kpi: Indicator) -> dict[int, Decimal | None]:
    """The target of each year of the plan, and of any other year that has one."""
    found = {target.starts_on.year: target.target for target in targets_of(session, kpi)}
    return dict.fromkeys(years_of(plan)) | found


def _told(targets: Mapping[int, Decimal | None]) -> dict[str, str]:
    return {str(year): str(value) for year, value in targets.items() if value is not None}


def remove_kpi(session: Session, actor: Actor, plan: StrategicPlan, kpi: Indicator) -> None:
    """Take a KPI out of a plan that is still open. Raises RuleBroken."""
    actor.require(Permission.PLAN_EDIT)
    require_open(plan)
    audit.record(session, actor, "indicators:delete", plan, label=kpi.name)
    session.delete(kpi)
    session.flush()


def targets_of(session: Session, kpi: Indicator) -> list[IndicatorTarget]:
    """The targets in force, in order of time."""
    query = select(IndicatorTarget).where(
        IndicatorTarget.indicator_id == kpi.id, IndicatorTarget.superseded_at.is_(None)
    )
    return list(session.scalars(query.order_by(IndicatorTarget.starts_on)))


def next_code(session: Session, actor: Actor, word: str) -> str:
    """A code that is free in this organization, such as `MOH-KPI-0012`; one person at a time draws a number."""
    session.execute(select(func.pg_advisory_xact_lock(Lock.INDICATOR_CODES, actor.organization_id)))
    organization = session.get_one(Organization, actor.organization_id)
    stem = f"{organization.code}-{word}-"
    number = cast(func.substring(Indicator.code, r"-(\d+)(?:-R\d*)?$"), Integer)  # in revisions a word follows
    last = session.scalar(select(func.max(number)).where(Indicator.code.startswith(stem, autoescape=True)))
    return f"{stem}{(last or 0) + 1:05d}"


def _set_targets(session: Session, plan: StrategicPlan, kpi: Indicator, targets: Mapping[int, Decimal | None]) -> None:
    """One target a year; the target at the end is that of the last year unless that year has its own."""
    wanted = {year: value for year, value in targets.items() if value is not None}
    if kpi.end_target is not None:
        wanted.setdefault(plan.end_year, kpi.end_target)
    there = {target.starts_on.year: target for target in targets_of(session, kpi)}
    for year, row in there.items():
        if year not in wanted:
            session.delete(row)
    session.flush()
    for year, value in sorted(wanted.items()):
        if year in there:
            there[year].target = value
        else:
            session.add(
                IndicatorTarget(
                    indicator_id=kpi.id, starts_on=date(year, 1, 1), ends_on=date(year, 12, 31), label=str(year),
                    target=value,
                )
            )  # fmt: skip
    session.flush()


def years_of(plan: StrategicPlan) -> range:
    """The fiscal years of a plan."""
    return range(plan.start_year, plan.end_year + 1)


def supersede_targets(session: Session, kpi: Indicator) -> None:
    """A revision takes the targets out of force; they stay readable (INV-15)."""
    for target in targets_of(session, kpi):
        target.superseded_at = clock.now()
    session.flush()
