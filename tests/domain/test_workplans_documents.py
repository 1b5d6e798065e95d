"""Work plans on paper: what they say, and when they no longer hold."""

import pytest

from bmms.domain.documents import actions as documents
from bmms.domain.documents import queries
from bmms.domain.workplans import actions, papers
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


def make(desk: Desk, work_plan_id: int) -> Document:
    document = documents.make(desk.session, desk.actor, papers.WORK_PLAN, work_plan_id)
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


def test_a_deleted_draft_takes_its_papers_along(desks, work_plan) -> None:
    badar = desks[0]
    code = make(badar, work_plan.id).code
    actions.delete_work_plan(badar.session, badar.actor, work_plan)
    badar.session.commit()
    assert queries.standing(badar.session, code) == "unknown"
