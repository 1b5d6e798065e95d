"""What several tests of rules begin with: people at their desks, a plan on one of them, a work plan in force."""

import pytest

from bmms.domain.workplans import items
from bmms.models.planning import StrategicPlan
from bmms.models.work import AnnualWorkPlan, WorkItem
from bmms.tenancy import bind_platform
from tests import planning as strategic
from tests.factories import make_membership, make_user
from tests.planning import desk_of, looked_up, make_lists, make_plan
from tests.workplans import PEOPLE, bring_to, make_tree


@pytest.fixture
def desks(engine, app, cast):
    """Badar drafts, Amina approves, Yusuf reads, Jamila administers in Health; Ben works in Education."""
    found = {name: desk_of(engine, app, cast, name) for name in ("badar", "amina", "yusuf", "jamila")}
    found["ben"] = desk_of(engine, app, cast, "ben", cast.mbhte)
    yield found
    for desk in found.values():
        desk.session.close()


@pytest.fixture
def plan(engine, cast, desks, ground) -> StrategicPlan:
    """A complete draft of Badar's, committed."""
    badar = desks["badar"].session

    def make() -> int:
        made = make_plan(desks["badar"], *make_lists(engine), cast.memberships["badar"].id)
        badar.commit()
        return made.id

    return looked_up(badar, StrategicPlan, ground.stage("plan", make))


@pytest.fixture
def office(engine, app, cast):
    """A desk for each person; Omar (M&E) is the officer of the items, Hana (budget) in their team."""
    with strategic.Session(engine, expire_on_commit=False) as session:
        bind_platform(session, "tests")
        for name, role in (("omar", "pilot_me_officer"), ("hana", "pilot_budget_officer")):
            setattr(cast, name, make_user(session, name))
            cast.memberships[name] = make_membership(session, getattr(cast, name), cast.moh, role)
        session.commit()
    desks = {name: strategic.desk_of(engine, app, cast, name) for name in PEOPLE}
    yield desks
    for desk in desks.values():
        desk.session.close()


@pytest.fixture
def parent(engine, cast, office, ground):
    """An active strategic plan."""
    badar = office["badar"]

    def make() -> int:
        made = strategic.make_plan(badar, *strategic.make_lists(engine), cast.memberships["badar"].id)
        strategic.bring_to(made, badar, office["amina"], "submit", "approve", "activate")
        return made.id

    return looked_up(badar.session, StrategicPlan, ground.stage("parent", make))


@pytest.fixture
def tree(cast, office, parent, ground):
    """The items of an active work plan, Omar's all; Hana works on the first task."""
    badar = office["badar"]

    def make() -> dict[str, int]:
        found = make_tree(badar, parent, cast.memberships["omar"].id)
        plan = badar.session.get_one(AnnualWorkPlan, found["task"].work_plan_id)
        task = found["task"]
        answers = {"starts_on": task.starts_on, "ends_on": task.ends_on, "people": [cast.memberships["hana"].id]}
        items.change_item(badar.session, badar.actor, plan, task, answers)
        bring_to(plan, badar, office["amina"], "submit", "approve", "activate")
        return {name: item.id for name, item in found.items()}

    return {name: looked_up(badar.session, WorkItem, key) for name, key in ground.stage("tree", make).items()}
