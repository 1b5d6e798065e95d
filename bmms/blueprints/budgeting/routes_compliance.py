"""Step 5 of the wizard: the compliance checklist, and the word of other offices."""

from functools import partial

from flask import Response, abort, g, url_for

from bmms.blueprints.budgeting import bp
from bmms.blueprints.budgeting.forms_proposals import AnswerForm, EndorsementForm
from bmms.blueprints.budgeting.wizard import proposal_of, wizard
from bmms.domain import clock
from bmms.domain.offices.acting import desk_here
from bmms.domain.permissions import Permission
from bmms.domain.proposals import compliance, endorsements, labels, proving
from bmms.domain.proposals.facts import facts_of
from bmms.extensions import db
from bmms.models.compliance import Desk
from bmms.web.forms import Form
from bmms.web.guard import guard
from bmms.web.office_pages import queue_page
from bmms.web.respond import form_page, page, see_other
from bmms.web.step_pages import NoteForm

HERE = "/proposals/<int:proposal_id>/compliance"
OF_DESK = f"{HERE}/desks/<any(bpda, mpw, menre, bicto, bwc):desk>"


@bp.get(HERE)
@guard(Permission.BUDGET_VIEW, central=Permission.BUDGET_VIEW)
def proposal_compliance(proposal_id: int) -> Response:
    """Step 5: every item, met or not and why; the score; who has to endorse what."""
    session, proposal = db.session(), proposal_of(proposal_id)
    facts = facts_of(session, proposal)
    points = compliance.checklist(session, facts)
    return page(
        "budgeting/proposal_compliance.html",
        proposal=proposal,
        points=points,
        hard=compliance.score(points, hard=True),
        soft=compliance.score(points, hard=False),
        desks=facts.desks,
        proof=proving.of_desks(facts),
        endorsements=facts.endorsements,
        uncovered=endorsements.uncovered,
        answering=endorsements.answering(g.actor, proposal),
        wizard=wizard(proposal, 5, facts.sums),
        today=clock.today(),
        labels=labels,
    )


@bp.route(f"{HERE}/<string:code>", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def compliance_answer(proposal_id: int, code: str) -> Response:
    """Answer an item that is not decided from the proposal."""
    session, proposal = db.session(), proposal_of(proposal_id)
    facts = facts_of(session, proposal)
    point = compliance.get_point(session, facts, code)
    form = AnswerForm.about(point.row)
    act = partial(compliance.answer, session, g.actor, proposal, point)
    if form.acts(lambda: act(said=form.answer.data, note=form.note.data or "", file=form.file.upload)):
        return see_other(_back(proposal_id), f"{code} is answered.")
    return form_page("budgeting/compliance_form.html", form, proposal=proposal, point=point)


@bp.post(f"{OF_DESK}/ask")
@guard(Permission.BUDGET_EDIT)
def endorsement_ask(proposal_id: int, desk: str) -> Response:
    """Start the clock of an office."""
    session, proposal = db.session(), proposal_of(proposal_id)
    row = endorsements.ask(session, g.actor, facts_of(session, proposal), Desk(desk))
    return see_other(_back(proposal_id), f"Asked. The answer is due on {row.due_on:%d %B %Y}.")


@bp.route(OF_DESK, methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT, central=Permission.BUDGET_ENDORSE)
def endorsement_enter(proposal_id: int, desk: str) -> Response:
    """Enter what an office has answered."""
    session, proposal = db.session(), proposal_of(proposal_id)
    row = endorsements.get_endorsement(session, proposal, Desk(desk))
    form = EndorsementForm(obj=row)
    act = partial(endorsements.enter, session, g.actor, proposal, row)
    if form.acts(
        lambda: act(reference=form.reference.data or "", issued_on=form.issued_on.data, file=form.file.upload)
    ):
        return see_other(_back(proposal_id), "It is entered. Somebody else confirms it.")
    return form_page("budgeting/endorsement_form.html", form, proposal=proposal, row=row, desk=labels.DESK[Desk(desk)])


@bp.route(f"{OF_DESK}/confirm", methods=["GET", "POST"])
@guard(Permission.BUDGET_REVIEW, central=Permission.BUDGET_ENDORSE)
def endorsement_confirm(proposal_id: int, desk: str) -> Response:
    """Ask, then put the word of an office in force."""
    session, proposal = db.session(), proposal_of(proposal_id)
    row = endorsements.get_endorsement(session, proposal, Desk(desk))
    if row.file_id is None:
        abort(404)
    form = Form()
    if form.acts(lambda: endorsements.confirm(session, g.actor, proposal, row)):
        return see_other(_back(proposal_id), "It is confirmed.")
    return form_page(
        "budgeting/endorsement_confirm.html", form, fragment="", proposal=proposal, row=row,
        desk=labels.DESK[Desk(desk)],
    )  # fmt: skip


@bp.route(f"{OF_DESK}/decline", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT, central=Permission.BUDGET_ENDORSE)
def endorsement_decline(proposal_id: int, desk: str) -> Response:
    """Say that an office does not endorse, and why."""
    session, proposal = db.session(), proposal_of(proposal_id)
    row = endorsements.get_endorsement(session, proposal, Desk(desk))
    form = NoteForm()
    form.note.label.text, form.note.flags.required = "Why, and what has to change", True
    act = partial(endorsements.decline, session, g.actor, proposal, row)
    if form.acts(lambda: act(note=form.note.data or "")):
        return see_other(_back(proposal_id), "It is noted. Those who prepare the proposal are told.")
    return form_page(
        "budgeting/endorsement_decline.html", form, fragment="", proposal=proposal, row=row,
        desk=labels.DESK[Desk(desk)],
    )  # fmt: skip


@bp.get("/endorsements")
@guard(Permission.BUDGET_ENDORSE)
def endorsement_queue() -> Response:
    """The proposals of all organizations that wait for the desk of this one."""
    desk = desk_here(g.actor, g.organization.code)
    if desk is None:
        abort(404)
    return queue_page(desk, "budgeting/endorsement_queue.html")


def _back(proposal_id: int) -> str:
    return url_for(".proposal_compliance", proposal_id=proposal_id)
