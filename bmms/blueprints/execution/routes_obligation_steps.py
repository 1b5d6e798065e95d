"""The steps of obligation requests: Box A, Box B, adjustments (NORSA), and what is due."""

from functools import partial

from flask import Response, g, request, url_for
from wtforms import SelectChoice

from bmms.blueprints.execution import bp
from bmms.blueprints.execution.forms_obligations import BoxForm, DueForm, adjustment_form
from bmms.blueprints.execution.routes_obligations import obligation_of
from bmms.domain import clock
from bmms.domain.obligations import adjustments, due, headroom, queries, steps
from bmms.domain.obligations import labels as words
from bmms.domain.permissions import Permission
from bmms.domain.workflow import LEAST_REMARK, Step
from bmms.extensions import db
from bmms.models.obligations import AdjustmentStatus, Obligation, ObligationStatus
from bmms.web.guard import guard
from bmms.web.requests import SAFE
from bmms.web.respond import form_page, see_other
from bmms.web.step_pages import NoteForm, Way, step_page

HERE = "/obligations/<int:obligation_id>"
ADJUSTMENT = f"{HERE}/adjustments/<int:adjustment_id>"
DROP = Step(
    "cancel", frozenset({AdjustmentStatus.DRAFT}), AdjustmentStatus.CANCELLED, Permission.LEDGER_EDIT,
    "Cancel the adjustment", "The adjustment is cancelled.", asks="Why it is cancelled", least=LEAST_REMARK,
    tone="danger",
)  # fmt: skip


@bp.route(f"{HERE}/request", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def obligation_request(obligation_id: int) -> Response:
    """Box A: need and legality, with what the accounts have left."""
    return _box(obligation_id, "request", words.BOX_A)


@bp.route(f"{HERE}/certify", methods=["GET", "POST"])
@guard(Permission.LEDGER_CERTIFY)
def obligation_certify(obligation_id: int) -> Response:
    """Box B: allotment is available. This posts."""
    return _box(obligation_id, "certify", words.BOX_B)


@bp.route(f"{HERE}/<any(withdraw, cancel):verb>", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def obligation_step(obligation_id: int, verb: str) -> Response:
    """The other steps of who requests."""
    return _step(obligation_id, verb)


@bp.route(f"{HERE}/<any(return):verb>", methods=["GET", "POST"])
@guard(Permission.LEDGER_CERTIFY)
def obligation_decide(obligation_id: int, verb: str) -> Response:
    """The certifier gives it back."""
    return _step(obligation_id, verb)


@bp.route(f"{HERE}/<any(adjust, close):verb>", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def adjustment_new(obligation_id: int, verb: str) -> Response:
    """Enter more or less of the lines, or cancel all that is not paid."""
    session, obligation = db.session(), obligation_of(obligation_id)
    if _is_too_late(obligation):
        return see_other(_url(obligation))
    lines, closes = queries.lines_of(session, obligation), verb == "close"
    form = adjustment_form([] if closes else lines).about(None, None, dated=clock.today())
    act = partial(adjustments.enter, session, g.actor, obligation)
    if form.acts(
        lambda: act(
            dated=form.dated.data, reason=form.reason.data or "", closes=closes,
            changes=None if closes else form.changes(lines),
        )
    ):  # fmt: skip
        return see_other(_url(obligation), "The adjustment is entered. Somebody else certifies it.")
    return form_page(
        "execution/adjustment_form.html", form, obligation=obligation_of(obligation_id), lines=lines, closes=closes,
        verb=verb, sums=queries.sums_of(lines), least_of=adjustments.least_of,
    )  # fmt: skip


@bp.route(f"{ADJUSTMENT}/certify", methods=["GET", "POST"])
@guard(Permission.LEDGER_CERTIFY)
def adjustment_certify(obligation_id: int, adjustment_id: int) -> Response:
    """Box B of an adjustment. This posts."""
    session, obligation = db.session(), obligation_of(obligation_id)
    adjustment = adjustments.get_adjustment(session, obligation, adjustment_id)
    form, version = BoxForm.under(words.BOX_B_ADJUSTMENT, adjustment), adjustment.row_version
    act = partial(adjustments.certify, session, g.actor, obligation, adjustment)
    if form.acts(
        lambda: act(
            certified=form.certified.data, key=form.key.data or "", version=form.row_version.data
        )
    ):  # fmt: skip
        return see_other(_url(obligation), "The adjustment is certified and posted.")
    form.look_again(version)
    obligation = obligation_of(obligation_id)
    lines, changes = queries.lines_of(session, obligation), adjustments.changes_of(session, adjustment)
    return form_page(
        "execution/adjustment_certify.html", form, fragment="", obligation=obligation, adjustment=adjustment,
        lines=[one for one in lines if one.id in changes], changes=changes,
        rooms=headroom.rooms_of(session, adjustments.as_lines(lines, changes), adjustment.dated),
    )  # fmt: skip


@bp.route(f"{ADJUSTMENT}/cancel", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def adjustment_cancel(obligation_id: int, adjustment_id: int) -> Response:
    """Its author drops an adjustment."""
    return _drop(obligation_id, adjustment_id)


@bp.route(f"{ADJUSTMENT}/refuse", methods=["GET", "POST"])
@guard(Permission.LEDGER_CERTIFY)
def adjustment_refuse(obligation_id: int, adjustment_id: int) -> Response:
    """A certifier does not certify an adjustment."""
    return _drop(obligation_id, adjustment_id)


@bp.route(f"{HERE}/due", methods=["GET", "POST"])
@guard(Permission.LEDGER_PAY)
def due_new(obligation_id: int) -> Response:
    """Note that an amount of a line is due and demandable."""
    session, obligation = db.session(), obligation_of(obligation_id)
    if _is_too_late(obligation):
        return see_other(_url(obligation))
    lines = [one for one in queries.lines_of(session, obligation) if due.not_due(one) > 0]
    form = DueForm.about(None, None, dated=clock.today())
    form.line_id.choices = [
        SelectChoice(str(one.id), f"Line {one.number}: {one.account}, {one.object}") for one in lines
    ]
    act = partial(due.mark_due, session, g.actor, obligation)
    if form.acts(
        lambda: act(
            form.line_id.data, dated=form.dated.data, amount=form.amount.data, basis=form.basis.data or "",
            key=form.sent_key.data or "",
        )
    ):  # fmt: skip
        return see_other(_url(obligation), "It is noted as due and demandable.")
    return form_page(
        "execution/due_form.html", form, obligation=obligation_of(obligation_id), lines=lines, not_due=due.not_due
    )


def _box(obligation_id: int, verb: str, certified_words: str) -> Response:
    session, obligation = db.session(), obligation_of(obligation_id)
    step = steps.OBLIGATION_STEPS[verb]
    form, version = BoxForm.under(certified_words, obligation), obligation.row_version
    act = partial(steps.take, session, g.actor, obligation, verb)
    if form.acts(
        lambda: act(
            certified=form.certified.data, version=form.row_version.data, key=form.key.data or ""
        )
    ):  # fmt: skip
        return see_other(_url(obligation), step.done)
    if not form.errors and obligation.status not in step.sources:
        return see_other(_url(obligation))
    obligation = obligation_of(obligation_id)
    form.look_again(version)
    lines = queries.lines_of(session, obligation)
    return form_page(
        f"execution/obligation_{verb}.html", form, fragment="", obligation=obligation, lines=lines, words=words,
        rooms=headroom.rooms_of(session, queries.as_lines(lines), obligation.dated),
        files=steps.files_of(session, obligation), limit=steps.WITHOUT_FILE,
    )  # fmt: skip


def _step(obligation_id: int, verb: str) -> Response:
    obligation = obligation_of(obligation_id)
    step = steps.OBLIGATION_STEPS[verb]
    form = NoteForm.of(step)
    act = partial(steps.take, db.session(), g.actor, obligation, verb)
    return step_page(step, act, what=_what(obligation), top=_top(), back=_url(obligation), form=form)


def _drop(obligation_id: int, adjustment_id: int) -> Response:
    session, obligation = db.session(), obligation_of(obligation_id)
    adjustment = adjustments.get_adjustment(session, obligation, adjustment_id)
    act = partial(adjustments.cancel, session, g.actor, obligation, adjustment)
    return step_page(DROP, act, what=_what(obligation), top=_top(), back=_url(obligation))


def _is_too_late(obligation: Obligation) -> bool:
    """A form is opened for what is not obligated (any more): its page says how it stands."""
    return request.method in SAFE and obligation.status != ObligationStatus.OBLIGATED


def _what(obligation: Obligation) -> str:
    return f"{obligation.title}, {obligation.payee.name}"


def _url(obligation: Obligation) -> str:
    return url_for(".obligation_show", obligation_id=obligation.id)


def _top() -> Way:
    return "Obligations", url_for(".obligation_list")
