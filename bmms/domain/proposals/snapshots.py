"""A proposal in plain values, as it lay before those who decided: kept, printed and compared (INV-24)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.appropriations.amounts import known_sum
from bmms.domain.canonical import fingerprint
from bmms.domain.planning.snapshots import fields_of
from bmms.domain.proofs import Proof
from bmms.domain.proposals.compliance import Point
from bmms.domain.proposals.entries import Known
from bmms.domain.proposals.facts import Facts
from bmms.models.planning import StrategicGoal, StrategicPlan
from bmms.models.proposals import BudgetLine, BudgetProposal, ProposalVersion
from bmms.models.work import AnnualWorkPlan

PROPOSAL_FIELDS = (
    "title", "fiscal_year", "kind", "number", "summary", "reason", "legal_source", "other_source",
    "no_work_plan_reason",
)  # fmt: skip
PROGRAM_FIELDS = ("outcome", "thrust", "expected_result", "change_reason")
LINE_FIELDS = (
    "description", "object_code", "expense_class", "quantity", "unit", "source", "climate", "sphere", "tier",
    "procurement", "justification", "price_references", "procurement_entry", "is_not_itemised",
)  # fmt: skip
MONEY = ("unit_cost", "amount", "q1", "q2", "q3", "q4")


def payload_of(session: Session, facts: Facts, points: list[Point]) -> dict[str, Any]:
    """The whole proposal: names instead of ids, pesos as texts with their centavos."""
    proposal, known = facts.proposal, Known(session, facts.proposal)
    plan = session.get(StrategicPlan, proposal.plan_id) if proposal.plan_id else None
    work_plan = session.get(AnnualWorkPlan, proposal.work_plan_id) if proposal.work_plan_id else None
    goals = select(StrategicGoal.id, StrategicGoal.title).where(StrategicGoal.plan_id == proposal.plan_id)
    goal_of = {row.id: row.title for row in session.execute(goals)}
    lines: dict[int, list[BudgetLine]] = {}
    order = select(BudgetLine).where(BudgetLine.proposal_id == proposal.id).order_by(BudgetLine.ordinal)
    for line in session.scalars(order):
        lines.setdefault(line.proposal_program_id, []).append(line)
    return {
        "kind_of_document": "budget_proposal",
        **fields_of(proposal, PROPOSAL_FIELDS),
        "sources": list(proposal.sources),
        "nil_sources": list(proposal.nil_sources),
        "plan": plan.title if plan else "",
        "work_plan": work_plan.title if work_plan else "",
        "call": facts.call.reference if facts.call else "",
        "ceiling": f"{facts.call.ceiling:.2f}" if facts.call else "",
        "total": f"{facts.sums.whole.total:.2f}",
        "programs": [
            {
                "code": one.program.code,
                "title": one.program.title,
                "rank": one.part.ordinal,
                **fields_of(one.part, PROGRAM_FIELDS),
                "goal": goal_of.get(one.part.goal_id or 0, ""),
                "figures": _figures(facts, one.part.id),
                "before": {
                    str(year.fiscal_year): {
                        name: f"{value:.2f}" for name, value in year.of(one.part.id).columns.items() if value
                    }
                    for year in facts.years
                },
                "targets": [
                    {
                        "code": indicator.code, "name": indicator.name, "level": indicator.level.value,
                        **fields_of(row, ("target",)),
                    }
                    for row, indicator in facts.indicators.get(one.part.id, ())
                ],
                "lines": [_line(line, known) for line in lines.get(one.part.id, ())],
            }
            for one in facts.programs
        ],
        "compliance": [
            {"code": point.code, "text": point.text, "answer": point.answer.value if point.answer else "",
             "said": point.message}
            for point in points
        ],
        "endorsements": [
            {**fields_of(row, ("desk", "reference", "issued_on")), "amount": f"{row.amount:.2f}"}
            for _, row in sorted(facts.endorsements.items())
            if row.confirmed_at
        ],
    }  # fmt: skip


def proof_of(payload: dict[str, Any]) -> Proof:
    """The lines that it keeps, one by one, against the total that it keeps; pesos."""
    amounts = [Decimal(line["amount"]) for program in payload["programs"] for line in program["lines"]]
    return Proof(
        len(amounts), ("line", "lines"), sum(amounts, Decimal("0.00")), Decimal(payload["total"]), "what was asked for"
    )


def over_classes(figures: Mapping[str, Mapping[str, str]], name: str) -> Decimal | None:
    """One figure of a program that it keeps, over all classes; None where nobody has said it."""
    return known_sum(Decimal(value) for value in figures.get(name, {}).values())


def _figures(facts: Facts, part_id: int) -> dict[str, dict[str, str]]:
    """Requested, recommended and approved by class; nothing ever replaces another figure (INV-22)."""
    found: dict[str, dict[str, str]] = {}
    asked = facts.sums.of(part_id).amounts.columns
    for name, amount in asked.items():
        if amount:
            found.setdefault("requested", {})[name] = f"{amount:.2f}"
    for kind, row in facts.figures.get(part_id, {}).items():
        for name in ("previous_actual", "planning_figure", "recommended", "approved"):
            value = getattr(row, name)
            if value is not None:
                found.setdefault(name, {})[kind.value] = f"{value:.2f}"
    return found


def _line(line: BudgetLine, known: Known) -> dict[str, str]:
    return {
        **fields_of(line, LINE_FIELDS),
        **{name: f"{getattr(line, name):.2f}" for name in MONEY},
        "object": known.object_code(line.object_code),
        "place": known.place(line.place_psgc),
        "gad_percent": f"{line.gad_percent:.2f}",
        "work_item": known.work_item(line.work_item_id),
    }


def keep_version(session: Session, proposal: BudgetProposal, payload: dict[str, Any]) -> ProposalVersion:
    """The version with this content: the last one if it says the same, else a new one."""
    sha256 = fingerprint(payload)
    query = select(ProposalVersion).where(ProposalVersion.proposal_id == proposal.id)
    last = session.scalar(query.order_by(ProposalVersion.number.desc()).limit(1))
    if last is not None and last.sha256 == sha256:
        return last
    version = ProposalVersion(
        proposal_id=proposal.id, number=(last.number if last else 0) + 1, payload=payload, sha256=sha256,
        made_at=clock.now(),
    )  # fmt: skip
    session.add(version)
    session.flush()
    return version
