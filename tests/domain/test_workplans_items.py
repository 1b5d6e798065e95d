"""Work plans and their items: years, codes, the tree, dates, links, what is missing at submission."""

import threading
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from bmms.config import Pilot
from bmms.domain.errors import RuleBroken
from bmms.domain.installation import Installation
from bmms.domain.merging import Conflicts, digest, seen_of
from bmms.domain.workplans import actions, checks, items, queries, rules, steps
from bmms.models.audit import AuditEvent
from bmms.models.planning import PlanStatus, PlanVersion
from bmms.models.work import AnnualWorkPlan, ItemKind, WorkItem
from tests import planning as strategic
from tests.workplans import add, bring_to, make_objective, make_places, make_tree, make_work_plan


@pytest.fixture
def desks(engine, app, cast):
    """Badar, who plans, and Amina, who approves, each with an own session."""
    found = [strategic.desk_of(engine, app, cast, name) for name in ("badar", "amina")]
    yield found
    for desk in found:
        desk.session.close()


@pytest.fixture
def plan(engine, cast, desks):
    """An active strategic plan, 2026 to 2028, in Badar's session."""
    theme_id, hours_id = strategic.make_lists(engine)
    made = strategic.make_plan(desks[0], theme_id, hours_id, cast.memberships["badar"].id)
    strategic.bring_to(made, *desks, "submit", "approve", "activate")
    return made


@pytest.fixture
def objective(desks, plan):
    """An annual objective of a draft work plan."""
    return make_objective(desks[0], make_work_plan(desks[0], plan))


def broken(act, *args, **kwargs) -> RuleBroken:
    """What the rule said."""
    with pytest.raises(RuleBroken) as found:
        act(*args, **kwargs)
    return found.value


@pytest.mark.parametrize(("year", "words"), [(2025, "runs 2026 to 2028"), (2029, "runs 2026 to 2028")])
def test_the_year_lies_in_the_plan(desks, plan, year, words):
    said = broken(make_work_plan, desks[0], plan, fiscal_year=year)
    assert (said.field, words in str(said)) == ("fiscal_year", True)


def test_one_work_plan_a_year(desks, plan):
    make_work_plan(desks[0], plan)
    assert broken(make_work_plan, desks[0], plan).field == "fiscal_year"


def test_a_draft_plan_has_no_work_plan(engine, app, cast, desks):
    theme_id, hours_id = strategic.make_lists(engine)
    draft = strategic.make_plan(desks[0], theme_id, hours_id, cast.memberships["badar"].id)
    assert broken(make_work_plan, desks[0], draft).field == "plan_id"


def test_codes_are_drawn_in_order_and_never_twice(desks, plan, objective):
    first, second = add(desks[0], objective, "project"), add(desks[0], objective, "activity")
    assert [first.code, second.code] == ["MOH-2026-PPA-0001", "MOH-2026-PPA-0002"]
    work_plan = desks[0].session.get_one(AnnualWorkPlan, objective.work_plan_id)
    items.remove_item(desks[0].session, desks[0].actor, work_plan, second)
    assert add(desks[0], objective, "activity").code == "MOH-2026-PPA-0003"


ALLOWED = {
    (None, "project"), (None, "activity"), ("project", "activity"), ("project", "milestone"), ("activity", "task"),
    ("activity", "milestone"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ItemKind)
@pytest.mark.parametrize("parent", [None, *ItemKind])
def test_what_lies_under_what(parent, kind):
    above = WorkItem(kind=parent) if parent else None
    if (parent, kind.value) in ALLOWED:
        rules.require_nesting(kind, above)
    else:
        assert broken(rules.require_nesting, kind, above).field == "kind"


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        ({"starts_on": date(2026, 5, 2), "ends_on": date(2026, 5, 1)}, "ends_on"),
        ({"starts_on": date(2025, 12, 31)}, "starts_on"),
        ({"ends_on": date(2027, 1, 1)}, "ends_on"),
    ],
)
def test_dates_stay_in_the_year(desks, plan, objective, dates, field):
    assert broken(add, desks[0], objective, "project", **dates).field == field


def test_an_item_of_several_years_may_leave_it(desks, plan, objective):
    item = add(desks[0], objective, "project", ends_on=date(2027, 6, 30), is_multi_year=True)
    assert item.ends_on.year == 2027
    assert broken(add, desks[0], objective, "activity", item, ends_on=date(2027, 7, 1), is_multi_year=True)


def test_a_parent_cannot_be_shortened_below_its_children(desks, plan, objective):
    desk = desks[0]
    project = add(desk, objective, "project")
    add(desk, objective, "activity", project, ends_on=date(2026, 9, 30))
    work_plan = desk.session.get_one(AnnualWorkPlan, objective.work_plan_id)
    shorter = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 9, 29)}
    assert broken(items.change_item, desk.session, desk.actor, work_plan, project, shorter).field == "ends_on"


@pytest.mark.parametrize(
    ("figures", "field"),
    [
        ({"beneficiaries": 10, "female": 6, "male": 5}, "beneficiaries"),
        ({"female": 6}, "beneficiaries"),
        ({"beneficiaries": -1}, "beneficiaries"),
        ({"planned_cost": Decimal("-0.01")}, "planned_cost"),
        ({"planned_cost": Decimal("0.001")}, "planned_cost"),
        ({"planned_cost": Decimal(10**20)}, "planned_cost"),
        ({"beneficiaries": 10**12}, "beneficiaries"),
        ({"officer_id": 99999}, "officer_id"),
        ({"unit_id": 99999}, "unit_id"),
        ({"program_id": 99999}, "program_id"),
        ({"people": [99999]}, "people"),
        ({"predecessors": "9"}, "predecessors"),
        ({"places": "Atlantis"}, "places"),
    ],
)
def test_what_is_not_so_is_told_at_its_field(desks, plan, objective, figures, field):
    assert broken(add, desks[0], objective, "project", **figures).field == field


def test_somebody_of_another_ministry_cannot_be_named(desks, cast, plan, objective):
    assert broken(add, desks[0], objective, "project", officer_id=cast.memberships["ben"].id).field == "officer_id"


def test_a_milestone_is_one_day(desks, plan, objective):
    project = add(desks[0], objective, "project")
    milestone = add(desks[0], objective, "milestone", project, ends_on=date(2026, 6, 30))
    assert milestone.starts_on == milestone.ends_on == date(2026, 6, 30)


def test_predecessors_make_no_ring(desks, plan, objective):
    desk = desks[0]
    project = add(desk, objective, "project")
    first = add(desk, objective, "activity", project)
    second = add(desk, objective, "activity", project, predecessors=first.code)
    third = add(desk, objective, "activity", project, predecessors=f"{second.code.rsplit('-')[-1]}")
    assert [one.code for one in queries.predecessors_of(desk.session, third)] == [second.code]
    work_plan = desk.session.get_one(AnnualWorkPlan, objective.work_plan_id)

    def wait(item: WorkItem, code: str) -> RuleBroken:
        answers = {"starts_on": item.starts_on, "ends_on": item.ends_on, "predecessors": code}
        return broken(items.change_item, desk.session, desk.actor, work_plan, item, answers)

    assert "wait for this item already" in str(wait(first, third.code))
    assert "wait for itself" in str(wait(first, first.code))
    assert "part of this or holds it" in str(wait(first, project.code))
    assert "part of this or holds it" in str(wait(project, third.code))


def test_places_are_read_as_people_write_them(engine, desks, plan, objective):
    make_places(engine)
    item = add(desks[0], objective, "project", places="upi: Mirab\n\nSultan Mastura, Maguindanao del Norte")
    written = items.linked(desks[0].session, item)["places"]
    assert written == "Upi, Maguindanao del Norte: Mirab\nSultan Mastura, Maguindanao del Norte"
    assert "Do you mean Sultan Mastura" in str(broken(add, desks[0], objective, "project", places="Sultan Mastra"))


def test_two_planners_change_team_and_title(desks, cast, plan, objective):
    """Answers that stand in other rows are merged like columns: nobody overwrites what he or she has not seen."""
    desk, badar, amina = desks[0], cast.memberships["badar"].id, cast.memberships["amina"].id
    item = add(desk, objective, "project", people=[badar])
    work_plan = desk.session.get_one(AnnualWorkPlan, objective.work_plan_id)
    seen = seen_of(item, ("title",)) | {"people": digest([badar])}
    dates = {"starts_on": item.starts_on, "ends_on": item.ends_on}
    act = (desk.session, desk.actor, work_plan, item)
    items.change_item(*act, {**dates, "people": [badar, amina]}, seen=seen)
    items.change_item(*act, {**dates, "title": "New", "people": [badar]}, seen=seen)
    assert (item.title, items.linked(desk.session, item)["people"]) == ("New", sorted([badar, amina]))
    with pytest.raises(Conflicts):
        items.change_item(*act, {**dates, "people": []}, seen=seen)
    items.change_item(*act, {**dates, "people": []}, seen=seen, chosen={"people": "mine"})
    assert items.linked(desk.session, item)["people"] == []


def test_moving_and_removing(desks, plan, objective):
    desk = desks[0]
    work_plan = desk.session.get_one(AnnualWorkPlan, objective.work_plan_id)
    project = add(desk, objective, "project")
    inside = [add(desk, objective, "activity", project, f"Activity {n}") for n in (1, 2, 3)]
    items.move_item(desk.session, desk.actor, work_plan, inside[2], -1)
    items.move_item(desk.session, desk.actor, work_plan, inside[0], -1)
    found = desk.session.scalars(queries.items_under(objective, project)).all()
    assert [one.title for one in found] == ["Activity 1", "Activity 3", "Activity 2"]
    for one in found:
        assert project.has_children
        items.remove_item(desk.session, desk.actor, work_plan, one)
    assert not project.has_children
    assert broken(actions.remove_objective, desk.session, desk.actor, work_plan, objective)
    items.remove_item(desk.session, desk.actor, work_plan, project)
    actions.remove_objective(desk.session, desk.actor, work_plan, objective)


def test_what_is_missing(desks, cast, plan):
    desk = desks[0]
    work_plan = make_work_plan(desk, plan)
    assert [gap.message for gap in checks.gaps_of(desk.session, work_plan)] == ["There is no annual objective yet."]
    objective = make_objective(desk, work_plan, weight=Decimal(40))
    words = " ".join(gap.message for gap in checks.gaps_of(desk.session, work_plan))
    assert "has no activity" in words
    assert "add up to 40, not 100" in words
    project = add(desk, objective, "project", planned_cost=Decimal(100))
    add(desk, objective, "activity", project, planned_cost=Decimal("99.99"), officer_id=cast.memberships["dan"].id)
    words = " ".join(gap.message for gap in checks.gaps_of(desk.session, work_plan))
    assert "needs an officer who works here and a program" in words
    assert "plans ₱ 100.00; what lies under it plans ₱ 99.99" in words
    assert "The work plan is not complete" in str(broken(steps.take, desk.session, desk.actor, work_plan, "submit"))


def test_from_draft_to_active_with_a_version(engine, desks, cast, plan):
    badar, amina = desks
    tree = make_tree(badar, plan, cast.memberships["badar"].id)
    work_plan = badar.session.get_one(AnnualWorkPlan, tree["task"].work_plan_id)
    bring_to(work_plan, badar, amina, "submit", "approve", "activate")
    badar.session.refresh(work_plan)
    assert work_plan.status == PlanStatus.ACTIVE
    assert work_plan.progress == 0
    version = badar.session.scalars(select(PlanVersion).where(PlanVersion.work_plan_id == work_plan.id)).one()
    project = version.payload["objectives"][0]["items"][0]
    assert [one["title"] for one in project["items"]] == ["Train the staff", "Buy phones"]
    shut = broken(items.add_item, badar.session, badar.actor, work_plan, None, None, {})
    assert "cannot be changed" in str(shut)
    acts = set(badar.session.scalars(select(AuditEvent.action)))
    assert {"annual_work_plans:submit", "annual_work_plans:approve", "annual_work_plans:activate"} <= acts


def test_an_approved_work_plan_waits_for_its_strategic_plan(engine, app, desks, cast):
    badar, amina = desks
    theme_id, hours_id = strategic.make_lists(engine)
    parent = strategic.make_plan(badar, theme_id, hours_id, cast.memberships["badar"].id)
    strategic.bring_to(parent, badar, amina, "submit", "approve")
    tree = make_tree(badar, parent, cast.memberships["badar"].id)
    work_plan = badar.session.get_one(AnnualWorkPlan, tree["task"].work_plan_id)
    bring_to(work_plan, badar, amina, "submit", "approve")
    badar.session.refresh(work_plan)
    assert "is not active" in str(broken(steps.take, badar.session, badar.actor, work_plan, "activate"))


def test_the_pilot_holds_so_many_activities(engine, app, desks, cast, plan, objective, monkeypatch):
    desk = desks[0]
    config = desk.session.info["installation"].config
    desk.session.info["installation"] = Installation(replace(config, pilot=Pilot(max_activities=2)))
    for _ in range(2):
        add(desk, objective, "activity")
    add(desk, objective, "project")
    assert "2 of 2 allowed pilot activities" in str(broken(add, desk, objective, "activity"))
    work_plan = desk.session.get_one(AnnualWorkPlan, objective.work_plan_id)
    work_plan.is_demo = True
    desk.session.flush()
    assert add(desk, objective, "activity").is_demo


def test_two_people_draw_two_codes(engine, app, desks, cast, plan, objective):
    """The second waits for the first: the number is drawn under the lock of the work plan."""
    badar, amina = desks
    badar.session.commit()
    theirs = amina.session.get_one(type(objective), objective.id)
    codes = [add(badar, objective, "activity").code]
    other = threading.Thread(target=lambda: codes.append(add(amina, theirs, "activity").code))
    other.start()
    badar.session.commit()
    other.join(300)
    amina.session.commit()
    assert codes == ["MOH-2026-PPA-0001", "MOH-2026-PPA-0002"]
