"""Statements as people meet them: the catalogue, the parameters, the table, and who sees them."""

import csv
import io
import random
from decimal import Decimal

import openpyxl
import pytest
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.statements import spending
from bmms.domain.statements.catalogue import BY_KIND
from bmms.domain.statements.far1 import Far1, columns_of
from bmms.domain.statements.shape import Report, Row, completed
from bmms.models.offices import ActsMode
from bmms.tenancy import bind_platform
from tests.execution import YEAR, Treasury, allot, obligate, on, opened, pay, set_up_treasury
from tests.factories import make_central, make_user
from tests.web.test_execution import act_for_mfbm


@pytest.fixture
def office(engine, app, cast, ground, reader):
    """Some postings of last year, and browsers."""
    ids = set_up_treasury(engine, app, cast, ground)
    with opened(engine, app, cast) as desks:
        treasury = Treasury(**desks, **ids)
        allot(treasury, treasury.mooe, "6M", day=on(1, 10))
        row = obligate(treasury, treasury.mooe, "3M", day=on(2, 1))
        pay(treasury, row, "1M", day=on(4, 1))
        yield {"rahma": reader("rahma"), "hadji": reader("hadji"), "treasury": treasury}


def test_catalogue_leads_to_each(office):
    page = office["hadji"].get("execution.statement_list", org="MOH")
    cards = page.select("a.card")
    assert cards
    for card in cards:
        office["hadji"].get(card["href"])


def cells(page, row: str) -> list[str]:
    found = next(tr for tr in page.select("#results table tr") if tr.th and tr.th.get_text() == row)
    return [td.get_text() for td in found.find_all("td")]


def test_far1_on_screen(office):
    page = office["hadji"].get("execution.statement_show", org="MOH", kind="far-1")
    assert len(page.select("#results tfoot td")) == 23
    line = cells(page, "Maintenance and other operating expenses")
    assert "Proof of the sum." in page.get_text()
    assert "System-generated; the signed copy prevails." in page.get_text()
    total = cells(page, "Total")
    assert total[1:4] == ["35,000,000.00", "–", "35,000,000.00"]
    assert total[9:14] == ["3,000,000.00", "–", "–", "–", "3,000,000.00"]
    assert line
    few = office["hadji"].get("execution.statement_show", org="MOH", kind="far-1", view="totals")
    assert len(few.select("#results tfoot td")) == 8


def test_utilization_is_drawn_beside_its_figures(office):
    """Of 10 M for MOOE of Immunization 6 M are allotted, 3 M obligated, 1 M paid; a place has no appropriation."""
    page = office["hadji"].get("execution.statement_show", org="MOH", kind="utilization", by="program")
    drawn = {
        row.th.get_text(): ([float(one["width"]) for one in row.select("rect")], row.select("td")[-1].get_text())
        for row in page.select("section[aria-labelledby=chart] tbody tr")
    }
    share, rate = next(value for name, value in drawn.items() if "Immunization" in name)
    assert share == [3.33, 6.67, 10.0, 80.0], "disbursed, unpaid, unobligated, not allotted of 30 M"
    assert rate == "10\N{NO-BREAK SPACE}%"
    rates = {row.th.get_text(): row.select("td")[6].get_text() for row in page.select(".scroll tbody tr")}
    assert {name: rate for name, (_, rate) in drawn.items()} == rates, "0 % reads as in the table"
    by_place = office["hadji"].get("execution.statement_show", org="MOH", kind="utilization", by="place")
    assert not by_place.select("section[aria-labelledby=chart]")


def test_as_of_a_day_of_the_past(office):
    page = office["hadji"].get(
        "execution.statement_show", org="MOH", kind="far-1", fiscal_year=YEAR, as_of=on(1, 31).isoformat()
    )
    assert cells(page, "Total")[13] == "–"
    assert page.find("input", {"name": "as_of"})["value"] == on(1, 31).isoformat()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"as_of": "2026-02-30"}, "Give a day that there is"),
        ({"as_of": "tomorrow"}, "Give a day that there is"),
        ({"as_of": "2999-01-01"}, "lies in the future"),
        ({"fiscal_year": "1999"}, "no budget accounts of fiscal year 1999"),
        ({"fiscal_year": "x"}, "no budget accounts of fiscal year x"),
        ({"cluster": "09"}, "choose one from the list"),
    ],
)
def test_bad_parameters_are_named(office, asked, said):
    page = office["hadji"].get("execution.statement_show", 422, org="MOH", kind="far-1", **asked)
    assert said in page.select_one(".field--bad").get_text()
    name, typed = next(iter(asked.items()))
    field = page.select_one(f"#ask-{name}")
    assert typed == (field.get("value") or field.select_one("option[selected]")["value"])


def test_an_organization_without_accounts_is_told(office, reader):
    ben = reader("ben")
    page = ben.get("execution.statement_list", org="MBHTE")
    assert "There are no budget accounts yet" in page.get_text()
    assert (
        "There are no budget accounts yet" in ben.get("execution.statement_show", org="MBHTE", kind="far-1").get_text()
    )
    assert ben.browser.get("/moa/MOH/execution/statements/far-1").status_code == 404


def test_the_widest_page_of_a_large_ministry_is_small(office, monkeypatch):
    """Billions in every cell of every row of a page, in all columns with the extended period: 14 KB at most."""
    draw = random.Random(7)

    def read(self, session, page=None):
        columns = columns_of(extended=True)
        base = [column for column in columns[2:] if not column.terms]

        def row(level: int, title: str) -> Row:
            cells = {column.key: Decimal(draw.randrange(10**11, 10**12)) / 100 for column in base}
            return Row(completed(columns, {**cells, "title": title, "code": "31010010000"}), level=level)

        rows = [row(3 if n % 5 == 0 else 4, f"Program of public health number {n}") for n in range(self.per_page)]
        return Report(columns, rows, row(0, "Total"), 500, None, False)

    monkeypatch.setattr(Far1, "read", read)
    page = office["hadji"].get("execution.statement_show", org="MOH", kind="far-1")  # its bytes are checked
    assert len(page.select("#results tbody tr")) == Far1.per_page
    assert "Rows 1 to" in page.get_text()
    assert page.find("a", rel="next")["href"].endswith("page=2")


@pytest.mark.parametrize(
    ("kind", "asked", "said"),
    [
        ("register", {"account_id": "999999999"}, "Choose an account from the list"),
        ("register", {"account_id": "x"}, "Choose an account from the list"),
        ("audit-extract", {"since": "2026-13-01"}, "Give a day that there is"),
        ("audit-extract", {"as_of": on(3, 1).isoformat(), "since": on(4, 1).isoformat()}, "begins after its last day"),
        ("utilization", {"by": "colour"}, "choose one from the list"),
    ],
)
def test_what_one_statement_asks_is_checked_too(office, kind, asked, said):
    page = office["hadji"].get("execution.statement_show", 422, org="MOH", kind=kind, **asked)
    assert said in page.select_one(".field--bad").get_text()
    assert not page.select("#results")


def test_an_unknown_statement_is_404(office):
    assert office["hadji"].browser.get("/moa/MOH/execution/statements/far-9").status_code == 404


def button_of(page, words: str):
    """The button beside the heading with these words, or None."""
    return next((one for one in page.select("#main .head button") if one.get_text().strip() == words), None)


def test_the_workbook_from_the_button_to_the_download(office, work):
    rahma = office["rahma"]
    day = on(3, 31).isoformat()
    page = rahma.get("execution.statement_show", org="MOH", kind="far-1", as_of=day, cluster="01")
    answer = rahma.post(button_of(page, "Workbook").find_parent("form")["action"])
    assert answer.status_code == 303
    waiting = rahma.get(answer.location).select_one("#progress")
    assert waiting["hx-trigger"]
    assert rahma.fragment(waiting["hx-get"], "progress")
    work()
    done = rahma.get(answer.location)
    link = done.select_one("#progress a.button")["href"]
    with rahma.browser.get(link) as download:
        book = openpyxl.load_workbook(io.BytesIO(download.get_data()), data_only=True)
    about = {row[0].value: row[1].value for row in book["About"].iter_rows() if row[0].value}
    assert about["Fund cluster"] == "01 Regular agency fund"
    assert about["As of"] == f"31 March {YEAR}"
    shown = [td.get_text() for td in page.select("#results tfoot td")][1:]
    kept = [cell.value for cell in list(book.worksheets[0].iter_rows())[-1]][2:]
    assert [f"{Decimal(str(value)):,.2f}" if value else "–" for value in kept] == shown
    assert office["hadji"].browser.get(answer.location).status_code == 404


@pytest.mark.parametrize("kind", ["ageing", "disbursements", "obligations"])
def test_what_names_payees_is_for_those_who_work_with_them(office, engine, reader, kind):
    """Budget, accounting, approvers (R-11, R-13); neither members who only read nor central offices (modules 6.2)."""
    act_for_mfbm(engine, ActsMode.OPERATED)
    for name in ("rahma", "salma", "omar", "idris", "hadji"):
        page = reader(name).get("execution.statement_show", org="MOH", kind=kind)
        assert "Regional Medical Supply Depot" in page.get_text(), name
    for name in ("yusuf", "zaida"):
        reader(name).get("execution.statement_show", org="MOH", kind=kind, status=403)
        assert f"/statements/{kind}" not in str(reader(name).get("execution.statement_list", org="MOH"))


def test_csv_from_the_button_to_the_download(office, work):
    """The same rows as on the screen; beside it a workbook of the same question is another file."""
    rahma = office["rahma"]
    page = rahma.get("execution.statement_show", org="MOH", kind="obligations", as_of=on(12, 31).isoformat())
    asked = {}
    for words in ("CSV", "Workbook"):
        form = button_of(page, words).find_parent("form")
        sent = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
        answer = rahma.post(form["action"], sent)
        assert answer.status_code == 303
        asked[words] = answer.location
    assert asked["CSV"] != asked["Workbook"]
    work()
    done = rahma.get(asked["CSV"])
    assert done.h1.get_text() == "CSV: Obligations"
    assert rahma.get(asked["Workbook"]).h1.get_text() == "Workbook: Obligations"
    link = done.select_one("#progress a.button")
    assert link.get_text().endswith(f"BMMS_Obligations_MOH_FY{YEAR}_{on(12, 31)}.csv")
    with rahma.browser.get(link["href"]) as download:
        assert download.content_type.startswith("text/csv")
        kept = list(csv.reader(io.StringIO(download.get_data().decode("utf-8-sig"))))
    shown = [row.find_all(["th", "td"]) for row in page.select("#results tbody tr, #results tfoot tr")]
    assert [row[0] for row in kept[1:]] == [cells[0].get_text() for cells in shown]
    assert [f"{Decimal(row[6]):,.2f}" for row in kept[1:]] == [cells[6].get_text() for cells in shown]
    assert office["hadji"].browser.get(asked["CSV"]).status_code == 404


def test_the_lists_are_one_click_from_their_documents(office, reader):
    """For budget and accounting; who only reads finds no link and no page."""
    for view, kind in (("obligation_list", "obligations"), ("disbursement_list", "disbursements")):
        page = office["rahma"].get(f"execution.{view}", org="MOH", **({"year": YEAR} if kind == "obligations" else {}))
        link = page.find("a", string="As a list for a workbook")["href"]
        assert kind in link
        assert ("fiscal_year" in link) == (kind == "obligations")
        page = office["rahma"].get(link)
        assert "Regional Medical Supply Depot" in page.select_one("#results").get_text()
        assert "Proof of the sum." in page.get_text()
        badar = reader("badar")
        assert not badar.get(f"execution.{view}", org="MOH").find("a", string="As a list for a workbook")
        assert badar.browser.get(link).status_code == 403
        assert f"/{kind}" not in "".join(
            card["href"] for card in badar.get("execution.statement_list", org="MOH").select("a.card")
        )


def test_a_full_page_of_a_list_is_small(office, monkeypatch):
    """Long names of payees, programs and objects in every row of a page: 14 KB at most."""
    draw = random.Random(7)

    def words(most: int) -> str:
        return " ".join("".join(draw.choices("abcdefghijklmnoprstu", k=draw.randint(3, 9))) for _ in range(most))

    def read(self, session, page=None):
        def row(number: int) -> Row:
            base = {name: Decimal(draw.randrange(10**8, 10**11)) / 100 for name in ("amount", "paid", "due")}
            return Row(completed(spending.OBLIGATIONS, {
                **base, "title": f"ORS 01-{YEAR}-11-{number:04d}", "day": on(draw.randint(1, 12), 7), "age": number,
                "payee": words(4), "program": words(5), "expense_class": "MOOE",
                "object": f"5-02-{number:02d}-010-00 {words(4)}",
            }))  # fmt: skip

        rows = [row(number) for number in range(self.per_page)]
        return Report(spending.OBLIGATIONS, rows, rows[0], 5000, None, False)

    monkeypatch.setattr(spending.Obligations, "read", read)
    page = office["rahma"].get("execution.statement_show", org="MOH", kind="obligations")  # its bytes are checked
    assert len(page.select("#results tbody tr")) == spending.Obligations.per_page


def test_a_paper_from_the_button_to_its_page(office):
    rahma = office["rahma"]
    page = rahma.get("execution.statement_show", org="MOH", kind="ageing")
    assert not page.find("a", string="PDFs")
    answer = rahma.post(button_of(page, "Make a PDF").find_parent("form")["action"])
    assert answer.status_code == 303
    waiting = rahma.get(answer.location)
    assert waiting.select_one("#progress")["hx-trigger"]
    assert "System-generated" in waiting.get_text()
    page = rahma.get("execution.statement_show", org="MOH", kind="ageing")
    listed = office["hadji"].get(page.find("a", string="PDFs")["href"])
    assert "Holds" in listed.get_text()
    assert rahma.post(button_of(listed, "Make a PDF").find_parent("form")["action"]).status_code == 303


def test_bad_parameters_of_a_download_make_nothing(office):
    for view in ("export", "paper"):
        path = f"/moa/MOH/execution/statements/far-1/{view}?as_of=never"
        assert office["rahma"].post(path).status_code == 409
    assert office["rahma"].browser.get("/moa/MOH/execution/statements/far-1/exports/1?as_of=never").status_code == 404


def test_the_audit_extract_is_offered_to_whom_it_is_open(office):
    """To the head; a budget officer neither finds it nor opens it."""
    path = "/moa/MOH/execution/statements/audit-extract"
    rahma, hadji = office["rahma"], office["hadji"]
    assert path in {card["href"] for card in hadji.get("execution.statement_list", org="MOH").select("a.card")}
    assert path not in {card["href"] for card in rahma.get("execution.statement_list", org="MOH").select("a.card")}
    assert rahma.browser.get(path).status_code == 403
    assert rahma.post(f"{path}/export").status_code == 403
    page = hadji.get(
        "execution.statement_show", org="MOH", kind="audit-extract", part="trail", as_of=clock.today().isoformat()
    )
    assert "Allotment orders: 2026-" in page.select_one("#results").get_text()


def test_a_central_budget_office_reads_and_a_stranger_does_not(office, engine, cast, reader):
    with Session(engine) as session:
        bind_platform(session, "tests")
        make_central(session, make_user(session, "zaid"), "mfbm")
        session.commit()
    page = reader("zaid").get("execution.statement_show", org="MOH", kind="monthly")
    assert "3,000,000.00" in page.get_text()
    assert button_of(page, "Make a PDF")
    assert not button_of(page, "Workbook")
    for kind in BY_KIND:
        assert reader("ben").browser.get(f"/moa/MOH/execution/statements/{kind}").status_code == 404
