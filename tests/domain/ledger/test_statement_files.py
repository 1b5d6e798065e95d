"""One question, one answer: what the screen says, the snapshot of the PDF says, and every cell of the workbook."""

import io
import re
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest

from bmms.domain import clock
from bmms.domain.documents import actions as documents
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken
from bmms.domain.statements import actions, papers, shape, workbook
from bmms.domain.statements.catalogue import BY_KIND, STATEMENTS
from bmms.domain.statements.far1 import Far1
from bmms.domain.statements.statement import Statement
from bmms.models.programs import CostStructure
from bmms.models.reference import ExpenseClass
from tasks import documents as printing
from tests.execution import YEAR, Treasury, allot, appropriate, obligate, on, pay

OWN_FORMULA = re.compile(r"=(SUBTOTAL\(9,|IF\([A-Z]+\d+=0,|[A-Z]{1,2}\d+[+-])")
KINDS = [each.kind for each in STATEMENTS]


@pytest.fixture
def year(treasury):
    """Postings of every kind in two accounts; a payee whose name looks like a formula."""
    allot(treasury, treasury.mooe, "6M", day=on(1, 10))
    allot(treasury, treasury.support, "1M", day=on(4, 2))
    first = obligate(treasury, treasury.mooe, "3M", day=on(2, 1), reference="=1+1")
    second = obligate(treasury, treasury.support, "150000.50", day=on(5, 5))
    pay(treasury, first, "1M", day=on(3, 31))
    pay(treasury, second, "50000.25", day=on(10, 1))
    return treasury


def asked_of(office: Treasury, kind: str, **answers: str) -> Statement:
    """The question with its other parameters left as they are offered."""
    office.rahma.session.commit()
    answers = {"account_id": str(office.mooe), "as_of": on(12, 31).isoformat(), **answers}
    return BY_KIND[kind].ask(office.rahma.session, {"fiscal_year": str(YEAR), **answers})


def values_of(content: bytes, *, formulas: bool = False) -> list[list]:
    sheet = openpyxl.load_workbook(io.BytesIO(content), data_only=not formulas).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]


def as_told(value: object, look: str) -> str:
    """A cell of the workbook as the snapshot writes it."""
    if value is None or value == workbook.NO_WHOLE:
        return ""
    if isinstance(value, datetime | date):
        return value.date().isoformat() if isinstance(value, datetime) else value.isoformat()
    if look == "money":
        return f"{Decimal(str(value)):.2f}"
    if look == "share":
        return f"{Decimal(str(value)):.4f}"
    return str(value)


def normal(text: str, look: str) -> str:
    """Nothing and zero are the same amount in a workbook that leaves the cell empty."""
    return f"{Decimal(text):.2f}" if look == "money" and text else text


@pytest.mark.parametrize("kind", KINDS)
def test_screen_paper_and_workbook_say_the_same(year, kind):
    session, actor = year.hadji.session, year.hadji.actor
    asked = asked_of(year, kind)
    screen = shape.told(asked.read(session))
    assert screen["rows"]
    row = actions.keep(session, actor, asked)
    document = documents.make(session, actor, papers.PAPERS[kind], row.id)
    content = document.payload["content"]
    assert {name: content[name] for name in screen} == screen
    organization_id = actor.organization_id
    made = workbook.workbook_of(session, organization_id, asked, "Rahma")
    told = [each["cells"] for each in screen["rows"]] + ([screen["total"]] if screen["total"] else [])
    looks = [column["look"] for column in screen["columns"]]
    found = values_of(made)
    assert len(found) == len(told)
    for line, cells in zip(found, told, strict=True):
        assert [as_told(value, look) for value, look in zip(line, looks, strict=True)] == [
            normal(text, look) for text, look in zip(cells, looks, strict=True)
        ]
    assert content["mark"] in {cell for row in about_of(made) for cell in row}
    session.commit()


def about_of(content: bytes) -> list[list]:
    sheet = openpyxl.load_workbook(io.BytesIO(content))[workbook.ABOUT]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_of_paper_carries_what_statements_carry(year, kind, app):
    session, actor = year.hadji.session, year.hadji.actor
    row = actions.keep(session, actor, asked_of(year, kind))
    document = documents.make(session, actor, papers.PAPERS[kind], row.id)
    session.commit()
    printing.huey.app = app
    html = printing.page_of(document)
    for words in (
        "Ministry of Health", str(YEAR), f"31 December {YEAR}", "the signed copy prevails", "System-generated",
        document.payload["content"]["mark"], "chief accountant", "verify/",
    ):  # fmt: skip
        assert words.lower() in html.lower(), words


def test_sub_totals_and_totals_are_formulas_that_come_to_the_same(year):
    """INV-68: worked out again from the cells that are no formulas, each formula comes to its kept value."""
    made = workbook.workbook_of(year.rahma.session, year.rahma.actor.organization_id, asked_of(year, "far-1"), "Rahma")
    formulas, kept = values_of(made, formulas=True), values_of(made)
    sums = 0
    for line, row in enumerate(formulas, 2):
        for place, text in enumerate(row):
            if isinstance(text, str) and text.startswith("=SUBTOTAL(9,"):
                first, last = (int("".join(filter(str.isdigit, part))) for part in text[12:-1].split(":"))
                plain = [
                    Decimal(str(formulas[at - 2][place] or 0))
                    for at in range(first, last + 1)
                    if not str(formulas[at - 2][place]).startswith("=")
                ]
                assert sum(plain) == Decimal(str(kept[line - 2][place]))
                sums += 1
    assert sums > 50


def test_a_workbook_has_a_sheet_for_each_part(year):
    """FAR No. 1 by fund cluster and consolidated (R-10); the audit extract with its parts, of which none is cut."""
    session, organization_id = year.rahma.session, year.rahma.actor.organization_id
    for kind, names in (
        ("far-1", ["Consolidated", "Cluster 01"]),
        ("audit-extract", ["Ledger entries", "Variance by account", "Activities", "Audit trail"]),
        ("ageing", ["Statement"]),
    ):
        today = {"as_of": clock.today().isoformat()} if kind == "audit-extract" else {}
        asked = asked_of(year, kind, **today)
        made = openpyxl.load_workbook(io.BytesIO(workbook.workbook_of(session, organization_id, asked, "Rahma")))
        assert made.sheetnames == [*names, workbook.ABOUT]
        for name, part in asked.parts(session):
            report = part.read(session)
            assert made[name].max_row == 1 + len(report.rows) + (report.total is not None)
            assert len(report.rows) == report.count > 0


def test_an_audit_extract_is_for_the_head_and_the_administrator(year):
    row = actions.keep(year.hadji.session, year.hadji.actor, asked_of(year, "audit-extract"))
    year.hadji.session.commit()
    assert papers.get_kept(year.hadji.session, year.hadji.actor, row.id) is row
    with pytest.raises(NotAllowed):
        actions.keep(year.rahma.session, year.rahma.actor, asked_of(year, "audit-extract"))
    with pytest.raises(NotFound):
        papers.get_kept(year.rahma.session, year.rahma.actor, row.id)


def test_text_of_people_is_no_formula(year):
    for kind in KINDS:
        made = workbook.workbook_of(
            year.rahma.session, year.rahma.actor.organization_id, asked_of(year, kind), "=Rahma"
        )
        for row in values_of(made, formulas=True):
            for value in row:
                if isinstance(value, str) and value.startswith("="):
                    assert OWN_FORMULA.match(value), value


def test_the_same_question_hangs_on_one_row(year):
    session, actor = year.rahma.session, year.rahma.actor
    asked = asked_of(year, "far-1")
    assert actions.keep(session, actor, asked).id == actions.keep(session, actor, asked).id
    first = documents.make(session, actor, papers.PAPERS["far-1"], actions.keep(session, actor, asked).id)
    again = documents.make(session, actor, papers.PAPERS["far-1"], actions.keep(session, actor, asked).id)
    assert first.id == again.id
    session.commit()
    obligate(year, year.mooe, "10", day=on(6, 1))
    later = documents.make(session, actor, papers.PAPERS["far-1"], actions.keep(session, actor, asked).id)
    assert later.id != first.id
    assert first.superseded_at is not None
    assert Far1.of(asked.asked) == asked
    session.commit()


def test_a_paper_of_another_kind_is_not_found(year):
    session, actor = year.rahma.session, year.rahma.actor
    row = actions.keep(session, actor, asked_of(year, "far-1"))
    with pytest.raises(NotFound):
        papers.get_kept(session, actor, row.id + 1000)


def test_too_many_rows_are_not_cut_but_refused(year, monkeypatch):
    session, actor = year.rahma.session, year.rahma.actor
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    with pytest.raises(RuleBroken, match="a file takes 2"):
        workbook.workbook_of(session, actor.organization_id, asked_of(year, "far-1"), "x")
    monkeypatch.setattr(Far1, "on_paper", 2)
    row = actions.keep(session, actor, asked_of(year, "far-1"))
    with pytest.raises(RuleBroken, match="at most 2 are printed"):
        documents.make(session, actor, papers.PAPERS["far-1"], row.id)


def test_invented_figures_are_named_everywhere(year, app):
    """A demo account beside real ones: the statement says so on every way out."""
    session, actor = year.rahma.session, year.rahma.actor
    program = year.account(year.mooe).program_id
    assert not asked_of(year, "far-1").read(session).is_demo
    key = (CostStructure.OPERATIONS, program, ExpenseClass.MOOE)
    appropriate(year.rahma, year.idris, {key: Decimal(5)}, law="Demonstration act", is_demo=True)
    asked = asked_of(year, "far-1")
    assert asked.read(session).is_demo
    document = documents.make(session, actor, papers.PAPERS["far-1"], actions.keep(session, actor, asked).id)
    session.commit()
    printing.huey.app = app
    assert "Contains demo figures" in printing.page_of(document)
    made = workbook.workbook_of(session, actor.organization_id, asked, "Rahma")
    assert ["Demo", "Contains demo figures"] in [row[:2] for row in about_of(made)]
