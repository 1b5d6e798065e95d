"""The budget proposal as a paper: programs, lines, the compliance annex and who endorsed it (R-08)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import CLASSES, NONE
from bmms.domain.documents.papers import Paper, Told, declare
from bmms.domain.permissions import Permission
from bmms.domain.proposals import labels, queries, snapshots
from bmms.domain.proposals.compliance import Point, checklist, score
from bmms.domain.proposals.endorsements import uncovered
from bmms.domain.proposals.facts import Facts, facts_of
from bmms.domain.proposals.grid import GridRow, change_of, grid_of
from bmms.domain.proposals.labels import COLUMNS
from bmms.domain.proposals.queries import Chosen
from bmms.domain.signatories.kinds import RULES, DocumentKind
from bmms.models.proposals import BudgetProposal, ProposalDecision, ProposalStatus, ProposalVersion

FINAL = (ProposalStatus.APPROVED, ProposalStatus.TRANSMITTED, ProposalStatus.ENDORSED, ProposalStatus.ENACTED)
QUARTERS = ("q1", "q2", "q3", "q4")
LATER = ("recommended", "approved")  # figures that stand beside what was asked for (INV-22)


def tell_proposal(session: Session, proposal: BudgetProposal) -> Told:
    """The proposal as it stands; its checklist, from the submission on, as it was submitted."""
    facts = facts_of(session, proposal)
    content = content_of(session, facts, checklist(session, facts))
    if not proposal.is_open:
        _as_submitted(content, _version(session, proposal, "submit"))
    return Told(
        content=content,
        title=proposal.title,
        period=f"Fiscal year {proposal.fiscal_year}",
        status=labels.PROPOSAL_STATUS[proposal.status][0],
        is_open=proposal.is_open,
        is_final=proposal.status in FINAL,
        is_demo=proposal.is_demo,
        **_signature(session, proposal),
    )


def content_of(session: Session, facts: Facts, points: Sequence[Point]) -> dict[str, Any]:
    """The proposal word for word, and what only the paper sets side by side: comparatives, proof, score."""
    payload = snapshots.payload_of(session, facts, list(points))
    for one, program in zip(facts.programs, payload["programs"], strict=True):
        program["classes"] = _by_class(facts, one.part.id, program["figures"])
        program["quarters"] = _quarters([program])
        program["obligated"] = _over_classes(program["figures"], "previous_actual")
    table = _table(facts, payload["programs"])
    return {
        **payload,
        "table": table,
        "later": [name for name in LATER if table[-1][name]],
        "left": _pesos(facts.call.ceiling - facts.sums.whole.within.total) if facts.call else "",
        "years": [{"year": str(year.fiscal_year), "acts": list(year.acts)} for year in facts.years],
        "quarters": _quarters(payload["programs"]),
        "proof": _proof(facts, payload["programs"]),
        "compliance": [
            {**told, "citation": point.citation, "is_hard": "yes" if point.is_hard else "no"}
            for told, point in zip(payload["compliance"], points, strict=True)
        ],
        "scores": _scores(points),
        "not_endorsed": [
            {"desk": desk.value, "amount": _pesos(missing)}
            for desk, amount in sorted(facts.desks.items())
            if (missing := uncovered(facts.endorsements.get(desk), amount))
        ],
    }


def _table(facts: Facts, programs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row for each program by class beside the acts of two years, one for what lies outside, and their sums."""
    grid = grid_of(facts.programs, facts.years, facts.sums, facts.figures)
    rows = [{**_named(row.program), **_asked(row), **_later({})} for row in grid.rows]
    for row, program in zip(rows, programs, strict=False):  # what lies outside has neither of the later figures
        row |= _later(program["figures"])
    known = {name: _pesos(sum(_known(rows, name), NONE)) if _known(rows, name) else "" for name in LATER}
    return [*rows, {"rank": "", "title": "All programs", "kind": "whole", **_asked(grid.whole), **known}]


def _named(one: Chosen | None) -> dict[str, str]:
    if one is None:
        return {"rank": "", "title": "Not in this proposal", "kind": "outside"}
    return {"rank": str(one.part.ordinal), "title": one.program.title, "kind": "program"}


def _known(rows: Sequence[Mapping[str, Any]], name: str) -> list[Decimal]:
    return [Decimal(row[name]) for row in rows if row[name]]


def _asked(row: GridRow) -> dict[str, Any]:
    """What is asked for by class, what the acts gave, and the change against the later of them."""
    asked = {name: _pesos(value) for name, value in row.asked.columns.items() if name != "unclassed"}
    return {**asked, "before": [_pesos(value) for value in row.before], "change": _fraction(row.change)}


def _later(figures: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Recommended and approved over all classes."""
    return {name: _over_classes(figures, name) for name in LATER}


def _over_classes(figures: Mapping[str, Mapping[str, str]], name: str) -> str:
    """The figures of one kind added up; empty as long as nothing is known."""
    known = snapshots.over_classes(figures, name)
    return _pesos(known) if known is not None else ""


def _by_class(facts: Facts, part_id: int, figures: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """The figures of a program side by side for each class that has any."""
    kinds = {column: kind.value for kind, column in COLUMNS.items()}
    asked = facts.sums.of(part_id).amounts
    rows = []
    for column, label in CLASSES.items():
        given = [getattr(year.of(part_id), column) for year in facts.years]
        known = {name: figures.get(name, {}).get(kinds.get(column, ""), "") for name in ("previous_actual", *LATER)}
        wanted: Decimal = getattr(asked, column)
        if wanted or any(given) or any(known.values()):
            rows.append(
                {"label": label, "before": [_pesos(value) for value in given], "requested": _pesos(wanted), **known,
                 "change": _fraction(change_of(wanted, given[-1]))}
            )  # fmt: skip
    return rows


def _fraction(share: Decimal | None) -> str:
    return f"{share:.4f}" if share is not None else ""


def _quarters(programs: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {
        quarter: _pesos(sum((Decimal(line[quarter]) for each in programs for line in each["lines"]), NONE))
        for quarter in QUARTERS
    }


def _proof(facts: Facts, programs: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The lines that the paper prints, one by one, against the sums by program and class (INV-18)."""
    amounts = [Decimal(line["amount"]) for each in programs for line in each["lines"]]
    total, source = sum(amounts, NONE), facts.sums.whole.total
    return {
        "rows": str(len(amounts)), "total": _pesos(total), "source": _pesos(source),
        "difference": _pesos(total - source),
    }  # fmt: skip


def _scores(points: Sequence[Point]) -> dict[str, list[str]]:
    """Satisfied and applicable, of the hard items and of the soft ones."""
    found = {name: score(points, hard=name == "hard") for name in ("hard", "soft")}
    return {name: [str(one.satisfied), str(one.applicable)] for name, one in found.items()}


def _pesos(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _as_submitted(content: dict[str, Any], version: ProposalVersion | None) -> None:
    """Put the answers of the checklist back to those of the submission: the deadline of a call passes, say."""
    if version is None:
        return
    kept = {told["code"]: told for told in version.payload["compliance"]}
    content["compliance"] = [{**told, **kept.get(told["code"], {})} for told in content["compliance"]]
    for name, is_hard in (("hard", "yes"), ("soft", "no")):
        counted = Counter(told["answer"] for told in content["compliance"] if told["is_hard"] == is_hard)
        applicable = counted.total() - counted["not_applicable"]
        content["scores"][name] = [str(counted["met"]), str(applicable)]


def _version(session: Session, proposal: BudgetProposal, verb: str) -> ProposalVersion | None:
    """The version that lay before the person who took this step last."""
    query = (
        select(ProposalVersion)
        .join(ProposalDecision, ProposalDecision.version_id == ProposalVersion.id)
        .where(ProposalDecision.proposal_id == proposal.id, ProposalDecision.verb == verb)
    )
    return session.scalar(query.order_by(ProposalDecision.id.desc()).limit(1))


def _signature(session: Session, proposal: BudgetProposal) -> Mapping[str, Any]:
    """Who signed it when, as a paper says it, and the law or the letter with which it went on."""
    if proposal.status not in FINAL:
        return {}
    version = _version(session, proposal, "sign")
    return {
        "version": version.number if version else None,
        "approved_by": proposal.signed_label,
        "approved_at": proposal.signed_at.isoformat() if proposal.signed_at else "",
        "instrument": proposal.law or (f"Transmittal {proposal.transmittal}" if proposal.transmittal else ""),
    }


PROPOSAL = Paper(
    kind=DocumentKind.PROPOSAL,
    subject="proposal_id",
    find=queries.get_proposal,
    tell=tell_proposal,
    see_drafts=Permission.BUDGET_DRAFT_VIEW,
    template="documents/budget_proposal.html",
    words=labels,
    name=RULES[DocumentKind.PROPOSAL].label,
    signed=DocumentKind.PROPOSAL,
)
declare(PROPOSAL)
