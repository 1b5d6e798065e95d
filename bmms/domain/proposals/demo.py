"""An invented proposal for training, for next year's demo call: under review, returned, or a draft with gaps (D19)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.calls import demo as calls
from bmms.domain.calls.queries import open_call
from bmms.domain.files.demo import demo_paper
from bmms.domain.people import pilot_data
from bmms.domain.people.pilot_data import Wanted
from bmms.domain.planning.checks import errors_in
from bmms.domain.planning.queries import code_choices
from bmms.domain.proposals import actions, checks, compliance, endorsements, lines, programs, queries, steps, targets
from bmms.domain.proposals.demo_lines import ELSEWHERE, GOODS, LUMP, OFFICE, SERVICES, Ware
from bmms.domain.proposals.entries import REGION, Known
from bmms.domain.proposals.facts import facts_of
from bmms.domain.proposals.figures import sums_of
from bmms.domain.proposals.labels import COLUMNS
from bmms.domain.workplans.places import Gazetteer
from bmms.models.budgets import BudgetCall
from bmms.models.compliance import Answer
from bmms.models.indicators import IndicatorLevel
from bmms.models.lists import UnitOfMeasure
from bmms.models.organizations import Organization
from bmms.models.planning import PlanStatus, StrategicGoal, StrategicPlan
from bmms.models.programs import CostStructure, Program, ProgramLevel
from bmms.models.proposals import BudgetProposal, FundingSource, Procurement, ProposalKind, Tier
from bmms.models.reference import ExpenseClass
from bmms.models.work import AnnualWorkPlan

WAYS = {"MOH": ("submit", "take_up"), "MAFAR": ("submit", "take_up", "return")}  # elsewhere a draft with gaps
PROGRAMS = 4
PARTS = {ExpenseClass.PS: 45, ExpenseClass.MOOE: 40, ExpenseClass.CO: 15}  # percent, where the call sets no classes
TOO_MUCH = Decimal(500_000)  # by which a planning figure of the draft exceeds its lines
SUMMARY = (
    "This proposal is invented for training. It shows how a ministry asks for its budget: which programs it wants to "
    "carry on, what each of them is to reach, what has to be bought for that, where, and in which quarter. All its "
    "figures are round and stand for nothing.",
    "The largest part pays the people who already serve: their salaries, their allowances, and the premiums that the "
    "law asks for. The second part keeps the offices open and lets the staff travel to the municipalities, train "
    "those who work there, and hand out what the people need. The smallest part buys equipment that lasts for years; "
    "each piece of it names its price references and its entry in the procurement plan.",
    "The programs follow the strategic plan of the ministry. Services come closer to remote barangays, requests are "
    "settled faster, and every quarter ends with a report that others can check. Women and men take part alike: more "
    "than a twentieth of the total is for gender and development, as the law asks.",
    "Risks are the weather in the islands, late deliveries, and positions that stay vacant. The quarters are planned "
    "with that in mind. Change what you like: raise a line, take one out, ask another office, submit it, return it. "
    "Everything in it goes away when the training ends.",
)
WHY = (
    "The present one is worn out and is repaired every month (invented). Without a new one the work in the provinces "
    "stops for weeks, and people travel to the capital for what they can have at home."
)
PRICES = "Canvass of three suppliers, 1 of 3 (invented)\nCanvass, 2 of 3 (invented)\nCanvass, 3 of 3 (invented)"
NOTES = {
    "submit": "For your review (demo).",
    "return": "Please say for whom the equipment is meant, and spread the training over the year (demo).",
}
ENOUGH_ANSWERS = 2  # of the items that the office answers, in a draft with gaps


@dataclass(frozen=True)
class _Desk:
    """A proposal on the desk of who prepares it; the reviewer sits beside."""

    session: Session
    officer: Actor
    reviewer: Actor
    proposal: BudgetProposal
    has_gaps: bool


def furnish(session: Session, organization: Organization, fiscal_year: int) -> int:
    """Make the demo proposal of one organization, through the same rules as everybody's.

    Returns:
        1, or 0 when there is a demo proposal already, no demo call of that year is open, or there is nothing to build
        it on. None is made in a year in which the central offices act themselves.
    """
    if session.scalar(select(BudgetProposal.id).where(BudgetProposal.is_demo).limit(1)) is not None:
        return 0
    call, office, chosen = open_call(session, fiscal_year), calls.office_of(session, organization), _programs(session)
    if call is None or not call.is_demo or call.is_operated or office is None or not chosen:
        return 0
    way = WAYS.get(organization.code, ())
    title = f"{organization.code} Budget Proposal FY {fiscal_year} (demo)"
    proposal = actions.create_proposal(session, office[0], _about(session, fiscal_year, title, short=not way))
    desk = _Desk(session, *office, proposal, has_gaps=not way)
    parts = _take_programs(desk, chosen)
    _ask(desk, call, parts, GOODS.get(organization.code, ELSEWHERE))
    _plan_figures(desk, parts)
    _aim(desk, parts)
    _answer(desk)
    facts = facts_of(session, proposal)
    if not errors_in(checks.gaps_of(session, facts, compliance.checklist(session, facts))):  # without acts it stays
        for verb in way:
            who = desk.officer if verb == "submit" else desk.reviewer
            steps.take(session, who, proposal, verb, note=NOTES.get(verb, ""), certified=True)
    return 1


def _about(session: Session, fiscal_year: int, title: str, *, short: bool) -> dict[str, Any]:
    plan = session.scalar(
        select(StrategicPlan.id).where(
            StrategicPlan.is_demo, StrategicPlan.status == PlanStatus.ACTIVE,
            StrategicPlan.start_year <= fiscal_year, StrategicPlan.end_year >= fiscal_year,
        )
    )  # fmt: skip
    work_plan = session.scalar(
        select(AnnualWorkPlan.id).where(
            AnnualWorkPlan.is_demo, AnnualWorkPlan.fiscal_year == fiscal_year,
            AnnualWorkPlan.status.in_(checks.IN_FORCE),
        )
    )  # fmt: skip
    return {
        "fiscal_year": fiscal_year, "kind": ProposalKind.ANNUAL, "title": title,
        "summary": SUMMARY[0] if short else "\n\n".join(SUMMARY), "plan_id": plan, "work_plan_id": work_plan,
        "no_work_plan_reason": "" if work_plan else "The work plan of the year is drawn up after the call (demo).",
        "sources": [FundingSource.GAAB], "nil_sources": [], "other_source": "", "reason": "", "legal_source": "",
    }  # fmt: skip


def _programs(session: Session) -> list[Program]:
    """General administration first, then operations, those of the acts before those of the demo."""
    query = select(Program).where(
        Program.level == ProgramLevel.PROGRAM, Program.same_as_id.is_(None),
        Program.cost_structure != CostStructure.STO,
    )  # fmt: skip
    order = (Program.cost_structure != CostStructure.GAS, Program.is_demo, Program.code)
    return list(session.scalars(query.order_by(*order).limit(PROGRAMS)))


def _take_programs(desk: _Desk, chosen: list[Program]) -> list[queries.Chosen]:
    session, proposal = desk.session, desk.proposal
    of_plan = StrategicGoal.plan_id == proposal.plan_id
    goals = list(session.scalars(select(StrategicGoal.id).where(of_plan).order_by(StrategicGoal.ordinal)))
    codes = [code.id for code, _ in code_choices(session)]
    for number, program in enumerate(chosen):
        answers = {
            "program_id": program.id, "goal_id": goals[number % len(goals)] if goals else None,
            "alignment_code_id": codes[number % len(codes)] if codes else None,
            "outcome": "People are served where they live (invented).",
            "thrust": "Bring services to remote barangays", "expected_result": "Each municipality is served monthly",
            "change_reason": "Figures of the demo are invented, those of the act are not.",
        }  # fmt: skip
        programs.add_program(session, desk.officer, proposal, answers)
    return queries.programs_of(session, proposal)


def _ask(desk: _Desk, call: BudgetCall, parts: list[queries.Chosen], goods: tuple[Ware, ...]) -> None:
    """The lines: the office under the first program, services and goods under the others, or all under the only one.

    What has no object code in force is left out.
    """
    budgets, places = _budgets(call), list(Gazetteer(desk.session).names)
    valid = Known(desk.session, desk.proposal).object_codes()
    others = parts[1:] or parts
    wanted = [(parts[0], ware, 1) for ware in OFFICE]
    wanted += [(part, ware, len(others)) for part in others for ware in (*SERVICES, *goods)]
    for number, (part, ware, among) in enumerate(wanted):
        if ware.code not in valid:
            continue
        quantity = ware.quantity(budgets[_class_of(ware)], among)
        place = (REGION if number % 3 else places[number * 7 % len(places)]) if places else None
        _add_line(desk, part, ware, quantity, None if desk.has_gaps and number == len(OFFICE) else place)
    if desk.has_gaps and LUMP.code in valid:
        _add_line(desk, others[-1], LUMP, Decimal(1), REGION if places else None)


def _budgets(call: BudgetCall) -> dict[ExpenseClass, Decimal]:
    """Pesos of each class: its ceiling, or a usual part of the whole."""
    found = {kind: getattr(call, f"ceiling_{COLUMNS[kind]}") for kind in PARTS}
    if None in found.values():
        return {kind: call.ceiling * part / 100 for kind, part in PARTS.items()}
    return found


def _class_of(ware: Ware) -> ExpenseClass:
    return {"501": ExpenseClass.PS, "502": ExpenseClass.MOOE, "506": ExpenseClass.CO}[ware.code[:3]]


def _add_line(desk: _Desk, part: queries.Chosen, ware: Ware, quantity: Decimal, place: str | None) -> None:
    amount = quantity * ware.cost
    spread: list[Decimal | None] = [amount * percent / 100 for percent in ware.quarters] or [None] * 4
    answers = {
        "object_code": ware.code, "description": ware.words, "quantity": quantity, "unit": ware.unit,
        "unit_cost": Decimal(ware.cost), "place_psgc": place, "source": FundingSource.GAAB, "work_item_id": None,
        "gad_percent": Decimal(ware.gender), "climate": None, "sphere": ware.sphere, "tier": Tier.WITHIN,
        "procurement": Procurement.COMPETITIVE_BIDDING if ware.is_capital else None,
        "justification": WHY if ware.is_capital else "", "price_references": PRICES if ware.is_capital else "",
        "procurement_entry": f"Procurement plan {desk.proposal.fiscal_year} (demo)" if ware.is_capital else "",
        **dict(zip(lines.QUARTERS, spread, strict=True)),
    }  # fmt: skip
    lines.add_line(desk.session, desk.officer, desk.proposal, part.part, answers)


def _plan_figures(desk: _Desk, parts: list[queries.Chosen]) -> None:
    """What was planned before there were lines, and what was obligated two years ago."""
    sums = sums_of(desk.session, desk.proposal)
    for part in parts:
        amounts = sums.of(part.part.id).amounts
        answers: dict[str, Decimal] = {}
        for column in COLUMNS.values():
            if amount := getattr(amounts, column):
                answers[f"planning_{column}"] = amount
                answers[f"actual_{column}"] = (amount * 9 / 10).quantize(Decimal(1))
        if desk.has_gaps and part is parts[0]:
            answers["planning_mooe"] = answers.get("planning_mooe", Decimal(0)) + TOO_MUCH
        programs.change_figures(desk.session, desk.officer, desk.proposal, part, answers)


def _aim(desk: _Desk, parts: list[queries.Chosen]) -> None:
    """An output and an outcome of each program of operations; the last one of a draft with gaps has no outcome."""
    units = {unit.name: unit.id for unit in desk.session.scalars(select(UnitOfMeasure))}
    for part in parts:
        if part.program.cost_structure != CostStructure.OPERATIONS or not units:
            continue
        for level, name, unit, target in (
            (IndicatorLevel.OUTPUT, "Local staff trained", "persons", 600),
            (IndicatorLevel.OUTCOME, "Requests settled in one visit", "percent", 85),
        ):
            if desk.has_gaps and part is parts[-1] and level == IndicatorLevel.OUTCOME:
                continue
            answers = {
                "indicator_id": None, "name": f"{name} (demo)", "level": level, "target": Decimal(target),
                "unit_of_measure_id": units.get(unit) or next(iter(units.values())),
            }  # fmt: skip
            targets.add_target(desk.session, desk.officer, desk.proposal, part, answers)


def _answer(desk: _Desk) -> None:
    """The checklist and the other offices: all that is needed, or a beginning."""
    session, proposal = desk.session, desk.proposal
    facts = facts_of(session, proposal)
    asked = [point for point in compliance.checklist(session, facts) if not point.is_automatic]
    needed = asked[:ENOUGH_ANSWERS] if desk.has_gaps else [point for point in asked if point.is_hard]
    for point in needed:
        paper = demo_paper(f"{point.code} evidence (demo)", f"Evidence for {point.code}", proposal.title)
        compliance.answer(
            session, desk.officer, proposal, point, said=Answer.MET, note="See the paper (invented).", file=paper
        )
    for number, (name, _) in enumerate(facts.desks.items()):
        row = endorsements.ask(session, desk.officer, facts, name)
        if desk.has_gaps:
            break  # the word of the first office is awaited, the others are not asked yet
        paper = demo_paper(f"{name.upper()} answer (demo)", f"Answer of {name.upper()}", proposal.title)
        endorsements.enter(
            session, desk.officer, proposal, row, reference=f"Demo Endorsement {number + 1}", issued_on=clock.today(),
            file=paper,
        )  # fmt: skip
        endorsements.confirm(session, desk.reviewer, proposal, row)


def make_proposals(session: Session, actor: Actor, organization: Organization, wanted: Wanted) -> int:
    """The demo call of next year and the proposal that answers it; a second run adds none."""
    year = clock.today().year + 1
    calls.furnish(session, actor, organization, year)
    return furnish(session, organization, year)


pilot_data.register("proposals", make_proposals)
