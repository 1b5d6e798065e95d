"""The timeline of a work plan: a chart on a desk, the same by month on phones and in print."""

from dataclasses import replace

from flask import Response, g, request

from bmms.blueprints.planning import bp
from bmms.blueprints.planning.wizard import units
from bmms.blueprints.planning.work_pages import words, work_plan_of
from bmms.domain import clock
from bmms.domain.permissions import Permission
from bmms.domain.workplans import queries, timeline
from bmms.domain.workplans.labels import FILLS, LIGHT
from bmms.domain.workplans.schedule import Light
from bmms.extensions import db
from bmms.models.work import WorkItem
from bmms.web.fields import as_id
from bmms.web.guard import guard
from bmms.web.paging import paginate_list
from bmms.web.respond import page


@bp.get("/work-plans/<int:work_plan_id>/timeline")
@guard(Permission.PLAN_VIEW)
def work_plan_timeline(work_plan_id: int) -> Response:
    """`?quarter=2&unit=7&program=3&light=red&whose=mine` narrow it down."""
    session, plan = db.session(), work_plan_of(work_plan_id)
    chosen = {name: request.args.get(name, "") for name in ("quarter", "unit", "program", "light", "whose")}
    among = None
    for name, column in (("unit", WorkItem.unit_id), ("program", WorkItem.program_id)):
        if key := as_id(chosen[name]):
            among = column == key if among is None else among & (column == key)
    if chosen["whose"] == "mine":
        mine = queries.assigned_to(queries.own_memberships(session, g.actor))
        among = mine if among is None else among & mine
    shown = timeline.timeline_of(
        session, plan, clock.today(), quarter=as_id(chosen["quarter"]), among=among,
        light=Light(chosen["light"]) if chosen["light"] in set(Light) else None,
    )  # fmt: skip
    lines = paginate_list(shown.lines)
    return page(
        "planning/work_plan_timeline.html",
        fragment="results",
        plan=plan,
        timeline=replace(shown, lines=lines.items),
        lines=lines,
        chosen=chosen,
        units=[("", "any"), *((str(key), name) for key, name in units())],
        programs=[("", "any"), *((str(key), name) for key, name in queries.program_choices(session))],
        quarters=[("", "whole year"), *((str(n), f"Quarter {n}") for n in timeline.QUARTERS)],
        light_choices=[("", "any"), *((one.value, word[0]) for one, word in LIGHT.items())],
        fills=FILLS,
        **words(),
    )
