"""What several tests of rules begin with: people at their desks, and a plan on one of them."""

import pytest

from bmms.models.planning import StrategicPlan
from tests.planning import desk_of, make_lists, make_plan


@pytest.fixture
def desks(engine, app, cast):
    """Badar drafts, Amina approves, Yusuf reads, Jamila administers in Health; Ben works in Education."""
    found = {name: desk_of(engine, app, cast, name) for name in ("badar", "amina", "yusuf", "jamila")}
    found["ben"] = desk_of(engine, app, cast, "ben", cast.mbhte)
    yield found
    for desk in found.values():
        desk.session.close()


@pytest.fixture
def plan(engine, cast, desks) -> StrategicPlan:
    """A complete draft of Badar's, committed."""
    theme_id, hours_id = make_lists(engine)
    made = make_plan(desks["badar"], theme_id, hours_id, cast.memberships["badar"].id)
    desks["badar"].session.commit()
    return made
