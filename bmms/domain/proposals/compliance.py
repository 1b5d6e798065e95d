"""The compliance checklist of a proposal (modules 2.5): items decided from the proposal, items answered with evidence.

The score is satisfied ÷ applicable, hard and soft apart; only hard items block (BP-12).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.files import store
from bmms.domain.proposals import files
from bmms.domain.proposals.facts import Facts
from bmms.domain.proposals.figures import meter_of
from bmms.domain.proposals.labels import DESK, SOURCE
from bmms.domain.proposals.line_rules import LEAST_OF_CAPITAL
from bmms.domain.proposals.rules import begin
from bmms.domain.workflow import LEAST_REMARK
from bmms.models.budgets import BudgetCall, CallStatus
from bmms.models.compliance import Answer, ComplianceAnswer, ComplianceItem, Desk
from bmms.models.lists import AlignmentKind, AlignmentList
from bmms.models.organizations import StoredFile
from bmms.models.proposals import BudgetProposal, FundingSource, ProposalKind

LEAST_GENDER = Decimal("0.05")  # of the total (BAA No. 84, Sec. 17)
EXTRA = "C-11"  # what the call asks for beside: C-11.1, C-11.2 …
MET, NOT_MET, NOT_APPLICABLE = Answer.MET, Answer.NOT_MET, Answer.NOT_APPLICABLE

Verdict = tuple[Answer, str]
Given = dict[str, tuple[ComplianceAnswer, str]]  # by code, each with the name of its file


@dataclass(frozen=True)
class Point:
    """One item of the checklist as it stands for a proposal; `answer` is None while nobody has said anything."""

    code: str
    text: str
    citation: str
    is_hard: bool
    is_automatic: bool
    needs_file: bool
    answer: Answer | None
    message: str  # why an automatic item is met or not, or the note of the office
    file_id: int | None = None
    file_name: str = ""
    row: ComplianceAnswer | None = None

    @property
    def is_settled(self) -> bool:
        """Met, or rightly left out."""
        return self.answer in (MET, NOT_APPLICABLE)

    @property
    def blocks(self) -> bool:
        """Does it keep the proposal from being submitted?"""
        return self.is_hard and not self.is_settled


@dataclass(frozen=True)
class Score:
    """How many of the applicable items are satisfied."""

    satisfied: int
    applicable: int

    @property
    def share(self) -> Decimal | None:
        """As a fraction of one; None where nothing applies."""
        return Decimal(self.satisfied) / self.applicable if self.applicable else None


def score(points: Sequence[Point], *, hard: bool) -> Score:
    """Satisfied ÷ applicable, of the hard items or of the soft ones."""
    counted = [one for one in points if one.is_hard == hard and one.answer != NOT_APPLICABLE]
    return Score(sum(one.answer == MET for one in counted), len(counted))


def checklist(session: Session, facts: Facts) -> list[Point]:
    """All items of the year with their answers, in their order; one statement."""
    year = facts.proposal.fiscal_year
    found: dict[ComplianceItem, Given] = {}
    has_list = False
    for item, row, name, has_list in session.execute(_items(year, facts.proposal)):  # noqa: B007 (the same in all rows)
        answers = found.setdefault(item, {})
        if row is not None:
            answers[row.code] = (row, name or "")
    points: list[Point] = []
    for item, answers in found.items():
        if item.code == EXTRA:
            points += _extras(item, facts, answers)
        elif item.is_automatic and item.code in CHECKS:
            answer, message = CHECKS[item.code](facts)
            is_hard = item.is_hard and (item.code != "C-04" or has_list)
            points.append(_point(item, is_hard=is_hard, answer=answer, message=message))
        else:
            points.append(_answered(item, item.code, item.text, answers))
    return points


def _items(year: int, proposal: BudgetProposal) -> Any:
    """The items of a year, each with the answers to it (to C-11 those to C-11.1 and so on), the names of their files,
    and whether the alignment list of the year is official: only then is C-04 hard (decision D53)."""
    official = exists().where(
        AlignmentList.year == year, AlignmentList.kind == AlignmentKind.DEVELOPMENT_PLAN, AlignmentList.is_official
    )
    of_item = and_(
        ComplianceAnswer.proposal_id == proposal.id,
        func.split_part(ComplianceAnswer.code, ".", 1) == ComplianceItem.code,
    )
    return (
        select(ComplianceItem, ComplianceAnswer, StoredFile.name, official)
        .outerjoin(ComplianceAnswer, of_item)
        .outerjoin(StoredFile, StoredFile.id == ComplianceAnswer.file_id)
        .where(
            or_(ComplianceItem.from_year.is_(None), ComplianceItem.from_year <= year),
            or_(ComplianceItem.to_year.is_(None), ComplianceItem.to_year >= year),
        )
        .order_by(ComplianceItem.ordinal)
    )


def get_point(session: Session, facts: Facts, code: str) -> Point:
    """One item that the office answers. Raises NotFound."""
    found = next((one for one in checklist(session, facts) if one.code == code and not one.is_automatic), None)
    if found is None:
        raise NotFound("There is no such item to answer.")
    return found


def answer(
    session: Session, actor: Actor, proposal: BudgetProposal, point: Point, *, said: Answer, note: str,
    file: store.Upload | None = None,
) -> ComplianceAnswer:  # fmt: skip
    """Say that an item is met, is not, or does not apply.

    Raises:
        RuleBroken: the evidence or the reason is missing, or a hard item of an annual proposal is left out.
    """
    begin(session, actor, proposal, alone=True)
    row = point.row or ComplianceAnswer(proposal_id=proposal.id, code=point.code)
    if said == NOT_APPLICABLE and point.is_hard and proposal.kind == ProposalKind.ANNUAL:
        raise RuleBroken("The law asks every annual proposal for this. It is met, or it is not.", field="answer")
    if said == NOT_APPLICABLE and len(" ".join(note.split())) < LEAST_REMARK:
        raise RuleBroken(f"Say in at least {LEAST_REMARK} characters why it does not apply.", field="note")
    if said == MET and point.needs_file and file is None and row.file_id is None:
        raise RuleBroken("Attach the document that shows it.", field="file")
    if said == MET and not point.needs_file and not note.strip() and file is None and row.file_id is None:
        raise RuleBroken("Say where it is shown, or attach the document.", field="note")
    before, noted = row.answer, row.note or ""
    row.answer, row.note = said, note.strip()
    if file is not None:
        row.file_id = files.keep(session, actor, file).id
    session.add(row)
    audit.record(
        session, actor, "compliance_answers:answer", row, label=f"{proposal.title}, {point.code}",
        answer=(before, said), remark=(noted, row.note),
    )  # fmt: skip
    return row


def _point(item: ComplianceItem, *, is_hard: bool, answer: Answer | None, message: str, **other: object) -> Point:
    values = {
        "code": item.code, "text": item.text, "citation": item.citation, "is_automatic": item.is_automatic,
        "needs_file": item.needs_file, **other,
    }  # fmt: skip
    return Point(is_hard=is_hard, answer=answer, message=message, **values)  # type: ignore[arg-type]


def _answered(item: ComplianceItem, code: str, text: str, answers: Given) -> Point:
    row, file_name = answers.get(code, (None, ""))
    return _point(
        item, is_hard=item.is_hard, answer=row.answer if row else None, message=row.note if row else "",
        file_id=row.file_id if row else None, file_name=file_name, row=row, code=code, text=text, is_automatic=False,
    )  # fmt: skip


def _extras(item: ComplianceItem, facts: Facts, answers: Given) -> list[Point]:
    wanted = [line.strip() for line in (facts.call.wanted if facts.call else "").splitlines() if line.strip()]
    codes = [f"{EXTRA}.{number}" for number in range(1, len(wanted) + 1)]
    return [_answered(item, code, text, answers) for code, text in zip(codes, wanted, strict=True)]


def _many(count: int, one: str, many: str) -> str:
    return f"1 {one}" if count == 1 else f"{count:,} {many}"


def _if(holds: bool, good: str, bad: str) -> Verdict:
    return (MET, good) if holds else (NOT_MET, bad)


def _in_time(facts: Facts) -> Verdict:
    if facts.call is None or facts.deadline is None:
        return NOT_APPLICABLE, "It answers no call."
    return in_time(facts.call, facts.deadline.day >= clock.today())


def in_time(call: BudgetCall, before_deadline: bool) -> Verdict:
    """C-01, BP-14."""
    if call.status != CallStatus.OPEN:
        return NOT_MET, f"The call of FY {call.fiscal_year} is not open. It has to be extended, with a reference."
    return _if(before_deadline, "The call is open.", "The deadline of the call is over.")


def _all_sources(facts: Facts) -> Verdict:
    proposal = facts.proposal
    silent = [one for one in proposal.sources if one not in facts.lines.sources and one not in proposal.nil_sources]
    names = ", ".join(SOURCE[FundingSource(one)] for one in silent)
    return _if(not silent, "Each source has lines or is nil.", f"Neither lines nor nil: {names}.")


def _performance(facts: Facts) -> Verdict:
    bare = [one.program.title for one in facts.operations if not facts.levels_of(one.part.id) >= {"output", "outcome"}]
    if not facts.programs:
        return NOT_MET, "There are no programs yet."
    return _if(not bare, "Each has them.", f"Without an output or an outcome with a target: {'; '.join(bare[:3])}.")


def _alignment(facts: Facts) -> Verdict:
    bare = [one.program.title for one in facts.programs if one.part.alignment_code_id is None]
    return _if(bool(facts.programs) and not bare, "Each program has a code.", f"Without a code: {'; '.join(bare[:3])}.")


def _thrusts(facts: Facts) -> Verdict:
    bare = [one.program.title for one in facts.programs if not (one.part.thrust and one.part.expected_result)]
    good = "Each program says them."
    return _if(bool(facts.programs) and not bare, good, f"Thrust or result is missing: {'; '.join(bare[:3])}.")


def _has_lines(message: str) -> Callable[[Facts], Verdict]:
    return lambda facts: _if(facts.lines.lines > 0, message, "There are no lines yet.")


def _comparatives(facts: Facts) -> Verdict:
    missing = [str(year.fiscal_year) for year in facts.years if not year.acts]
    good = "The acts of both years stand beside it."
    return _if(not missing, good, f"No act of FY {' and '.join(missing)} with this organization is loaded.")


def _gender(facts: Facts) -> Verdict:
    if facts.proposal.kind != ProposalKind.ANNUAL:
        return NOT_APPLICABLE, "It is measured on the annual proposal."
    share = facts.gender_share
    if share is None:
        return NOT_MET, "There are no lines yet."
    least = LEAST_GENDER * facts.sums.whole.total
    short = least - facts.lines.gender
    shown = f"{share.quantize(Decimal('0.0001'), ROUND_FLOOR):.2%}"  # what falls short of 5 % never looks like it
    good = f"₱ {facts.lines.gender:,.2f}, {shown} of the total."
    return _if(facts.lines.gender >= least, good, f"{shown} of the total; ₱ {short:,.2f} are missing to 5.00%.")


def _certified(facts: Facts) -> Verdict:
    row = facts.endorsements.get(Desk.BPDA)
    return _if(bool(row and row.confirmed_at), "Certified.", "The certification of BPDA is not confirmed yet.")


def _endorsed(facts: Facts) -> Verdict:
    missing = []
    for desk, amount in facts.lines.by_desk.items():
        row = facts.endorsements.get(desk)
        if row is None or row.confirmed_at is None:
            missing.append(DESK[desk].split(":")[0])
        elif row.amount < amount:
            missing.append(f"{DESK[desk].split(':')[0]} for ₱ {amount - row.amount:,.2f} more")
    if not facts.lines.by_desk:
        return MET, "No line needs one."
    return _if(not missing, "All are confirmed.", f"Missing: {', '.join(missing)}.")


def _performance_before(facts: Facts) -> Verdict:
    known = any(row.previous_actual is not None for rows in facts.figures.values() for row in rows.values())
    return _if(known, "Obligations of the earlier year are given.", "Step 3 does not say what was obligated.")


def _placed(facts: Facts) -> Verdict:
    lines = facts.lines
    bad = f"{_many(lines.without_place, 'line has', 'lines have')} no place." if lines.lines else "No lines yet."
    return _if(lines.lines > 0 and not lines.without_place, "Each line has a place.", bad)


def _within(facts: Facts) -> Verdict:
    meter = meter_of(facts.sums, facts.call)
    if meter is None:
        return MET, "No ceiling is set; each line has its source."
    over = [f"{one.label} by ₱ {-one.left:,.2f}" for one in meter.over]
    if meter.above and facts.call is not None and not facts.call.above_ceiling:
        over.append(f"₱ {meter.above:,.2f} marked as above the ceiling, which this call does not allow")
    return _if(not over, "Within the ceiling; each line has its source.", f"Above the ceiling: {', '.join(over)}.")


def _uniform(facts: Facts) -> Verdict:
    count = facts.lines.out_of_force
    bad = f"{_many(count, 'line uses a code', 'lines use codes')} not in force." if count else "No lines yet."
    return _if(facts.lines.lines > 0 and not count, "All codes are in force.", bad)


def _lump_sums(facts: Facts) -> Verdict:
    count = facts.lines.unexplained_lumps
    bad = f"{_many(count, 'line looks', 'lines look')} like a lump sum without a justification."
    return _if(not count, "None, or each is explained.", bad)


def _unit_costs(facts: Facts) -> Verdict:
    pending = facts.lines.not_itemised
    good = f"{_many(pending, 'line is', 'lines are')} not itemised yet." if pending else "On each line."
    return _if(facts.lines.lines > 0, good, "There are no lines yet.")


def _no_contingent_fund(facts: Facts) -> Verdict:
    asks = FundingSource.CONTINGENT_FUND in facts.lines.sources
    holds = not asks or facts.proposal.kind == ProposalKind.SPECIAL
    return _if(holds, "Nothing is asked from it here.", "Lines are paid from the Contingent Fund.")


def _not_capitalized(facts: Facts) -> Verdict:
    count = facts.lines.too_cheap
    bad = f"{_many(count, 'line is', 'lines are')} below ₱ {LEAST_OF_CAPITAL:,.2f} a unit under capital outlay."
    return _if(not count, "None.", bad)


CHECKS: dict[str, Callable[[Facts], Verdict]] = {
    "C-01": _in_time,
    "C-02": _all_sources,
    "C-03": _performance,
    "C-04": _alignment,
    "C-05": _certified,
    "C-06": _has_lines("The class follows from the object code of each line."),
    "C-07": _comparatives,
    "C-08": _thrusts,
    "C-09": _unit_costs,
    "C-12": _gender,
    "C-13": _performance,
    "C-14": _placed,
    "C-15": _within,
    "C-16": _endorsed,
    "C-18": _performance_before,
    "C-20": _uniform,
    "C-21": _performance,
    "C-22": _lump_sums,
    "C-23": _no_contingent_fund,
    "C-24": _has_lines("Financial expenses have a class of their own."),
    "C-25": _not_capitalized,
    "C-27": _has_lines("Each line is spread over the quarters."),
}
