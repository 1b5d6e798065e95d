"""What officers and planners do with work items: my items, the quick update, the steps."""

from decimal import Decimal
from functools import partial

from flask import Response, current_app, g, request, url_for

from bmms.blueprints.planning import bp
from bmms.blueprints.planning.plan_pages import top_of
from bmms.blueprints.planning.work_forms import ProgressForm, StepForm
from bmms.blueprints.planning.work_pages import item_of, words
from bmms.domain import clock
from bmms.domain.errors import NotAllowed
from bmms.domain.permissions import Permission
from bmms.domain.workplans import itemsteps, progress, queries
from bmms.domain.workplans.duty import duty_of
from bmms.extensions import db
from bmms.web.guard import guard
from bmms.web.paging import paginate
from bmms.web.respond import form_page, page, see_other
from bmms.web.step_pages import step_page

OF_OFFICERS = "any(start, block, unblock, complete)"
OF_PLANNERS = "any(defer, cancel, resume, reopen)"
LISTS = {
    "overdue": "Overdue",
    "soon": "Due within a week",
    "stale": "Not heard of",
    "done": "All parts done",
    "open": "All open",
}


@bp.get("/work-items/")
@guard(Permission.PLAN_VIEW)
def my_items() -> Response:
    """One's own items: overdue, due soon, stale (`?list=`); `?whose=all` those of everybody, for planners."""
    session, today = db.session(), clock.today()
    limits = current_app.extensions["installation"].config.planning
    everybody = request.args.get("whose") == "all" and g.actor.may(Permission.PLAN_EDIT)
    among = queries.in_force()
    if not everybody:
        among &= queries.assigned_to(queries.own_memberships(session, g.actor))
    lists = {
        "overdue": queries.overdue(today),
        "soon": queries.due_soon(today),
        "stale": queries.stale(today, limits.escalate_days if everybody else limits.stale_days),
        "done": queries.to_complete(),
        "open": queries.in_force(),
    }
    chosen = request.args.get("list", "open")
    chosen = chosen if chosen in lists else "open"
    return page(
        "planning/my_items.html",
        fragment="results",
        items=paginate(queries.by_due_date(among & lists[chosen])),
        counts=queries.counts(session, among, **lists),
        lists=LISTS,
        chosen=chosen,
        everybody=everybody,
        stale_days=limits.escalate_days if everybody else limits.stale_days,
        **words(),
    )


@bp.route("/work-items/<int:work_item_id>/progress", methods=["GET", "POST"])
@guard(Permission.PROGRESS_REPORT)
def progress_new(work_item_id: int) -> Response:
    """The quick update: percent, what was done, a photo."""
    session = db.session()
    item, plan = item_of(work_item_id)
    form = ProgressForm.about(None, None, percent=item.progress, day=clock.today())
    if form.acts(
        lambda: progress.report(
            session,
            g.actor,
            item,
            percent=form.percent.data or Decimal(0),
            day=form.day.data,
            note=form.note.data or "",
            drop_reason=form.drop_reason.data or "",
            photo=form.file.upload,
        )
    ):
        return see_other(url_for(".work_item_show", work_item_id=item.id), "Thank you. The progress is recorded.")
    can_report = progress.can_report(duty_of(session, g.actor, item), item, plan.status)
    return form_page("planning/progress_form.html", form, item=item, plan=plan, can_report=can_report, **words())


@bp.route(f"/work-items/<int:work_item_id>/<{OF_OFFICERS}:verb>", methods=["GET", "POST"])
@guard(Permission.PROGRESS_REPORT)
def work_item_step(work_item_id: int, verb: str) -> Response:
    """The steps of the officer."""
    return _step(work_item_id, verb)


@bp.route(f"/work-items/<int:work_item_id>/<{OF_PLANNERS}:verb>", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def work_item_steer(work_item_id: int, verb: str) -> Response:
    """The steps of the planner."""
    return _step(work_item_id, verb)


def _step(work_item_id: int, verb: str) -> Response:
    session = db.session()
    item, plan = item_of(work_item_id)
    step = itemsteps.ITEM_STEPS[verb]
    form = StepForm.of(step)
    if not itemsteps.may_take(duty_of(session, g.actor, item), verb):
        raise NotAllowed("This step is for the responsible officer of the item, or for a planner.")
    act = partial(itemsteps.take, session, g.actor, item, verb)
    back = url_for(".work_item_show", work_item_id=item.id)
    return step_page(
        step, act, what=f"{item.code} {item.title}", top=top_of(plan), back=back, form=form, with_dates=verb == "resume"
    )
