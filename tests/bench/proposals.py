"""What proposals of 20, 200 and 2,000 lines cost: statements and milliseconds of a change, its sums, the checklist.

Run by `make bench` on the pilot that `make run` has loaded. All happens in one transaction that is never committed.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bmms.app import complete, create_app
from bmms.config import from_environ
from bmms.domain.permissions import ALL_PERMISSIONS
from bmms.domain.proposals import compliance, facts, figures, lines, queries, steps
from bmms.models.programs import Program
from bmms.models.proposals import BudgetLine, BudgetProposal, ProposalKind, ProposalProgram
from bmms.tenancy import bind_scope
from tests.bench.work_plans import measure, planner_of
from tests.proposals import line_answers

SIZES = (20, 200, 2_000)
PROGRAMS = 20


def build(session: Session, count: int) -> tuple[BudgetProposal, BudgetLine]:
    """A proposal with so many lines in twenty programs, and a line in its middle."""
    proposal = BudgetProposal(
        fiscal_year=2100, kind=ProposalKind.SPECIAL, number=count, title=f"Bench {count}", reason="x",
        legal_source="x", sources=["gaab"],
    )  # fmt: skip
    session.add(proposal)
    session.flush()
    programs = session.scalars(select(Program).limit(PROGRAMS)).all()
    parts = [
        ProposalProgram(proposal_id=proposal.id, program_id=program.id, ordinal=place)
        for place, program in enumerate(programs, 1)
    ]
    session.add_all(parts)
    session.flush()
    plain = {
        "organization_id": proposal.organization_id, "proposal_id": proposal.id, "object_code": "5020201000",
        "quantity": 4, "unit": "person", "unit_cost": 100, "q1": 100, "q2": 100, "q3": 100, "q4": 100,
        "description": "A line", "place_psgc": "1900000000",
    }  # fmt: skip
    rows = [
        {**plain, "proposal_program_id": parts[number % len(parts)].id, "ordinal": number + 1}
        for number in range(count)
    ]
    session.execute(insert(BudgetLine), rows)
    middle = select(BudgetLine).where(BudgetLine.proposal_id == proposal.id).order_by(BudgetLine.id)
    return proposal, session.scalars(middle.offset(count // 2).limit(1)).one()


def main() -> None:
    """Print one line for each size."""
    app = create_app(complete(from_environ()))
    with app.app_context():
        desk, _ = planner_of(app)
        session, actor = desk.session, replace(desk.actor, permissions=ALL_PERMISSIONS)
        print("statements and milliseconds of: changing a line, all sums, a page of lines, the checklist, a version")
        for size in SIZES:
            proposal, line = build(session, size)
            quantities = iter(range(5, 99))

            def change(proposal: Any = proposal, line: Any = line, quantities: Any = quantities) -> object:
                return lines.change_line(
                    session, actor, proposal, line, line_answers(quantity=Decimal(next(quantities)))  # noqa: B023
                )  # fmt: skip

            def check(proposal: Any = proposal) -> object:
                return compliance.checklist(session, facts.facts_of(session, proposal))

            part = session.get_one(ProposalProgram, line.proposal_program_id)
            ways: tuple[Callable[[], object], ...] = (
                change,
                lambda one=proposal: figures.sums_of(session, one),  # noqa: B023
                lambda one=part: session.scalars(queries.lines_of(one.id).limit(25)).all(),  # noqa: B023
                check,
                lambda one=proposal: steps.version_of(session, one),  # noqa: B023
            )
            found = [measure(session, way) for way in ways]
            print(f"{size:>7,} lines" + "".join(f"{number:>6} {taken:>6.1f} ms" for number, taken in found))
            session.rollback()
            bind_scope(session, actor.organization_id)
        session.close()


if __name__ == "__main__":
    main()
