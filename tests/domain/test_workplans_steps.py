"""Every (status, verb, person) of the work plan's and the item's machine (modules 8.10), and their guards."""

import threading
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from bmms.domain import clock
from bmms.domain.discussion import actions as discussion
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken
from bmms.domain.files import store
from bmms.domain.planning.subjects import WORK_PLAN
from bmms.domain.subjects import Subject
from bmms.domain.workplans import copying, items, itemsteps, progress, queries, rollup, steps
from bmms.models.indicators import Indicator, IndicatorLevel
from bmms.models.planning import PlanStatus, StrategicObjective, StrategicPlan
from bmms.models.work import (
    AnnualObjective,
    AnnualWorkPlan,
    ItemStatus,
    ProgressUpdate,
    WorkItem,
)
from tests import planning as strategic
from tests import uploads
from tests.workplans import PEOPLE, REASON, bring_to, fresh, make_tree, make_work_plan, report, step


def put(desk, item: WorkItem, status: ItemStatus) -> None:
    """Set a leaf down in a status, as if by its steps."""
    row = desk.session.get_one(WorkItem, item.id)
    row.status = status
    row.progress = {ItemStatus.NOT_STARTED: Decimal(0), ItemStatus.COMPLETED: Decimal(100)}.get(status, Decimal(40))
    row.started_on = None if status == ItemStatus.NOT_STARTED else date(2026, 1, 2)
    while row.parent_id:
        row = desk.session.get_one(WorkItem, row.parent_id)
        row.status, row.started_on = ItemStatus.IN_PROGRESS, date(2026, 1, 2)
    desk.session.commit()


SOURCES = {
    "start": {"not_started"},
    "block": {"in_progress"},
    "unblock": {"blocked"},
    "complete": {"in_progress"},
    "defer": {"not_started", "in_progress", "blocked"},
    "cancel": {"not_started", "in_progress", "blocked"},
    "resume": {"deferred"},
    "reopen": {"completed"},
}
WHO = {
    "start": {"omar", "badar", "amina"},  # Amina plans as well as approves
    "block": {"omar"},
    "unblock": {"omar"},
    "complete": {"omar", "badar", "amina"},
    "defer": {"badar", "amina"},
    "cancel": {"badar", "amina"},
    "resume": {"badar", "amina"},
    "reopen": {"badar", "amina"},
}
TARGETS = {
    "start": "in_progress", "block": "blocked", "unblock": "in_progress", "complete": "completed",
    "defer": "deferred", "cancel": "cancelled", "resume": "in_progress", "reopen": "in_progress",
}  # fmt: skip
DATES = {"starts_on": date(2026, 2, 1), "ends_on": date(2026, 5, 31)}


def test_the_table_of_the_specification_is_the_table_of_the_code():
    assert set(itemsteps.ITEM_STEPS) == set(SOURCES)
    for verb, found in itemsteps.ITEM_STEPS.items():
        assert {status.value for status in found.sources} == SOURCES[verb], verb
        assert found.target.value == TARGETS[verb], verb


@pytest.mark.parametrize("verb", SOURCES)
def test_each_status_and_person_of_an_item(office, tree, verb):
    """Every pair that the table does not name is refused and changes nothing."""
    task = tree["task"]
    for status in ItemStatus:
        for name in PEOPLE:
            desk = office[name]
            put(office["badar"], task, status)
            desk.session.expire_all()
            row = desk.session.get_one(WorkItem, task.id)
            wanted = name in WHO[verb] and status.value in SOURCES[verb]
            dates = DATES if verb == "resume" else {}
            if wanted:
                itemsteps.take(desk.session, desk.actor, row, verb, note=REASON, **dates)
                assert row.status.value == TARGETS[verb], (status, name)
            else:
                with pytest.raises(RuleBroken if name in WHO[verb] else NotAllowed):
                    itemsteps.take(desk.session, desk.actor, row, verb, note=REASON, **dates)
            desk.session.rollback()


@pytest.mark.parametrize("verb", [verb for verb, step in itemsteps.ITEM_STEPS.items() if step.least])
def test_a_reason_is_asked_for(office, tree, verb):
    status = ItemStatus(min(SOURCES[verb]))
    put(office["badar"], tree["task"], status)
    with pytest.raises(RuleBroken) as said:
        step(office["omar" if verb == "block" else "badar"], tree["task"], verb, note="Short")
    assert said.value.field == "note"


@pytest.mark.parametrize("status", [one for one in PlanStatus if one != PlanStatus.ACTIVE])
def test_nothing_happens_while_the_work_plan_is_not_active(office, tree, status):
    badar = office["badar"]
    fresh(badar, AnnualWorkPlan, tree["task"].work_plan_id).status = status
    badar.session.commit()
    for act in (lambda: step(office["omar"], tree["task"], "start"), lambda: report(office["omar"], tree["task"], 10)):
        with pytest.raises(RuleBroken, match="while the work plan is active"):
            act()
        office["omar"].session.rollback()


def test_the_first_word_starts_an_item_and_all_above_it(office, tree):
    omar = office["omar"]
    report(omar, tree["task"], 50)
    for name in ("task", "activity", "project"):
        item = fresh(omar, WorkItem, tree[name].id)
        assert (item.status, item.started_on) == (ItemStatus.IN_PROGRESS, clock.today()), name
    assert fresh(omar, WorkItem, tree["second"].id).status == ItemStatus.NOT_STARTED


def test_the_path_to_the_root_and_nothing_else(office, tree, parent):
    """A task of 181 days at half beside 184 days and one at nothing; 200 of the 300 pesos; one of six objectives."""
    omar = office["omar"]
    report(omar, tree["task"], 50)
    activity = (Decimal(50) * 181 / (181 + 184 + 1)).quantize(Decimal("0.01"))
    project = (activity * 200 / 300).quantize(Decimal("0.01"))
    task = fresh(omar, WorkItem, tree["task"].id)
    assert fresh(omar, WorkItem, tree["activity"].id).progress == activity
    assert fresh(omar, WorkItem, tree["project"].id).progress == project
    objective = fresh(omar, AnnualObjective, task.annual_objective_id)
    assert objective.progress == project
    assert fresh(omar, AnnualWorkPlan, task.work_plan_id).progress == project
    assert fresh(omar, StrategicObjective, objective.objective_id).progress == project
    assert fresh(omar, StrategicPlan, parent.id).progress == project
    others = omar.session.scalars(
        select(StrategicObjective.progress).where(StrategicObjective.id != objective.objective_id)
    )
    assert set(others) == {None}
    assert rollup.differences(omar.session) == []


def test_computed_figures_make_no_row_look_edited(office, tree):
    before = fresh(office["badar"], AnnualWorkPlan, tree["task"].work_plan_id)
    version, changed = before.row_version, before.updated_at
    report(office["omar"], tree["task"], 50)
    after = fresh(office["badar"], AnnualWorkPlan, tree["task"].work_plan_id)
    assert (after.row_version, after.updated_at) == (version, changed)


def test_a_wrong_figure_is_found(office, tree):
    badar = office["badar"]
    report(office["omar"], tree["task"], 50)
    fresh(badar, WorkItem, tree["project"].id).progress = Decimal(99)
    badar.session.flush()
    found = [str(one) for one in rollup.differences(badar.session)]
    assert any(f"work_items {tree['project'].id}: 99.00 % is stored" in one or "99 % is stored" in one for one in found)
    rollup.settle(badar.session)
    assert rollup.differences(badar.session) == []


@pytest.mark.parametrize(
    ("percent", "more", "field"),
    [
        (101, {}, "percent"),
        (10**40, {}, "percent"),
        (-1, {}, "percent"),
        (50, {"note": "Short"}, "note"),
        (50, {"day": date(2999, 1, 1)}, "day"),
        (10, {}, "drop_reason"),
        (10, {"drop_reason": "Short"}, "drop_reason"),
        (50, {"day": date(2020, 1, 1)}, "day"),
    ],
)
def test_what_a_report_lacks(office, tree, percent, more, field):
    report(office["omar"], tree["task"], 40)
    with pytest.raises(RuleBroken) as said:
        report(office["omar"], tree["task"], percent, **more)
    assert said.value.fields.keys() == {field}


def test_a_drop_is_kept_with_its_reason(office, tree):
    omar = office["omar"]
    report(omar, tree["task"], 40)
    report(omar, tree["task"], 10, drop_reason="We had counted pages twice")
    last = omar.session.scalars(select(ProgressUpdate).order_by(ProgressUpdate.id.desc())).first()
    assert (last.before, last.after, last.drop_reason) == (40, 10, "We had counted pages twice")


def test_words_about_progress_are_never_changed(office, tree):
    omar = office["omar"]
    report(omar, tree["task"], 40)
    omar.session.scalars(select(ProgressUpdate)).one().note = "Something else"
    with pytest.raises(DBAPIError, match="permission denied"):
        omar.session.flush()
    omar.session.rollback()


def test_who_reports(office, tree):
    assert report(office["hana"], tree["task"], 40).progress == 40
    with pytest.raises(RuleBroken, match="The responsible officer completes"):
        report(office["hana"], tree["task"], 100)
    for name in ("badar", "jamila", "yusuf", "amina"):
        with pytest.raises(NotAllowed):
            report(office[name], tree["task"], 50)
    with pytest.raises(NotAllowed):
        report(office["hana"], tree["other"], 50)


def test_a_viewer_reports_nothing_even_if_named_as_officer(office, cast, tree):
    row = fresh(office["badar"], WorkItem, tree["task"].id)
    row.officer_id = cast.memberships["yusuf"].id
    office["badar"].session.commit()
    with pytest.raises(NotAllowed):
        report(office["yusuf"], tree["task"], 50)


def test_a_hundred_percent_completes_and_completing_is_a_hundred_percent(office, tree):
    omar = office["omar"]
    assert report(omar, tree["task"], 100).status == ItemStatus.COMPLETED
    assert step(omar, tree["other"], "start").status == ItemStatus.IN_PROGRESS
    other = step(omar, tree["other"], "complete", note="")
    assert (other.status, other.progress, other.finished_on) == (ItemStatus.COMPLETED, 100, clock.today())
    assert omar.session.scalar(select(ProgressUpdate.after).where(ProgressUpdate.work_item_id == other.id)) == 100
    with pytest.raises(RuleBroken):
        report(omar, tree["other"], 50)


def test_the_progress_of_a_parent_is_not_typed(office, tree):
    with pytest.raises(RuleBroken, match="computed from what lies under it"):
        report(office["omar"], tree["activity"], 50)


def test_a_parent_is_completed_after_its_children(office, tree):
    omar, badar = office["omar"], office["badar"]
    report(omar, tree["task"], 100)
    with pytest.raises(RuleBroken, match="2 items under it are still open"):
        step(omar, tree["activity"], "complete")
    omar.session.rollback()
    report(omar, tree["other"], 100)
    step(badar, tree["milestone"], "cancel")
    assert fresh(omar, WorkItem, tree["activity"].id).progress == 100
    assert fresh(omar, WorkItem, tree["activity"].id).status == ItemStatus.IN_PROGRESS
    assert omar.session.scalars(select(WorkItem.id).where(queries.to_complete())).all() == [tree["activity"].id]
    step(omar, tree["activity"], "complete")
    with pytest.raises(RuleBroken, match="Reopen that one first"):
        step(badar, tree["task"], "reopen")
    badar.session.rollback()
    step(badar, tree["activity"], "reopen")
    step(badar, tree["task"], "reopen")
    assert fresh(badar, WorkItem, tree["task"].id).progress == 0
    assert rollup.differences(badar.session) == []


def test_reopening_goes_back_to_what_was_before(office, tree):
    report(office["omar"], tree["task"], 70)
    report(office["omar"], tree["task"], 100)
    task = step(office["badar"], tree["task"], "reopen")
    assert (task.progress, task.finished_on) == (70, None)


def test_cancelled_and_deferred_count_in_nothing(office, tree):
    badar = office["badar"]
    report(office["omar"], tree["task"], 60)
    step(badar, tree["other"], "defer")
    step(badar, tree["milestone"], "cancel")
    assert fresh(badar, WorkItem, tree["activity"].id).progress == 60
    step(badar, tree["second"], "cancel")
    assert fresh(badar, WorkItem, tree["project"].id).progress == 60
    assert rollup.differences(badar.session) == []


def test_what_is_cancelled_takes_its_open_parts_along(office, tree):
    badar = office["badar"]
    report(office["omar"], tree["task"], 100)
    step(badar, tree["activity"], "cancel")
    found = {name: fresh(badar, WorkItem, tree[name].id).status.value for name in ("task", "other", "milestone")}
    assert found == {"task": "completed", "other": "cancelled", "milestone": "cancelled"}
    assert rollup.differences(badar.session) == []


def test_resuming_gives_new_dates_inside_what_it_lies_in(office, tree):
    badar = office["badar"]
    step(badar, tree["task"], "defer")
    for dates, field in (
        ({}, "starts_on"),
        ({"starts_on": date(2026, 5, 1)}, "ends_on"),
        ({"starts_on": date(2026, 5, 1), "ends_on": date(2027, 1, 1)}, "ends_on"),
    ):
        with pytest.raises(RuleBroken) as said:
            step(badar, tree["task"], "resume", **dates)
        assert said.value.field == field
        badar.session.rollback()
    task = step(badar, tree["task"], "resume", starts_on=date(2026, 5, 1), ends_on=date(2026, 9, 30))
    assert (task.status, task.starts_on) == (ItemStatus.NOT_STARTED, date(2026, 5, 1))
    step(badar, tree["activity"], "defer")
    with pytest.raises(RuleBroken, match="Resume that one first"):
        step(badar, tree["task"], "resume", **DATES)


def test_predecessors_come_first_or_a_reason(office, cast, parent):
    badar, omar = office["badar"], office["omar"]
    found = make_tree(badar, parent, cast.memberships["omar"].id)
    plan = badar.session.get_one(AnnualWorkPlan, found["task"].work_plan_id)
    other = found["other"]
    waits = {"starts_on": other.starts_on, "ends_on": other.ends_on, "predecessors": found["task"].code}
    items.change_item(badar.session, badar.actor, plan, other, waits)
    bring_to(plan, badar, office["amina"], "submit", "approve", "activate")
    for act in (lambda: step(omar, other, "start", note=""), lambda: report(omar, other, 10)):
        with pytest.raises(RuleBroken, match="should be finished first"):
            act()
        omar.session.rollback()
    assert step(omar, other, "start").status == ItemStatus.IN_PROGRESS


def test_an_output_needs_evidence(office, tree):
    badar, omar = office["badar"], office["omar"]
    task = fresh(badar, WorkItem, tree["task"].id)
    badar.session.add(
        Indicator(work_item_id=task.id, code="MOH-OUT-1", name="Courses written", level=IndicatorLevel.OUTPUT)
    )
    badar.session.commit()
    with pytest.raises(RuleBroken, match="evidence is needed"):
        report(omar, task, 100)
    omar.session.rollback()
    assert report(omar, task, 100, photo=store.Upload(BytesIO(uploads.picture()), "course.jpg")).progress == 100


def test_a_photo_is_read_by_whoever_sees_the_item(engine, app, cast, office, tree):
    omar = office["omar"]
    report(omar, tree["task"], 20, photo=store.Upload(BytesIO(uploads.picture()), "course.jpg"))
    file_id = omar.session.scalars(select(ProgressUpdate.file_id)).one()
    for name in ("badar", "yusuf"):
        _, content = store.open_file(office[name].session, office[name].actor, file_id)
        content.close()
    ben = strategic.desk_of(engine, app, cast, "ben", cast.mbhte)
    with pytest.raises(NotFound):
        store.open_file(ben.session, ben.actor, file_id)
    ben.session.close()
    with pytest.raises(RuleBroken, match="kind PDF"):
        report(omar, tree["task"], 30, photo=store.Upload(BytesIO(uploads.PDF), "course.pdf"))


PLAN_SOURCES = {
    "submit": {"draft", "returned"},
    "withdraw": {"submitted"},
    "approve": {"submitted"},
    "return": {"submitted"},
    "activate": {"approved"},
    "complete": {"active"},
    "drop": {"draft", "returned"},
}
PLAN_WHO = {
    "submit": {"badar", "amina"},
    "withdraw": {"badar"},
    "approve": {"amina"},
    "return": {"amina"},
    "activate": {"badar", "amina"},
    "complete": {"amina"},
    "drop": {"badar", "amina"},
}


def tree_plan(desk, tree) -> AnnualWorkPlan:
    return desk.session.get_one(AnnualWorkPlan, tree["task"].work_plan_id)


@pytest.mark.parametrize("verb", PLAN_SOURCES)
def test_each_status_and_person_of_a_work_plan(office, tree, cast, verb):
    badar = office["badar"]
    for row in badar.session.scalars(select(WorkItem)):
        row.status, row.progress = ItemStatus.COMPLETED, Decimal(100)
    first = AnnualWorkPlan(title="2025", plan_id=tree_plan(badar, tree).plan_id, fiscal_year=2025)
    badar.session.add(first)
    badar.session.flush()
    tree_plan(badar, tree).revises_id = first.id if verb == "drop" else None
    badar.session.commit()
    for status in PlanStatus:
        for name in PEOPLE:
            desk = office[name]
            plan = fresh(badar, AnnualWorkPlan, tree["task"].work_plan_id)
            plan.status = status
            badar.session.commit()
            desk.session.expire_all()
            theirs = desk.session.get_one(AnnualWorkPlan, plan.id)
            if name in PLAN_WHO[verb] and status.value in PLAN_SOURCES[verb]:
                steps.take(desk.session, desk.actor, theirs, verb, note=REASON)
                assert theirs.status == steps.WORK_PLAN_STEPS[verb].target, (status, name)
            else:
                with pytest.raises((RuleBroken, NotAllowed)):
                    steps.take(desk.session, desk.actor, theirs, verb, note=REASON)
            desk.session.rollback()


def test_nobody_decides_about_an_own_work_plan(office, cast, parent):
    amina = office["amina"]
    tree = make_tree(office["badar"], parent, cast.memberships["omar"].id)
    office["badar"].session.commit()
    plan = amina.session.get_one(AnnualWorkPlan, tree["task"].work_plan_id)
    steps.take(amina.session, amina.actor, plan, "submit")
    for verb in ("approve", "return"):
        with pytest.raises(RuleBroken, match="submitted this work plan yourself"):
            steps.take(amina.session, amina.actor, plan, verb, note=REASON)


def test_a_remark_of_somebody_else_stops_the_withdrawal_of_a_work_plan(office, cast, parent):
    badar, amina = office["badar"], office["amina"]
    plan_id = make_tree(badar, parent, cast.memberships["omar"].id)["task"].work_plan_id
    bring_to(badar.session.get_one(AnnualWorkPlan, plan_id), badar, amina, "submit")
    for desk in (badar, amina):  # an own remark stops nothing
        discussion.add(desk.session, desk.actor, Subject(WORK_PLAN, desk.session.get_one(AnnualWorkPlan, plan_id)),
                       "general", "Too many tasks in March.")  # fmt: skip
        desk.session.commit()
        if desk is badar:
            steps.take(badar.session, badar.actor, fresh(badar, AnnualWorkPlan, plan_id), "withdraw")
            badar.session.rollback()
    with pytest.raises(RuleBroken, match="there are remarks. Ask the approver to return the work plan"):
        steps.take(badar.session, badar.actor, fresh(badar, AnnualWorkPlan, plan_id), "withdraw")


def test_a_work_plan_is_complete_when_all_is_closed_or_carried_over(office, cast, tree):
    badar, amina = office["badar"], office["amina"]
    report(office["omar"], tree["task"], 100)
    step(badar, tree["second"], "cancel")
    plan = fresh(amina, AnnualWorkPlan, tree["task"].work_plan_id)
    with pytest.raises(RuleBroken, match="neither closed nor carried over"):
        steps.take(amina.session, amina.actor, plan, "complete")
    amina.session.rollback()
    parent = fresh(badar, StrategicPlan, plan.plan_id)
    next_year = make_work_plan(badar, parent, fiscal_year=2027, title="Annual Work Plan FY 2027")
    assert copying.carry_over(badar.session, badar.actor, next_year) == 4
    assert copying.carry_over(badar.session, badar.actor, next_year) == 0
    new = badar.session.scalars(select(WorkItem).where(WorkItem.work_plan_id == next_year.id).order_by(WorkItem.code))
    found = {item.title: item for item in new}
    assert set(found) == {"Help line", "Train the staff", "Hold the course", "Course done"}
    assert found["Hold the course"].parent_id == found["Train the staff"].id
    assert found["Hold the course"].carried_from_id == tree["other"].id
    assert (found["Hold the course"].starts_on, found["Hold the course"].progress) == (date(2027, 1, 1), 0)
    assert found["Course done"].starts_on == found["Course done"].ends_on
    badar.session.commit()
    amina.session.expire_all()
    steps.take(amina.session, amina.actor, plan, "complete")
    assert plan.status == PlanStatus.COMPLETED


def test_a_new_year_from_last_year(office, cast, tree):
    badar = office["badar"]
    report(office["omar"], tree["task"], 100)
    step(badar, tree["second"], "cancel")
    last = fresh(badar, AnnualWorkPlan, tree["task"].work_plan_id)
    plan = make_work_plan(badar, badar.session.get_one(StrategicPlan, last.plan_id), fiscal_year=2027, title="Next")
    assert copying.copy_last_year(badar.session, badar.actor, plan) == 5
    rows = badar.session.scalars(select(WorkItem).where(WorkItem.work_plan_id == plan.id).order_by(WorkItem.id)).all()
    assert {row.progress for row in rows} == {0}
    task = next(row for row in rows if row.title == "Write the course")
    assert (task.starts_on, task.ends_on, task.carried_from_id) == (date(2027, 1, 1), date(2027, 6, 30), None)
    assert queries.links_of(badar.session, task).team == [cast.memberships["hana"].id]
    assert sorted(row.code for row in rows)[0] == "MOH-2027-PPA-0001"
    assert [
        one.statement
        for one in badar.session.scalars(select(AnnualObjective).where(AnnualObjective.work_plan_id == plan.id))
    ] == ["Answer calls within a day"]
    later = make_work_plan(badar, badar.session.get_one(StrategicPlan, last.plan_id), fiscal_year=2028, title="Later")
    for status in (PlanStatus.DRAFT, PlanStatus.ARCHIVED):
        plan.status = status  # a draft goes into the archive with its strategic plan; nobody has worked by it
        with pytest.raises(RuleBroken, match="There is no work plan of 2027"):
            copying.copy_last_year(badar.session, badar.actor, later)


def test_two_officers_report_at_once_and_both_count(office, tree):
    """The second waits for the first at the common parent, and computes with what the first has left."""
    omar, hana = office["omar"], office["hana"]
    report(omar, tree["other"], 10)
    mine, theirs = omar.session.get_one(WorkItem, tree["other"].id), hana.session.get_one(WorkItem, tree["task"].id)
    say = {"note": "Ten characters or more", "day": clock.today()}
    progress.report(omar.session, omar.actor, mine, percent=Decimal(80), **say)
    other = threading.Thread(
        target=lambda: progress.report(hana.session, hana.actor, theirs, percent=Decimal(30), **say)
    )
    other.start()
    omar.session.commit()
    other.join(300)
    hana.session.commit()
    office["badar"].session.expire_all()
    assert rollup.differences(office["badar"].session) == []


def test_work_plans_become_active_with_their_year(office, cast, parent):
    badar = office["badar"]
    tree = make_tree(badar, parent, cast.memberships["omar"].id)
    plan = badar.session.get_one(AnnualWorkPlan, tree["task"].work_plan_id)
    bring_to(plan, badar, office["amina"], "submit", "approve")
    badar.session.expire_all()
    assert steps.activate_due(badar.session, badar.actor, date(2025, 12, 31)) == []
    assert steps.activate_due(badar.session, badar.actor, date(2026, 1, 1)) == [plan]


def test_a_strategic_plan_goes_into_the_archive_with_its_work_plans(office, cast, tree, parent):
    badar = office["badar"]
    row = fresh(badar, StrategicPlan, parent.id)
    row.status = PlanStatus.COMPLETED
    badar.session.flush()
    with pytest.raises(RuleBroken, match="is still active"):
        strategic.steps.take(badar.session, badar.actor, row, "archive")
    badar.session.rollback()
    plan = fresh(badar, AnnualWorkPlan, tree["task"].work_plan_id)
    row = badar.session.get_one(StrategicPlan, parent.id)
    plan.status, row.status = PlanStatus.COMPLETED, PlanStatus.COMPLETED
    badar.session.flush()
    strategic.steps.take(badar.session, badar.actor, row, "archive")
    assert plan.status == PlanStatus.ARCHIVED
