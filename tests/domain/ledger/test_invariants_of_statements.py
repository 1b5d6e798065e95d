"""INV-37, 38, 39 and 42 for every statement, over a year with documents of every kind."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bmms.domain.periods import actions as months
from bmms.domain.statements import extract, shape
from bmms.domain.statements.catalogue import BY_KIND, STATEMENTS
from bmms.domain.statements.extract import Extract
from bmms.domain.statements.far1 import Far1
from bmms.domain.statements.shape import Look, Report
from bmms.domain.statements.statement import Statement
from bmms.models.allotments import OrderKind
from tests.bed import approved
from tests.execution import TRAVEL, YEAR, Treasury, allot, obligate, on, pay

QUERIES = Path(__file__).parents[3] / "docs" / "statement-queries.md"
PARTS = [part for part in extract.PARTS if part != extract.TRAIL]
QUESTIONS = [
    *((each.kind, {}) for each in STATEMENTS if each is not Extract), ("ageing", {"since_when": "obligated"}),
    *(("audit-extract", {"part": part}) for part in PARTS),
]  # fmt: skip
IDENTITIES = {  # INV-37: column to the signed columns that it is
    "appropriated": "authorised + adjustment",
    "allotted": "received + allotment_adjustment - transfer_to + transfer_from",
    "unreleased": "appropriated - allotted", "unobligated": "allotted - obligated",
}  # fmt: skip

LISTED = {"amount": "obligated", "paid": "disbursed", "due": "due", "not_yet_due": "not_yet_due"}


@pytest.fixture
def year(treasury):
    """Two accounts with orders, a withdrawal, obligations and payments in three quarters, and a program of the year."""
    allot(treasury, treasury.mooe, "6M", day=on(1, 10))
    allot(treasury, treasury.support, "1M", day=on(4, 2))
    allot(treasury, treasury.support, "100000.10", day=on(5, 2), kind=OrderKind.WITHDRAWAL)
    allot(treasury, treasury.mooe, "250000", day=on(8, 1), kind=OrderKind.TRANSFER)
    first = obligate(treasury, treasury.mooe, "3M", day=on(2, 1))
    second = obligate(treasury, treasury.support, "150000.50", day=on(5, 5), object_code=TRAVEL)
    pay(treasury, first, "1M", day=on(3, 31))
    pay(treasury, second, "50000.25", day=on(10, 1))
    approved(treasury, "rising")
    return treasury


def asked_of(office: Treasury, kind: str, day: date, **more: str) -> Statement:
    office.rahma.session.commit()
    given = {"fiscal_year": str(YEAR), "as_of": day.isoformat(), "account_id": str(office.mooe), **more}
    return BY_KIND[kind].ask(office.rahma.session, given)


def read(office: Treasury, kind: str, day: date, **more: str) -> Report:
    return asked_of(office, kind, day, **more).read(office.rahma.session)


def parsed(words: str) -> list[tuple[int, str]]:
    return [(-1 if sign == "-" else 1, name) for sign, name in re.findall(r"([-+]?)\s*(\w+)", words)]


def test_inv_37_columns_of_far_1_are_what_their_heads_say(year):
    for day in (on(1, 1), on(5, 31), on(12, 31)):
        report = read(year, "far-1", day)
        for row in [*report.rows, report.total]:
            cells: dict[str, Any] = dict(row.cells)
            for name, words in IDENTITIES.items():
                assert cells[name] == sum(sign * cells[part] for sign, part in parsed(words)), name
            assert cells["due"] + cells["not_yet_due"] == cells["obligated"] - cells["disbursed"]
        for column in report.columns:
            if column.look == Look.MONEY:
                leaves = sum(row.cells[column.key] for row in report.rows if not row.is_sum)
                assert report.total.cells[column.key] == leaves, column.key
    cells = report.total.cells
    assert all(cells[name] for name in ("allotment_adjustment", "transfer_from", "not_yet_due"))


def test_inv_37_the_lists_of_documents_come_to_far_1(year):
    """Row by row: what is unpaid is due or not yet due; all rows together are what the accounts have."""
    for day in (on(1, 1), on(2, 1), on(5, 31), on(12, 31)):
        obligations, payments = read(year, "obligations", day), read(year, "disbursements", day)
        for report in (obligations, payments):
            for column in report.columns:
                if column.look == Look.MONEY:
                    rows = sum(row.cells[column.key] for row in report.rows)
                    assert report.total.cells[column.key] == rows, column.key
        for row in obligations.rows:
            cells: dict[str, Any] = dict(row.cells)
            assert cells["due"] + cells["not_yet_due"] == cells["amount"] - cells["paid"]
            assert (cells["age"] is None) == (cells["due"] == 0)
        far_1 = read(year, "far-1", day).total.cells
        assert {name: far_1[other] for name, other in LISTED.items()} == {
            name: obligations.total.cells[name] for name in LISTED
        }
        assert payments.total.cells["amount"] == far_1["disbursed"]
    assert {row.cells["amount"] for row in obligations.rows} == {Decimal("3000000"), Decimal("150000.50")}


def test_inv_38_quarters_come_to_the_year(year):
    for kind in ("far-1", "by-object"):
        report = read(year, kind, on(12, 31))
        for row in [*report.rows, report.total]:
            for name in ("obligated", "disbursed"):
                quarters = [row.cells[f"{name}{quarter}"] for quarter in range(1, 5)]
                assert row.cells[name] == sum(quarters) + row.cells.get(f"{name}5", 0)


def test_inv_38_closed_months_say_the_same_for_ever(year):
    """Every month to June is closed; what comes later changes neither rows nor totals nor the id of a report."""
    omar, idris, session = year.omar, year.idris, year.rahma.session
    for month in range(1, 7):
        months.ask_close(omar.session, omar.actor, on(month, 1))
        omar.session.commit()
        months.close(idris.session, idris.actor, on(month, 1))
        idris.session.commit()
    questions = [asked_of(year, kind, on(6, 30), **more) for kind, more in QUESTIONS]
    before = [asked.read(session) for asked in questions]
    obligate(year, year.mooe, "77", day=on(9, 1))
    allot(year, year.ps, "1M", day=on(7, 1))
    session.commit()
    for asked, was in zip(questions, before, strict=True):
        after = asked.read(session)
        assert was.rows
        assert shape.told(after) == shape.told(was), asked
        assert shape.mark_of(asked.asked, after) == shape.mark_of(asked.asked, was)


def test_inv_39_rates_are_sums_over_sums_and_none_without_a_denominator(year):
    """Also on a day on which nothing was allotted yet: then there is neither 0 nor an error."""
    found = set()
    for kind, more in QUESTIONS:
        for day in (on(1, 1), on(3, 31), on(12, 31)):
            report = read(year, kind, day, **more)
            for row in [*report.rows, *([report.total] if report.total else [])]:
                for column in report.columns:
                    if column.over:
                        part, whole = (row.cells[key] or Decimal(0) for key in column.over)
                        assert row.cells[column.key] == (shape.rate(part, whole) if whole else None), column.key
                        found.add(row.cells[column.key] is None)
    assert found == {True, False}


def documented() -> dict[str, str]:
    """The queries of the documentation by statement."""
    found: dict[str, str] = {}
    for section in QUERIES.read_text().split("\n## ")[1:]:
        heading, _, body = section.partition("\n")
        query = body.split("```sql\n")[1].split("```")[0] if "```sql" in body else found["far-1"]
        found |= dict.fromkeys(heading.split(", "), query)
    return found


def test_inv_42_each_total_comes_out_of_its_documented_query(year):
    queries, session = documented(), year.rahma.session
    for kind, more in QUESTIONS:
        if "since_when" in more or kind == "bed-2":  # it has no money
            continue
        for since, day in ((on(1, 1), on(12, 31)), (on(4, 1), on(6, 30))):
            asks = "since" in BY_KIND[kind].fields_of()
            report = read(year, kind, day, **more, **({"since": since.isoformat()} if asks else {}))
            given = {"organization_id": year.rahma.actor.organization_id, "fiscal_year": YEAR, "as_of": day,
                     "since": since, "account_id": year.mooe}  # fmt: skip
            query = queries[f"{kind} {more['part']}" if more else kind]
            totals = session.execute(text(query), given).mappings().one()
            told = {column.key for column in report.columns if column.look == Look.MONEY}
            told -= {"planned"}  # of the work plan, and never added up
            cells = report.total.cells
            assert {name: cells[name] for name in told} == {name: totals[name] for name in told}, (kind, more)
            assert report.proof.difference == 0


def test_inv_42_every_statement_has_a_query():
    wanted = {each.kind for each in STATEMENTS if each is not Extract} | {f"audit-extract {part}" for part in PARTS}
    assert wanted == set(documented())


def test_clusters_of_far_1_come_to_the_consolidated_sheet(year):
    asked = asked_of(year, "far-1", on(12, 31))
    (name, whole), *others = asked.parts(year.rahma.session)
    assert (name, whole) == ("Consolidated", asked)
    assert [name for name, _ in others] == ["Cluster 01"]
    assert [part for _, part in others] == [replace(asked, cluster="01")]
    assert isinstance(asked, Far1)
    assert replace(asked, cluster="01").parts(year.rahma.session) == [("Statement", replace(asked, cluster="01"))]
