"""Many certify at once: the allotment holds to the centavo, and each who is refused learns why.

In small numbers in `make test`; `make drill` sends 200 requests against room for 37.
"""

import os

import pytest

from tests.execution import Treasury, opened, set_up_treasury
from tests.obligations import rush

FULL = bool(os.environ.get("BMMS_DRILL"))
REQUESTS, ROOM = (200, 37) if FULL else (12, 5)


@pytest.fixture
def treasury(engine, app, cast, ground):
    ids = set_up_treasury(engine, app, cast, ground)
    with opened(engine, app, cast) as desks:
        yield Treasury(**desks, **ids)


def test_a_crowd_of_certifiers_spends_no_more_than_the_allotment(treasury, engine, app, cast):
    rush(treasury, engine, app, cast, requests=REQUESTS, room=ROOM, each="100000")
