"""Two realignments out of the same account at once: one is posted, the other told what is lacking (INV-30)."""

import threading

from bmms.domain.changes import steps
from bmms.domain.changes.rules import Way
from bmms.domain.changes.steps import Instrument
from bmms.domain.ledger.room import Shortfall
from bmms.models.changes import BudgetChange
from tests.domain.ledger.test_changes import approve, enter, moved, request
from tests.execution import allot, key, opened, pesos
from tests.planning import until_somebody_waits


def test_two_realignments_out_of_the_same_account(engine, app, cast, treasury):
    allot(treasury, treasury.mooe, "6M")
    ids = []
    for _ in range(2):
        row = enter(treasury, Way.CLASSES, moved(treasury.mooe, "-4M"), moved(treasury.co, "4M"))
        request(treasury, row)
        approve(treasury, row)
        ids.append(row.id)
    treasury.rahma.session.commit()
    refusals: list[Exception] = []

    def second() -> None:
        with opened(engine, app, cast) as desks:
            nurul = desks["nurul"]
            row = nurul.session.get_one(BudgetChange, ids[1])
            try:
                steps.post(nurul.session, nurul.actor, row, Instrument(row.dated, "MFBM 2"), key=key())
                nurul.session.commit()
            except Exception as refusal:
                refusals.append(refusal)

    rahma = treasury.rahma
    first = rahma.session.get_one(BudgetChange, ids[0])
    steps.post(rahma.session, rahma.actor, first, Instrument(first.dated, "MFBM 1"), key=key())
    waiting = threading.Thread(target=second)
    waiting.start()
    until_somebody_waits(engine)
    rahma.session.commit()
    waiting.join(300)
    assert [type(one) for one in refusals] == [Shortfall]
    assert treasury.state(treasury.mooe)[:2] == (pesos("6M"), pesos("2M"))
    assert treasury.state(treasury.co)[:2] == (pesos("14M"), pesos("4M"))
