"""What the programs of a proposal are to reach: indicators of the one register, each with its target of the year."""

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.planning.kpis import next_code
from bmms.domain.proposals.actions import Answers
from bmms.domain.proposals.queries import Chosen
from bmms.domain.proposals.rules import begin
from bmms.models.indicators import Indicator, IndicatorLevel
from bmms.models.planning import StrategicObjective
from bmms.models.proposals import BudgetProposal, ProposalIndicator

LEVELS = (IndicatorLevel.OUTPUT, IndicatorLevel.OUTCOME)
MARK = {IndicatorLevel.OUTPUT: "output", IndicatorLevel.OUTCOME: "outcome"}


def indicator_choices(session: Session, proposal: BudgetProposal, chosen: Chosen) -> list[tuple[int, str]]:
    """Indicators of the program itself, and KPIs of the goal that it serves or else of the plan."""
    of_plan = StrategicObjective.plan_id == proposal.plan_id
    if chosen.part.goal_id:
        of_plan = StrategicObjective.goal_id == chosen.part.goal_id
    objectives = select(StrategicObjective.id).where(of_plan)
    query = select(Indicator).where(
        or_(Indicator.program_id == chosen.program.id, Indicator.objective_id.in_(objectives)),
        Indicator.level.in_(LEVELS),
    )
    if not proposal.is_demo:
        query = query.where(Indicator.is_demo.is_(False))
    found = session.scalars(query.order_by(Indicator.program_id.is_(None), Indicator.name, Indicator.id))
    return [(one.id, f"{one.name} ({MARK[one.level]}, {one.code})") for one in found]


def add_target(
    session: Session, actor: Actor, proposal: BudgetProposal, chosen: Chosen, answers: Answers
) -> ProposalIndicator:
    """Add an indicator of the register, or a new one of this program, with its target.

    Args:
        answers: indicator_id, or name, level and unit_of_measure_id of a new one; and target.

    Raises:
        RuleBroken: neither is named, or both; the indicator is there already.
    """
    begin(session, actor, proposal)
    indicator = _indicator(session, actor, proposal, chosen, answers)
    row = ProposalIndicator(proposal_program_id=chosen.part.id, indicator_id=indicator.id, target=answers["target"])
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise RuleBroken("This program has this indicator already.", field="indicator_id") from error
    audit.record(session, actor, "proposal_indicators:create", row, label=indicator.name, target=(None, row.target))
    return row


def get_target(session: Session, chosen: Chosen, target_id: int) -> tuple[ProposalIndicator, Indicator]:
    """One target of a program with its indicator. Raises NotFound."""
    query = select(ProposalIndicator, Indicator).join(Indicator, Indicator.id == ProposalIndicator.indicator_id)
    found = session.execute(
        query.where(ProposalIndicator.id == target_id, ProposalIndicator.proposal_program_id == chosen.part.id)
    ).first()
    if found is None:
        raise NotFound("There is no such target.")
    return found[0], found[1]


def remove_target(
    session: Session, actor: Actor, proposal: BudgetProposal, row: ProposalIndicator, indicator: Indicator
) -> None:
    """Strike a target; the indicator stays in the register. Raises RuleBroken."""
    begin(session, actor, proposal)
    audit.record(
        session, actor, "proposal_indicators:delete", proposal, label=indicator.name, target=(row.target, None)
    )
    session.delete(row)
    session.flush()


def _indicator(session: Session, actor: Actor, proposal: BudgetProposal, chosen: Chosen, answers: Answers) -> Indicator:
    name: Any = (answers["name"] or "").strip()
    if answers["indicator_id"]:
        if name:
            raise RuleBroken("Choose one of the register or name a new one, not both.", field="name")
        if answers["indicator_id"] not in dict(indicator_choices(session, proposal, chosen)):
            raise RuleBroken("This indicator belongs to something else.", field="indicator_id")
        return session.get_one(Indicator, answers["indicator_id"])
    if not name:
        raise RuleBroken("Choose an indicator, or name a new one.", field="name")
    if not answers["unit_of_measure_id"]:
        raise RuleBroken("Choose the unit in which it is counted.", field="unit_of_measure_id")
    indicator = Indicator(
        name=name, level=answers["level"], unit_of_measure_id=answers["unit_of_measure_id"],
        program_id=chosen.program.id, code=next_code(session, actor, "PI"), is_demo=proposal.is_demo,
    )  # fmt: skip
    session.add(indicator)
    session.flush()
    audit.record(session, actor, "indicators:create", indicator, label=indicator.name, name=(None, indicator.name))
    return indicator
