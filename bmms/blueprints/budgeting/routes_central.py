"""What follows a proposal outside its organization: transmittal, and what MFBM and the Parliament decided (D16)."""

from functools import partial
from typing import Any

from flask import Response, abort, g, url_for

from bmms.blueprints.budgeting import bp
from bmms.blueprints.budgeting.forms_proposals import TransmittalForm, central_form
from bmms.blueprints.budgeting.wizard import proposal_of, wizard
from bmms.domain.permissions import Permission
from bmms.domain.proposals import central, figures, labels, proving, queries
from bmms.domain.proposals.programs import figures_of
from bmms.extensions import db
from bmms.models.proposals import BudgetProposal, CentralAct, ProposalStatus
from bmms.models.reference import ExpenseClass
from bmms.web.forms import Form
from bmms.web.guard import guard
from bmms.web.respond import form_page, see_other
from bmms.web.step_pages import removal_page

HERE = "/proposals/<int:proposal_id>"
VERBS = "any(evaluate, send_back, include, enact, turn_down)"


@bp.route(f"{HERE}/transmit", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def proposal_transmit(proposal_id: int) -> Response:
    """Note that the signed proposal went to MFBM."""
    proposal, form = proposal_of(proposal_id), TransmittalForm()
    if proposal.status != ProposalStatus.APPROVED:
        abort(404)
    act = partial(central.transmit, db.session(), g.actor, proposal)
    if form.acts(lambda: act(number=form.number.data or "", day=form.day.data)):
        return see_other(_back(proposal), "The proposal is transmitted.")
    return form_page("budgeting/transmit_form.html", form, proposal=proposal)


@bp.route(f"{HERE}/central/<{VERBS}:verb>", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT, central=Permission.BUDGET_DECIDE)
def central_enter(proposal_id: int, verb: str) -> Response:
    """Enter what was decided, from its instrument."""
    session, proposal = db.session(), proposal_of(proposal_id)
    step, way = central.steps_of(proposal)[verb], wizard(proposal, 0)
    g.actor.require(step.need)
    if proposal.status not in step.sources:
        abort(404)
    programs, rows = queries.programs_of(session, proposal), figures_of(session, proposal)
    places = central.places_of(programs, way.sums, rows) if verb in central.FIGURE_OF else []
    names = {place: central.field_of(*place) for place in places}
    form = central_form(names.values(), with_total=verb == "enact")(data=_known(names, rows, way))
    form.note.label.text, form.note.flags.required = step.asks, bool(step.least)
    act = partial(central.enter, session, g.actor, proposal, verb)
    if form.acts(lambda: act(**_answers(form, names))):
        return see_other(_back(proposal), step.done)
    return form_page(
        "budgeting/central_form.html", form, proposal=proposal, step=step, programs=programs, names=names,
        sums=way.sums, proof=proving.of_programs(proving.stated_of(session, proposal), programs, way.sums),
        typed=proving.of_entry(_answers(form, names)["amounts"], form.total.data if "total" in form else None),
        kinds=[kind for kind in ExpenseClass if _is_used(kind, places)],
    )  # fmt: skip


@bp.route(f"{HERE}/central/<int:act_id>/confirm", methods=["GET", "POST"])
@guard(Permission.BUDGET_REVIEW, central=Permission.BUDGET_DECIDE)
def central_confirm(proposal_id: int, act_id: int) -> Response:
    """Ask, then put into force what somebody else entered."""
    session, proposal = db.session(), proposal_of(proposal_id)
    act, form = _act(proposal, act_id), Form()
    if form.acts(lambda: central.confirm(session, g.actor, proposal, act)):
        return see_other(_back(proposal), "It is confirmed.")
    programs, figure = queries.programs_of(session, proposal), central.FIGURE_OF.get(act.verb, "")
    sums, amounts = figures.sums_of(session, proposal), central.amounts_in(act)
    side = figures.entered(programs, sums, amounts, figure, act.reference, act.total)
    return form_page(
        "budgeting/central_confirm.html", form, fragment="", proposal=proposal, act=act,
        step=central.CENTRAL_STEPS[act.verb], figure=figure,
        side=side, proof=proving.of_act(session, act, side, figure) if figure else None,
    )  # fmt: skip


@bp.route(f"{HERE}/central/<int:act_id>/withdraw", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT, central=Permission.BUDGET_DECIDE)
def central_withdraw(proposal_id: int, act_id: int) -> Response:
    """Ask, then take back what nobody has confirmed."""
    proposal = proposal_of(proposal_id)
    act = _act(proposal, act_id)
    return removal_page(
        partial(central.withdraw, db.session(), g.actor, proposal, act), title=act.reference, what=proposal.title,
        crumbs=[("Budgeting", url_for(".proposal_list")), (proposal.title, _back(proposal))], back=_back(proposal),
        done="It is withdrawn.", verb="Withdraw",
    )  # fmt: skip


def _act(proposal: BudgetProposal, act_id: int) -> CentralAct:
    return central.get_act(db.session(), proposal, act_id)


def _known(names: dict[Any, str], rows: Any, way: Any) -> dict[str, Any]:
    """What the form begins with: the amounts recommended so far, else those requested."""
    known = {}
    for (part_id, kind), name in names.items():
        row = rows.get(part_id, {}).get(kind)
        asked = getattr(way.sums.of(part_id).amounts, labels.COLUMNS[kind])
        known[name] = row.recommended if row is not None and row.recommended is not None else asked
    return known


def _answers(form: Any, names: dict[Any, str]) -> dict[str, Any]:
    typed = {place: form[name].data for place, name in names.items()}
    return {
        "reference": form.reference.data or "",
        "issued_on": form.issued_on.data,
        "file": form.file.upload,
        "note": form.note.data or "",
        "amounts": {place: amount for place, amount in typed.items() if amount is not None},
        "total": form.total.data if "total" in form else None,
    }


def _is_used(kind: ExpenseClass, places: list[tuple[int, ExpenseClass]]) -> bool:
    return any(one == kind for _, one in places)


def _back(proposal: BudgetProposal) -> str:
    return url_for(".proposal_show", proposal_id=proposal.id)
