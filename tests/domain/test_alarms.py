"""When the platform team is told: once, then hourly, and when it is over."""

from datetime import UTC, datetime, timedelta

import pytest

from bmms.domain.platform import alarms
from bmms.domain.platform.alarms import Alarm, News, Told, news

NOON = datetime(2026, 11, 30, 4, tzinfo=UTC)
DISK, WORKER = Alarm("Less than 5 GB are free."), Alarm("No worker.", timedelta(minutes=4))


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def told_over(hours_of: dict[int, dict[str, Alarm]], until: int) -> dict[int, News]:
    """Minute -> what is told then; a look each minute, at what was the matter since the last change."""
    state: dict[str, Told] = {}
    wrong: dict[str, Alarm] = {}
    said = {}
    for minute in range(until):
        wrong = hours_of.get(minute, wrong)
        new, state = news(wrong, state, at(minute))
        if new:
            said[minute] = new
    return said


def test_it_is_told_once_then_hourly_and_when_it_is_over():
    said = told_over({5: {"disk": DISK}, 130: {}}, 300)
    lasting = News({"disk": "Less than 5 GB are free."})
    assert said == {5: lasting, 65: lasting, 125: lasting, 130: News({}, ("disk",))}


def test_what_passes_within_its_patience_is_not_told():
    assert told_over({5: {"worker": WORKER}, 8: {}, 20: {"worker": WORKER}}, 26) == {24: News({"worker": "No worker."})}


def test_what_comes_later_is_told_at_once_with_what_lasts():
    said = told_over({0: {"disk": DISK}, 30: {"disk": DISK, "worker": WORKER}}, 100)
    both = News({"disk": "Less than 5 GB are free.", "worker": "No worker."})
    assert said == {0: News({"disk": "Less than 5 GB are free."}), 34: both, 94: both}


def test_what_is_over_does_not_silence_what_lasts():
    said = told_over({0: {"disk": DISK, "worker": Alarm("No worker.")}, 10: {"disk": DISK}}, 20)
    assert said[10] == News({"disk": "Less than 5 GB are free."}, ("worker",))


def test_what_was_told_is_kept_over_a_restart(tmp_path):
    _, state = news({"disk": DISK, "worker": WORKER}, {}, NOON)
    alarms.write(tmp_path, state)
    assert alarms.read(tmp_path) == state == {"disk": Told(NOON, NOON), "worker": Told(NOON)}
    assert [path.name for path in tmp_path.iterdir()] == [alarms.FILE]


@pytest.mark.parametrize("content", ["", "[]", "{", '{"disk": 1}', '{"disk": ["yesterday", null]}'])
def test_a_file_that_cannot_be_read_counts_as_nothing_told(tmp_path, content):
    assert alarms.read(tmp_path) == {}
    (tmp_path / alarms.FILE).write_text(content)
    assert alarms.read(tmp_path) == {}
