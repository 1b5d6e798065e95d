"""Step 5 of the wizard and all that follows: submit, decide, activate, revise, complete, archive, compare."""

from datetime import date
from functools import partial

from flask import Response, g, url_for

from bmms.blueprints.planning import bp
from bmms.blueprints.planning.forms import CloseForm
from bmms.blueprints.planning.plan_pages import compare_page, place_of, revise_page
from bmms.blueprints.planning.wizard import plan_of, wizard
from bmms.domain.permissions import Permission
from bmms.domain.planning import checks, labels, queries, revisions, snapshots, steps, versions
from bmms.extensions import db
from bmms.models.planning import ObjectiveStatus
from bmms.web.guard import guard
from bmms.web.respond import form_page, page, see_other
from bmms.web.step_pages import NoteForm, step_page

OF_PLANNERS = "any(submit, withdraw, activate, archive, drop)"
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
    plan, step = plan_of(plan_id), steps.PLAN_STEPS[verb]
    act = partial(steps.take, db.session(), g.actor, plan, verb)
    return step_page(step, act, what=f"{plan.title}, {plan.years}", **place_of(plan))


@bp.route("/plans/<int:plan_id>/revise", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def plan_revise(plan_id: int) -> Response:
    """Begin a revision of an active plan."""
    return revise_page(plan_of(plan_id), revisions.open_revision, ".plan_goals")


@bp.route("/plans/<int:plan_id>/objectives/<int:objective_id>/close", methods=["GET", "POST"])
@guard(Permission.PLAN_DRAFT_VIEW)
def objective_close(plan_id: int, objective_id: int) -> Response:
    """Say how an objective of an active plan has ended."""
    plan, form = plan_of(plan_id), CloseForm()
    objective = queries.get_objective(db.session(), plan, objective_id)
    if form.acts(
        lambda: steps.close_objective(
            db.session(), g.actor, plan, objective, ObjectiveStatus(form.status.data), form.reason.data or ""
        )
    ):
        return see_other(url_for(".plan_show", plan_id=plan_id), "The objective is closed.")
    return form_page("planning/objective_close.html", form, fragment="form", plan=plan, objective=objective)


@bp.get("/plans/<int:plan_id>/versions/<int:version_id>")
@guard(Permission.PLAN_VIEW)
def version_show(plan_id: int, version_id: int) -> Response:
    """An approved version, word for word."""
    plan = plan_of(plan_id)
    version = versions.get_version(db.session(), plan, version_id)
    return page("planning/version_show.html", plan=plan, version=version, labels=labels, day=date.fromisoformat)


@bp.get("/plans/<int:plan_id>/compare")
@guard(Permission.PLAN_VIEW)
def plan_compare(plan_id: int) -> Response:
    """What a revision changes, or what changed from one version to another."""
    session, plan = db.session(), plan_of(plan_id)
    return compare_page(plan, lambda: snapshots.payload_of(session, queries.outline(session, plan)))
