"""Work plans: the list, the board, the review, and the steps from draft to completion."""

from functools import partial

from flask import Response, g, request, url_for

from bmms.blueprints.planning import bp
from bmms.blueprints.planning.plan_pages import place_of, removal_page
from bmms.blueprints.planning.work_forms import WorkPlanBasicsForm, WorkPlanForm
from bmms.blueprints.planning.work_pages import words, work_plan_of
from bmms.domain import clock
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import Permission
from bmms.domain.planning import versions
from bmms.domain.planning.checks import errors_in
from bmms.domain.planning.decisions import decisions_of, why_it_stays
from bmms.domain.planning.queries import get_plan
from bmms.domain.planning.revising import open_revision_of, successor_of
from bmms.domain.workflow import offered
from bmms.domain.workplans import actions, checks, copying, queries, steps
from bmms.extensions import db
from bmms.models.planning import PlanStatus
from bmms.models.work import AnnualWorkPlan
from bmms.web.fields import as_id
from bmms.web.filters import write_plural
from bmms.web.forms import Form
from bmms.web.guard import guard
from bmms.web.paging import paginate
from bmms.web.respond import form_page, page, see_other
from bmms.web.step_pages import NoteForm, step_page

OF_PLANNERS = "any(submit, withdraw, activate, drop)"
OF_APPROVERS = "any(approve, return, complete)"


@bp.get("/work-plans/")
@guard(Permission.PLAN_VIEW)
def work_plan_list() -> Response:
    """The work plans, year by year; `?plan=7` those of one strategic plan."""
    plan_id = as_id(request.args.get("plan"))
    plans = paginate(queries.list_work_plans(g.actor, plan_id))
    return page("planning/work_plan_list.html", fragment="results", plans=plans, chosen=plan_id, **words())


@bp.route("/work-plans/new", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def work_plan_new() -> Response:
    """Begin the work plan of a year, empty or as a copy of last year's."""
    session, parents = db.session(), queries.parents_for(db.session())
    year = clock.today().year
    chosen = as_id(request.args.get("plan")) or (parents[0].id if parents else None)
    form = WorkPlanForm.about(None, None, fiscal_year=year, title=f"Annual Work Plan FY {year}", plan_id=chosen)
    form.plan_id.offer([(plan.id, f"{plan.title}, {plan.years}") for plan in parents], "Choose a strategic plan")
    if form.validate_on_submit():
        answers = form.answers()
        parent, copy_last = get_plan(session, g.actor, answers.pop("plan_id")), answers.pop("copy_last")
        try:
            plan = actions.create_work_plan(session, g.actor, parent, answers)
            copied = copying.copy_last_year(session, g.actor, plan) if copy_last else 0
            message = f"The work plan is begun with {copied} items of last year." if copied else "It is begun."
            return see_other(url_for(".work_plan_show", work_plan_id=plan.id), message)
        except RuleBroken as broken:
            form.show(broken)
    return form_page("planning/work_plan_form.html", form, plan=None, parents=parents)


@bp.get("/work-plans/<int:work_plan_id>")
@guard(Permission.PLAN_VIEW)
def work_plan_show(work_plan_id: int) -> Response:
    """The board: annual objectives, and the items of the one that is chosen (`?objective=`), 25 at a time."""
    session, plan = db.session(), work_plan_of(work_plan_id)
    groups = queries.groups_of(session, plan, clock.today())
    chosen_id = as_id(request.args.get("objective")) or (groups[0].objective.id if groups else None)
    chosen = queries.get_objective(session, plan, chosen_id) if chosen_id else None
    return page(
        "planning/work_plan_show.html",
        fragment="results",
        plan=plan,
        groups=groups,
        chosen=chosen,
        items=paginate(queries.items_under(chosen)) if chosen else None,
        steps=offered(g.actor, steps.WORK_PLAN_STEPS, plan.status, submit=True, drop=plan.revises_id is None),
        revision=open_revision_of(session, plan) if plan.status == PlanStatus.ACTIVE else None,
        successor=successor_of(session, plan),
        **words(),
    )


@bp.route("/work-plans/<int:work_plan_id>/edit", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def work_plan_edit(work_plan_id: int) -> Response:
    """Title and description."""
    plan = work_plan_of(work_plan_id)
    form = WorkPlanBasicsForm.about(plan)
    if form.acts(lambda: actions.change_work_plan(db.session(), g.actor, plan, form.answers(), **form.ways)):
        return _to_board(plan, "The work plan is saved.")
    return form_page("planning/work_plan_form.html", form, plan=plan, parents=[])


@bp.route("/work-plans/<int:work_plan_id>/delete", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def work_plan_delete(work_plan_id: int) -> Response:
    """Ask, then remove a draft that was never submitted."""
    plan = work_plan_of(work_plan_id)
    return removal_page(
        plan, lambda: actions.delete_work_plan(db.session(), g.actor, plan), title=plan.title, verb="Delete draft",
        done="The draft is deleted.", back=url_for(".work_plan_show", work_plan_id=plan.id),
        next_url=url_for(".work_plan_list"),
        consequence="All its objectives and items go with it. This cannot be undone.",
    )  # fmt: skip


@bp.get("/work-plans/<int:work_plan_id>/review")
@guard(Permission.PLAN_VIEW)
def work_plan_review(work_plan_id: int) -> Response:
    """What is missing, with links; the submission; versions and what happened."""
    session, plan = db.session(), work_plan_of(work_plan_id)
    return page(
        "planning/work_plan_review.html",
        plan=plan,
        parent=get_plan(session, g.actor, plan.plan_id),
        errors=errors_in(checks.gaps_of(session, plan)) if plan.is_open else [],
        form=NoteForm(),
        decisions=decisions_of(session, plan),
        why_it_stays=why_it_stays,
        versions=versions.versions_of(session, plan),
        **words(),
    )


@bp.route(f"/work-plans/<int:work_plan_id>/<{OF_PLANNERS}:verb>", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def work_plan_step(work_plan_id: int, verb: str) -> Response:
    """The steps of the planner: ask for the words that go along, then take it."""
    return _step(work_plan_id, verb)


@bp.route(f"/work-plans/<int:work_plan_id>/<{OF_APPROVERS}:verb>", methods=["GET", "POST"])
@guard(Permission.PLAN_APPROVE)
def work_plan_decide(work_plan_id: int, verb: str) -> Response:
    """The steps of the approver."""
    return _step(work_plan_id, verb)


def _step(work_plan_id: int, verb: str) -> Response:
    plan, step = work_plan_of(work_plan_id), steps.WORK_PLAN_STEPS[verb]
    return step_page(step, partial(steps.take, db.session(), g.actor, plan, verb), what=plan.title, **place_of(plan))


@bp.route("/work-plans/<int:work_plan_id>/carry-over", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def work_plan_carry_over(work_plan_id: int) -> Response:
    """Take what last year's work plan has not finished into this one."""
    session, plan, form = db.session(), work_plan_of(work_plan_id), Form()
    last = copying.last_year_of(session, plan)
    if form.validate_on_submit():
        carried = copying.carry_over(session, g.actor, plan)
        moved = f"{write_plural(carried, 'item')} carried over. Give each its dates."
        message = moved if carried else "Nothing was left over."
        return _to_board(plan, message)
    left = copying.unfinished(session, last) if last else []
    return page("planning/work_plan_carry_over.html", plan=plan, last=last, left=left, form=form, **words())


def _to_board(plan: AnnualWorkPlan, message: str) -> Response:
    return see_other(url_for(".work_plan_show", work_plan_id=plan.id), message)
