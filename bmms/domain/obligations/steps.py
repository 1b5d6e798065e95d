"""The life of an obligation request: Box A asks, Box B certifies and thereby posts (BAA No. 84 Sec. 43)."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, workflow
from bmms.domain.actors import Actor
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.errors import RuleBroken
from bmms.domain.ledger import posting, room
from bmms.domain.ledger.numbers import Series
from bmms.domain.obligations import headroom, rules
from bmms.domain.obligations.labels import STAGE, stage_of
from bmms.domain.obligations.news import tell_of
from bmms.domain.obligations.queries import lines_to_check
from bmms.domain.obligations.rules import Line
from bmms.domain.permissions import P
from bmms.domain.versions import require_unchanged
from bmms.domain.workflow import LEAST_REMARK, Step
from bmms.models.audit import AuditEvent
from bmms.models.collaboration import Attachment
from bmms.models.ledger import DocumentKind
from bmms.models.obligations import Obligation
from bmms.models.obligations import ObligationStatus as S

WITHOUT_FILE = Decimal("50000.00")  # up to this amount a request needs no file (modules 2.6)
MOST_OF_LABEL = 120
OBLIGATION_STEPS = {
    step.verb: step
    for step in (
        Step("request", frozenset({S.DRAFT}), S.REQUESTED, P.LEDGER_EDIT, "Request",
             "The request is sent. Somebody else certifies that allotment is available."),
        Step("withdraw", frozenset({S.REQUESTED}), S.DRAFT, P.LEDGER_EDIT, "Withdraw",
             "The request is a draft again.", tone="plain", follows="It is a draft again and can be changed."),
        Step("cancel", frozenset({S.DRAFT, S.REQUESTED}), S.CANCELLED, P.LEDGER_EDIT, "Cancel the request",
             "The request is cancelled.", asks="Why it is cancelled", least=LEAST_REMARK, tone="danger",
             follows="Nothing of it was posted. It stays in the list as cancelled."),
        Step("certify", frozenset({S.REQUESTED}), S.OBLIGATED, P.LEDGER_CERTIFY, "Certify and post",
             "The obligation is certified and posted."),
        Step("return", frozenset({S.REQUESTED}), S.DRAFT, P.LEDGER_CERTIFY, "Return",
             "The request is returned. Its author is told.", asks="What has to be changed", least=LEAST_REMARK,
             tone="plain"),
    )
}  # fmt: skip


def take(
    session: Session, actor: Actor, obligation: Obligation, verb: str, *, note: str = "", certified: bool = False,
    version: int | None = None, key: str = "",
) -> Step:  # fmt: skip
    """Take one step with a request.

    Args:
        certified: the words of Box A or Box B were ticked.
        version: the row_version that the person looked at.
        key: of the button that certifies: pressed twice, it posts once.

    Raises:
        NotAllowed: the permission is missing.
        Stale: somebody else has changed the request meanwhile.
        RuleBroken: the status has moved on, words, tick or file are missing, something is wrong with a line, or the
            actor prepared what he or she would certify.
        Shortfall: there is not enough allotment, at the amounts of the lines (amount_1).
    """
    actor.require(OBLIGATION_STEPS[verb].need)
    if verb == "certify":
        _certify(session, actor, obligation, certified=certified, version=version, key=key)
        return OBLIGATION_STEPS[verb]
    session.refresh(obligation, with_for_update=True)
    called = STAGE[stage_of(obligation, NONE, NONE)][0]
    step = workflow.require(actor, OBLIGATION_STEPS, verb, obligation.status, note, called)
    require_unchanged(obligation, version, "this request")
    before = obligation.status
    if verb == "request":
        _request(session, actor, obligation, certified=certified)
    elif verb == "return":
        obligation.remarks = note.strip()
    elif before == S.REQUESTED:
        _require_requester(actor, obligation)
    if verb == "withdraw":
        obligation.requested_by, obligation.requested_label, obligation.requested_at = None, "", None
    obligation.status = S(step.target)
    audit.record(
        session, actor, f"obligations:{verb}", obligation, label=obligation.title, note=note,
        status=(before, obligation.status),
    )  # fmt: skip
    tell_of(session, actor, obligation, verb)
    return step


def order_of(actor: Actor, obligation: Obligation, key: str = "") -> posting.Order:
    """What Box B posts."""
    year, month, cluster = obligation.fiscal_year, obligation.dated.month, obligation.fund_cluster
    what = obligation.particulars.split("\n")[0][:MOST_OF_LABEL].replace("{", "(").replace("}", ")")
    return posting.Order(
        DocumentKind.OBLIGATION, obligation.id, {S.REQUESTED},
        {
            "status": S.OBLIGATED, "certified_by": actor.user_id, "certified_label": actor.signature,
            "certified_at": clock.now(), "remarks": "",
        },
        label=f"ORS {{number}}, {what}", doc_date=obligation.dated, key=key,
        called=STAGE[stage_of(obligation, NONE, NONE)][0].lower(),
        series=Series(f"ors-{cluster}", year, f"{cluster}-{year}-{month:02d}-{{:04d}}", "ors_no"),
    )  # fmt: skip


def require_room(session: Session, actor: Actor, obligation: Obligation, lines: Sequence[Line]) -> None:
    """What posting would refuse for want of allotment, told before, at the rows of these lines.

    Raises:
        RuleBroken: of a controlled object not enough is left (E-6).
        Shortfall: of an account not enough is left.
    """
    headroom.require_objects(session, lines)
    try:
        room.require(session, order_of(actor, obligation))
    except room.Shortfall as shortfall:
        raise headroom.at_lines(shortfall, lines) from None


def preparers_of(session: Session, obligation: Obligation) -> set[int]:
    """Everybody who has typed into the request or asked for it: none of them certifies it."""
    typed = select(AuditEvent.actor_id).where(
        AuditEvent.subject_type == Obligation.__tablename__, AuditEvent.subject_id == obligation.id,
        AuditEvent.action.in_(("obligations:create", "obligations:change")),
    )  # fmt: skip
    found = {obligation.entered_by, obligation.requested_by, *session.scalars(typed.distinct())}
    return {user_id for user_id in found if user_id}


def files_of(session: Session, obligation: Obligation) -> int:
    """How many files hang on it."""
    query = select(func.count()).select_from(Attachment).where(Attachment.obligation_id == obligation.id)
    return session.scalar(query) or 0


def _request(session: Session, actor: Actor, obligation: Obligation, *, certified: bool) -> None:
    if not certified:
        raise RuleBroken("Tick the certification of Box A: without it nothing is requested.", field="certified")
    if obligation.total > WITHOUT_FILE and not files_of(session, obligation):
        raise RuleBroken(
            f"A request above ₱ {WITHOUT_FILE:,.2f} needs at least one file, such as the contract. Attach it first."
        )
    lines = lines_to_check(session, obligation)
    rules.require_sound(session, obligation, lines)
    require_room(session, actor, obligation, lines)
    obligation.requested_by, obligation.requested_label = actor.user_id, actor.signature
    obligation.requested_at, obligation.remarks = clock.now(), ""


def _require_requester(actor: Actor, obligation: Obligation) -> None:
    if obligation.requested_by not in actor.persons:
        raise RuleBroken(
            f"{obligation.requested_label} asked for this and takes it back. Ask a certifier to return it."
        )


def _certify(
    session: Session, actor: Actor, obligation: Obligation, *, certified: bool, version: int | None, key: str
) -> None:  # fmt: skip
    """Post it, and keep what each account had at that moment (decision D31)."""
    session.refresh(obligation, with_for_update=True)
    lines = lines_to_check(session, obligation)
    if obligation.status == S.REQUESTED:
        require_unchanged(obligation, version, "this request")
        if actor.persons & preparers_of(session, obligation):
            raise RuleBroken("You entered or requested this. Somebody else certifies that allotment is available.")
        if not certified:
            raise RuleBroken("Tick the certification of Box B: without it nothing is posted.", field="certified")
        rules.require_sound(session, obligation, lines)
        headroom.require_objects(session, lines)
    try:
        posted = posting.post(session, actor, order_of(actor, obligation, key))
    except room.Shortfall as shortfall:
        raise headroom.at_lines(shortfall, lines) from None
    session.refresh(obligation)
    if posted is not None:
        obligation.balances_seen = headroom.seen_before(session, lines, obligation.dated)
        session.flush()
        tell_of(session, actor, obligation, "certify")
