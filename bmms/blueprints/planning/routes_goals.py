"""Step 2 of the wizard: the goals of a plan."""

from flask import Response, g, request, url_for

from bmms.blueprints.planning import bp
from bmms.blueprints.planning.forms import GoalForm
from bmms.blueprints.planning.plan_pages import removal_page
from bmms.blueprints.planning.wizard import plan_of, units, wizard
from bmms.domain.permissions import Permission
from bmms.domain.planning import actions, labels, queries
from bmms.extensions import db
from bmms.models.planning import StrategicGoal, StrategicPlan
from bmms.web.guard import guard
from bmms.web.respond import form_page, page, see_other


@bp.get("/plans/<int:plan_id>/goals")
@guard(Permission.PLAN_EDIT)
def plan_goals(plan_id: int) -> Response:
    """The goals in their order."""
    plan = plan_of(plan_id)
    outline = queries.outline(db.session(), plan, targets=False, risks=False, links=False)
    return page("planning/plan_goals.html", plan=plan, outline=outline, labels=labels, wizard=wizard(plan, 2))


@bp.route("/plans/<int:plan_id>/goals/new", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def goal_new(plan_id: int) -> Response:
    """Add a goal."""
    plan, form = plan_of(plan_id), GoalForm.about(None)
    _offer(form)
    if form.acts(lambda: actions.add_goal(db.session(), g.actor, plan, form.answers())):
        return _to_goals(plan, "The goal is added.")
    return form_page("planning/goal_form.html", form, plan=plan, goal=None)


@bp.route("/plans/<int:plan_id>/goals/<int:goal_id>", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def goal_edit(plan_id: int, goal_id: int) -> Response:
    """Change a goal."""
    plan, goal = _goal_of(plan_id, goal_id)
    form = GoalForm.about(goal)
    _offer(form)
    if form.acts(lambda: actions.change_goal(db.session(), g.actor, plan, goal, form.answers(), **form.ways)):
        return _to_goals(plan, "The goal is saved.")
    return form_page("planning/goal_form.html", form, plan=plan, goal=goal)


@bp.route("/plans/<int:plan_id>/goals/<int:goal_id>/remove", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def goal_remove(plan_id: int, goal_id: int) -> Response:
    """Ask, then remove a goal with what is in it."""
    plan, goal = _goal_of(plan_id, goal_id)
    return removal_page(
        plan, lambda: actions.remove_goal(db.session(), g.actor, plan, goal), title=goal.title,
        done="The goal is removed.", back=url_for(".plan_goals", plan_id=plan_id),
        consequence="Its objectives and KPIs go with it.",
    )  # fmt: skip


@bp.post("/plans/<int:plan_id>/goals/<int:goal_id>/move")
@guard(Permission.PLAN_EDIT)
def goal_move(plan_id: int, goal_id: int) -> Response:
    """One place up or down (`by`: -1 or 1)."""
    plan, goal = _goal_of(plan_id, goal_id)
    actions.move_goal(db.session(), g.actor, plan, goal, -1 if request.form.get("by") == "-1" else 1)
    return _to_goals(plan)


def _goal_of(plan_id: int, goal_id: int) -> tuple[StrategicPlan, StrategicGoal]:
    plan = plan_of(plan_id)
    return plan, queries.get_goal(db.session(), plan, goal_id)


def _offer(form: GoalForm) -> None:
    themes = queries.theme_choices(db.session(), [form.theme_id.data or 0])
    form.theme_id.offer([(theme.id, theme.title) for theme in themes], "Choose a theme")
    form.lead_unit_id.offer(units(), "Choose a unit")


def _to_goals(plan: StrategicPlan, message: str = "") -> Response:
    return see_other(url_for(".plan_goals", plan_id=plan.id), message)
