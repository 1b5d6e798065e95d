"""What the pages of strategic plans and of work plans share: steps, revisions, versions side by side, activity."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, g, request, url_for

from bmms.blueprints.planning.forms import RevisionForm
from bmms.domain.errors import NotFound
from bmms.domain.planning import activity, snapshots, versions
from bmms.domain.planning.decisions import Plan
from bmms.domain.subjects import Subject
from bmms.extensions import db
from bmms.models.planning import StrategicPlan
from bmms.models.work import WorkItem
from bmms.web import step_pages
from bmms.web.paging import paginate, paginate_list
from bmms.web.respond import form_page, page, see_other


def top_of(row: Plan | WorkItem) -> tuple[str, str]:
    """The list in which one finds it: its name and its address."""
    if isinstance(row, StrategicPlan):
        return "Planning", url_for(".plan_list")
    return "Work plans", url_for(".work_plan_list")


def place_of(plan: Plan) -> dict[str, Any]:
    """Where its pages lie: the list, and its own page."""
    if isinstance(plan, StrategicPlan):
        return {"top": top_of(plan), "back": url_for(".plan_show", plan_id=plan.id)}
    return {"top": top_of(plan), "back": url_for(".work_plan_show", work_plan_id=plan.id)}


def removal_page(
    plan: Plan, act: Callable[[], object], *, title: str, done: str, back: str, next_url: str = "",
    consequence: str = "", verb: str = "Remove",
) -> Response:  # fmt: skip
    """Ask, then remove a plan or a part of it.

    Args:
        title: what goes.
        done: the message afterwards.
        back: the page from which one came.
        next_url: where to go afterwards, unless back.
    """
    place = place_of(plan)
    return step_pages.removal_page(
        act, title=title, what=plan.title, crumbs=[place["top"], (plan.title, place["back"])], back=back, done=done,
        next_url=next_url, consequence=consequence, verb=verb,
    )  # fmt: skip


def revise_page(plan: Plan, open_revision: Callable[..., Any], first: str) -> Response:
    """Ask why, then begin a revision.

    Args:
        first: the view in which work on it begins.
    """
    form = RevisionForm.about(None)
    if draft := form.acts(lambda: open_revision(db.session(), g.actor, plan, form.answers())):
        key = "plan_id" if isinstance(plan, StrategicPlan) else "work_plan_id"
        message = "The revision is open. The active plan stays in force until it is approved."
        return see_other(url_for(first, **{key: draft.id}), message)
    return form_page("planning/revise.html", form, plan=plan, **place_of(plan))


def compare_page(plan: Plan, as_it_stands: Callable[[], Mapping[str, Any]]) -> Response:
    """Two versions side by side, field by field (`?from=1&to=2`); else the latest and the plan as it stands now."""
    known = {version.number: version for version in versions.versions_of(db.session(), plan)}
    if not known:
        raise NotFound
    first, second = request.args.get("from", max(known), int), request.args.get("to", 0, int)
    if first not in known or (second and second not in known):
        raise NotFound
    after = known[second].payload if second else as_it_stands()
    return page(
        "planning/compare.html",
        fragment="results",
        plan=plan,
        known=sorted(known),
        first=first,
        second=second,
        differences=paginate_list(snapshots.differences(known[first].payload, after)),
        **place_of(plan),
    )


def activity_page(subject: Subject, acts: Any, words: Mapping[str, str]) -> Response:
    """Who did what with a record and its parts, and when, the latest first."""
    return page(
        "planning/activity.html",
        fragment="results",
        subject=subject,
        acts=paginate(acts),
        words=words,
        in_words=activity.in_words,
        **place_of(subject.row),
    )
