"""Step 5 of the wizard and all that follows: submit, decide, activate, revise, complete, archive, compare."""

from flask import Response, g, request, url_for

from bmms.blueprints.planning import bp
from bmms.blueprints.planning.forms import CloseForm, NoteForm, RevisionForm
from bmms.blueprints.planning.wizard import plan_of, wizard
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.permissions import Permission
from bmms.domain.planning import checks, labels, queries, revisions, snapshots, steps, versions
from bmms.extensions import db
from bmms.models.planning import ObjectiveStatus
from bmms.web.guard import guard
from bmms.web.respond import form_page, page, see_other

OF_PLANNERS = "any(submit, withdraw, activate, archive)"
OF_APPROVERS = "any(approve, return, complete)"


@bp.get("/plans/<int:plan_id>/review")
@guard(Permission.PLAN_EDIT)
def plan_review(plan_id: int) -> Response:
    """Step 5: what is missing, with links, and the submission."""
    session, plan = db.session(), plan_of(plan_id)
    outline = queries.outline(session, plan, risks=False)
    gaps = checks.gaps_of(session, outline)
    return page(
        "planning/plan_review.html",
        plan=plan,
        outline=outline,
        errors=checks.errors_in(gaps),
        warnings=[gap for gap in gaps if not gap.is_error],
        form=NoteForm(),
        wizard=wizard(plan, 5),
    )


@bp.route(f"/plans/<int:plan_id>/<{OF_PLANNERS}:verb>", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def plan_step(plan_id: int, verb: str) -> Response:
    """The steps of the planner: ask for the words that go along, then take it."""
    return _step(plan_id, verb)


@bp.route(f"/plans/<int:plan_id>/<{OF_APPROVERS}:verb>", methods=["GET", "POST"])
@guard(Permission.PLAN_APPROVE)
def plan_decide(plan_id: int, verb: str) -> Response:
    """The steps of the approver."""
    return _step(plan_id, verb)


def _step(plan_id: int, verb: str) -> Response:
    plan, step, form = plan_of(plan_id), steps.PLAN_STEPS[verb], NoteForm()
    if form.validate_on_submit():
        try:
            steps.take(db.session(), g.actor, plan, verb, note=form.note.data or "")
            return see_other(url_for(".plan_show", plan_id=plan_id), step.done)
        except RuleBroken as broken:
            form.show(broken)
    return form_page("planning/plan_step.html", form, fragment="", plan=plan, step=step)


@bp.route("/plans/<int:plan_id>/revise", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def plan_revise(plan_id: int) -> Response:
    """Begin a revision of an active plan."""
    plan, form = plan_of(plan_id), RevisionForm.about(None)
    if form.validate_on_submit():
        try:
            draft = revisions.open_revision(db.session(), g.actor, plan, form.answers())
            message = "The revision is open. The active plan stays in force until it is approved."
            return see_other(url_for(".plan_goals", plan_id=draft.id), message)
        except RuleBroken as broken:
            form.show(broken)
    return form_page("planning/plan_revise.html", form, plan=plan)


@bp.route("/plans/<int:plan_id>/objectives/<int:objective_id>/close", methods=["GET", "POST"])
@guard(Permission.PLAN_DRAFT_VIEW)
def objective_close(plan_id: int, objective_id: int) -> Response:
    """Say how an objective of an active plan has ended."""
    plan, form = plan_of(plan_id), CloseForm()
    objective = queries.get_objective(db.session(), plan, objective_id)
    if form.validate_on_submit():
        try:
            steps.close_objective(
                db.session(), g.actor, plan, objective, ObjectiveStatus(form.status.data), form.reason.data or ""
            )
            return see_other(url_for(".plan_show", plan_id=plan_id), "The objective is closed.")
        except RuleBroken as broken:
            form.show(broken)
    return form_page("planning/objective_close.html", form, fragment="form", plan=plan, objective=objective)


@bp.get("/plans/<int:plan_id>/versions/<int:version_id>")
@guard(Permission.PLAN_VIEW)
def version_show(plan_id: int, version_id: int) -> Response:
    """An approved version, word for word."""
    plan = plan_of(plan_id)
    version = versions.get_version(db.session(), plan, version_id)
    return page("planning/version_show.html", plan=plan, version=version, labels=labels)


@bp.get("/plans/<int:plan_id>/compare")
@guard(Permission.PLAN_VIEW)
def plan_compare(plan_id: int) -> Response:
    """Two versions side by side, field by field (`?from=1&to=2`); without `to` the plan as it stands now."""
    session, plan = db.session(), plan_of(plan_id)
    known = {version.number: version for version in versions.versions_of(session, plan)}
    if not known:
        raise NotFound
    first = request.args.get("from", min(known), int)
    second = request.args.get("to", 0, int)
    if first not in known or (second and second not in known):
        raise NotFound
    after = known[second].payload if second else snapshots.payload_of(session, queries.outline(session, plan))
    return page(
        "planning/plan_compare.html",
        plan=plan,
        known=sorted(known),
        first=first,
        second=second,
        differences=snapshots.differences(known[first].payload, after),
    )
