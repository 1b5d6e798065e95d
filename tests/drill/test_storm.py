"""The whole of BMMS under load, and under kill -9: no error while it is well, nothing acknowledged lost when it is not.

In small numbers in `make test`; `make drill` gives it the full sixty seconds.
"""

import os
import signal
import threading
import time

import pytest

from tests.drill.conftest import Installation, wait_for
from tests.drill.storm import Visitor, storm

# One BMMS serves all of them. Nobody judges its speed: a cold machine reads all of it from disk again after each kill.
pytestmark = [pytest.mark.xdist_group("installation"), pytest.mark.timeout(1800)]

FULL = bool(os.environ.get("BMMS_DRILL"))
PEOPLE = 30 if FULL else 12
SECONDS = 60 if FULL else 8


def lost(installation: Installation, visitors: list[Visitor]) -> list[str]:
    """Changes that were acknowledged and are not in the database."""
    phones = dict(installation.ask("SELECT username, phone FROM users"))
    return [
        f"{visitor.username}: told {visitor.confirmed_phone}, found {phones[visitor.username]}"
        for visitor in visitors
        if visitor.confirmed_phone and phones[visitor.username] not in (visitor.confirmed_phone, *visitor.tried_phones)
    ]


def all_mail_is_sent(installation: Installation) -> bool:
    """Nothing waits in the outbox."""
    return installation.ask("SELECT count(*) FROM outbox WHERE status = 'queued'") == [(0,)]


def check_mails(installation: Installation, visitors: list[Visitor]) -> None:
    """Everybody who was promised a mail got one."""
    wait_for("every queued mail to be sent", lambda: all_mail_is_sent(installation))
    rows = installation.ask("SELECT u.username FROM outbox o JOIN users u ON u.id = o.user_id WHERE o.status = 'sent'")
    sent = {name for (name,) in rows}
    assert {visitor.username for visitor in visitors if visitor.asked_for_reset} <= sent


def test_people_at_once_without_an_error(installation: Installation) -> None:
    visitors = storm(installation.base, installation.people[:PEOPLE], SECONDS)
    assert [failure for visitor in visitors for failure in visitor.failures] == []
    assert all(visitor.confirmed_phone for visitor in visitors)
    assert lost(installation, visitors) == []
    check_mails(installation, visitors)


def test_kill_9_of_each_part_under_load_loses_nothing_acknowledged(installation: Installation) -> None:
    found: list[Visitor] = []
    load = threading.Thread(
        target=lambda: found.extend(storm(installation.base, installation.people[:PEOPLE], 3 * SECONDS))
    )
    load.start()
    for what in ("web", "worker", "database"):
        time.sleep(SECONDS / 2)
        os.kill(installation.pid_of(what), signal.SIGKILL)
        wait_for(f"{what} to be killed and BMMS to be back", installation.is_up)
    load.join()
    assert any(visitor.confirmed_phone for visitor in found)
    assert lost(installation, found) == []
    check_mails(installation, found)
