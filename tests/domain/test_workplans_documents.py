"""Work plans on paper: what they say, and when they no longer hold."""

from datetime import UTC, datetime

import pytest

from bmms.domain import clock
from bmms.domain.documents import actions as documents
from bmms.domain.documents import queries
from bmms.domain.documents.papers import Paper
from bmms.domain.workplans import actions, papers, timeline
from bmms.models.documents import Document
from bmms.models.work import AnnualWorkPlan
from tests.planning import Desk, bring_to, desk_of, make_lists, make_plan
from tests.workplans import bring_to as bring_work_plan_to
from tests.workplans import make_tree


@pytest.fixture
def desks(engine, app, cast):
    """Badar, who plans, and Amina, who approves."""
    both = [desk_of(engine, app, cast, name) for name in ("badar", "amina")]
    yield both
    for desk in both:
        desk.session.close()


@pytest.fixture
def work_plan(engine, desks, cast) -> AnnualWorkPlan:
    """A complete work plan under an active strategic plan."""
    badar, amina = desks
    officer_id = cast.memberships["badar"].id
    plan = make_plan(badar, *make_lists(engine), officer_id)
    bring_to(plan, badar, amina, "submit", "approve", "activate")
    badar.session.refresh(plan)
    item = make_tree(badar, plan, officer_id)["project"]
    badar.session.commit()
    return badar.session.get_one(AnnualWorkPlan, item.work_plan_id)


def make(desk: Desk, work_plan_id: int, paper: Paper = papers.WORK_PLAN) -> Document:
    document = documents.make(desk.session, desk.actor, paper, work_plan_id)
    desk.session.commit()
    return document


def test_a_paper_keeps_the_tree_of_the_work_plan(desks, work_plan) -> None:
    said = make(desks[0], work_plan.id).payload["content"]
    project = said["objectives"][0]["items"][0]
    assert (project["title"], project["planned_cost"], project["officer"]) == ("Help line", "300", "Badar Lim")
    assert [item["title"] for item in project["items"]] == ["Train the staff", "Buy phones"]


def test_approval_supersedes_the_papers_of_the_draft(desks, work_plan) -> None:
    badar, amina = desks
    draft = make(badar, work_plan.id)
    bring_work_plan_to(work_plan, badar, amina, "submit", "approve")
    badar.session.refresh(work_plan)
    approved = make(badar, work_plan.id)
    about = approved.payload["paper"]
    assert (about["status"], about["version"], about["is_final"]) == ("Approved", 1, True)
    assert [queries.standing(badar.session, one.code) for one in (draft, approved)] == ["superseded", "genuine"]


def test_the_timeline_is_a_paper_of_its_own(desks, work_plan) -> None:
    """It holds beside the other one, until a newer timeline or a new version takes its place."""
    badar, amina = desks
    plan, chart = make(badar, work_plan.id), make(badar, work_plan.id, papers.TIMELINE)
    again = make(badar, work_plan.id, papers.TIMELINE)
    assert again.id == chart.id, "nothing has changed since"
    said, about = chart.payload["content"], chart.payload["paper"]
    (group,) = said["groups"]
    assert [(line["title"], line["depth"], line["light"]) for line in group["lines"]][:2] == [
        ("Help line", 0, "red"), ("Train the staff", 1, "red")
    ]  # fmt: skip
    assert all(line["plan"] for line in group["lines"])
    assert (len(said["ticks"]), about["signatories"], about["is_final"]) == (12, [], False)
    with clock.stopped_at(datetime(2026, 1, 1, 4, tzinfo=UTC)):
        newer = make(badar, work_plan.id, papers.TIMELINE)
    assert newer.payload["content"]["today"] == "2026-01-01"
    shown = [queries.standing(badar.session, one.code) for one in (plan, chart, newer)]
    assert shown == ["genuine", "superseded", "genuine"]
    bring_work_plan_to(work_plan, badar, amina, "submit", "approve")
    badar.session.expire_all()
    assert [queries.standing(badar.session, one.code) for one in (plan, newer)] == ["superseded"] * 2


def test_all_rows_of_the_timeline_are_printed(desks, work_plan) -> None:
    """However many: a view of one row groups them, the paper does not."""
    badar = desks[0]
    said = make(badar, work_plan.id, papers.TIMELINE).payload["content"]
    view = timeline.timeline_of(badar.session, work_plan, clock.today(), most=1)
    assert (view.is_grouped, len(view.lines)) == (True, 1)
    assert sum(len(group["lines"]) for group in said["groups"]) == view.left_out + 1 > 2


def test_a_deleted_draft_takes_its_papers_along(desks, work_plan) -> None:
    badar = desks[0]
    code = make(badar, work_plan.id).code
    actions.delete_work_plan(badar.session, badar.actor, work_plan)
    badar.session.commit()
    assert queries.standing(badar.session, code) == "unknown"
