"""Steps 3 and 4 of the wizard: objectives, KPIs and risks; who answers for them, and when."""

from typing import Any

from flask import Response, g, request, url_for

from bmms.blueprints.planning import bp
from bmms.blueprints.planning.forms import DUTIES, KpiForm, ObjectiveForm, RiskForm, duties_form, kpi_form
from bmms.blueprints.planning.plan_pages import removal_page
from bmms.blueprints.planning.wizard import members, plan_of, units, wizard
from bmms.domain import merging
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import Permission
from bmms.domain.planning import actions, kpis, labels, queries
from bmms.extensions import db
from bmms.models.planning import StrategicObjective, StrategicPlan
from bmms.web.guard import guard
from bmms.web.kept_forms import KeptForm
from bmms.web.respond import form_page, page, see_other


@bp.get("/plans/<int:plan_id>/objectives")
@guard(Permission.PLAN_EDIT)
def plan_objectives(plan_id: int) -> Response:
    """Each goal with its objectives, each objective with its KPIs."""
    plan = plan_of(plan_id)
    outline = queries.outline(db.session(), plan, targets=False, links=False)
    return page("planning/plan_objectives.html", plan=plan, outline=outline, labels=labels, wizard=wizard(plan, 3))


@bp.route("/plans/<int:plan_id>/goals/<int:goal_id>/objectives/new", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def objective_new(plan_id: int, goal_id: int) -> Response:
    """Add an objective to a goal."""
    plan = plan_of(plan_id)
    goal = queries.get_goal(db.session(), plan, goal_id)
    form = ObjectiveForm.about(None)
    if objective := form.acts(lambda: actions.add_objective(db.session(), g.actor, plan, goal, form.answers())):
        shown = url_for(".kpi_new", plan_id=plan_id, objective_id=objective.id)
        return see_other(shown, "The objective is added. Give it a KPI.")
    return form_page("planning/objective_form.html", form, plan=plan, goal=goal, objective=None)


@bp.route("/plans/<int:plan_id>/objectives/<int:objective_id>", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def objective_edit(plan_id: int, objective_id: int) -> Response:
    """Change an objective."""
    plan, objective = _objective_of(plan_id, objective_id)
    form = ObjectiveForm.about(objective)
    if form.acts(lambda: actions.change_objective(db.session(), g.actor, plan, objective, form.answers(), **form.ways)):
        return _to_objectives(plan, "The objective is saved.")
    return form_page("planning/objective_form.html", form, plan=plan, goal=None, objective=objective)


@bp.route("/plans/<int:plan_id>/objectives/<int:objective_id>/remove", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def objective_remove(plan_id: int, objective_id: int) -> Response:
    """Ask, then remove an objective with its KPIs."""
    plan, objective = _objective_of(plan_id, objective_id)
    return removal_page(
        plan, lambda: actions.remove_objective(db.session(), g.actor, plan, objective), title=objective.title,
        done="The objective is removed.", back=url_for(".plan_objectives", plan_id=plan_id),
        consequence="Its KPIs and risks go with it.",
    )  # fmt: skip


@bp.post("/plans/<int:plan_id>/objectives/<int:objective_id>/move")
@guard(Permission.PLAN_EDIT)
def objective_move(plan_id: int, objective_id: int) -> Response:
    """One place up or down in its goal (`by`: -1 or 1)."""
    plan, objective = _objective_of(plan_id, objective_id)
    actions.move_objective(db.session(), g.actor, plan, objective, -1 if request.form.get("by") == "-1" else 1)
    return _to_objectives(plan)


@bp.route("/plans/<int:plan_id>/objectives/<int:objective_id>/kpis/new", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def kpi_new(plan_id: int, objective_id: int) -> Response:
    """Add a KPI to an objective."""
    plan, objective = _objective_of(plan_id, objective_id)
    form = kpi_form(kpis.years_of(plan)).about(None)
    _offer(form)
    if form.acts(lambda: kpis.add_kpi(db.session(), g.actor, plan, objective, form.answers(), form.targets)):
        return _to_objectives(plan, "The KPI is added.")
    return form_page("planning/kpi_form.html", form, plan=plan, objective=objective, kpi=None)


@bp.route("/plans/<int:plan_id>/objectives/<int:objective_id>/kpis/<int:kpi_id>", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def kpi_edit(plan_id: int, objective_id: int, kpi_id: int) -> Response:
    """Change a KPI."""
    plan, objective = _objective_of(plan_id, objective_id)
    kpi = queries.get_kpi(db.session(), objective, kpi_id)
    targets = {f"target_{year}": value for year, value in kpis.targets_by_year(db.session(), plan, kpi).items()}
    seen = {name: merging.digest(value) for name, value in targets.items()}
    form = kpi_form(kpis.years_of(plan)).about(kpi, seen, **targets)
    _offer(form)
    if form.acts(lambda: kpis.change_kpi(db.session(), g.actor, plan, kpi, form.answers(), form.targets, **form.ways)):
        return _to_objectives(plan, "The KPI is saved.")
    return form_page("planning/kpi_form.html", form, plan=plan, objective=objective, kpi=kpi)


@bp.route("/plans/<int:plan_id>/objectives/<int:objective_id>/kpis/<int:kpi_id>/remove", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def kpi_remove(plan_id: int, objective_id: int, kpi_id: int) -> Response:
    """Ask, then remove a KPI."""
    plan, objective = _objective_of(plan_id, objective_id)
    kpi = queries.get_kpi(db.session(), objective, kpi_id)
    return removal_page(
        plan, lambda: kpis.remove_kpi(db.session(), g.actor, plan, kpi), title=kpi.name, done="The KPI is removed.",
        back=url_for(".plan_objectives", plan_id=plan_id), consequence="Its targets go with it.",
    )  # fmt: skip


@bp.route("/plans/<int:plan_id>/objectives/<int:objective_id>/risks/new", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def risk_new(plan_id: int, objective_id: int) -> Response:
    """Note a risk of an objective."""
    plan, objective = _objective_of(plan_id, objective_id)
    form = RiskForm.about(None)
    form.owner_id.offer(members(), "Choose a person")
    if form.acts(lambda: actions.add_risk(db.session(), g.actor, plan, objective, form.answers())):
        return _to_objectives(plan, "The risk is noted.")
    return form_page("planning/risk_form.html", form, plan=plan, objective=objective, risk=None)


@bp.route("/plans/<int:plan_id>/objectives/<int:objective_id>/risks/<int:risk_id>", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def risk_edit(plan_id: int, objective_id: int, risk_id: int) -> Response:
    """Change a risk."""
    plan, objective = _objective_of(plan_id, objective_id)
    risk = queries.get_risk(db.session(), objective, risk_id)
    form = RiskForm.about(risk)
    form.owner_id.offer(members(), "Choose a person")
    if form.acts(lambda: actions.change_risk(db.session(), g.actor, plan, risk, form.answers(), **form.ways)):
        return _to_objectives(plan, "The risk is saved.")
    return form_page("planning/risk_form.html", form, plan=plan, objective=objective, risk=risk)


@bp.route("/plans/<int:plan_id>/objectives/<int:objective_id>/risks/<int:risk_id>/remove", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def risk_remove(plan_id: int, objective_id: int, risk_id: int) -> Response:
    """Ask, then strike a risk."""
    plan, objective = _objective_of(plan_id, objective_id)
    risk = queries.get_risk(db.session(), objective, risk_id)
    return removal_page(
        plan, lambda: actions.remove_risk(db.session(), g.actor, plan, risk), title=risk.description[:80],
        done="The risk is struck.", back=url_for(".plan_objectives", plan_id=plan_id),
    )  # fmt: skip


@bp.route("/plans/<int:plan_id>/responsibilities", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def plan_responsibilities(plan_id: int) -> Response:
    """Step 4: for each objective the unit, the officer, and from when to when."""
    session, plan = db.session(), plan_of(plan_id)
    outline = queries.outline(session, plan, targets=False, risks=False, links=False)
    objectives = {branch.objective.id: branch.objective for branch in outline.objectives}
    here, people = units(), members()
    seen = {f"o{key}_{name}": merging.digest(getattr(row, name)) for key, row in objectives.items() for name in DUTIES}
    form = duties_form(list(objectives.values())).about(None, seen=seen)
    for key in objectives:
        form[f"o{key}_unit_id"].offer(here, "Choose a unit")
        form[f"o{key}_owner_id"].offer(people, "Choose a person")
    if form.acts(lambda: _save_duties(plan, objectives, form)):
        return see_other(url_for(".plan_review", plan_id=plan_id), "The responsibilities are saved.")
    return form_page("planning/plan_responsibilities.html", form, plan=plan, outline=outline, wizard=wizard(plan, 4))


def _save_duties(plan: StrategicPlan, objectives: dict[int, StrategicObjective], form: KeptForm) -> None:
    answers, seen, chosen = form.answers(), form.what_was_seen, form.chosen
    broken: dict[str, str] = {}
    conflicts: list[merging.Conflict] = []
    for key, objective in objectives.items():
        stem = f"o{key}_"
        try:
            with db.session().begin_nested():
                actions.change_objective(
                    db.session(), g.actor, plan, objective, _of(answers, stem),
                    seen=_of(seen, stem), chosen=_of(chosen, stem),
                )  # fmt: skip
        except merging.Conflicts as found:
            conflicts += [
                merging.Conflict(stem + one.field, one.mine, one.theirs, one.author, one.at)
                for one in found.conflicts.values()
            ]
        except RuleBroken as wrong:
            broken |= {stem + name: message for name, message in wrong.fields.items()} or {"": str(wrong)}
    if conflicts:
        raise merging.Conflicts(conflicts)
    if broken:
        (field, message), *others = broken.items()
        raise RuleBroken(message, field=field, **dict(others))


def _of(values: dict[str, Any], stem: str) -> dict[str, Any]:
    return {name.removeprefix(stem): value for name, value in values.items() if name.startswith(stem)}


def _objective_of(plan_id: int, objective_id: int) -> tuple[StrategicPlan, StrategicObjective]:
    plan = plan_of(plan_id)
    return plan, queries.get_objective(db.session(), plan, objective_id)


def _offer(form: KpiForm) -> None:
    measures = queries.unit_of_measure_choices(db.session(), [form.unit_of_measure_id.data or 0])
    form.unit_of_measure_id.offer([(unit.id, unit.name) for unit in measures], "Choose a unit")
    form.owner_id.offer(members(), "Choose a person")


def _to_objectives(plan: StrategicPlan, message: str = "") -> Response:
    return see_other(url_for(".plan_objectives", plan_id=plan.id), message)
