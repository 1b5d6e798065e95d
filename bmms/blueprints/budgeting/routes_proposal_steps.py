"""Step 6 of the wizard, and all that follows inside the organization: submit, review, sign; the versions."""

from decimal import Decimal
from functools import partial

from flask import Response, g, request, url_for

from bmms.blueprints.budgeting import bp
from bmms.blueprints.budgeting.forms_proposals import SignatureForm, SubmissionForm
from bmms.blueprints.budgeting.wizard import proposal_of, wizard
from bmms.domain.permissions import Permission
from bmms.domain.planning.checks import errors_in
from bmms.domain.proposals import checks, compliance, lines, proving, queries, snapshots, steps
from bmms.domain.proposals.facts import facts_of
from bmms.extensions import db
from bmms.models.proposals import BudgetProposal
from bmms.models.reference import ExpenseClass
from bmms.web import step_up
from bmms.web.guard import guard
from bmms.web.paging import paginate_list
from bmms.web.respond import form_page, page, see_other
from bmms.web.step_pages import step_page

OF_OFFICERS = "any(withdraw, cancel)"
OF_REVIEWERS = "any(take_up, endorse, return)"
OF_SIGNERS = "any(hand_back, reject)"


@bp.get("/proposals/<int:proposal_id>/review")
@guard(Permission.BUDGET_DRAFT_VIEW)
def proposal_review(proposal_id: int) -> Response:
    """Step 6: what is missing, with links, and the submission."""
    return _review(proposal_of(proposal_id), SubmissionForm())


@bp.post("/proposals/<int:proposal_id>/submit")
@guard(Permission.BUDGET_EDIT)
def proposal_submit(proposal_id: int) -> Response:
    """Submit, with the certification ticked."""
    proposal, form = proposal_of(proposal_id), SubmissionForm()
    act = partial(steps.take, db.session(), g.actor, proposal, "submit")
    if step := form.acts(lambda: act(**form.answers())):
        return see_other(url_for(".proposal_show", proposal_id=proposal_id), step.done)
    return _review(proposal, form)


def _review(proposal: BudgetProposal, form: SubmissionForm) -> Response:
    session = db.session()
    facts = facts_of(session, proposal)
    points = compliance.checklist(session, facts)
    gaps = checks.gaps_of(session, facts, points)
    rest = [
        (one, kind, planned - asked)
        for one in facts.programs
        for kind, planned, asked in checks.planned_and_asked(facts, one.part.id)
        if planned > asked
    ]
    return form_page(
        "budgeting/proposal_review.html",
        form,
        fragment="",
        proposal=proposal,
        errors=errors_in(gaps),
        warnings=[gap for gap in gaps if not gap.is_error],
        rest=rest,
        proof=proving.of_classes(facts),
        hard=compliance.score(points, hard=True),
        soft=compliance.score(points, hard=False),
        wizard=wizard(proposal, 6, facts.sums),
    )


@bp.post("/proposals/<int:proposal_id>/programs/<int:part_id>/itemise-later")
@guard(Permission.BUDGET_EDIT)
def line_itemise_later(proposal_id: int, part_id: int) -> Response:
    """Make a line “Not yet itemised” of what a planning figure exceeds its lines by (`kind`: its class)."""
    session, proposal = db.session(), proposal_of(proposal_id)
    chosen = queries.get_program(session, proposal, part_id)
    kind = request.form.get("kind", "")
    line = lines.itemise_later(
        session, g.actor, proposal, chosen.part, ExpenseClass(kind) if kind in set(ExpenseClass) else ExpenseClass.MOOE
    )
    where = url_for(".line_edit", proposal_id=proposal_id, line_id=line.id)
    return see_other(where, "The line is there. Say why it is not itemised yet.")


@bp.route(f"/proposals/<int:proposal_id>/<{OF_OFFICERS}:verb>", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def proposal_step(proposal_id: int, verb: str) -> Response:
    """The other steps of the budget officer."""
    return _step(proposal_id, verb)


@bp.route(f"/proposals/<int:proposal_id>/<{OF_REVIEWERS}:verb>", methods=["GET", "POST"])
@guard(Permission.BUDGET_REVIEW)
def proposal_examine(proposal_id: int, verb: str) -> Response:
    """The steps of the reviewer."""
    return _step(proposal_id, verb)


@bp.route(f"/proposals/<int:proposal_id>/<{OF_SIGNERS}:verb>", methods=["GET", "POST"])
@guard(Permission.BUDGET_APPROVE)
def proposal_decide(proposal_id: int, verb: str) -> Response:
    """The steps of the head, but for the signature."""
    return _step(proposal_id, verb)


@bp.route("/proposals/<int:proposal_id>/sign", methods=["GET", "POST"])
@guard(Permission.BUDGET_APPROVE, step_up=True)
def proposal_sign(proposal_id: int) -> Response:
    """Sign, with the signed copy and the password once more."""
    session, proposal = db.session(), proposal_of(proposal_id)
    step = steps.PROPOSAL_STEPS["sign"]
    form, way = SignatureForm.of(step), wizard(proposal, 0)
    act = partial(steps.take, session, g.actor, proposal, "sign")
    if form.acts(lambda: act(note=form.note.data or "", signed_copy=form.file.upload)):
        return see_other(url_for(".proposal_show", proposal_id=proposal_id), step.done)
    programs = queries.programs_of(session, proposal)
    return form_page(
        "budgeting/proposal_sign.html", form, fragment="", proposal=proposal, step=step, wizard=way,
        proof=proving.of_programs(proving.stated_of(session, proposal), programs, way.sums),
        password_needed=step_up.is_needed(),
    )  # fmt: skip


@bp.get("/proposals/<int:proposal_id>/versions/<int:version_id>")
@guard(Permission.BUDGET_VIEW, central=Permission.BUDGET_VIEW)
def proposal_version(proposal_id: int, version_id: int) -> Response:
    """What lay before those who decided, word for word."""
    proposal = proposal_of(proposal_id)
    version = queries.get_version(db.session(), proposal, version_id)
    payload = version.payload
    rows = [(program, line) for program in payload["programs"] for line in program["lines"]]
    return page(
        "budgeting/proposal_version.html", fragment="results", proposal=proposal, version=version, payload=payload,
        lines=paginate_list(rows), proof=snapshots.proof_of(payload), figure=Decimal,
        over_classes=snapshots.over_classes,
    )  # fmt: skip


def _step(proposal_id: int, verb: str) -> Response:
    proposal = proposal_of(proposal_id)
    return step_page(
        steps.PROPOSAL_STEPS[verb], partial(steps.take, db.session(), g.actor, proposal, verb),
        what=f"{proposal.title}, FY {proposal.fiscal_year}", top=("Budgeting", url_for(".proposal_list")),
        back=url_for(".proposal_show", proposal_id=proposal_id),
    )  # fmt: skip
