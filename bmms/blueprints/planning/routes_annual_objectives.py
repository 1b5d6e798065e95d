"""The annual objectives of a work plan: add, change, remove, order."""

from flask import Response, g, request, url_for

from bmms.blueprints.planning import bp
from bmms.blueprints.planning.plan_pages import removal_page
from bmms.blueprints.planning.wizard import members
from bmms.blueprints.planning.work_forms import AnnualObjectiveForm
from bmms.blueprints.planning.work_pages import work_plan_of
from bmms.domain.permissions import Permission
from bmms.domain.workplans import actions, queries
from bmms.extensions import db
from bmms.models.work import AnnualObjective, AnnualWorkPlan
from bmms.web.guard import guard
from bmms.web.respond import form_page, see_other


@bp.route("/work-plans/<int:work_plan_id>/objectives/new", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def annual_objective_new(work_plan_id: int) -> Response:
    """Add an annual objective."""
    plan, form = work_plan_of(work_plan_id), AnnualObjectiveForm.about(None)
    _offer(plan, form)
    if objective := form.acts(lambda: actions.add_objective(db.session(), g.actor, plan, form.answers())):
        return _to_board(plan, objective, "The objective is added. Give it projects and activities.")
    return form_page("planning/annual_objective_form.html", form, plan=plan, objective=None)


@bp.route("/work-plans/<int:work_plan_id>/objectives/<int:annual_objective_id>", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def annual_objective_edit(work_plan_id: int, annual_objective_id: int) -> Response:
    """Change an annual objective."""
    plan, objective = _objective_of(work_plan_id, annual_objective_id)
    form = AnnualObjectiveForm.about(objective)
    _offer(plan, form)
    if form.acts(lambda: actions.change_objective(db.session(), g.actor, plan, objective, form.answers(), **form.ways)):
        return _to_board(plan, objective, "The objective is saved.")
    return form_page("planning/annual_objective_form.html", form, plan=plan, objective=objective)


@bp.route("/work-plans/<int:work_plan_id>/objectives/<int:annual_objective_id>/remove", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def annual_objective_remove(work_plan_id: int, annual_objective_id: int) -> Response:
    """Ask, then remove an annual objective without items."""
    plan, objective = _objective_of(work_plan_id, annual_objective_id)
    return removal_page(
        plan, lambda: actions.remove_objective(db.session(), g.actor, plan, objective),
        title=objective.statement[:80], done="The objective is removed.",
        back=url_for(".work_plan_show", work_plan_id=plan.id),
    )  # fmt: skip


@bp.post("/work-plans/<int:work_plan_id>/objectives/<int:annual_objective_id>/move")
@guard(Permission.PLAN_EDIT)
def annual_objective_move(work_plan_id: int, annual_objective_id: int) -> Response:
    """One place up or down (`by`: -1 or 1)."""
    plan, objective = _objective_of(work_plan_id, annual_objective_id)
    actions.move_objective(db.session(), g.actor, plan, objective, -1 if request.form.get("by") == "-1" else 1)
    return _to_board(plan, objective)


def _objective_of(work_plan_id: int, objective_id: int) -> tuple[AnnualWorkPlan, AnnualObjective]:
    plan = work_plan_of(work_plan_id)
    return plan, queries.get_objective(db.session(), plan, objective_id)


def _offer(plan: AnnualWorkPlan, form: AnnualObjectiveForm) -> None:
    form.objective_id.offer(queries.strategic_choices(db.session(), plan), "Choose an objective")
    form.owner_id.offer(members(), "Choose a person")


def _to_board(plan: AnnualWorkPlan, objective: AnnualObjective, message: str = "") -> Response:
    return see_other(url_for(".work_plan_show", work_plan_id=plan.id, objective=objective.id), message)
