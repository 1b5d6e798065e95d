"""The list of strategic plans, their first step (basics) and their page."""

from typing import Any

from flask import Response, g, request, url_for

from bmms.blueprints.planning import bp
from bmms.blueprints.planning.forms import PlanForm
from bmms.blueprints.planning.plan_pages import removal_page
from bmms.blueprints.planning.wizard import members, plan_of, units, wizard
from bmms.domain import merging
from bmms.domain.permissions import Permission
from bmms.domain.planning import actions, labels, queries, versions
from bmms.domain.planning.decisions import decisions_of, why_it_stays
from bmms.domain.planning.names import Names
from bmms.domain.planning.revising import open_revision_of, successor_of
from bmms.domain.planning.steps import PLAN_STEPS
from bmms.domain.planning.subjects import PLAN
from bmms.domain.subjects import Subject
from bmms.domain.workflow import offered
from bmms.domain.workplans.queries import served_by
from bmms.extensions import db
from bmms.models.planning import PlanStatus, StrategicPlan
from bmms.web.guard import guard
from bmms.web.kept_forms import KeptForm
from bmms.web.paging import paginate
from bmms.web.respond import form_page, page, see_other

COUNTED = (PlanStatus.DRAFT, PlanStatus.SUBMITTED, PlanStatus.APPROVED, PlanStatus.ACTIVE)


@bp.get("/")
@guard(Permission.PLAN_VIEW)
def plan_list() -> Response:
    """The dashboard of planning: how many plans stand where, and the plans."""
    session, search, status = db.session(), request.args.get("q", "").strip(), request.args.get("status", "")
    counts = queries.counts_by_status(session, g.actor)
    plans = paginate(queries.list_plans(g.actor, search=search, status=status))
    return page(
        "planning/plan_list.html",
        fragment="results",
        plans=plans,
        counts=counts,
        counted=COUNTED,
        search=search,
        chosen=status,
        labels=labels,
    )


@bp.route("/plans/new", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def plan_new() -> Response:
    """Step 1 for a plan that does not exist yet."""
    form = PlanForm.about(None)
    _offer(form)
    if plan := form.acts(lambda: actions.create_plan(db.session(), g.actor, form.answers())):
        return see_other(url_for(".plan_goals", plan_id=plan.id), "The plan is begun. Add its goals.")
    return form_page("planning/plan_form.html", form, fragment="form", plan=None, wizard=wizard(None, 1))


@bp.route("/plans/<int:plan_id>/basics", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def plan_basics(plan_id: int) -> Response:
    """Step 1: title, years, description, themes."""
    session, plan = db.session(), plan_of(plan_id)
    themes, codes = queries.links_of(session, plan)
    linked = {"themes": [one.id for one in themes], "codes": [one.id for one in codes]}
    form = PlanForm.about(plan, {name: merging.digest(ids) for name, ids in linked.items()}, **linked)
    _offer(form)
    if form.acts(lambda: actions.change_plan(session, g.actor, plan, form.answers(), **form.ways)):
        return see_other(url_for(".plan_goals", plan_id=plan.id), "The basics are saved.")
    return form_page("planning/plan_form.html", form, fragment="form", plan=plan, wizard=wizard(plan, 1))


def _offer(form: KeptForm) -> None:
    session = db.session()
    form["themes"].choices = [
        (theme.id, theme.title) for theme in queries.theme_choices(session, form["themes"].data or ())
    ]
    form["codes"].choices = [
        (code.id, f"{code.code} {code.title} ({of.title})")
        for code, of in queries.code_choices(session, form["codes"].data or ())
    ]
    form["lead_officer_id"].offer(members(), "Choose a person")
    form["lead_unit_id"].offer(units(), "Choose a unit")


@bp.get("/plans/<int:plan_id>")
@guard(Permission.PLAN_VIEW)
def plan_show(plan_id: int) -> Response:
    """The plan: status, goals with objectives and KPIs, versions, what happened."""
    session = db.session()
    plan = queries.get_plan(session, g.actor, plan_id)
    return page("planning/plan_show.html", **shown(session, plan))


def shown(session: Any, plan: StrategicPlan) -> dict[str, Any]:
    """What the page of a plan shows."""
    return {
        "plan": plan,
        "subject": Subject(PLAN, plan),
        "outline": queries.outline(session, plan, targets=False, risks=False),
        "names": Names(session),
        "labels": labels,
        "decisions": decisions_of(session, plan),
        "why_it_stays": why_it_stays,
        "versions": versions.versions_of(session, plan),
        "revision": open_revision_of(session, plan) if plan.status == PlanStatus.ACTIVE else None,
        "successor": successor_of(session, plan),
        "served": served_by(session, plan),
        "steps": offered(g.actor, PLAN_STEPS, plan.status, submit=True, drop=plan.revises_id is None),
    }


@bp.route("/plans/<int:plan_id>/delete", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def plan_delete(plan_id: int) -> Response:
    """Ask, then remove a draft that was never submitted."""
    plan = plan_of(plan_id)
    return removal_page(
        plan, lambda: actions.delete_plan(db.session(), g.actor, plan), title=plan.title, verb="Delete draft",
        done="The draft is deleted.", back=url_for(".plan_show", plan_id=plan_id), next_url=url_for(".plan_list"),
        consequence="Goals, objectives and KPIs go with it. This cannot be undone.",
    )  # fmt: skip
