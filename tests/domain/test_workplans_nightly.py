"""Plans at midnight, and the command that checks all computed progress."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bmms.domain import clock
from bmms.models.planning import PlanStatus, StrategicPlan
from bmms.models.work import AnnualWorkPlan
from tasks.planning import activate_plans
from tests import planning as strategic
from tests.workplans import bring_to, make_tree


@pytest.fixture
def approved(engine, app, cast):
    """Badar's desk, and an approved strategic plan with an approved work plan of 2026."""
    badar, amina = (strategic.desk_of(engine, app, cast, name) for name in ("badar", "amina"))
    badar_id = cast.memberships["badar"].id
    parent = strategic.make_plan(badar, *strategic.make_lists(engine), badar_id)
    strategic.bring_to(parent, badar, amina, "submit", "approve")
    plan = badar.session.get_one(AnnualWorkPlan, make_tree(badar, parent, badar_id)["task"].work_plan_id)
    bring_to(plan, badar, amina, "submit", "approve")
    yield badar, parent.id, plan.id
    badar.session.close()
    amina.session.close()


def statuses(badar, parent_id: int, plan_id: int):
    badar.session.expire_all()
    found = (badar.session.get_one(StrategicPlan, parent_id), badar.session.get_one(AnnualWorkPlan, plan_id))
    badar.session.rollback()
    return tuple(one.status for one in found)


def test_plans_become_active_on_the_first_day_of_their_year(app, approved):
    with app.app_context(), clock.stopped_at(datetime(2025, 12, 31, 15, 59, tzinfo=UTC)):
        activate_plans()
    assert statuses(*approved) == (PlanStatus.APPROVED, PlanStatus.APPROVED)
    with app.app_context(), clock.stopped_at(datetime(2025, 12, 31, 16, 0, tzinfo=UTC)):
        assert activate_plans()["work_plans_activated"] == 1
    assert statuses(*approved) == (PlanStatus.ACTIVE, PlanStatus.ACTIVE)


def test_the_check_tells_what_is_stored_otherwise(app, approved):
    badar, _, plan_id = approved
    with app.app_context(), clock.stopped_at(datetime(2026, 1, 1, tzinfo=UTC)):
        activate_plans()
    runner = app.test_cli_runner()
    ran = runner.invoke(args=["check_rollups", "--moa", "moh"])
    assert (ran.exit_code, ran.stdout.strip()) == (0, "All progress follows from its parts.")
    badar.session.expire_all()
    badar.session.get_one(AnnualWorkPlan, plan_id).progress = Decimal(7)
    badar.session.commit()
    ran = runner.invoke(args=["check_rollups"])
    assert ran.exit_code == 3
    assert f"MOH: annual_work_plans {plan_id}: 7.00 % is stored, 0.00 % follows from its parts" in ran.stderr
