"""Comments on records of planning: who may say what, who is called, and what a comment stops."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bmms.domain import clock
from bmms.domain.discussion import actions, queries
from bmms.domain.discussion.mentions import names_in
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken
from bmms.domain.planning import steps
from bmms.domain.subjects import Subject, get_subject
from bmms.models.audit import AuditEvent
from bmms.models.collaboration import Comment, Notification
from bmms.models.planning import PlanStatus, StrategicObjective, StrategicPlan
from bmms.models.work import AnnualObjective, AnnualWorkPlan, ItemKind, WorkItem
from tests.planning import bring_to


def subject_for(desk, plan) -> Subject:
    return get_subject(desk.session, desk.actor, "plans", plan.id)


def say(desk, plan, body: str, section: str = "general") -> Comment:
    made = actions.add(desk.session, desk.actor, subject_for(desk, plan), section, body)
    desk.session.commit()
    return made


def told(desk) -> list[tuple[int, str]]:
    rows = desk.session.scalars(select(Notification).order_by(Notification.id))
    return [(row.membership_id, row.kind) for row in rows]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@badar look", ["badar"]),
        ("See @Badar and @amina, @badar.", ["badar", "amina", "badar."]),
        ("write to amina@moh.example", []),
        ("@@badar", []),
        ("(@badar)", ["badar"]),
    ],
)
def test_who_is_called(text, names) -> None:
    assert names_in(text) == names


def test_a_thread_belongs_to_its_section_and_the_latest_comes_first(desks, plan) -> None:
    say(desks["badar"], plan, "First", "goals")
    say(desks["amina"], plan, "Second", "goals")
    say(desks["amina"], plan, "On the whole")
    desk = desks["badar"]
    subject = subject_for(desk, plan)
    thread = desk.session.scalars(queries.thread_of(subject, "goals"))
    assert [(one.body, one.author_label) for one in thread] == [("Second", "Amina Salik"), ("First", "Badar Lim")]
    assert queries.counts_of(desk.session, subject) == {"goals": 2, "general": 1}
    acts = desk.session.scalars(select(AuditEvent).where(AuditEvent.action == "comments:create")).all()
    assert {(act.subject_type, act.subject_id) for act in acts} == {("strategic_plans", plan.id)}
    assert "Second" not in str([(act.note, act.changes) for act in acts])


def test_only_sections_of_the_kind(desks, plan) -> None:
    with pytest.raises(NotFound):
        say(desks["badar"], plan, "Where is this?", "items")


@pytest.mark.parametrize("body", ["", "  \n ", "x" * 4001])
def test_a_comment_says_something_and_not_too_much(desks, plan, body) -> None:
    with pytest.raises(RuleBroken) as refused:
        say(desks["badar"], plan, body)
    assert "body" in refused.value.fields


def test_whom_a_comment_calls_is_told_once_and_nobody_else(desks, plan, cast) -> None:
    say(desks["badar"], plan, "Please look, @amina. @amina, and @badar too.")
    assert told(desks["badar"]) == [(cast.memberships["amina"].id, "mentioned")]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ben", "nobody who works here"),
        ("dan", "nobody who works here"),
        ("nemo", "nobody who works here"),
        ("yusuf", "cannot read"),
    ],
)
def test_only_colleagues_who_can_read_it_are_called(desks, plan, name, why) -> None:
    with pytest.raises(RuleBroken, match=why):
        say(desks["badar"], plan, f"Hello @{name}")
    desks["badar"].session.rollback()
    assert desks["badar"].session.scalars(select(Comment)).all() == []


def test_viewers_do_not_comment(desks, plan, cast) -> None:
    bring_to(plan, desks["badar"], desks["amina"], "submit")
    with pytest.raises(NotAllowed):
        say(desks["yusuf"], plan, "May I?")


def test_the_author_corrects_within_fifteen_minutes(desks, plan, cast) -> None:
    desk = desks["badar"]
    comment, subject = say(desk, plan, "Gols"), subject_for(desk, plan)
    amina = desks["amina"]
    theirs = amina.session.get_one(Comment, comment.id)
    with pytest.raises(RuleBroken, match="Only the person who wrote"):
        actions.correct(amina.session, amina.actor, subject_for(amina, plan), theirs, "No")
    actions.correct(desk.session, desk.actor, subject, comment, "Goals, @amina")
    assert told(desk) == [(cast.memberships["amina"].id, "mentioned")]
    actions.correct(desk.session, desk.actor, subject, comment, "All goals, @amina")
    assert len(told(desk)) == 1, "who was called before is not told again"
    with clock.stopped_at(clock.now() + timedelta(minutes=16)), pytest.raises(RuleBroken, match="15 minutes"):
        actions.correct(desk.session, desk.actor, subject, comment, "Too late")
    with clock.stopped_at(clock.now() + timedelta(minutes=16)), pytest.raises(RuleBroken, match="15 minutes"):
        actions.withdraw(desk.session, desk.actor, subject, comment)


def test_a_withdrawn_comment_is_gone_and_recorded(desks, plan) -> None:
    desk = desks["badar"]
    comment = say(desk, plan, "Wrong place")
    actions.withdraw(desk.session, desk.actor, subject_for(desk, plan), comment)
    assert desk.session.scalars(select(Comment)).all() == []
    assert desk.session.scalars(select(AuditEvent.action).where(AuditEvent.action == "comments:delete")).all()


def test_a_remark_of_somebody_else_stops_the_withdrawal_of_the_plan(desks, plan) -> None:
    badar, amina = desks["badar"], desks["amina"]
    say(amina, plan, "Before the submission this stops nothing.")
    bring_to(plan, badar, amina, "submit")
    say(badar, plan, "My own remark stops nothing.")
    remark = say(amina, plan, "The targets are too low.")
    with pytest.raises(RuleBroken, match="The review has begun"):
        steps.take(badar.session, badar.actor, badar.session.get_one(StrategicPlan, plan.id), "withdraw")
    badar.session.rollback()
    actions.withdraw(amina.session, amina.actor, subject_for(amina, plan), remark)
    amina.session.commit()
    steps.take(badar.session, badar.actor, badar.session.get_one(StrategicPlan, plan.id), "withdraw")
    assert badar.session.get_one(StrategicPlan, plan.id).status == PlanStatus.DRAFT


def test_work_plans_and_work_items_take_comments_too(desks, plan) -> None:
    desk = desks["badar"]
    session = desk.session
    work_plan = AnnualWorkPlan(plan_id=plan.id, fiscal_year=2026, title="Work plan 2026")
    session.add(work_plan)
    session.flush()
    objective_id = session.scalars(select(StrategicObjective.id).limit(1)).one()
    objective = AnnualObjective(work_plan_id=work_plan.id, objective_id=objective_id, ordinal=1, statement="Faster")
    session.add(objective)
    session.flush()
    item = WorkItem(
        work_plan_id=work_plan.id, annual_objective_id=objective.id, code="MOH-2026-PPA-0001", title="Training",
        kind=ItemKind.PROJECT, starts_on=clock.today(), ends_on=clock.today(),
    )  # fmt: skip
    session.add(item)
    session.commit()
    for word, row in (("work-plans", work_plan), ("work-items", item)):
        subject = get_subject(session, desk.actor, word, row.id)
        actions.add(session, desk.actor, subject, "general", "Noted.")
        assert queries.counts_of(session, subject) == {"general": 1}
        with pytest.raises(NotFound):
            get_subject(desks["ben"].session, desks["ben"].actor, word, row.id)


def test_ben_sees_and_says_nothing_here(desks, plan) -> None:
    comment = say(desks["badar"], plan, "Ours")
    ben = desks["ben"]
    with pytest.raises(NotFound):
        say(ben, plan, "Mine?")
    assert ben.session.scalars(select(Comment).where(Comment.id == comment.id)).all() == []
