"""The programs of a proposal: which ones, in which rank, what for, and the figures beside their lines (steps 2, 3)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bmms.domain import audit, merging
from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.planning import order
from bmms.domain.proposals import queries
from bmms.domain.proposals.actions import Answers
from bmms.domain.proposals.labels import COLUMNS
from bmms.domain.proposals.rules import begin
from bmms.models.indicators import Indicator
from bmms.models.programs import Program
from bmms.models.proposals import BudgetLine, BudgetProposal, ProposalAmount, ProposalIndicator, ProposalProgram
from bmms.models.reference import ExpenseClass

Figures = Mapping[ExpenseClass, ProposalAmount]


def add_program(session: Session, actor: Actor, proposal: BudgetProposal, answers: Answers) -> ProposalProgram:
    """Take a program of the register into the proposal, last in rank.

    Args:
        answers: columns of ProposalProgram, `program_id` among them.

    Raises:
        RuleBroken: it is in the proposal already, or not in the register.
    """
    begin(session, actor, proposal, alone=True)
    program = _program(session, answers["program_id"])
    if program.is_demo and not proposal.is_demo:
        raise RuleBroken("This program is demo data, and the proposal is not.", field="program_id")
    here = ProposalProgram.proposal_id == proposal.id
    part = ProposalProgram(
        proposal_id=proposal.id, ordinal=order.next_place(session, ProposalProgram, here), **_sound(session, answers)
    )
    part.outcome = part.outcome or program.outcome
    session.add(part)
    try:
        session.flush()
    except IntegrityError as error:
        raise RuleBroken("This program is in the proposal already.", field="program_id") from error
    audit.record(session, actor, "proposal_programs:create", part, label=program.title, rank=(None, part.ordinal))
    return part


def change_program(
    session: Session, actor: Actor, proposal: BudgetProposal, taken: queries.Chosen, answers: Answers, **ways: Any
) -> None:
    """Change what a program is for and where it stands in the plan. Raises RuleBroken, Conflicts."""
    begin(session, actor, proposal)
    answers = {name: value for name, value in _sound(session, answers).items() if name != "program_id"}
    if changes := merging.save(session, taken.part, answers, **ways):
        audit.record(session, actor, "proposal_programs:change", taken.part, label=taken.program.title, **changes)


def remove_program(session: Session, actor: Actor, proposal: BudgetProposal, taken: queries.Chosen) -> None:
    """Take a program without lines out again. Raises RuleBroken."""
    begin(session, actor, proposal, alone=True)
    lines = select(func.count(BudgetLine.id)).where(BudgetLine.proposal_program_id == taken.part.id)
    if count := session.scalar(lines):
        many = "1 line" if count == 1 else f"{count} lines"
        raise RuleBroken(f"It has {many}. Remove those first, so that no amount goes unseen.")
    audit.record(session, actor, "proposal_programs:delete", proposal, label=taken.program.title)
    order.take_out(session, taken.part, ProposalProgram.proposal_id == proposal.id)


def move_program(session: Session, actor: Actor, proposal: BudgetProposal, taken: queries.Chosen, by: int) -> None:
    """One rank up (-1) or down (1); nothing happens at the edge. Raises RuleBroken."""
    begin(session, actor, proposal, alone=True)
    before = taken.part.ordinal
    if order.move(session, taken.part, ProposalProgram.proposal_id == proposal.id, by):
        audit.record(
            session, actor, "proposal_programs:move", taken.part, label=taken.program.title,
            rank=(before, before + by),
        )  # fmt: skip


def figures_of(session: Session, proposal: BudgetProposal) -> dict[int, Figures]:
    """The figures beside the lines: program of the proposal, class, row."""
    query = (
        select(ProposalAmount)
        .join(ProposalProgram, ProposalProgram.id == ProposalAmount.proposal_program_id)
        .where(ProposalProgram.proposal_id == proposal.id)
    )
    found: dict[int, dict[ExpenseClass, ProposalAmount]] = {}
    for row in session.scalars(query):
        found.setdefault(row.proposal_program_id, {})[row.expense_class] = row
    return dict(found)


def figure_names() -> dict[str, tuple[ExpenseClass, str]]:
    """The names of the figures of step 3: planning_ps, actual_ps and so on, with class and column."""
    return {
        f"{word}_{column}": (kind, field)
        for kind, column in COLUMNS.items()
        for word, field in (("planning", "planning_figure"), ("actual", "previous_actual"))
    }


def figures_now(figures: Figures) -> dict[str, Decimal | None]:
    """The figures of step 3 by those names."""
    return {
        name: getattr(figures[kind], field) if kind in figures else None
        for name, (kind, field) in figure_names().items()
    }


def change_figures(
    session: Session, actor: Actor, proposal: BudgetProposal, taken: queries.Chosen, answers: Answers, **ways: Any
) -> None:
    """Set planning figures and the actual obligations of an earlier year of one program (step 3).

    Args:
        answers: pesos by the names of `figure_names`.

    Raises:
        RuleBroken, Conflicts.
    """
    begin(session, actor, proposal)
    if wrong := {name: "An amount is not below zero." for name, value in answers.items() if value and value < 0}:
        (field, message), *others = wrong.items()
        raise RuleBroken(message, field=field, **dict(others))
    session.refresh(taken.part, with_for_update=True)
    rows = dict(figures_of(session, proposal).get(taken.part.id, {}))
    before = figures_now(rows)
    changed = merging.save_linked(before, answers, **ways)
    for name, value in changed.items():
        kind, field = figure_names()[name]
        row = rows.get(kind)
        if row is None:
            row = rows[kind] = ProposalAmount(proposal_program_id=taken.part.id, expense_class=kind)
            session.add(row)
        setattr(row, field, value)
    if changed:
        told: dict[str, Any] = {name: (before[name], value) for name, value in changed.items()}
        audit.record(session, actor, "proposal_amounts:change", taken.part, label=taken.program.title, **told)


def indicators_of(session: Session, proposal: BudgetProposal) -> dict[int, list[tuple[ProposalIndicator, Indicator]]]:
    """What each program of the proposal is to reach, by program of the proposal."""
    query = (
        select(ProposalIndicator, Indicator)
        .join(Indicator, Indicator.id == ProposalIndicator.indicator_id)
        .join(ProposalProgram, ProposalProgram.id == ProposalIndicator.proposal_program_id)
        .where(ProposalProgram.proposal_id == proposal.id)
        .order_by(ProposalIndicator.id)
    )
    found: dict[int, list[tuple[ProposalIndicator, Indicator]]] = {}
    for row, indicator in session.execute(query):
        found.setdefault(row.proposal_program_id, []).append((row, indicator))
    return found


def _program(session: Session, program_id: int | None) -> Program:
    program = session.get(Program, program_id) if program_id else None
    if program is None:
        raise RuleBroken("Choose a program of the register.", field="program_id")
    return program


def _sound(session: Session, answers: Answers) -> Answers:
    goal_id = answers.get("goal_id")
    if goal_id and session.get(queries.StrategicGoal, goal_id) is None:
        raise NotFound("There is no such goal.")
    return answers
