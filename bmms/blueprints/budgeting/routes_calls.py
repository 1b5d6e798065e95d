"""Budget calls: entered from the memorandum, opened by somebody else, extended, closed."""

from functools import partial

from flask import Response, g, url_for

from bmms.blueprints.budgeting import bp
from bmms.blueprints.budgeting.forms import CallForm, ExtensionForm
from bmms.domain import clock
from bmms.domain.calls import actions, ceilings, queries, steps
from bmms.domain.calls.labels import CALL_STATUS
from bmms.domain.files import kinds
from bmms.domain.offices import modes
from bmms.domain.permissions import Permission
from bmms.domain.workflow import Step, offered
from bmms.extensions import db
from bmms.models.budgets import BudgetCall, CallStatus
from bmms.web.forms import Form
from bmms.web.guard import guard
from bmms.web.respond import form_page, page, see_other
from bmms.web.step_pages import Way, removal_page, step_page


@bp.get("/calls")
@guard(Permission.BUDGET_VIEW, central=Permission.BUDGET_DECIDE)
def call_list() -> Response:
    """The calls, year by year, with ceiling and deadline."""
    session = db.session()
    found = queries.list_calls(session)
    return page(
        "budgeting/call_list.html", calls=queries.with_deadlines(session, found), statuses=CALL_STATUS,
        proof=ceilings.proof_of_list(session, found),
        may_enter=g.actor.may(Permission.BUDGET_EDIT) or g.actor.may(Permission.BUDGET_DECIDE),
    )  # fmt: skip


@bp.route("/calls/new", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT, central=Permission.BUDGET_DECIDE)
def call_new() -> Response:
    """Enter a call."""
    year = clock.today().year + 1
    form = CallForm.about(None, None, fiscal_year=year, title=f"Budget call FY {year}")
    if call := form.acts(lambda: actions.create_call(db.session(), g.actor, form.answers(), form.file.upload)):
        return see_other(_url(call), "The call is entered. Somebody else opens it.")
    return form_page("budgeting/call_form.html", form, call=None)


@bp.get("/calls/<int:call_id>")
@guard(Permission.BUDGET_VIEW, central=Permission.BUDGET_DECIDE)
def call_show(call_id: int) -> Response:
    """One call with its ceilings, its instrument and its extensions."""
    session, call = db.session(), _call(call_id)
    file = queries.file_of(session, call.file_id)
    return page(
        "budgeting/call_show.html",
        call=call,
        deadline=queries.deadline_of(session, call),
        pill=CALL_STATUS[call.status],
        ceilings=ceilings.ceilings_of(session, call),
        file=file,
        file_kind=kinds.label_of(file.media_type) if file else "",
        extensions=queries.extensions_of(session, call),
        steps=offered(g.actor, steps.steps_of(call), call.status),
        may_enter=g.actor.may(modes.need_of(call, Permission.BUDGET_EDIT)),
        may_confirm=g.actor.may(steps.who_confirms(call)),
        is_planned=call.status == CallStatus.PLANNED,
    )


@bp.route("/calls/<int:call_id>/edit", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT, central=Permission.BUDGET_DECIDE)
def call_edit(call_id: int) -> Response:
    """Change a call that is planned."""
    call = _call(call_id)
    actions.require_planned(call)
    form = CallForm.about(call)
    act = partial(actions.change_call, db.session(), g.actor, call)
    if form.acts(lambda: act(form.answers(), form.file.upload, **form.ways)):
        return see_other(_url(call), "The call is saved.")
    return form_page("budgeting/call_form.html", form, call=call)


@bp.route("/calls/<int:call_id>/delete", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT, central=Permission.BUDGET_DECIDE)
def call_delete(call_id: int) -> Response:
    """Ask, then remove a call that was never open."""
    call = _call(call_id)
    return removal_page(
        partial(actions.delete_call, db.session(), g.actor, call), title=call.title, what=f"FY {call.fiscal_year}",
        crumbs=[_top(), (call.title, _url(call))], back=_url(call), done="The call is removed.",
        next_url=url_for(".call_list"),
    )  # fmt: skip


@bp.route("/calls/<int:call_id>/<any(amend):verb>", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT, central=Permission.BUDGET_DECIDE)
def call_step(call_id: int, verb: str) -> Response:
    """The steps of the budget officer."""
    return _step(call_id, verb)


@bp.route("/calls/<int:call_id>/<any(open, close):verb>", methods=["GET", "POST"])
@guard(Permission.BUDGET_REVIEW, central=Permission.BUDGET_DECIDE)
def call_decide(call_id: int, verb: str) -> Response:
    """The steps of the reviewer."""
    return _step(call_id, verb)


@bp.route("/calls/<int:call_id>/extensions/new", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT, central=Permission.BUDGET_DECIDE)
def extension_new(call_id: int) -> Response:
    """Enter a later deadline."""
    call, form = _call(call_id), ExtensionForm()
    act = partial(actions.enter_extension, db.session(), g.actor, call)
    if form.acts(
        lambda: act(
            extended_to=form.extended_to.data, reference=form.reference.data or "", file=form.file.upload
        )
    ):  # fmt: skip
        return see_other(_url(call), "The extension is entered. Somebody else confirms it.")
    return form_page("budgeting/extension_new.html", form, call=call)


@bp.route("/calls/<int:call_id>/extensions/<int:extension_id>/confirm", methods=["GET", "POST"])
@guard(Permission.BUDGET_REVIEW, central=Permission.BUDGET_DECIDE)
def extension_confirm(call_id: int, extension_id: int) -> Response:
    """Ask, then put a later deadline into force."""
    session, call = db.session(), _call(call_id)
    extension, form = queries.get_extension(session, call, extension_id), Form()
    if form.acts(lambda: steps.confirm_extension(session, g.actor, call, extension)):
        return see_other(_url(call), "The new deadline is in force. The budget officers are told.")
    return form_page("budgeting/extension_confirm.html", form, call=call, extension=extension)


@bp.route("/calls/<int:call_id>/extensions/<int:extension_id>/withdraw", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT, central=Permission.BUDGET_DECIDE)
def extension_withdraw(call_id: int, extension_id: int) -> Response:
    """Ask, then take back an extension that nobody has confirmed."""
    session, call = db.session(), _call(call_id)
    extension = queries.get_extension(session, call, extension_id)
    return removal_page(
        partial(steps.withdraw_extension, session, g.actor, call, extension), title=extension.reference,
        what=call.title, crumbs=[_top(), (call.title, _url(call))], back=_url(call), verb="Withdraw",
        done="The extension is withdrawn.",
    )  # fmt: skip


def _call(call_id: int) -> BudgetCall:
    return queries.get_call(db.session(), call_id)


def _url(call: BudgetCall) -> str:
    return url_for(".call_show", call_id=call.id)


def _top() -> Way:
    return "Budget calls", url_for(".call_list")


def _step(call_id: int, verb: str) -> Response:
    call = _call(call_id)
    step: Step = steps.CALL_STEPS[verb]
    act = partial(steps.take, db.session(), g.actor, call, verb)
    return step_page(step, act, what=call.title, top=_top(), back=_url(call))
