"""Allotment orders against the appropriation: the test vectors of modules 2.7, E-2, E-14, two persons."""

from decimal import Decimal

import pytest

from bmms.domain.allotments import actions, steps
from bmms.domain.allotments.actions import Line
from bmms.domain.errors import RuleBroken
from bmms.domain.ledger.room import Shortfall
from bmms.models.allotments import AllotmentOrder, OrderKind
from tests.execution import YEAR, allot, key, on, pesos


def test_what_is_appropriated_can_be_allotted_to_the_last_centavo(treasury):
    """AA 10 M: 6 M go, 5 M more do not (4 M are left), 4 M go."""
    allot(treasury, treasury.mooe, "6M")
    with pytest.raises(Shortfall) as refusal:
        allot(treasury, treasury.mooe, "5M")
    [lacking] = refusal.value.lacking
    assert (lacking.link, lacking.asked, lacking.available, lacking.short) == (
        "unreleased", pesos("5M"), pesos("4M"), pesos("1M"),
    )  # fmt: skip
    assert "₱ 1,000,000.00 too much" in str(refusal.value)
    assert "Allotment order" in str(refusal.value), "the competing document is named"
    treasury.idris.session.rollback()
    assert treasury.state(treasury.mooe) == (pesos("10M"), pesos("6M"), 0, 0)
    allot(treasury, treasury.mooe, "4M")
    assert treasury.state(treasury.mooe) == (pesos("10M"), pesos("10M"), 0, 0)


def test_who_entered_an_order_does_not_release_it(treasury):
    order = actions.enter(
        treasury.nurul.session, treasury.nurul.actor,
        {"fiscal_year": YEAR, "number": "7", "kind": OrderKind.COMPREHENSIVE, "dated": on(1, 5), "total": pesos("1M")},
        [Line(treasury.mooe, pesos("1M"))],
    )  # fmt: skip
    treasury.nurul.session.commit()
    with pytest.raises(RuleBroken, match="You entered this order"):
        steps.release(treasury.nurul.session, treasury.nurul.actor, order, key=key())


def test_a_button_pressed_twice_releases_once(treasury):
    order = allot(treasury, treasury.mooe, "1M")
    theirs = treasury.idris.session.get_one(AllotmentOrder, order.id)
    with pytest.raises(RuleBroken, match="already released"):
        steps.release(treasury.idris.session, treasury.idris.actor, theirs, key=key())
    assert treasury.state(treasury.mooe)[1] == pesos("1M")


def test_a_comprehensive_order_carries_no_capital_outlay(treasury):
    answers = {
        "fiscal_year": YEAR,
        "number": "8",
        "kind": OrderKind.COMPREHENSIVE,
        "dated": on(1, 5),
        "total": pesos("1M"),
    }
    with pytest.raises(RuleBroken, match="E-14"):
        actions.enter(treasury.rahma.session, treasury.rahma.actor, answers, [Line(treasury.co, pesos("1M"))])


@pytest.mark.parametrize("amount", ["0", "-5", "10.005"])
def test_amounts_are_pesos_above_zero(treasury, amount):
    answers = {
        "fiscal_year": YEAR,
        "number": "9",
        "kind": OrderKind.SPECIAL,
        "request": "x",
        "dated": on(1, 5),
        "total": pesos("1M"),
    }
    with pytest.raises(RuleBroken, match="above zero and has two decimals"):
        actions.enter(treasury.rahma.session, treasury.rahma.actor, answers, [Line(treasury.mooe, Decimal(amount))])


def test_a_withdrawal_takes_back_what_is_not_obligated(treasury):
    allot(treasury, treasury.mooe, "6M")
    allot(treasury, treasury.mooe, "2M", kind=OrderKind.WITHDRAWAL, day=on(2, 1))
    assert treasury.state(treasury.mooe)[1] == pesos("4M")
    with pytest.raises(Shortfall, match="₱ 1,000,000.00 too much"):
        allot(treasury, treasury.mooe, "5M", kind=OrderKind.WITHDRAWAL, day=on(3, 1))
