"""Work items: the page of one, the list of a plan, and the forms of a draft."""

from typing import Any

from flask import Response, current_app, g, request, url_for

from bmms.blueprints.planning import bp
from bmms.blueprints.planning.plan_pages import removal_page
from bmms.blueprints.planning.wizard import members, units
from bmms.blueprints.planning.work_forms import ItemForm, NewItemForm, PlaceForm, ShiftForm
from bmms.blueprints.planning.work_pages import item_of, words, work_plan_of
from bmms.domain import clock, merging
from bmms.domain.permissions import Permission
from bmms.domain.planning import labels
from bmms.domain.workplans import items, itemsteps, progress, queries, rules, shifting
from bmms.domain.workplans.duty import duty_of
from bmms.domain.workplans.labels import TAGS
from bmms.domain.workplans.places import Gazetteer
from bmms.extensions import db
from bmms.models.organizations import Module
from bmms.models.work import AnnualObjective, AnnualWorkPlan, ItemStatus, WorkItem
from bmms.web.fields import as_id
from bmms.web.guard import guard
from bmms.web.paging import paginate
from bmms.web.respond import form_page, page, see_other


@bp.get("/work-plans/<int:work_plan_id>/items")
@guard(Permission.PLAN_VIEW)
def work_plan_items(work_plan_id: int) -> Response:
    """All items of a work plan by due date: searched, of a status or unit, or only one's own."""
    session, plan = db.session(), work_plan_of(work_plan_id)
    search, status = request.args.get("q", "").strip(), request.args.get("status", "")
    unit_id, whose = as_id(request.args.get("unit")), request.args.get("whose", "")
    among = queries.assigned_to(queries.own_memberships(session, g.actor)) if whose == "mine" else None
    if status == "overdue":
        among = queries.overdue(clock.today()) if among is None else among & queries.overdue(clock.today())
    return page(
        "planning/work_plan_items.html",
        fragment="results",
        plan=plan,
        items=paginate(queries.find_items(plan, search=search, status=status, unit_id=unit_id, among=among)),
        search=search,
        chosen={"status": status, "unit": str(unit_id or ""), "whose": whose},
        units=units(),
        statuses=[("", "any"), ("overdue", "Overdue")]
        + [(status.value, labels.ITEM_STATUS[status][0]) for status in ItemStatus],
        **words(),
    )


@bp.get("/work-items/<int:work_item_id>")
@guard(Permission.PLAN_VIEW)
def work_item_show(work_item_id: int) -> Response:
    """An item: where it stands, what lies under it, who and where, and what was said of it."""
    session = db.session()
    item, plan = item_of(work_item_id)
    duty = duty_of(session, g.actor, item)
    around = queries.surroundings_of(session, item)
    gazetteer, links = Gazetteer(session), queries.links_of(session, item)
    return page(
        "planning/work_item_show.html",
        fragment="results",
        item=item,
        plan=plan,
        around=around,
        steps=itemsteps.offered(g.actor, duty, item, plan.status),
        can_report=progress.can_report(duty, item, plan.status),
        can_shift=shifting.can_shift(g.actor, item, plan),
        items=paginate(queries.items_under(around.objective, item)) if item.has_children else None,
        kinds=rules.NESTING[item.kind],
        team=links.team,
        places=[gazetteer.write(*one) for one in links.places],
        predecessors=queries.predecessors_of(session, item) if links.predecessors else [],
        updates=[] if item.has_children else queries.updates_of(session, item),
        sees_money=g.organization.has(Module.BUDGETING) and g.actor.may(Permission.LEDGER_VIEW),
        **words(),
    )


@bp.route("/work-plans/<int:work_plan_id>/objectives/<int:annual_objective_id>/items/new", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def work_item_new(work_plan_id: int, annual_objective_id: int) -> Response:
    """Add a project or activity directly under an annual objective."""
    plan = work_plan_of(work_plan_id)
    return _new(plan, queries.get_objective(db.session(), plan, annual_objective_id), None)


@bp.route("/work-items/<int:work_item_id>/items/new", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def work_item_new_below(work_item_id: int) -> Response:
    """Add an activity, task or milestone under an item."""
    item, plan = item_of(work_item_id)
    return _new(plan, queries.get_objective(db.session(), plan, item.annual_objective_id), item)


def _new(plan: AnnualWorkPlan, objective: AnnualObjective, parent: WorkItem | None) -> Response:
    like: dict[str, Any] = {
        name: getattr(parent, name)
        for name in ("program_id", "officer_id", "unit_id", "starts_on", "ends_on", "is_multi_year")
        if parent is not None
    }
    form = NewItemForm.about(None, None, **like)
    form.kind.choices = [
        (kind.value, labels.ITEM_KIND[kind]) for kind in rules.NESTING[parent.kind if parent else None]
    ]
    _offer(form)
    if made := form.acts(lambda: items.add_item(db.session(), g.actor, plan, objective, parent, form.answers())):
        return see_other(url_for(".work_item_show", work_item_id=made.id), f"{made.code} is added.")
    return form_page(
        "planning/work_item_form.html", form, plan=plan, objective=objective, parent=parent, item=None, labels=labels,
        gazetteer=Gazetteer(db.session()),
    )  # fmt: skip


@bp.route("/work-items/<int:work_item_id>/edit", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def work_item_edit(work_item_id: int) -> Response:
    """Change an item of a draft."""
    session = db.session()
    item, plan = item_of(work_item_id)
    gazetteer = Gazetteer(session)
    linked = items.linked(session, item, gazetteer)
    seen = {name: merging.digest(value) for name, value in linked.items()}
    form = ItemForm.about(item, seen, **linked)
    _offer(form)
    if form.acts(lambda: items.change_item(session, g.actor, plan, item, form.answers(), **form.ways)):
        return see_other(url_for(".work_item_show", work_item_id=item.id), "The item is saved.")
    return form_page(
        "planning/work_item_form.html", form, plan=plan, objective=None, parent=None, item=item, labels=labels,
        gazetteer=gazetteer,
    )  # fmt: skip


@bp.route("/work-items/<int:work_item_id>/remove", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def work_item_remove(work_item_id: int) -> Response:
    """Ask, then remove an item of a draft with what lies under it."""
    item, plan = item_of(work_item_id)
    left_out = {
        "verb": "Leave out", "done": "The item is left out.",
        "consequence": "It is cancelled, with its open parts, when the revision is approved.",
    }  # fmt: skip
    removed = {
        "done": "The item is removed.",
        "consequence": "What lies under it goes with it." if item.has_children else "Its code is not drawn again.",
    }
    return removal_page(
        plan, lambda: items.remove_item(db.session(), g.actor, plan, item), title=item.title,
        back=url_for(".work_item_show", work_item_id=item.id), next_url=_above(item),
        **(left_out if item.revises_id else removed),
    )  # fmt: skip


@bp.post("/work-items/<int:work_item_id>/move")
@guard(Permission.PLAN_EDIT)
def work_item_move(work_item_id: int) -> Response:
    """One place up or down among its siblings (`by`: -1 or 1)."""
    item, plan = item_of(work_item_id)
    items.move_item(db.session(), g.actor, plan, item, -1 if request.form.get("by") == "-1" else 1)
    return see_other(_above(item))


@bp.route("/work-items/<int:work_item_id>/place", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def work_item_place(work_item_id: int) -> Response:
    """Put an item under another one, or directly under an annual objective."""
    session, (item, plan) = db.session(), item_of(work_item_id)
    parent = session.get(WorkItem, item.parent_id) if item.parent_id else None
    form = PlaceForm(data={"parent_code": parent.code if parent else "", "objective_id": item.annual_objective_id})
    groups = [group.objective for group in queries.groups_of(session, plan, clock.today())]
    form.objective_id.offer([(one.id, f"{one.ordinal}. {one.statement[:100]}") for one in groups], "Choose one")
    if form.acts(lambda: items.place_item(session, g.actor, plan, item, **form.answers())):
        return see_other(_above(item), "The item is moved.")
    back = url_for(".work_item_show", work_item_id=item.id)
    return form_page("planning/work_item_place.html", form, item=item, plan=plan, back=back)


@bp.route("/work-items/<int:work_item_id>/shift", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def work_item_shift(work_item_id: int) -> Response:
    """Move the dates of an item in force by some days, with a reason."""
    item, plan = item_of(work_item_id)
    form, back = ShiftForm(obj=item), url_for(".work_item_show", work_item_id=item.id)
    if form.acts(lambda: shifting.shift(db.session(), g.actor, item, **form.answers())):
        return see_other(back, "The dates are shifted.")
    most = current_app.extensions["installation"].config.planning.shift_days
    return form_page("planning/work_item_shift.html", form, item=item, plan=plan, back=back, most=most)


def _above(item: WorkItem) -> str:
    if item.parent_id:
        return url_for(".work_item_show", work_item_id=item.parent_id)
    return url_for(".work_plan_show", work_plan_id=item.work_plan_id, objective=item.annual_objective_id)


def _offer(form: ItemForm) -> None:
    people = members()
    form.officer_id.offer(people, "Choose a person")
    form.unit_id.offer(units(), "Choose a unit")
    form.program_id.offer(queries.program_choices(db.session()), "Choose a program")
    form.people.offer(people)
    chosen = dict.fromkeys(form.tags.data or ())  # with what is offered no longer, so that it is not lost unseen
    form.tags.choices = list({**{tag: tag for tag in chosen}, **TAGS}.items())
