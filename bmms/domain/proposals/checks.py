"""What a proposal must be before it is submitted (modules 2.3, rules marked X), each gap with the page to mend it."""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.planning.checks import Gap
from bmms.domain.proposals import queries
from bmms.domain.proposals.compliance import Point
from bmms.domain.proposals.facts import Facts
from bmms.domain.proposals.labels import COLUMNS
from bmms.domain.proposals.line_rules import LEAST_OF_CAPITAL
from bmms.models.planning import PlanStatus
from bmms.models.proposals import ProposalKind
from bmms.models.reference import ExpenseClass

LEAST_LINES = 5  # of an annual proposal (BP-05)
LEAST_WORDS, MOST_WORDS = 200, 500  # of the summary
LARGEST_CHANGE = Decimal("0.10")  # against last year's appropriation (BP-11)
IN_FORCE = (PlanStatus.APPROVED, PlanStatus.ACTIVE)


def gaps_of(session: Session, facts: Facts, points: list[Point]) -> list[Gap]:
    """Everything that is missing or odd, errors first, in the order of the wizard."""
    found = [
        *_information(session, facts),
        *_programs(facts),
        *_allocation(facts),
        *_lines(facts),
        *_compliance(points),
    ]
    return sorted(found, key=lambda gap: not gap.is_error)


def _information(session: Session, facts: Facts) -> Iterator[Gap]:
    proposal, page = facts.proposal, "budgeting.proposal_about"
    words = len(proposal.summary.split())
    if not words:
        yield Gap("2.3", True, "The executive summary is missing.", page)
    elif not LEAST_WORDS <= words <= MOST_WORDS:
        yield Gap("2.3", False, f"The summary has {words} words; {LEAST_WORDS} to {MOST_WORDS} are usual.", page)
    if proposal.kind == ProposalKind.ANNUAL and proposal.plan_id is None:
        yield Gap("2.3", False, "It rests on no strategic plan.", page)
    work_plan = queries.work_plan_of(session, proposal)
    if (work_plan is None or work_plan.status not in IN_FORCE) and not proposal.no_work_plan_reason.strip():
        message = f"No work plan of FY {proposal.fiscal_year} is approved. Say why, or choose one."
        yield Gap("BP-13", False, message, page)


def _programs(facts: Facts) -> Iterator[Gap]:
    page = "budgeting.proposal_program_edit"
    if not facts.programs:
        yield Gap("BP-05", True, "Choose at least one program.", "budgeting.proposal_programs")
    for one in facts.programs:
        place = {"part_id": one.part.id}
        levels = facts.levels_of(one.part.id)
        if one in facts.operations and (lacking := [level for level in ("output", "outcome") if level not in levels]):
            message = f"{one.program.title}: no {' and no '.join(lacking)} with a target."
            yield Gap("BP-09", True, message, page, place)
        last, asked = facts.years[-1].of(one.part.id).total, facts.sums.of(one.part.id).total
        if last and abs(asked - last) > last * LARGEST_CHANGE and not one.part.change_reason.strip():
            change = (asked - last) / last
            message = f"{one.program.title}: {change:+.1%} against FY {facts.years[-1].fiscal_year}. Say why."
            yield Gap("BP-11", False, message, page, place)


def _allocation(facts: Facts) -> Iterator[Gap]:
    for one in facts.programs:
        for kind, planned, asked in planned_and_asked(facts, one.part.id):
            place = {"part_id": one.part.id}
            if planned > asked:
                message = f"{one.program.title}, {kind}: the lines are ₱ {planned - asked:,.2f} short of the plan."
                yield Gap("BP-06", True, message, "budgeting.allocation_edit", place)
            elif planned < asked:
                message = f"{one.program.title}, {kind}: the lines are ₱ {asked - planned:,.2f} above the plan."
                yield Gap("BP-06", True, message, "budgeting.allocation_edit", place)


def planned_and_asked(facts: Facts, part_id: int) -> Iterator[tuple[ExpenseClass, Decimal, Decimal]]:
    """The planning figures of a program beside what its lines come to, class by class; pesos."""
    asked = facts.sums.of(part_id).amounts
    for kind, column in COLUMNS.items():
        row = facts.figures.get(part_id, {}).get(kind)
        if row is not None and row.planning_figure is not None:
            yield kind, row.planning_figure, getattr(asked, column) or NONE


def _lines(facts: Facts) -> Iterator[Gap]:
    page, lines = "budgeting.proposal_lines", facts.lines
    for one in facts.programs:
        if not facts.sums.of(one.part.id).lines:
            yield Gap("BP-05", True, f"{one.program.title} has no lines.", page)
    if facts.proposal.kind == ProposalKind.ANNUAL and lines.lines < LEAST_LINES:
        yield Gap("BP-05", True, f"There are {lines.lines} lines; an annual proposal has {LEAST_LINES} or more.", page)
    if lines.out_of_force:
        yield Gap("BP-03", True, f"Lines with an object code that is not in force: {lines.out_of_force}.", page)
    if lines.too_cheap:
        message = f"Lines of capital outlay below ₱ {LEAST_OF_CAPITAL:,.2f} a unit: {lines.too_cheap}."
        yield Gap("BP-08", True, message, page)
    if lines.without_place:
        yield Gap("BP-10", True, f"Lines without a place: {lines.without_place}.", page)
    if lines.thin_capital:
        message = (
            f"Lines of capital outlay without a justification of 100 characters, three price references and their "
            f"entry in the procurement plan: {lines.thin_capital}."
        )
        yield Gap("2.3", False, message, page)


def _compliance(points: list[Point]) -> Iterator[Gap]:
    """BP-12; BP-07 and BP-14 are C-15 and C-01."""
    rules = {"C-01": "BP-14", "C-15": "BP-07"}
    for point in points:
        if point.blocks:
            rule = rules.get(point.code, "BP-12")
            message = f"{point.code} {point.message or point.text + ': not answered yet.'}"
            yield Gap(rule, True, message, "budgeting.proposal_compliance")
