"""What was sent is acted on once, however often and however close together it arrives (law 3)."""

import threading

import pytest

from bmms.domain import drafts
from tests.planning import desk_of, until_somebody_waits


@pytest.fixture
def tabs(engine, app, cast):
    """Badar twice: one form was sent from two tabs, or again on a slow line."""
    found = [desk_of(engine, app, cast, "badar") for _ in range(2)]
    yield found
    for desk in found:
        desk.session.close()


@pytest.mark.parametrize(("ends", "second"), [("commit", False), ("rollback", True)])
def test_of_two_at_once_the_second_waits_for_the_first(engine, tabs, ends, second):
    first, other = tabs
    assert drafts.claim(first.session, first.actor, "a-form")
    assert drafts.claim(other.session, other.actor, "another form"), "nobody waits for other forms"
    told = []
    thread = threading.Thread(target=lambda: told.append(drafts.claim(other.session, other.actor, "a-form")))
    thread.start()
    until_somebody_waits(engine)
    assert told == []
    getattr(first.session, ends)()
    thread.join(300)
    assert told == [second]
    other.session.commit()
    assert drafts.is_claimed(first.session, first.actor, "a-form")


def test_what_comes_late_from_a_device_covers_nothing_newer_of_it(tabs):
    """A request that lay on a dying server or a slow line may arrive after the one that was typed later."""
    desk = tabs[0]

    def keep(text: str, device: str, typed_at: int) -> dict[str, str]:
        drafts.keep(desk.session, desk.actor, "a/form", {"title": text}, {}, device=device, typed_at=typed_at)
        desk.session.commit()
        return drafts.find(desk.session, desk.actor, "a/form").fields

    assert keep("Half", "phone", 2_000_000_000_001) == {"title": "Half"}
    assert keep("Half of it", "phone", 2_000_000_000_003) == {"title": "Half of it"}
    assert keep("Half of", "phone", 2_000_000_000_002) == {"title": "Half of it"}
    assert keep("Half of it", "phone", 2_000_000_000_003) == {"title": "Half of it"}, "again, its answer was lost"
    assert keep("At the desk", "computer", 5) == {"title": "At the desk"}, "each device has its own clock"
    assert drafts.find(desk.session, desk.actor, "a/form").devices == {"phone": 2_000_000_000_003, "computer": 5}
