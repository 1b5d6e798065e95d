"""Revisions of work plans in force, small shifts without one, and moving items about (modules 1.3, 1.7)."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from bmms.domain import clock
from bmms.domain.discussion import actions as discussion
from bmms.domain.documents import actions as documents
from bmms.domain.documents import queries as document_queries
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken
from bmms.domain.planning import revisions as plan_revisions
from bmms.domain.planning import snapshots, versions
from bmms.domain.planning.revising import open_revision_of, successor_of
from bmms.domain.planning.subjects import WORK_ITEM, find_work_plan
from bmms.domain.subjects import Subject
from bmms.domain.workplans import (
    actions,
    activity,
    checks,
    copying,
    items,
    papers,
    progress,
    queries,
    revisions,
    rollup,
    shifting,
    steps,
)
from bmms.domain.workplans.snapshots import payload_of
from bmms.models.audit import AuditEvent
from bmms.models.collaboration import Comment, Notification
from bmms.models.planning import PlanStatus, StrategicPlan
from bmms.models.work import AnnualObjective, AnnualWorkPlan, ItemStatus, ProgressUpdate, WorkItem
from tests import planning as strategic
from tests.planning import until_somebody_waits
from tests.workplans import PEOPLE, REASON, YEAR, add, bring_to, fresh, make_objective, report, step

WHY = {"revision_reason": "Typhoon in May", "revision_summary": "Later dates", "revision_impact": ""}


def open_revision(desk, tree) -> tuple[AnnualWorkPlan, dict[str, WorkItem]]:
    """An open revision of the work plan of the tree, and the copies of its items; committed."""
    plan = fresh(desk, AnnualWorkPlan, fresh(desk, WorkItem, tree["task"].id).work_plan_id)
    draft = revisions.open_revision(desk.session, desk.actor, plan, {**WHY, "effective_on": None})
    desk.session.commit()
    copies = desk.session.scalars(select(WorkItem).where(WorkItem.work_plan_id == draft.id)).all()
    by_item = {copy.revises_id: copy for copy in copies}
    return draft, {name: by_item[item.id] for name, item in tree.items()}


def change(desk, draft, item, **answers) -> None:
    answers = {"starts_on": item.starts_on, "ends_on": item.ends_on, **answers}
    items.change_item(desk.session, desk.actor, draft, item, answers)


def test_a_revision_takes_the_place_of_its_work_plan_and_the_items_stay_the_same_rows(office, cast, tree):
    badar, amina, session = office["badar"], office["amina"], office["badar"].session
    report(office["omar"], tree["task"], 40)
    paper = documents.make(session, badar.actor, papers.WORK_PLAN, tree["task"].work_plan_id)
    old_id = tree["task"].work_plan_id
    draft, copies = open_revision(badar, tree)
    assert fresh(badar, AnnualWorkPlan, old_id).status == PlanStatus.ACTIVE
    assert (copies["task"].code, copies["task"].progress, copies["task"].parent_id) == (
        tree["task"].code, 40, copies["activity"].id,
    )  # fmt: skip
    objective = session.get_one(AnnualObjective, copies["task"].annual_objective_id)
    change(badar, draft, copies["task"], title="Write a better course", ends_on=date(2026, 5, 31), people=[],
           predecessors="")  # fmt: skip
    change(badar, draft, copies["other"], predecessors=copies["task"].code, officer_id=cast.memberships["hana"].id)
    new = add(badar, objective, "activity", copies["project"], "Answer calls", officer_id=cast.memberships["hana"].id,
              program_id=copies["activity"].program_id)  # fmt: skip
    assert new.code == "MOH-2026-PPA-0007"
    items.place_item(session, badar.actor, draft, copies["task"], objective_id=objective.id, parent_code="7")
    items.remove_item(session, badar.actor, draft, copies["second"])
    discussion.add(session, badar.actor, Subject(WORK_ITEM, copies["task"]), "general", "Shorter is better.")
    bring_to(draft, badar, amina, "submit", "approve")

    old, now = fresh(badar, AnnualWorkPlan, old_id), session.get_one(AnnualWorkPlan, draft.id)
    assert (old.status, now.status, now.active_from) == (PlanStatus.ARCHIVED, PlanStatus.ACTIVE, clock.today())
    task, copy = session.get_one(WorkItem, tree["task"].id), session.get_one(WorkItem, copies["task"].id)
    assert (task.work_plan_id, task.title, task.ends_on, task.parent_id, task.revises_id) == (
        now.id, "Write a better course", date(2026, 5, 31), new.id, None,
    )  # fmt: skip
    assert (task.progress, task.status, task.started_on) == (40, ItemStatus.IN_PROGRESS, clock.today())
    assert (copy.work_plan_id, copy.title, copy.ends_on, copy.parent_id, copy.progress) == (
        old.id, "Write the course", date(2026, 6, 30), copies["activity"].id, 40,
    )  # fmt: skip
    new = session.get_one(WorkItem, new.id)
    assert (new.parent_id, new.status, new.started_on) == (tree["project"].id, ItemStatus.IN_PROGRESS, task.started_on)
    second = session.get_one(WorkItem, tree["second"].id)
    assert (second.status, second.status_reason) == (
        ItemStatus.CANCELLED, "Left out by a revision: Typhoon in May",
    )  # fmt: skip
    activity = session.get_one(WorkItem, tree["activity"].id)
    assert (activity.parent_id, activity.annual_objective_id) == (tree["project"].id, objective.id)
    other, other_copy = session.get_one(WorkItem, tree["other"].id), session.get_one(WorkItem, copies["other"].id)
    assert [queries.links_of(session, one).team for one in (task, copy)] == [[], [cast.memberships["hana"].id]]
    assert [row.id for row in queries.predecessors_of(session, other)] == [task.id]
    assert queries.predecessors_of(session, other_copy) == []
    assert session.scalar(select(ProgressUpdate.work_item_id)) == task.id
    assert session.scalar(select(Comment.work_item_id)) == task.id
    assert session.scalar(select(func.count()).where(WorkItem.work_plan_id == old.id)) == 6
    assert rollup.differences(session) == []
    assert now.progress > 0

    second_one, first = versions.versions_of(session, now)
    assert [one.number for one in versions.versions_of(session, old)] == [1]
    assert (second_one.number, second_one.payload) == (2, payload_of(session, now))
    told = {(one.place, one.field, one.after) for one in snapshots.differences(first.payload, second_one.payload)}
    way = f"Answer calls within a day › {tree['project'].code} Help line › {tree['second'].code} Buy phones"
    assert (way, "items", "removed") in told
    assert document_queries.standing(session, paper.code) == "superseded"
    assert papers.tell_work_plan(session, now).version == 2
    notices = session.execute(select(Notification.membership_id, Notification.kind)).all()
    assigned = [key for key, kind in notices if kind == "item_assigned"]
    assert sorted(assigned) == sorted([cast.memberships[name].id for name in ("omar", "hana", "hana")]), (
        "Omar and Hana when the plan came into force, Hana once more for all that is new"
    )
    again, _ = open_revision(badar, {"task": tree["task"]})
    assert again.revises_id == now.id, "a revision can be revised"


def test_a_part_with_another_title_is_compared_with_what_it_was():
    one, two, three = ({"code": str(number), "title": f"Item {number}"} for number in (1, 2, 3))
    before = {"objectives": [{"title": "Answer soon", "items": [one, two]}]}
    after = {"objectives": [{"title": "Answer today", "items": [three, {**two, "title": "Call back"}]}]}
    assert [(each.place, each.field, each.before, each.after) for each in snapshots.differences(before, after)] == [
        ("Answer today", "title", "Answer soon", "Answer today"),
        ("Answer today › 3 Item 3", "items", "", "added"),
        ("Answer today › 2 Call back", "title", "Item 2", "Call back"),
        ("Answer today › 1 Item 1", "items", "", "removed"),
    ]


def test_who_opens_a_revision_and_when(office, tree):
    badar = office["badar"]
    for status in PlanStatus:
        plan = fresh(badar, AnnualWorkPlan, tree["task"].work_plan_id)
        plan.status = status
        badar.session.commit()
        for name in PEOPLE:
            desk = office[name]
            theirs = fresh(desk, AnnualWorkPlan, plan.id)
            if status == PlanStatus.ACTIVE and name in ("badar", "amina"):
                draft = revisions.open_revision(desk.session, desk.actor, theirs, {**WHY, "effective_on": None})
                assert open_revision_of(desk.session, theirs) == draft
                with pytest.raises(RuleBroken, match="open already"):
                    revisions.open_revision(desk.session, desk.actor, theirs, {**WHY, "effective_on": None})
            else:
                with pytest.raises((RuleBroken, NotAllowed)):
                    revisions.open_revision(desk.session, desk.actor, theirs, {**WHY, "effective_on": None})
            desk.session.rollback()


def test_a_work_plan_is_not_completed_while_it_is_revised(office, tree):
    badar, amina = office["badar"], office["amina"]
    step(badar, tree["project"], "cancel")
    draft, _ = open_revision(badar, tree)
    plan = fresh(amina, AnnualWorkPlan, tree["task"].work_plan_id)
    with pytest.raises(RuleBroken, match="A revision of this work plan is being worked on"):
        steps.take(amina.session, amina.actor, plan, "complete")
    amina.session.rollback()
    with pytest.raises(RuleBroken, match="given up, not deleted"):
        actions.delete_work_plan(badar.session, badar.actor, draft)
    steps.take(badar.session, badar.actor, draft, "drop", note=REASON)
    badar.session.commit()
    assert steps.take(amina.session, amina.actor, plan, "complete").target == plan.status == PlanStatus.COMPLETED


def test_a_revision_that_is_given_up_leaves_no_trace_in_what_is_in_force(office, tree):
    badar, amina, session = office["badar"], office["amina"], office["badar"].session
    plan_id = tree["task"].work_plan_id
    with pytest.raises(RuleBroken, match="submitted|active|already"):
        steps.take(session, badar.actor, fresh(badar, AnnualWorkPlan, plan_id), "drop", note=REASON)
    session.rollback()
    draft, copies = open_revision(badar, tree)
    in_force = activity.of_work_plan(badar.actor, session.get_one(AnnualWorkPlan, plan_id))
    before = session.execute(in_force).all()
    change(badar, draft, copies["task"], title="Write a better course")
    assert session.execute(in_force).all() == before, "what a revision drafts is not in force"
    objective = session.get_one(AnnualObjective, copies["task"].annual_objective_id)
    last = AnnualWorkPlan(title="2025", plan_id=draft.plan_id, fiscal_year=YEAR - 1, status=PlanStatus.COMPLETED)
    session.add(last)
    session.flush()
    duties = {"officer_id": copies["activity"].officer_id, "program_id": copies["activity"].program_id}
    new = add(badar, objective, "activity", None, "Answer calls", **duties)
    old = WorkItem(work_plan_id=last.id, annual_objective_id=objective.id, code="MOH-2025-PPA-0001",
                   kind="activity", title="Old", starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31))  # fmt: skip
    session.add(old)
    session.flush()
    new.carried_from_id = old.id
    session.commit()
    assert copying.unfinished(session, last) == []
    bring_to(draft, badar, amina, "submit", "return")
    paper = documents.make(session, badar.actor, papers.TIMELINE, draft.id)
    bring_to(draft, badar, amina, "drop")
    session.expire_all()
    plan, draft = session.get_one(AnnualWorkPlan, plan_id), session.get_one(AnnualWorkPlan, draft.id)
    assert (plan.status, draft.status, draft.is_given_up) == (PlanStatus.ACTIVE, PlanStatus.ARCHIVED, True)
    assert (open_revision_of(session, plan), successor_of(session, plan)) == (None, None)
    assert session.get_one(WorkItem, tree["task"].id).title == "Write the course"
    assert document_queries.standing(session, paper.code) == "superseded"
    told = [tell(session, draft) for tell in (papers.tell_work_plan, papers.tell_timeline)]
    assert [(one.status, one.is_final, one.is_open) for one in told] == [("Given up", False, True)] * 2
    yusuf = office["yusuf"]
    assert yusuf.session.scalars(queries.list_work_plans(yusuf.actor).where(AnnualWorkPlan.id == draft.id)).all() == []
    with pytest.raises(NotFound):
        find_work_plan(yusuf.session, yusuf.actor, draft.id)
    assert [one.code for one in copying.unfinished(session, last)] == [old.code], "nobody has taken it up"
    following = AnnualWorkPlan(title="2027", plan_id=plan.plan_id, fiscal_year=YEAR + 1)
    assert copying.last_year_of(session, following) == plan
    said = {plan.id: [], draft.id: []}
    for one in (plan, draft):
        said[one.id] = [row.action for row in session.execute(activity.of_work_plan(badar.actor, one))]
    assert "work_items:change" in said[draft.id]
    assert "work_items:change" not in said[plan.id][: said[plan.id].index("annual_work_plans:activate")]
    again, copies = open_revision(badar, tree)
    objective = session.get_one(AnnualObjective, copies["task"].annual_objective_id)
    assert add(badar, objective, "activity", None, "Write letters").code == "MOH-2026-PPA-0008", "0007 was drawn"


def test_what_lies_outside_its_time_is_named_before_submission(office, tree):
    """A shift of the item in force is followed by its copy, although the revision has narrowed what it lies in."""
    badar, session = office["badar"], office["badar"].session
    draft, copies = open_revision(badar, tree)
    for name in ("task", "other", "milestone"):
        change(badar, draft, copies[name], starts_on=date(YEAR, 2, 1), ends_on=date(YEAR, 6, 15))
    change(badar, draft, copies["activity"], starts_on=date(YEAR, 2, 1), ends_on=date(YEAR, 6, 15))
    assert checks.gaps_of(session, draft) == []
    copies["task"].starts_on = date(YEAR, 1, 31)
    copies["second"].ends_on = date(YEAR + 1, 1, 5)
    copies["project"].ends_on, copies["project"].is_multi_year = date(YEAR + 1, 3, 1), True
    session.flush()
    found = [(gap.rule, gap.is_error, gap.message) for gap in checks.gaps_of(session, draft)]
    codes = {name: copies[name].code for name in copies}
    assert found == [
        ("PL-12", True, f"{codes['second']} “Buy phones” runs 1 January 2026 to 5 January 2027, outside the fiscal "
         "year 2026."),
        ("PL-12", True, f"{codes['task']} “Write the course” runs 31 January 2026 to 15 June 2026, outside "
         f"{codes['activity']} “Train the staff”, which runs 1 February 2026 to 15 June 2026."),
    ]  # fmt: skip
    with pytest.raises(RuleBroken, match="not complete: .* outside the fiscal year 2026. and 1 more"):
        steps.take(session, badar.actor, draft, "submit")
    copies["second"].is_multi_year, copies["task"].status = True, ItemStatus.CANCELLED
    session.flush()
    assert checks.gaps_of(session, draft) == []


def test_what_a_revision_leaves_out_and_takes_back(office, cast, tree):
    badar, session = office["badar"], office["badar"].session
    draft, copies = open_revision(badar, tree)
    items.remove_item(session, badar.actor, draft, copies["activity"])
    assert {copies[name].status for name in ("activity", "task", "other", "milestone")} == {ItemStatus.CANCELLED}
    objective = session.get_one(AnnualObjective, copies["task"].annual_objective_id)
    with pytest.raises(RuleBroken, match="is left out; nothing goes under it"):
        add(badar, objective, "task", copies["activity"], "New")
    with pytest.raises(RuleBroken, match="is left out; nothing goes under it"):
        items.take_back(session, badar.actor, draft, copies["task"])
    items.take_back(session, badar.actor, draft, copies["activity"])
    assert {copies[name].status for name in ("activity", "task", "other", "milestone")} == {ItemStatus.NOT_STARTED}
    with pytest.raises(RuleBroken, match="This is not left out"):
        items.take_back(session, badar.actor, draft, copies["activity"])
    new = add(badar, objective, "activity", copies["project"], "New")
    with pytest.raises(RuleBroken, match="is new in this revision. Remove it first"):
        items.remove_item(session, badar.actor, draft, copies["project"])
    items.place_item(session, badar.actor, draft, copies["task"], objective_id=objective.id, parent_code=new.code)
    with pytest.raises(RuleBroken, match="is in force. Move it elsewhere first"):
        items.remove_item(session, badar.actor, draft, new)
    items.place_item(
        session, badar.actor, draft, copies["task"], objective_id=objective.id, parent_code=copies["activity"].code
    )
    items.remove_item(session, badar.actor, draft, new)
    items.remove_item(session, badar.actor, draft, copies["project"])
    gone = payload_of(session, draft)
    assert gone["objectives"] == []
    with pytest.raises(RuleBroken, match="no annual objective"):
        steps.take(session, badar.actor, draft, "submit")


def test_open_work_is_not_put_under_what_was_completed_meanwhile(office, cast, tree):
    badar, amina, omar = office["badar"], office["amina"], office["omar"]
    draft, copies = open_revision(badar, tree)
    objective = badar.session.get_one(AnnualObjective, copies["task"].annual_objective_id)
    add(badar, objective, "task", copies["second"], "Unpack them")
    bring_to(draft, badar, amina, "submit")
    report(omar, tree["second"], 100)
    with pytest.raises(RuleBroken, match="is completed by now, but the revision puts open work under it"):
        steps.take(amina.session, amina.actor, fresh(amina, AnnualWorkPlan, draft.id), "approve")


REFUSED = (
    ((date(2026, 1, 1), date(2026, 6, 30)), REASON, "its dates already"),
    ((date(2026, 2, 1), date(2026, 6, 30)), REASON, "more than 30 days"),
    ((date(2025, 12, 31), date(2026, 6, 30)), REASON, "leaves quarter 1 of 2026"),
    ((date(2026, 1, 1), date(2026, 7, 1)), REASON, "leaves quarter 2 of 2026"),
    ((date(2026, 1, 10), date(2026, 6, 30)), "  too   short ", "at least 20 characters"),
)


def test_small_shifts_need_no_revision(office, tree):
    badar, session = office["badar"], office["badar"].session
    draft, copies = open_revision(badar, tree)
    task = fresh(badar, WorkItem, tree["task"].id)

    def shift(desk, dates, reason=REASON) -> None:
        starts_on, ends_on = dates
        shifting.shift(desk.session, desk.actor, task, starts_on=starts_on, ends_on=ends_on, reason=reason)

    dates = (date(2026, 1, 31), date(2026, 6, 1))
    for name in ("omar", "hana", "jamila", "yusuf"):
        with pytest.raises(NotAllowed):
            shift(office[name], dates)
    for wrong, reason, said in REFUSED:
        with pytest.raises(RuleBroken, match=said):
            shift(badar, wrong, reason)
    shift(badar, dates)
    assert (task.starts_on, task.ends_on) == dates == (copies["task"].starts_on, copies["task"].ends_on)
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "work_items:shift")).one()
    assert (event.note, event.changes["starts_on"]) == (REASON, ["2026-01-01", "2026-01-31"])
    shift(badar, (dates[0], date(2026, 6, 2)))
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert event.changes == {"ends_on": ["2026-06-01", "2026-06-02"]}, "only what has moved"
    assert rollup.differences(session) == []
    change(badar, draft, copies["task"], ends_on=date(2026, 5, 1))
    shift(badar, (date(2026, 1, 31), date(2026, 6, 15)))
    assert copies["task"].ends_on == date(2026, 5, 1), "what the revision has changed itself stays"


def test_dates_are_shifted_inside_what_an_item_lies_in_and_while_it_is_open(office, tree):
    badar, session = office["badar"], office["badar"].session
    activity = fresh(badar, WorkItem, tree["activity"].id)
    with pytest.raises(RuleBroken, match="Something under it ends on 31 December 2026 only"):
        shifting.shift(session, badar.actor, activity, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 20),
                       reason=REASON)  # fmt: skip
    session.rollback()
    milestone = fresh(badar, WorkItem, tree["milestone"].id)
    shifting.shift(session, badar.actor, milestone, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 20),
                   reason=REASON)  # fmt: skip
    assert milestone.starts_on == milestone.ends_on == date(2026, 12, 20)
    session.commit()
    step(badar, tree["second"], "cancel")
    second = fresh(badar, WorkItem, tree["second"].id)
    with pytest.raises(RuleBroken, match="The item is closed"):
        shifting.shift(session, badar.actor, second, starts_on=date(2026, 1, 2), ends_on=second.ends_on, reason=REASON)
    fresh(badar, AnnualWorkPlan, second.work_plan_id).status = PlanStatus.COMPLETED
    with pytest.raises(RuleBroken, match="while the work plan is active"):
        shifting.shift(session, badar.actor, milestone, starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 1),
                       reason=REASON)  # fmt: skip


def test_an_item_is_moved_with_all_under_it(office, cast, tree):
    badar, session = office["badar"], office["badar"].session
    draft, copies = open_revision(badar, tree)
    first = session.get_one(AnnualObjective, copies["task"].annual_objective_id)
    target = make_objective(badar, draft, statement="Be reachable by phone")

    def place(name: str, code: str = "", objective: AnnualObjective = first) -> WorkItem:
        items.place_item(session, badar.actor, draft, copies[name], objective_id=objective.id, parent_code=code)
        return copies[name]

    for name, code, said in (
        ("task", "", "A task cannot lie directly under an annual objective"),
        ("task", "1", "A task cannot lie under a project"),
        ("activity", "3", "An activity cannot lie under a activity"),
        ("task", "99", "This work plan has no item 99"),
        ("activity", copies["activity"].code, "An activity cannot lie under a activity"),
    ):
        with pytest.raises(RuleBroken, match=said) as refused:
            place(name, code)
        assert list(refused.value.fields) == ["parent_code"]
    change(badar, draft, copies["second"], ends_on=date(2026, 3, 31))
    with pytest.raises(RuleBroken, match="lies outside “Buy phones”"):
        place("task", "3")
    change(badar, draft, copies["second"], ends_on=date(2026, 12, 31), predecessors=copies["task"].code)
    with pytest.raises(RuleBroken, match="It waits for what it would be a part of, or the other way round"):
        place("task", "3")
    change(badar, draft, copies["second"], predecessors="")

    assert place("task", "3").parent_id == copies["second"].id
    assert copies["second"].has_children
    assert (copies["other"].ordinal, copies["milestone"].ordinal, copies["task"].ordinal) == (1, 2, 1)
    assert place("activity", "", target).parent_id is None
    assert {copies[name].annual_objective_id for name in ("activity", "other", "milestone")} == {target.id}
    assert copies["task"].annual_objective_id == first.id
    place("other", "3")
    place("milestone", "3")
    assert [copies[name].has_children for name in ("activity", "project")] == [False, True]
    assert [copies[name].ordinal for name in ("task", "other", "milestone", "second")] == [1, 2, 3, 1]
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "work_items:place")).first()
    assert event.changes["parent"] == [copies["activity"].id, copies["second"].id]
    plan = fresh(badar, AnnualWorkPlan, tree["task"].work_plan_id)
    task = session.get_one(WorkItem, tree["task"].id)
    with pytest.raises(RuleBroken, match="cannot be changed"):
        items.place_item(session, badar.actor, plan, task, objective_id=first.id, parent_code="3")


def test_a_report_and_a_step_of_a_plan_wait_for_each_other(office, engine, tree, parent):
    """The report holds the item and what lies above it, and goes on to the strategic plan, which the step changes."""
    badar, amina, omar = office["badar"], office["amina"], office["omar"]
    plan = fresh(badar, StrategicPlan, parent.id)
    draft = plan_revisions.open_revision(badar.session, badar.actor, plan, {**WHY, "effective_on": None})
    strategic.bring_to(draft, badar, amina, "submit")
    mine = fresh(omar, WorkItem, tree["task"].id)
    rollup.lock_path(omar.session, mine)
    failures: list[Exception] = []

    def approve() -> None:
        try:
            theirs = amina.session.get_one(StrategicPlan, draft.id)
            strategic.steps.take(amina.session, amina.actor, theirs, "approve", note=REASON)
            amina.session.commit()
        except Exception as error:  # told below, in the thread that asserts
            failures.append(error)

    amina.session.rollback()
    other = threading.Thread(target=approve)
    other.start()
    until_somebody_waits(engine)
    progress.report(
        omar.session, omar.actor, mine, percent=Decimal(40), day=clock.today(), note="Ten characters or more"
    )
    omar.session.commit()
    other.join(300)
    assert failures == []
    assert fresh(badar, StrategicPlan, draft.id).status == PlanStatus.ACTIVE
    assert rollup.differences(badar.session) == []
    assert badar.session.get_one(StrategicPlan, draft.id).progress > 0
