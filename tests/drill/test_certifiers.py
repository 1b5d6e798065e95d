"""Many certify at once: the allotment holds to the centavo, and each who is refused learns why.

In small numbers in `make test`; `make drill` sends 200 requests against room for 37.
"""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from bmms.domain.errors import RuleBroken
from bmms.domain.ledger import reconciling
from bmms.models.openings import OpeningPosition
from tests import openings as paper
from tests.domain.ledger.test_attackers import LAST_OBLIGATION, entries_for, obligation_of, posting_of
from tests.execution import PAPER, YEAR, Treasury, allot, on, opened, pesos, set_up_treasury, tried
from tests.obligations import rush
from tests.planning import desk_of

FULL = bool(os.environ.get("BMMS_DRILL"))
REQUESTS, ROOM = (200, 37) if FULL else (12, 5)
PRESSED = 60 if FULL else 8


@pytest.fixture
def treasury(engine, app, cast, ground):
    ids = set_up_treasury(engine, app, cast, ground)
    with opened(engine, app, cast) as desks:
        yield Treasury(**desks, **ids)


def test_a_crowd_of_certifiers_spends_no_more_than_the_allotment(treasury, engine, app, cast):
    rush(treasury, engine, app, cast, requests=REQUESTS, room=ROOM, each="100000")


def test_a_crowd_at_a_prompt_spends_no_more_than_the_allotment(treasury, engine, cast):
    """The same by SQL, with the application's login: a script that certifies whatever it likes."""
    each = pesos("100000")
    allot(treasury, treasury.mooe, str(each * ROOM))
    crowd = create_engine(engine.url, poolclass=NullPool)
    people = {"rahma": treasury.rahma.actor.user_id, "salma": treasury.salma.actor.user_id, "year": YEAR}
    day = on(2, 1)

    def script(number: int) -> str:
        try:
            with crowd.begin() as connection:
                bind = text("SELECT set_config('bmms.organization_id', :id, true)")
                connection.execute(bind, {"id": str(cast.moh.id)})

                def say(statement: str, returning: str = "") -> int:
                    said = text(statement + returning)
                    found = connection.execute(said, {"org": cast.moh.id, **people})
                    return found.scalar_one() if returning else 0

                head, line, status = obligation_of(treasury.mooe, str(each), day)
                its_id = str(say(head.replace("'F-1'", f"'F-{number}'"), " RETURNING id"))
                say(line.replace(f"({LAST_OBLIGATION})", its_id))
                say(status.replace(f"({LAST_OBLIGATION})", its_id))
                posting = posting_of("obligation", its_id, day).replace("'forged'", f"'forged {number}'")
                posting_id = str(say(posting, " RETURNING id"))
                entries = entries_for("obligation", its_id)
                say(entries.replace("(SELECT max(id) FROM ledger_postings)", posting_id))
        except DBAPIError as error:
            return getattr(error.orig, "diag", None).constraint_name or str(error)
        return ""

    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(script, range(REQUESTS)))
    assert Counter(told) == {"": ROOM, "ck_budget_accounts_e3_obligation": REQUESTS - ROOM}
    assert treasury.state(treasury.mooe)[1:3] == (each * ROOM, each * ROOM)
    assert reconciling.differences(treasury.rahma.session) == []


def test_a_crowd_of_imports_posts_one(treasury, engine, app, cast):
    """Opening positions of the same accounts, each from its workbook, confirmed at once: one of them is posted."""
    mooe = paper.number_of(treasury, treasury.mooe)
    rows = [
        {"account": mooe, "quarter": 1, "allotted": 6_000_000},
        {"account": mooe, "object_code": PAPER, "quarter": 1, "obligated": 2_000_000, "disbursed": 2_000_000},
    ]
    stated = {"stated_allotted": pesos("6M"), "stated_obligated": pesos("2M"), "stated_disbursed": pesos("2M")}
    ids = [paper.imported(treasury, rows, [], reference=f"FAR {n}", **stated).id for n in range(3)]
    crowd = create_engine(engine.url, poolclass=NullPool)

    def confirm(number: int) -> Exception | None:
        desk = desk_of(crowd, app, cast, ("idris", "nurul")[number % 2])
        try:
            row = desk.session.get_one(OpeningPosition, ids[number % len(ids)])
            return tried(desk, lambda: paper.confirm(desk, row, key=f"button {number}"))
        finally:
            desk.session.close()

    with ThreadPoolExecutor(12) as pool:
        told = list(pool.map(confirm, range(PRESSED)))
    refusals = [one for one in told if one is not None]
    assert len(refusals) == PRESSED - 1, told
    assert all(isinstance(one, RuleBroken) for one in refusals), refusals
    assert treasury.state(treasury.mooe) == (pesos("10M"), pesos("6M"), pesos("2M"), pesos("2M"))
    assert reconciling.differences(treasury.rahma.session) == []
