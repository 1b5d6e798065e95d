"""The lists of obligations and disbursements against figures that were worked out by hand; who may ask for them."""

from decimal import Decimal

import pytest

from bmms.domain import exports
from bmms.domain.actors import Actor
from bmms.domain.errors import NotAllowed, NotFound
from bmms.domain.imports import csv_file
from bmms.domain.permissions import CENTRAL_ROLES, GRANTS, ROLES, permissions_of, with_carried
from bmms.domain.statements import actions, papers, workbook
from bmms.domain.statements.ageing import NO_LINE, Ageing
from bmms.domain.statements.shape import Report, plain
from bmms.domain.statements.spending import Disbursements, Obligations
from tests import openings as paper
from tests.domain.ledger.books import Clerk
from tests.execution import PAPER, YEAR, Treasury, allot, on, pesos

PAYEE, PROGRAM = "Regional Medical Supply Depot", "Immunization"


@pytest.fixture
def year(treasury):
    """An obligation of two lines in February, one of August; deliveries, payments, one of them void, a decrease."""
    allot(treasury, treasury.mooe, "6M", day=on(1, 10))
    allot(treasury, treasury.co, "4M", day=on(1, 10))
    clerk = Clerk(treasury)
    supplies, machine = clerk.obligation(
        on(2, 1), (treasury.mooe, pesos("3M")), (treasury.co, pesos("2M"))
    )  # fmt: skip
    (later,) = clerk.obligation(on(8, 1), (treasury.mooe, pesos("500000")))
    clerk.due(supplies, on(3, 1), pesos("400000"))
    clerk.due(supplies, on(4, 1), pesos("300000"))
    clerk.voucher(on(5, 1), (supplies, pesos("500000")), (machine, pesos("2M")))
    treasury.void = clerk.voucher(on(6, 1), (supplies, pesos("100000")))
    clerk.void(treasury.void, on(9, 1))
    clerk.adjustment(later, on(8, 15), pesos("-100000.50"))
    return treasury


def read(office: Treasury, cls, day=None, since=None, page=None) -> Report:
    office.rahma.session.commit()
    asked = cls(fiscal_year=YEAR, as_of=day or on(12, 31), since=since or on(1, 1))
    return asked.read(office.rahma.session, page)


def told(report: Report, *names: str) -> list[tuple]:
    return [tuple(row.cells[name] for name in names) for row in report.rows]


FIGURES = ("amount", "paid", "due", "not_yet_due", "age")


def test_each_line_as_it_stands_on_the_day(year):
    report = read(year, Obligations)
    first, second, third = (row.cells["title"] for row in report.rows)
    assert first == second != third
    assert first.startswith("ORS B-")
    assert told(report, "day", "payee", "expense_class") == [
        (on(2, 1), PAYEE, "MOOE"), (on(2, 1), PAYEE, "CO"), (on(8, 1), PAYEE, "MOOE"),
    ]  # fmt: skip
    assert {PROGRAM in row.cells["program"] for row in report.rows} == {True}
    assert report.rows[0].cells["object"].startswith("5-02-03-010")
    # Due of the supplies: 400, 300; paid 500, and 100 which was taken back: 200 of April are open.
    open_days = (on(12, 31) - on(4, 1)).days
    assert told(report, *FIGURES) == [
        (pesos("3M"), pesos("500000"), pesos("200000"), pesos("2300000"), open_days),
        (pesos("2M"), pesos("2M"), 0, 0, None), (pesos("399999.50"), 0, 0, pesos("399999.50"), None),
    ]  # fmt: skip
    assert report.count == report.proof.rows == 3
    assert report.proof.difference == 0
    assert report.proof.total == pesos("5399999.50")


def test_the_days_since_due_are_those_of_the_oldest_that_is_unpaid(year):
    """Before the payment the delivery of March is open; while the void payment counted, the one of April was."""
    for day, due, oldest in (
        (on(2, 28), 0, None), (on(3, 1), "400000", on(3, 1)), (on(4, 30), "700000", on(3, 1)),
        (on(5, 1), "200000", on(4, 1)), (on(8, 31), "100000", on(4, 1)), (on(9, 1), "200000", on(4, 1)),
    ):  # fmt: skip
        row = read(year, Obligations, day).rows[0].cells
        assert (row["due"], row["age"]) == (pesos(due), (day - oldest).days if oldest else None), day


def test_what_is_due_is_as_old_as_ageing_says(year):
    for day in (on(3, 31), on(4, 15), on(7, 1), on(12, 31)):
        report, ageing = read(year, Obligations, day), Ageing(fiscal_year=YEAR, as_of=day).read(year.rahma.session)
        cells = ageing.total.cells
        assert report.total.cells["due"] == cells["aged"]
        oldest = max(row.cells["age"] or 0 for row in report.rows)
        wanted = next((name for name in ("older", "d90", "d60", "d30") if cells[name]), None)
        assert wanted == ("older" if oldest > 90 else "d90" if oldest > 60 else "d60" if oldest > 30 else "d30"), day


def test_a_period_lists_what_was_obligated_in_it_with_all_that_became_of_it(year):
    first = read(year, Obligations, on(7, 31))
    assert told(first, "amount", "paid") == [(pesos("3M"), pesos("600000")), (pesos("2M"), pesos("2M"))]
    rest = read(year, Obligations, since=on(2, 2))
    assert told(rest, *FIGURES) == [(pesos("399999.50"), 0, 0, pesos("399999.50"), None)]
    assert rest.proof.total == rest.proof.source_total == pesos("399999.50")
    assert read(year, Obligations, on(8, 1), on(8, 1)).total.cells["amount"] == pesos("500000")


def test_payments_and_the_one_that_was_taken_back(year):
    report = read(year, Disbursements)
    assert told(report, "day", "expense_class", "amount") == [
        (on(5, 1), "MOOE", pesos("500000")), (on(5, 1), "CO", pesos("2M")), (on(6, 1), "MOOE", pesos("100000")),
        (on(9, 1), "MOOE", pesos("-100000")),
    ]  # fmt: skip
    assert [row.cells["title"] for row in report.rows][3] == "Void"
    assert {row.cells["payee"] for row in report.rows} == {PAYEE}
    assert len({row.cells["obligation"] for row in report.rows}) == 1
    assert report.total.cells["amount"] == report.proof.source_total == pesos("2500000")
    june = read(year, Disbursements, on(6, 30), on(6, 1))
    assert (june.count, june.total.cells["amount"]) == (1, pesos("100000"))


def test_pages_are_the_list_cut_in_pieces(year, monkeypatch):
    for cls in (Obligations, Disbursements):
        monkeypatch.setattr(cls, "per_page", 2)
        whole = read(year, cls)
        pages = [read(year, cls, page=number) for number in (1, 2, 3)]
        assert [row for page in pages for row in page.rows] == whole.rows
        assert [page.first for page in pages] == [0, 2, 4]
        assert all((page.count, page.total, page.proof) == (whole.count, whole.total, whole.proof) for page in pages)


def test_an_opening_position_is_in_both_lists(treasury):
    """Its unpaid obligations by their old numbers; the rest of it by account and object, of which nothing is due."""
    paper.confirm(treasury.idris, paper.imported(treasury))
    report = read(treasury, Obligations)
    by_title = {title: row for title, *row in told(report, "title", "payee", *FIGURES[:4])}
    assert by_title[f"ORS 01-{YEAR}-02-0007"] == [
        PAYEE, pesos("2M"), pesos("1250000"), pesos("250000"), pesos("500000")
    ]  # fmt: skip
    unnamed = [row.cells for row in report.rows if row.cells["title"] == NO_LINE]
    assert {(row["payee"], row["due"], row["age"]) for row in unnamed} == {("", 0, None)}
    assert sum(row["amount"] for row in unnamed) == pesos("2750000")
    assert report.total.cells["amount"] == pesos("6M")
    payments = read(treasury, Disbursements)
    assert payments.total.cells["amount"] == pesos("4M")
    assert "Opening position, FAR No. 1 as of May" in {row.cells["title"] for row in payments.rows}
    later = read(treasury, Obligations, since=on(4, 1))
    for found in (report, payments, later):
        assert found.proof.difference == 0
        assert found.proof.total == sum(row.cells["amount"] for row in found.rows)
    assert 0 < later.count < report.count


def test_names_of_payees_are_for_budget_and_accounting(year):
    """Not for those who only read, nor for central offices: neither screen nor paper nor file."""
    may = {
        code
        for code in (*ROLES, *GRANTS, *CENTRAL_ROLES)
        if Obligations.is_open_to(Actor(1, "x", permissions=permissions_of(with_carried({code}))))
    }
    assert may == {
        "pilot_budget_officer", "pilot_approver", "budget_review", "budget_approve", "allotment_certify", "accounting",
    }  # fmt: skip
    reader = Actor(
        year.idris.actor.user_id, "x", year.idris.actor.organization_id, permissions=permissions_of({"pilot_viewer"})
    )
    for cls in (Obligations, Disbursements):
        asked = cls(fiscal_year=YEAR, as_of=on(12, 31), since=on(1, 1))
        row = actions.keep(year.rahma.session, year.rahma.actor, asked)
        year.rahma.session.commit()
        with pytest.raises(NotAllowed):
            actions.keep(year.idris.session, reader, asked)
        with pytest.raises(NotFound):
            papers.get_kept(year.idris.session, reader, row.id)
        for more in ({}, {workbook.FORM: "csv"}):
            with pytest.raises(NotFound):
                exports.ask(year.idris.session, reader, workbook.TASK, kind=asked.kind, asked=asked.asked, **more)
        assert any("personal data" in note for note in asked.read(year.rahma.session).notes)


def test_csv_has_the_rows_and_the_total_and_nothing_that_is_calculated(year):
    year.account(year.mooe)
    for cls in (Obligations, Disbursements):
        report = read(year, cls)
        asked = cls(fiscal_year=YEAR, as_of=on(12, 31), since=on(1, 1))
        heads, *rows = [row.cells for row in csv_file.read(workbook.csv_of(year.rahma.session, asked))]
        assert heads[0] == report.columns[0].heading
        assert "Amount" in heads[-1] or "Amount, as adjusted (PHP)" in heads
        every = [*report.rows, report.total]
        assert rows == [[plain(row.cells.get(column.key)) for column in report.columns] for row in every]
    assert rows[3][-1] == "-100000.00", "a number, for whoever adds it up"
    assert sum(Decimal(row[-1]) for row in rows[:-1]) == Decimal(rows[-1][-1])
    assert rows[0][6].endswith("Office supplies expenses"), PAPER
