"""The proposals of all years, the first step of one (information), and its page."""

from functools import partial

from flask import Response, g, url_for

from bmms.blueprints.budgeting import bp
from bmms.blueprints.budgeting.forms_proposals import ProposalForm
from bmms.blueprints.budgeting.wizard import proposal_of, wizard
from bmms.domain import clock
from bmms.domain.appropriations.queries import years_of
from bmms.domain.calls import queries as calls
from bmms.domain.permissions import Permission
from bmms.domain.proposals import actions, central, comparatives, figures, labels, proving, queries
from bmms.domain.proposals.grid import grid_of
from bmms.domain.proposals.programs import figures_of
from bmms.domain.proposals.steps import PROPOSAL_STEPS
from bmms.domain.workflow import offered
from bmms.extensions import db
from bmms.models.budgets import CallStatus
from bmms.models.proposals import BudgetProposal, ProposalStatus
from bmms.web.guard import guard
from bmms.web.respond import form_page, page, see_other
from bmms.web.step_pages import removal_page

DECIDED = (ProposalStatus.TRANSMITTED, ProposalStatus.ENDORSED, ProposalStatus.ENACTED)


@bp.get("/")
@guard(Permission.BUDGET_VIEW, central=Permission.BUDGET_VIEW)
def proposal_list() -> Response:
    """What was given last, what may be asked for now, and the proposals."""
    session = db.session()
    given = [year for year in years_of(session, g.organization.code) if year.amounts]
    sees_calls = g.actor.belongs or g.actor.may(Permission.BUDGET_DECIDE)
    open_calls = [
        (call, deadline)
        for call, deadline in (calls.with_deadlines(session, calls.list_calls(session)) if sees_calls else ())
        if call.status == CallStatus.OPEN
    ]
    proposals = queries.list_proposals(session, g.actor)
    totals = figures.totals_of(session, proposals)
    return page(
        "budgeting/proposal_list.html",
        given=given[-1] if given else None,
        open_calls=open_calls,
        proposals=proposals,
        totals=totals,
        proof=proving.of_list(session, g.actor, totals),
        labels=labels,
    )


@bp.route("/proposals/new", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def proposal_new() -> Response:
    """Step 1 for a proposal that does not exist yet."""
    year = clock.today().year + 1
    form = ProposalForm.about(
        None, None, fiscal_year=year, title=f"{g.organization.code} FY {year} Budget Proposal", sources=["gaab"]
    )
    _offer(form, form.fiscal_year.data or year)
    if proposal := form.acts(lambda: actions.create_proposal(db.session(), g.actor, form.answers())):
        return see_other(
            url_for(".proposal_programs", proposal_id=proposal.id), "The proposal is begun. Choose its programs."
        )
    return form_page("budgeting/proposal_form.html", form, proposal=None, wizard=wizard(None, 1))


@bp.route("/proposals/<int:proposal_id>/about", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def proposal_about(proposal_id: int) -> Response:
    """Step 1: title, plan, sources of funds."""
    proposal = proposal_of(proposal_id)
    form = ProposalForm.about(proposal)
    _offer(form, proposal.fiscal_year)
    act = partial(actions.change_proposal, db.session(), g.actor, proposal)
    if form.acts(lambda: act(form.answers(), **form.ways)):
        return see_other(url_for(".proposal_programs", proposal_id=proposal.id), "The information is saved.")
    return form_page("budgeting/proposal_form.html", form, proposal=proposal, wizard=wizard(proposal, 1))


@bp.get("/proposals/<int:proposal_id>")
@guard(Permission.BUDGET_VIEW, central=Permission.BUDGET_VIEW)
def proposal_show(proposal_id: int) -> Response:
    """The proposal: status, figures side by side, what happened."""
    session, proposal = db.session(), proposal_of(proposal_id)
    way, register = wizard(proposal, 0), queries.register_of(session, proposal)
    known, decisions = figures_of(session, proposal), queries.decisions_of(session, proposal)
    has_decided = proposal.status in DECIDED or proposal.transmitted_on is not None
    side = figures.side_by_side(proposal, register.chosen, way.sums, known) if has_decided else None
    stated = proving.stated_of(session, proposal)
    years = comparatives.before(session, proposal, register, g.organization.code)
    acts = central.acts_of(session, proposal) if has_decided else []
    waits = any(act.confirmed_at is None for act in acts)
    return page(
        "budgeting/proposal_show.html",
        proposal=proposal,
        wizard=way,
        programs=register.chosen,
        years=years,
        grid=grid_of(register.chosen, years, way.sums, known),
        proof=proving.of_programs(stated, register.chosen, way.sums),
        decisions=decisions,
        can_delete=g.actor.may(Permission.BUDGET_EDIT)
        and not actions.why_it_stays(g.actor, proposal, was_submitted=bool(decisions)),
        versions=sorted(
            {(taken.version, taken.decision.version_id) for taken in decisions if taken.version}, reverse=True
        ),
        side=side,
        proofs=proving.of_figures(stated, side) if side else [],
        central_acts=acts,
        act_labels={verb: step.label.partition(" ")[2].capitalize() for verb, step in central.CENTRAL_STEPS.items()},
        central_steps=[] if waits else offered(g.actor, central.steps_of(proposal), proposal.status),
        may_confirm=g.actor.may(central.who_confirms(proposal)),
        may_withdraw=g.actor.may(central.who_enters(proposal)),
        steps=offered(g.actor, PROPOSAL_STEPS, proposal.status, submit=True),
        step_url=partial(_step_url, proposal),
        labels=labels,
    )


def _step_url(proposal: BudgetProposal, verb: str) -> str:
    views = {Permission.BUDGET_EDIT: "step", Permission.BUDGET_REVIEW: "examine", Permission.BUDGET_APPROVE: "decide"}
    if verb == "sign":
        return url_for(".proposal_sign", proposal_id=proposal.id)
    view = views[PROPOSAL_STEPS[verb].need]
    return url_for(f".proposal_{view}", proposal_id=proposal.id, verb=verb)


@bp.route("/proposals/<int:proposal_id>/delete", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def proposal_delete(proposal_id: int) -> Response:
    """Ask, then remove a draft that was never submitted."""
    proposal, here = proposal_of(proposal_id), url_for(".proposal_show", proposal_id=proposal_id)
    return removal_page(
        partial(actions.delete_proposal, db.session(), g.actor, proposal), title=proposal.title,
        what=f"FY {proposal.fiscal_year}", crumbs=[("Budgeting", url_for(".proposal_list")), (proposal.title, here)],
        back=here, done="The draft is deleted.", next_url=url_for(".proposal_list"), verb="Delete draft",
        consequence="Programs and lines go with it. This cannot be undone.",
    )  # fmt: skip


def _offer(form: ProposalForm, year: int) -> None:
    session = db.session()
    form.plan_id.offer(queries.plan_choices(session, year, form.plan_id.data), "Choose a plan")
    form.work_plan_id.offer(queries.work_plan_choices(session, year, form.work_plan_id.data), "None yet")
    form.offer()
