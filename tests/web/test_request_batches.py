"""Requests from a list: checked by cell, taken in whole or not at all, requested together; who comes from elsewhere."""

import io
from decimal import Decimal

import openpyxl
import pytest
from sqlalchemy import func, select, text

from bmms.domain.obligations import batches
from bmms.domain.obligations.sheets.columns import COLUMNS
from bmms.models.audit import AuditEvent
from bmms.models.ledger import LedgerEntry, Measure
from bmms.models.obligations import Obligation, ObligationLine, ObligationStatus
from tests import uploads
from tests.execution import MACHINE, Treasury, allot, on, opened, set_up_treasury
from tests.web.answers import words

HEADINGS = [column.heading for column in COLUMNS]
DEPOT = "Regional Medical Supply Depot"


@pytest.fixture
def office(engine, app, cast, ground):
    """The desks, with 100,000 of MOOE allotted."""
    ids = set_up_treasury(engine, app, cast, ground)
    with opened(engine, app, cast) as desks:
        made = Treasury(**desks, **ids)
        allot(made, made.mooe, "100000")
        yield made


@pytest.fixture
def batch(office):
    """An empty list of last year."""
    made = batches.begin(office.rahma.session, office.rahma.actor, on(1, 1).year)
    office.rahma.session.commit()
    return made


def number_of(office, account_id: int) -> str:
    return f"MOH-{on(1, 1).year}-{office.account(account_id).number:03d}"


def row(office, **other) -> dict:
    """A sound row, by heading."""
    return {
        "Request": "1", "Reference no.": "PR 1", "Date": on(2, 1).isoformat(), "Payee": DEPOT,
        "Requesting office": "Supply unit", "Rests on": "Payroll", "Particulars": "Bond paper",
        "Account": number_of(office, office.mooe), "Object code": "5-02-03-010-00", "Activity": None,
        "Amount": 30000, "Expected payment": None, **other,
    }  # fmt: skip


def workbook(*rows: dict) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Requests"
    sheet.append(HEADINGS)
    for one in rows:
        sheet.append([one[heading] for heading in HEADINGS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sent(browser, batch, work, content: bytes, name: str = "requests.xlsx") -> str:
    """The address of the check, which is done."""
    data = {"file": (io.BytesIO(content), name)}
    answer = uploads.send(browser, "execution.request_import_new", data, org="MOH", batch_id=batch.id)
    assert answer.status_code == 303
    work()
    return answer.location


def kept(office) -> list[Obligation]:
    office.rahma.session.expire_all()
    return list(office.rahma.session.scalars(select(Obligation).order_by(Obligation.id)))


def test_a_list_becomes_drafts_and_its_drafts_are_requested_together(reader, cast, office, batch, work):
    rahma = reader("rahma")
    answer = rahma.post("execution.request_export", org="MOH", batch_id=batch.id)
    work()
    link = rahma.get(answer.location).select_one("#progress a")
    with rahma.browser.get(link["href"]) as found:
        made = openpyxl.load_workbook(io.BytesIO(found.get_data()))
    assert made.sheetnames == ["Requests", "Accounts", "Objects", "Payees", "About"]
    assert DEPOT in [cell.value for cell in made["Payees"]["B"]]

    same = dict.fromkeys(("Reference no.", "Date", "Payee", "Requesting office", "Rests on", "Particulars"))
    content = workbook(
        row(office), row(office, **same, Amount="1,000.50"),
        row(office, Request=None, **{"Reference no.": "PR 2", "Payee": str(office.payee)}),
        row(office, Request="3", **{"Reference no.": "PR 3"}, Amount=60000),
    )  # fmt: skip
    address = sent(rahma, batch, work, content)
    page = rahma.get(address)
    assert "3 requests" in words(page).lower() or "Import 3 requests" in words(page)
    assert "it cannot be certified" in words(page), "61,000.50 + 60,000 is above 100,000"
    assert kept(office) == [], "nothing has happened yet"
    refused = rahma.post(address)
    assert refused.status_code == 422, "the tick is missing"
    assert rahma.post(address, {"as_they_are": "y"}).status_code == 303
    work()
    assert rahma.get(address).h1.get_text() == "The requests are imported"
    found = kept(office)
    assert [one.total for one in found] == [Decimal("31000.50"), Decimal(30000), Decimal(60000)]
    assert {one.status for one in found} == {ObligationStatus.DRAFT}
    assert {(one.entered_by, one.batch_id) for one in found} == {(cast.rahma.id, batch.id)}
    session = office.rahma.session
    assert session.scalar(select(func.count()).select_from(ObligationLine)) == 4
    acts = session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("%:create"))).all()
    assert acts.count("obligations:create") == 3, "each has a record, so who imported it does not certify it"
    assert session.scalar(
        select(func.count()).select_from(LedgerEntry).where(LedgerEntry.measure == Measure.OBLIGATION)
    ) == 0  # fmt: skip

    form = f"/moa/MOH/execution/request-batches/{batch.id}/request"
    page = rahma.get(form)
    fields = {f"version_{one.id}": str(one.row_version) for one in found} | {f"ask_{one.id}": "y" for one in found}
    assert all(page.find("input", {"name": name}) for name in fields)
    assert rahma.post(form, fields).status_code == 422, "Box A is not ticked"
    assert {one.status for one in kept(office)} == {ObligationStatus.DRAFT}
    answer = rahma.browser.post(form, data={**fields, "certified": "y", "csrf_token": csrf(page)})
    told = answer.get_data(as_text=True)
    assert "needs at least one file" in told, "the third is above 50,000 and has none; the others go on"
    wanted = [ObligationStatus.REQUESTED, ObligationStatus.REQUESTED, ObligationStatus.DRAFT]
    assert [one.status for one in kept(office)] == wanted
    again = rahma.browser.post(form, data={**fields, "certified": "y", "csrf_token": csrf(page)})
    told = again.get_data(as_text=True)
    assert told.count("was not requested.") == 3, "what somebody requested meanwhile is named, too"

    address = sent(rahma, batch, work, content)
    assert "has the same reference, payee and amount" in words(rahma.get(address)), "the same file once more"


def csrf(page) -> str:
    return page.find("input", {"name": "csrf_token"})["value"]


FAULTS = [
    ({"Object code": MACHINE}, "I2", "the account gives MOOE only"),
    ({"Account": "MOH-1999-001"}, "H2", "no account that can be charged"),
    ({"Payee": "Regional Medical Suply Depot"}, "D2", f"Do you mean {DEPOT}?"),
    ({"Amount": 0}, "K2", "above zero"),
    ({"Amount": -5}, "K2", "above zero"),
    ({"Amount": "1.005"}, "K2", "two decimals"),
    ({"Amount": "NaN"}, "K2", "NaN"),
    ({"Amount": "=1+1"}, "K2", "holds a formula"),
    ({"Date": "soon"}, "C2", "is no date"),
    ({"Activity": "X-1"}, "J2", "no activity"),
    ({"Rests on": "Hope"}, "F2", "none of"),
    ({"Particulars": None}, "G2", "Say what the money is for"),
]


def test_each_fault_is_named_at_its_cell_and_nothing_is_imported(reader, office, batch, work):
    rahma = reader("rahma")
    rows = [
        row(office, Request=None, **{"Reference no.": f"PR {n}"}, **other) for n, (other, _, _) in enumerate(FAULTS)
    ]
    address = sent(rahma, batch, work, workbook(*rows, row(office, Request="sound")))
    shown = words(rahma.get(address))
    for number, (_, cell, message) in enumerate(FAULTS, 2):
        assert f"Requests!{cell[0]}{number}" in shown
        assert message in shown
    rahma.post(address, {"as_they_are": "y"})
    assert kept(office) == [], "also not the row that is sound"
    with rahma.browser.get(f"{address}/corrections") as found:
        book = openpyxl.load_workbook(io.BytesIO(found.get_data()))
    assert all(book["Requests"][f"{cell[0]}{n}"].comment for n, (_, cell, _) in enumerate(FAULTS, 2))


def test_a_closed_month_and_rows_that_disagree(reader, office, owner, batch, cast, work):
    with owner.begin() as connection:
        connection.execute(
            text("INSERT INTO accounting_periods (organization_id, month, is_closed) VALUES (:moh, :month, true)"),
            {"moh": cast.moh.id, "month": on(2, 1)},
        )
    rahma = reader("rahma")
    content = workbook(row(office), row(office, Request="2"), row(office, Request="2", Payee=None, Date=on(3, 1)))
    shown = words(rahma.get(sent(rahma, batch, work, content)))
    assert "is closed (E-13)" in shown
    assert "Requests!C4" in shown
    assert "another date" in shown


def test_csv_and_who_may(reader, office, batch, work):
    line = ",".join(str(value or "") for value in row(office).values())
    address = sent(reader("rahma"), batch, work, f"{','.join(HEADINGS)}\r\n{line}\r\n".encode(), "log.csv")
    assert "Import 1 request" in words(reader("rahma").get(address))
    for name in ("salma", "omar"):
        answer = reader(name).browser.get(f"/moa/MOH/execution/request-batches/{batch.id}")
        assert answer.status_code == 403, "only who enters requests"
