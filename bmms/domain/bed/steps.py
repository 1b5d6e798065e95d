"""The program of a year is submitted, and approved or returned by somebody else (modules 0.3)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, workflow
from bmms.domain.actors import Actor
from bmms.domain.bed import patterns, queries
from bmms.domain.bed.labels import MONTHS, STATUS
from bmms.domain.bed.news import tell_of
from bmms.domain.errors import RuleBroken
from bmms.domain.imports.values import some
from bmms.domain.permissions import P
from bmms.domain.workflow import LEAST_REMARK, Step, Steps
from bmms.models.bed import BedLine, BedProgram
from bmms.models.bed import BedStatus as S

STEPS: Steps = {
    step.verb: step
    for step in (
        Step(
            "submit", frozenset({S.DRAFT, S.RETURNED}), S.SUBMITTED, P.LEDGER_EDIT, "Submit for approval",
            "The program is submitted.", follows="Somebody else approves it. It cannot be changed meanwhile.",
        ),
        Step(
            "return", frozenset({S.SUBMITTED}), S.RETURNED, P.BUDGET_REVIEW, "Return for changes",
            "The program is returned.", asks="What has to be changed", least=LEAST_REMARK,
        ),
        Step(
            "approve", frozenset({S.SUBMITTED}), S.APPROVED, P.BUDGET_REVIEW, "Approve", "The program is approved.",
            follows="It stays as it is from now on and replaces the edition before it.",
        ),
        Step(
            "reopen", frozenset({S.APPROVED}), S.APPROVED, P.LEDGER_EDIT, "Reopen", "The next edition is begun.",
            asks="Why it is reopened", least=LEAST_REMARK,
            follows="The next edition begins with the same figures. This one stays in force until that is approved.",
        ),
    )
}  # fmt: skip


def offered(actor: Actor, bed: BedProgram) -> list[Step]:
    """The steps that the actor may take now."""
    own = not {bed.prepared_by, bed.submitted_by}.isdisjoint(actor.persons)
    return workflow.offered(actor, STEPS, bed.status, approve=own)


def take(session: Session, actor: Actor, bed: BedProgram, verb: str, *, note: str = "") -> None:
    """Submit, return or approve.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: the status has moved on, the words are too short, the actor prepared it, or the figures are not
            sound, with the rows named.
    """
    session.refresh(bed, with_for_update=True)
    step = workflow.require(actor, STEPS, verb, bed.status, note, STATUS[bed.status][0])
    {"submit": _submit, "return": _return, "approve": _approve}[verb](session, actor, bed, note)
    before, bed.status = bed.status, step.target  # type: ignore[assignment]
    audit.record(
        session, actor, f"bed_programs:{verb}", bed, label=f"FY {bed.fiscal_year}, edition {bed.edition}",
        note=note.strip(), status=(before, bed.status),
    )  # fmt: skip
    tell_of(session, actor, bed, verb)


def faults(session: Session, bed: BedProgram) -> list[str]:
    """Why it cannot be submitted or approved, each with its remedy; empty when it can."""
    rows = queries.rows_of(session, bed)
    over = [f"{one.title} by ₱ {-one.left:,.2f}" for one in rows if one.left < 0]
    ahead = [
        f"{one.title} in {MONTHS[month]}"
        for one in rows
        if (month := patterns.first_unpaid_month(one.obligations, one.disbursements))
    ]
    found = [] if any(one.programmed for one in rows) else ["Nothing is programmed yet. Fill the rows first."]
    if over:
        found.append(f"More is programmed than appropriated: {some(over)}. Lower these rows.")
    if ahead:
        found.append(f"More is paid than obligated: {some(ahead)}. Lower the payments of these rows.")
    return found


def _submit(session: Session, actor: Actor, bed: BedProgram, note: str) -> None:
    _require_sound(session, bed)
    bed.submitted_by, bed.submitted_label, bed.submitted_at = actor.user_id, actor.signature, clock.now()
    bed.remarks = ""


def _return(session: Session, actor: Actor, bed: BedProgram, note: str) -> None:
    bed.remarks = note.strip()


def _approve(session: Session, actor: Actor, bed: BedProgram, note: str) -> None:
    for person in (bed.submitted_by, bed.prepared_by):
        workflow.refuse_own(actor, person, "this program")
    wrote = select(BedLine.id).where(BedLine.bed_id == bed.id, BedLine.edited_by.in_(actor.persons)).limit(1)
    if session.scalar(wrote) is not None:
        raise RuleBroken("You wrote figures of this program. Somebody else decides about it.")
    _require_sound(session, bed)
    former = session.scalar(
        select(BedProgram)
        .where(
            BedProgram.fiscal_year == bed.fiscal_year, BedProgram.is_demo.is_(bed.is_demo),
            BedProgram.status == S.APPROVED,
        )
        .with_for_update()
    )  # fmt: skip
    if former is not None:
        former.status = S.SUPERSEDED
        session.flush()
        audit.record(
            session, actor, "bed_programs:supersede", former,
            label=f"FY {former.fiscal_year}, edition {former.edition}", status=(S.APPROVED, S.SUPERSEDED),
        )  # fmt: skip
    bed.approved_by, bed.approved_label, bed.approved_at = actor.user_id, actor.signature, clock.now()


def _require_sound(session: Session, bed: BedProgram) -> None:
    if found := faults(session, bed):
        raise RuleBroken(" ".join(found))
