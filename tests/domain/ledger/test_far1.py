"""FAR No. 1 against figures that were worked out by hand; as of any day; its identities."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from bmms.domain.statements import shape
from bmms.domain.statements.far1 import Far1
from bmms.domain.statements.shape import Report
from bmms.models.allotments import OrderKind
from bmms.models.authority import BudgetAccount
from bmms.models.programs import CostStructure
from bmms.models.reference import ExpenseClass
from tests.execution import YEAR, Treasury, allot, appropriate, obligate, on, pay, pesos

BASE = ("authorised", "adjustment", "received", "allotment_adjustment", "transfer_to", "transfer_from")


def far1(office: Treasury, day=None, **other) -> Report:
    office.rahma.session.commit()
    return Far1(fiscal_year=YEAR, as_of=day or on(12, 31), **other).read(office.rahma.session)


def rows(report: Report) -> dict[str, dict]:
    """Rows by level and title."""
    return {f"{row.level} {row.cells['title']}": dict(row.cells) for row in report.rows}


@pytest.fixture
def year(treasury):
    """MOOE of Immunization: 6 M allotted, 4.5 M obligated in two quarters, 2 M paid; support: 1 M allotted."""
    allot(treasury, treasury.mooe, "6M", day=on(1, 10))
    allot(treasury, treasury.support, "1M", day=on(4, 2))
    first = obligate(treasury, treasury.mooe, "3M", day=on(2, 1))
    second = obligate(treasury, treasury.mooe, "1500000.50", day=on(5, 5))
    pay(treasury, first, "1M", day=on(3, 31))
    pay(treasury, first, "600000", day=on(7, 1))
    pay(treasury, second, "400000", day=on(10, 1))
    return treasury


def test_small_case_by_hand(year):
    report = far1(year)
    found = rows(report)
    assert list(found)[:3] == ["0 Fund cluster 01 Regular agency fund", "1 GAAB, regular",
                               "2 General administration and support"]  # fmt: skip
    mooe = found["4 Maintenance and other operating expenses"]
    expected = {
        "authorised": "10M", "adjustment": "0", "appropriated": "10M", "received": "6M", "allotted": "6M",
        "obligated1": "3M", "obligated2": "1500000.50", "obligated3": "0", "obligated4": "0",
        "obligated": "4500000.50", "disbursed1": "1M", "disbursed2": "0", "disbursed3": "600000",
        "disbursed4": "400000", "disbursed": "2M", "unreleased": "4M", "unobligated": "1499999.50", "due": "0",
        "not_yet_due": "2500000.50",
    }  # fmt: skip
    assert {name: mooe[name] for name in expected} == {name: pesos(value) for name, value in expected.items()}
    total = report.total.cells
    assert (total["authorised"], total["allotted"], total["obligated"]) == (
        pesos("35M"), pesos("7M"), pesos("4500000.50"),
    )  # fmt: skip
    assert report.proof.difference == 0
    assert report.proof.rows == 4
    assert report.proof.total == pesos("35M") + pesos("7M") + pesos("4500000.50") + pesos("2M")


def test_as_of_days(year):
    for day, allotted, obligated, disbursed in (
        (on(1, 9), 0, 0, 0),
        (on(1, 10), "6M", 0, 0),
        (on(2, 1), "6M", "3M", 0),
        (on(3, 30), "6M", "3M", 0),
        (on(3, 31), "6M", "3M", "1M"),
        (on(6, 30), "7M", "4500000.50", "1M"),
    ):
        cells = far1(year, day).total.cells
        assert [cells[name] for name in ("allotted", "obligated", "disbursed")] == [
            pesos(value) for value in (allotted, obligated, disbursed)
        ]
        assert far1(year, day).proof.difference == 0


def check_identities(report: Report) -> None:
    """INV-37 and INV-38."""
    for row in [*report.rows, report.total]:
        cell = row.cells
        assert cell["appropriated"] == cell["authorised"] + cell["adjustment"]
        assert cell["allotted"] == (
            cell["received"] + cell["allotment_adjustment"] - cell["transfer_to"] + cell["transfer_from"]
        )
        assert cell["unreleased"] == cell["appropriated"] - cell["allotted"]
        assert cell["unobligated"] == cell["allotted"] - cell["obligated"]
        assert cell["due"] + cell["not_yet_due"] == cell["obligated"] - cell["disbursed"]
        for name in ("obligated", "disbursed"):
            assert cell[name] == sum(cell[f"{name}{n}"] for n in range(1, 5)) + cell.get(f"{name}5", 0)
    leaves = [row for row in report.rows if not row.is_sum]
    tops = [row for row in report.rows if row.level == 0]
    for column in report.columns[2:]:
        for some in (leaves, tops):
            assert report.total.cells[column.key] == sum(row.cells[column.key] for row in some), column


def test_identities(year):
    for day in (on(1, 1), on(3, 31), on(6, 30), on(12, 31)):
        check_identities(far1(year, day))
        check_identities(far1(year, day, detail="class"))


def test_transfers_and_withdrawals_have_columns_of_their_own(year):
    allot(year, year.mooe, "500000", day=on(8, 1), kind=OrderKind.TRANSFER)
    report = far1(year)
    cells = report.total.cells
    assert (cells["transfer_to"], cells["transfer_from"]) != (0, 0)
    assert all(isinstance(cells[name], Decimal) for name in BASE)
    check_identities(report)
    assert report.proof.difference == 0


def test_class_only_leaves_programs_out(year):
    found = rows(far1(year, detail="class"))
    assert not any(name.startswith("4 ") for name in found)
    assert found["2 Operations"]["authorised"] == pesos("30M")
    assert found["3 Capital outlays"]["authorised"] == pesos("10M")


def test_a_page_has_its_rows_and_the_whole(year, monkeypatch):
    every = far1(year)
    monkeypatch.setattr(Far1, "per_page", 4)
    asked = Far1(fiscal_year=YEAR, as_of=on(12, 31))
    pages = [asked.read(year.rahma.session, page) for page in (1, 2, 3)]
    assert [row.cells for each in pages for row in each.rows] == [row.cells for row in every.rows]
    assert all(each.total.cells == every.total.cells and each.count == len(every.rows) for each in pages)


def test_other_cluster_and_no_entries(year):
    report = far1(year, cluster="02")
    assert not report.rows
    assert report.total.cells["authorised"] == 0
    assert report.proof.difference == 0


def test_what_is_dated_after_the_year_stands_in_the_extended_period(year):
    """E-8: a law lets the money be charged longer; the four quarters stay those of the fiscal year."""
    before = far1(year, date(YEAR + 1, 1, 3))
    assert not any(column.key.endswith("5") for column in before.columns)
    program = year.account(year.mooe).program_id
    longer = {"obligate_until": date(YEAR + 1, 12, 31), "pay_until": date(YEAR + 1, 12, 31)}
    key = (CostStructure.OPERATIONS, program, ExpenseClass.MOOE)
    appropriate(year.rahma, year.idris, {key: pesos("2M")}, law="BAA No. 100", **longer)
    account = year.rahma.session.scalars(
        select(BudgetAccount).where(BudgetAccount.obligate_until == longer["obligate_until"])
    ).one()
    allot(year, account.id, "2M", day=on(12, 1))
    row = obligate(year, account.id, "300000", day=on(12, 15))
    obligate(year, account.id, "200000", day=date(YEAR + 1, 1, 2))
    pay(year, row, "100000", day=date(YEAR + 1, 1, 2))
    report = far1(year, date(YEAR + 1, 1, 3))
    total = report.total.cells
    assert (total["obligated4"], total["obligated5"], total["disbursed5"]) == (
        pesos("300000"), pesos("200000"), pesos("100000"),
    )  # fmt: skip
    assert total["obligated"] == pesos("4500000.50") + pesos("500000")
    check_identities(report)
    assert report.proof.difference == 0
    assert "obligated5" not in far1(year).total.cells


def test_closed_months_say_the_same_for_ever(year):
    """INV-38: what is posted later with a later day changes nothing of an earlier statement."""
    said = shape.told(far1(year, on(6, 30)))
    assert said == shape.told(far1(year, on(6, 30)))
    obligate(year, year.mooe, "77", day=on(9, 1))
    allot(year, year.ps, "1M", day=on(7, 1))
    again = shape.told(far1(year, on(6, 30)))
    assert again == said
