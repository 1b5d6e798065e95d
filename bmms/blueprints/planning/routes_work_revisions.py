"""Revisions of work plans: open one, what it changes, what it leaves out and takes back; approved versions."""

from datetime import date
from decimal import Decimal

from flask import Response, g, request, url_for

from bmms.blueprints.planning import bp
from bmms.blueprints.planning.plan_pages import compare_page, revise_page
from bmms.blueprints.planning.work_pages import item_of, work_plan_of
from bmms.domain.permissions import Permission
from bmms.domain.planning import labels, versions
from bmms.domain.workplans import items, revisions, snapshots
from bmms.extensions import db
from bmms.web.guard import guard
from bmms.web.respond import page, see_other


@bp.route("/work-plans/<int:work_plan_id>/revise", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def work_plan_revise(work_plan_id: int) -> Response:
    """Begin a revision of an active work plan."""
    return revise_page(work_plan_of(work_plan_id), revisions.open_revision, ".work_plan_show")


@bp.get("/work-plans/<int:work_plan_id>/compare")
@guard(Permission.PLAN_VIEW)
def work_plan_compare(work_plan_id: int) -> Response:
    """What a revision changes, or what changed from one version to another."""
    plan = work_plan_of(work_plan_id)
    return compare_page(plan, lambda: snapshots.payload_of(db.session(), plan))


@bp.get("/work-plans/<int:work_plan_id>/versions/<int:version_id>")
@guard(Permission.PLAN_VIEW)
def work_plan_version(work_plan_id: int, version_id: int) -> Response:
    """An approved version, word for word; one annual objective a page."""
    plan = work_plan_of(work_plan_id)
    version = versions.get_version(db.session(), plan, version_id)
    objectives = version.payload["objectives"]
    place = min(max(request.args.get("part", 1, int), 1), max(len(objectives), 1))
    return page(
        "planning/work_plan_version.html", plan=plan, version=version, objectives=objectives, place=place,
        labels=labels, day=date.fromisoformat, amount=Decimal,
    )  # fmt: skip


@bp.post("/work-items/<int:work_item_id>/take-back")
@guard(Permission.PLAN_EDIT)
def work_item_take_back(work_item_id: int) -> Response:
    """What the revision has left out is part of it again."""
    item, plan = item_of(work_item_id)
    items.take_back(db.session(), g.actor, plan, item)
    return see_other(url_for(".work_item_show", work_item_id=item.id), "The item is part of the revision again.")
