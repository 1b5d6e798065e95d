"""appropriation >= allotment >= obligation >= disbursement, by the documents themselves (modules 2.7)."""

import pytest

from bmms.domain.errors import RuleBroken
from bmms.domain.ledger.room import Shortfall
from tests.execution import allot, line_of, obligate, on, pay, pesos


def test_obligations_keep_within_the_allotment(treasury):
    """Allotment 5 M: 3 M go, 3 M more do not, 2 M do."""
    allot(treasury, treasury.mooe, "5M")
    first = obligate(treasury, treasury.mooe, "3M")
    with pytest.raises(Shortfall) as refusal:
        obligate(treasury, treasury.mooe, "3M")
    treasury.salma.session.rollback()
    assert f"ORS {first.ors_no} (₱ 3,000,000.00)" in str(refusal.value)
    assert "₱ 5,000,000.00 of the appropriation is not released yet" in str(refusal.value)
    second = obligate(treasury, treasury.mooe, "2M")
    assert treasury.state(treasury.mooe) == (pesos("10M"), pesos("5M"), pesos("5M"), 0)
    assert (first.ors_no[-4:], second.ors_no[-4:]) == ("0001", "0002"), "a refused request takes no number"


def test_payments_keep_within_the_obligation(treasury):
    allot(treasury, treasury.mooe, "5M")
    obligation = obligate(treasury, treasury.mooe, "3M")
    pay(treasury, obligation, "2M")
    with pytest.raises(RuleBroken):
        pay(treasury, obligation, "2M")
    treasury.omar.session.rollback()
    line = line_of(treasury, obligation)
    assert (line.paid, line.due, line.unpaid) == (pesos("2M"), pesos("2M"), pesos("1M"))


def test_nothing_is_obligated_before_it_was_allotted(treasury):
    """E-12: there is room today, but there was none on the day of the document."""
    allot(treasury, treasury.mooe, "5M", day=on(3, 1))
    with pytest.raises(Shortfall, match="on each day since"):
        obligate(treasury, treasury.mooe, "1M", day=on(2, 1))


def test_a_document_dated_back_takes_no_room_that_was_used_later(treasury):
    allot(treasury, treasury.mooe, "5M", day=on(1, 10))
    obligate(treasury, treasury.mooe, "4M", day=on(3, 1))
    with pytest.raises(Shortfall) as refusal:
        obligate(treasury, treasury.mooe, "2M", day=on(2, 1))
    assert refusal.value.lacking[0].available == pesos("1M")
