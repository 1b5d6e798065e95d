"""A ceiling by class: the classes and what is not divided come to it, and a class that is not shown is missed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bmms.domain import clock
from bmms.domain.calls import ceilings, queries
from tests.budgets import enter, hire_office
from tests.planning import Desk, desk_of

WHOLE, PS, CO = Decimal("50000000.00"), Decimal("20000000.00"), Decimal("10000000.00")


@pytest.fixture
def rahma(engine, app, cast) -> Iterator[Desk]:
    hire_office(engine, cast)
    desk = desk_of(engine, app, cast, "rahma")
    with clock.stopped_at(datetime(2026, 2, 2, 1, tzinfo=UTC)):
        yield desk
    desk.session.close()


def test_what_is_not_divided_is_a_row_and_all_rows_come_to_the_ceiling(rahma):
    found = ceilings.ceilings_of(rahma.session, enter(rahma))
    assert found.rows == (
        ("PS", PS), ("MOOE", None), ("FinEx", None), ("CO", CO), ("Not divided by class", WHOLE - PS - CO),
    )  # fmt: skip
    assert (found.proof.rows, found.proof.difference) == (3, 0)


def test_a_ceiling_that_is_divided_to_the_centavo_has_no_rest(rahma):
    exact = {"ceiling_mooe": Decimal("19999999.99"), "ceiling_finex": Decimal("0.01")}
    found = ceilings.ceilings_of(rahma.session, enter(rahma, **exact))
    assert [label for label, _ in found.rows] == ["PS", "MOOE", "FinEx", "CO"]
    assert (found.proof.rows, found.proof.difference) == (4, 0)


def test_a_class_that_is_not_shown_is_missed(rahma, monkeypatch):
    call = enter(rahma)
    monkeypatch.delitem(queries.CEILINGS, "ceiling_co")
    proof = ceilings.ceilings_of(rahma.session, call).proof
    assert (proof.total, proof.source_total, proof.difference) == (WHOLE - CO, WHOLE, -CO)


def test_the_list_comes_to_the_ceilings_of_all_calls(rahma):
    assert ceilings.proof_of_list(rahma.session, []).difference == 0
    calls = [enter(rahma, fiscal_year=year) for year in (2027, 2028)]
    assert (proof := ceilings.proof_of_list(rahma.session, calls)).difference == 0
    assert (proof.rows, proof.total) == (2, 2 * WHOLE)
    assert ceilings.proof_of_list(rahma.session, calls[1:]).difference == -WHOLE
