"""The workbook of an opening position: each cell checked, handed out and taken back, and what becomes of its rows."""

import io
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from bmms.domain.imports import table
from bmms.domain.imports.raw import UnreadableFile
from bmms.domain.openings import actions
from bmms.domain.openings.sheets import checking, export, writing
from bmms.domain.openings.sheets.columns import POSITION
from bmms.domain.openings.sheets.rows import Position, Unpaid, entries_of, pay_in_quarters
from bmms.models.openings import OpeningLine
from bmms.models.payees import Payee
from tests import openings as paper
from tests.domain.ledger.test_openings import FIRST, SECOND, numbers, refused
from tests.execution import MACHINE, PAPER, SALARY, YEAR, allot, obligate, on, pesos


def change(rows: list[dict[str, Any]], number: int, **cells: Any) -> list[dict[str, Any]]:
    return [row | cells if place == number else row for place, row in enumerate(rows)]


@pytest.mark.parametrize(
    ("sheet", "number", "cells", "field", "told"),
    [
        ("position", 0, {"account": "MOH-1999-001"}, "account", "is no account of this fiscal year"),
        ("position", 0, {"account": None}, "account", "Type the number of the account"),
        ("position", 0, {"quarter": None}, "quarter", "Type the quarter"),
        ("position", 0, {"quarter": "third"}, "quarter", "is no quarter"),
        ("position", 0, {"quarter": 3}, "quarter", "begins after the cut-over"),
        ("position", 0, {"allotted": "six million"}, "allotted", "six million"),
        ("position", 0, {"allotted": 0.125}, "allotted", "two decimals at most"),
        ("position", 0, {"allotted": "=3*2"}, "allotted", "holds a formula"),
        ("position", 1, {"object_code": None}, "object_code", "Type the object code"),
        ("position", 1, {"object_code": "1234"}, "object_code", "is no object of expenditure"),
        ("position", 1, {"object_code": SALARY}, "object_code", "object of PS, the account is of MOOE"),
        ("position", 2, {"quarter": 1}, "quarter", "says this account, object and quarter already"),
        ("position", 0, {"allotted": 11_000_000}, "allotted", "the appropriation, ₱ 10,000,000.00"),
        ("position", 0, {"allotted": 2_000_000}, "obligated", "obligations come to ₱ 3,000,000.00"),
        ("position", 4, {"disbursed": 3_000_000}, "disbursed", "payments come to ₱ 3,000,000.00"),
        ("position", 4, {"disbursed": 1_000_000}, "obligated", "List every unpaid obligation"),
        ("unpaid", 0, {"ors_no": None}, "ors_no", "Type the number of the obligation request"),
        ("unpaid", 0, {"ors_no": "x" * 31}, "ors_no", "longer than 30"),
        ("unpaid", 0, {"dated": "soon"}, "dated", "is no date"),
        ("unpaid", 0, {"dated": on(6, 1)}, "dated", "to the cut-over"),
        ("unpaid", 0, {"dated": f"{YEAR - 1}-12-31"}, "dated", "are dated from 1 January"),
        ("unpaid", 0, {"payee": None}, "payee", "Name the payee"),
        ("unpaid", 0, {"particulars": None}, "particulars", "Say what it is for"),
        ("unpaid", 0, {"object_code": None}, "object_code", "Type the object code"),
        ("unpaid", 0, {"object_code": MACHINE}, "object_code", "object of CO"),
        ("unpaid", 0, {"amount": 0, "paid": None, "due": None}, "amount", "above zero"),
        ("unpaid", 0, {"paid": 2_000_000, "due": None}, "paid", "paid in full"),
        ("unpaid", 0, {"paid": -1}, "paid", "zero or more"),
        ("unpaid", 0, {"due": 1_000_000}, "due", "lies between what is paid"),
        ("unpaid", 0, {"due": 2_000_001}, "due", "lies between what is paid"),
        ("unpaid", 1, {"amount": 1_000_000}, "amount", "the difference is ₱ 250,000.00"),
        ("unpaid", 1, {"ors_no": FIRST}, "dated", "gives 01-"),
        ("unpaid", 1, {"ors_no": FIRST}, "object_code", "Add them up"),
        ("unpaid", 1, {"ors_no": FIRST}, "payee", "another payee"),
    ],
)
def test_each_mistake_is_named_in_its_cell_with_the_remedy(treasury, sheet, number, cells, field, told):
    opening = paper.entered(treasury)
    rows, below = paper.position(treasury), paper.unpaid(treasury)
    if sheet == "position":
        rows = change(rows, number, **cells)
    else:
        below = change(below, number, **cells)
    found = paper.checked(treasury, opening, rows, below)
    assert not found.is_good
    messages = [line.problems.get(field, "") for line in found.lines]
    assert any(told in message for message in messages), [line.problems for line in found.lines]
    book = openpyxl.load_workbook(io.BytesIO(found.handed_back()))
    notes = [cell.comment.text for one in book for row in one.iter_rows() for cell in row if cell.comment]
    assert any(told in note for note in notes), "the file comes back with the cell marked"


def test_more_is_paid_of_an_obligation_than_was_paid_since(treasury):
    rows = change(paper.position(treasury), 1, disbursed=2_000_000)
    rows = change(rows, 2, disbursed=0)
    below = change(paper.unpaid(treasury), 1, amount=1_500_000, paid=250_000)
    below = change(below, 0, paid=1_250_000)
    found = paper.checked(treasury, paper.entered(treasury), rows, below)
    assert ["too little paid" in line.problems.get("paid", "") for line in found.unpaid] == [False, True]


def test_a_controlled_object_needs_its_own_allotment(treasury, owner):
    with owner.begin() as connection:
        connection.execute(text(f"UPDATE budget_accounts SET by_object = true WHERE id = {treasury.co}"))
    treasury.rahma.session.expire_all()
    found = paper.checked(treasury, paper.entered(treasury))
    assert "(E-6)" in found.position[-1].problems["allotted"]
    rows = change(paper.position(treasury), 3, object_code=MACHINE)
    rows[3]["quarter"] = 1
    opening = paper.imported(treasury, rows, reference="With objects")
    paper.confirm(treasury.idris, opening)
    assert treasury.state(treasury.co)[2] == pesos("2M")


def test_a_number_that_is_in_use_and_two_payees_of_one_name(treasury):
    allot(treasury, treasury.support, "1M", day=on(6, 1))
    row = obligate(treasury, treasury.support, "1M", day=on(6, 2))
    session = treasury.rahma.session
    session.add_all([
        Payee(name="maluso trading"), Payee(name="Maluso Trading"),
    ])  # fmt: skip
    session.commit()
    below = change(paper.unpaid(treasury), 0, ors_no=row.ors_no)
    found = paper.checked(treasury, paper.entered(treasury), below=below)
    assert "in BMMS already" in found.unpaid[0].problems["ors_no"]
    assert "Two payees" in found.unpaid[1].problems["payee"]


def test_an_obligation_may_charge_two_objects(treasury):
    rows = paper.position(treasury)
    mooe = rows[0]["account"]
    travel = "5-02-01-010-00"
    rows.append({"account": mooe, "object_code": travel, "quarter": 2, "obligated": 500_000})
    below = paper.unpaid(treasury)
    below.append(below[1] | {"object_code": travel, "amount": 500_000, "particulars": "Freight"})
    opening = paper.imported(treasury, rows, below, stated_obligated=pesos("6500000"))
    paper.confirm(treasury.idris, opening)
    second = numbers(treasury)[SECOND]
    assert (second.total, second.particulars) == (pesos("1750000"), "Vaccine carriers; Freight")


def test_without_unpaid_obligations_the_sheet_is_empty_but_there(treasury):
    rows = change(paper.position(treasury), 1, disbursed=3_000_000)
    opening = paper.imported(treasury, rows, [], stated_disbursed=pesos("6M"))
    paper.confirm(treasury.idris, opening)
    assert numbers(treasury) == {}
    book = openpyxl.load_workbook(io.BytesIO(export.workbook_of(treasury.rahma.session, opening, "")))
    del book["Unpaid"]
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(UnreadableFile, match="has no sheet “Unpaid”"):
        checking.unpaid_table(out.getvalue(), "x.xlsx")


def test_the_template_names_each_account_and_quarter_and_brings_back_what_was_imported(treasury):
    session = treasury.rahma.session
    opening = paper.entered(treasury)
    book = openpyxl.load_workbook(io.BytesIO(export.workbook_of(session, opening, "Rahma")))
    assert book.sheetnames == ["Position", "Unpaid", "Accounts", "Opening"]
    rows = list(book["Position"].iter_rows(min_row=2, values_only=True))
    assert len(rows) == 4 * 2
    assert {row[3] for row in rows} == {1, 2}
    found = paper.checked(treasury, opening)
    writing.write(session, treasury.rahma.actor, opening, found)
    session.commit()
    content = export.workbook_of(session, opening, "Rahma")
    again = checking.check(session, opening, table.read(content, "again.xlsx", POSITION))
    assert again.is_good, [line.problems for line in again.lines]
    assert again.totals == found.totals

    def said(checked) -> list[tuple]:
        return [(one.values["ors_no"], one.key, one.amount("amount"), one.amount("paid"), one.due)
                for one in checked.unpaid]  # fmt: skip

    assert said(again) == said(found)


def test_a_second_import_takes_the_place_of_the_first_and_cancelling_leaves_nothing(treasury):
    opening = paper.imported(treasury)
    rahma, session = treasury.rahma, treasury.rahma.session
    rows = [row | {"disbursed": row.get("obligated")} for row in paper.position(treasury)]
    writing.write(session, rahma.actor, opening, paper.checked(treasury, opening, rows, []))
    session.commit()
    assert numbers(treasury) == {}
    writing.write(session, rahma.actor, opening, paper.checked(treasury, opening))
    session.commit()
    assert set(numbers(treasury)) == {FIRST, SECOND}
    actions.cancel(session, rahma.actor, opening)
    session.commit()
    assert numbers(treasury) == {}
    assert session.scalar(select(func.count(OpeningLine.id))) == 0
    assert "cancelled" in refused(treasury, opening)
    paper.imported(treasury, reference="Once more")


# What becomes of the rows, whatever they are.

PARTS = st.integers(0, 5).map(lambda n: Decimal(n) * 100)


@st.composite
def papers(draw):
    """Obligations with payments in quarters, some paid in full; the two sheets that tell them."""
    position: dict[int, list[Decimal]] = {quarter: [Decimal(0), Decimal(0)] for quarter in (1, 2, 3)}
    listed = []
    for number in range(draw(st.integers(0, 6))):
        quarter = draw(st.integers(1, 3))
        payments = {later: draw(PARTS) for later in range(quarter, 4)}
        paid = sum(payments.values(), Decimal(0))
        amount = paid + draw(PARTS)
        position[quarter][0] += amount
        for later, value in payments.items():
            position[later][1] += value
        if amount > paid:
            due = paid + draw(st.sampled_from([Decimal(0), amount - paid]))
            values = {"account": 1, "object_code": PAPER, "amount": amount, "paid": paid, "due": due}
            one = Unpaid(SimpleNamespace(number=number), SimpleNamespace(), values=values)  # type: ignore[arg-type]
            one.quarter = quarter
            listed.append(one)
    rows = [
        Position(
            SimpleNamespace(number=quarter), SimpleNamespace(),  # type: ignore[arg-type]
            values={"account": 1, "object_code": PAPER, "quarter": quarter, "obligated": told[0], "disbursed": told[1]},
        )
        for quarter, told in position.items()
    ]  # fmt: skip
    return rows, listed


@given(papers())
@settings(max_examples=60, deadline=None)
def test_what_is_posted_comes_to_the_sheet_quarter_by_quarter(sheets):
    rows, listed = sheets
    assert pay_in_quarters(rows, listed) == [], "what was really paid can always be told apart"
    entries = entries_of(rows, listed, 3)
    for row in rows:
        mine = [one for one in entries if one.quarter == row.quarter]
        assert sum(one.obligated for one in mine) == row.amount("obligated")
        assert sum(one.disbursed for one in mine) == row.amount("disbursed")
    for one in listed:
        mine = [entry for entry in entries if entry.unpaid is one]
        for quarter in (1, 2, 3):
            obligated, due, paid = (
                sum(getattr(entry, name) for entry in mine if entry.quarter <= quarter)
                for name in ("obligated", "due", "disbursed")
            )
            assert 0 <= paid <= due <= obligated
        assert (obligated, due, paid) == (one.amount("amount"), one.due, one.amount("paid"))
    rest = [entry for entry in entries if entry.unpaid is None]
    assert sum(one.obligated - one.disbursed for one in rest) == 0, "what is left is paid in full"
