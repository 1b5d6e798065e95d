"""Designations as pages, and what they change for the deputy from one click to the next."""

from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.models.accounts import UserSession
from bmms.models.memberships import Designation
from bmms.models.outbox import OutboxMessage
from bmms.tenancy import bind_platform, bind_scope
from tests import uploads
from tests.factories import PASSWORD


def answers(cast, deputy: str = "badar", principal: str = "amina", **changes) -> dict:
    """Badar stands in for Amina for ten days from today, unless said otherwise."""
    return {
        "kind": "oic",
        "deputy_id": str(cast.memberships[deputy].id),
        "principal_id": str(cast.memberships[principal].id),
        "starts_on": clock.today().isoformat(),
        "ends_on": (clock.today() + timedelta(days=10)).isoformat(),
        "instrument_number": "Special Order No. 12",
        **changes,
    }


def stored(engine, cast) -> list[Designation]:
    """The designations of Health."""
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        return list(session.scalars(select(Designation).order_by(Designation.id)))


@pytest.fixture
def designation(engine, cast, reader) -> Designation:
    """Badar stands in for Amina, by a PDF."""
    fields = answers(cast, file=(BytesIO(uploads.PDF), "SO 12.pdf"))
    answer = uploads.send(reader("jamila"), "admin.designation_new", fields, org="MOH")
    assert answer.status_code == 303
    (row,) = stored(engine, cast)
    assert answer.location == f"/moa/MOH/admin/designations/{row.id}"
    return row


def test_a_designation_is_made_shown_and_mailed(engine, cast, reader, designation):
    yusuf = reader("yusuf")
    page = yusuf.get("admin.designation_list", org="MOH")
    cells = [cell.get_text() for cell in page.select("tbody tr > *")]
    assert cells[:3] == ["Badar Lim", "Amina Salik", "Officer-in-charge"]
    assert cells[-2:] == ["Special Order No. 12", "In force"]
    page = yusuf.get("admin.designation_show", org="MOH", designation_id=designation.id)
    assert page.h1.get_text() == "Badar Lim, for Amina Salik"
    link = page.find("a", string="SO 12.pdf")
    answer = yusuf.browser.get(link["href"])
    assert answer.get_data() == uploads.PDF
    answer.close()
    assert not page.find("a", string="Revoke"), "Yusuf reads only"
    with Session(engine) as session:
        told = session.scalars(select(OutboxMessage.user_id).where(OutboxMessage.kind == "role_changed")).all()
    assert set(told) == {cast.badar.id, cast.amina.id}


def test_the_deputy_has_the_rights_at_once_and_loses_them_at_the_next_click_after_revoking(cast, reader):
    badar, jamila = reader("badar"), reader("jamila")
    path = "/moa/MOH/admin/units/new"
    assert badar.browser.get(path).status_code == 403
    answer = uploads.send(jamila, "admin.designation_new", answers(cast, principal="jamila"), org="MOH")
    assert badar.browser.get(path).status_code == 200
    shown = jamila.get(answer.location)
    revoked = jamila.post(shown.select_one("dialog form")["action"], {"reason": "back from leave"})
    assert revoked.status_code == 303
    assert badar.browser.get(path).status_code == 403


def test_the_record_says_for_whom_a_deputy_acted(cast, reader, owner):
    uploads.send(reader("jamila"), "admin.designation_new", answers(cast, principal="jamila"), org="MOH")
    reader("badar").post("admin.unit_new", {"name": "Legal Unit", "parent": ""}, org="MOH")
    with owner.connect() as connection:
        label = connection.execute(text("SELECT actor_label FROM audit_events WHERE action = 'units:create'"))
        assert label.scalar_one() == "Badar Lim, for Jamila Usop"


@pytest.mark.parametrize("name", ["amina", "badar", "yusuf"])
def test_only_the_administrator_designates_and_revokes(reader, designation, name):
    person = reader(name)
    for path in ("new", f"{designation.id}/revoke"):
        assert person.browser.get(f"/moa/MOH/admin/designations/{path}").status_code == 403
        assert person.post(f"/moa/MOH/admin/designations/{path}").status_code == 403


WRONG = {
    "nothing chosen": ({"kind": "", "deputy_id": "", "principal_id": ""}, ["kind", "deputy_id", "principal_id"]),
    "no days": ({"starts_on": "", "ends_on": "next week"}, ["starts_on", "ends_on"]),
    "the wrong order": ({"ends_on": "2020-01-01"}, ["ends_on"]),
    "no number": ({"instrument_number": "   "}, ["instrument_number"]),
    "somebody elsewhere": ({"deputy_id": "999999"}, ["deputy_id"]),
    "an unknown kind": ({"kind": "king"}, ["kind"]),
    "a program": ({"file": (BytesIO(b"MZ" + bytes(99)), "order.pdf")}, ["file"]),
    "a Word file": ({"file": (BytesIO(uploads.docx()), "order.docx")}, ["file"]),
}


@pytest.mark.parametrize("what", WRONG)
@pytest.mark.parametrize("htmx", [False, True])
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(engine, cast, reader, what, htmx):
    changes, fields = WRONG[what]
    for value in changes.values():
        if isinstance(value, tuple):
            value[0].seek(0)
    sent = answers(cast, **changes)
    answer = uploads.send(reader("jamila"), "admin.designation_new", sent, htmx=htmx, org="MOH")
    assert answer.status_code == 422
    page = uploads.soup(answer)
    bad = [slot["id"].removesuffix("-error") for slot in page.select(".field__error") if slot.get_text()]
    assert bad == [
        name
        for name in ("kind", "principal_id", "deputy_id", "starts_on", "ends_on", "instrument_number", "file")
        if name in fields
    ]
    assert page.select_one("[name=instrument_number]")["value"] == sent["instrument_number"]
    if sent["principal_id"]:
        assert page.select_one("[name=principal_id] option[selected]")["value"] == sent["principal_id"]
    assert stored(engine, cast) == []


def test_ten_megabytes_and_one_byte_are_too_many(engine, cast, reader):
    large = uploads.PDF + bytes(10 * 1024 * 1024 + 1 - len(uploads.PDF))
    answer = uploads.send(
        reader("jamila"), "admin.designation_new", answers(cast, file=(BytesIO(large), "SO 12.pdf")), org="MOH"
    )
    assert answer.status_code == 422
    assert "SO 12.pdf is larger than 10 MB. Make it smaller and upload that." in answer.get_data(as_text=True)
    assert stored(engine, cast) == []


def test_oneself_and_overlaps_are_refused(cast, reader, designation):
    jamila = reader("jamila")
    own = uploads.send(jamila, "admin.designation_new", answers(cast, deputy="jamila"), org="MOH")
    assert "Nobody designates himself or herself" in own.get_data(as_text=True)
    second = uploads.send(jamila, "admin.designation_new", answers(cast, deputy="yusuf"), org="MOH")
    assert "Amina Salik has an officer-in-charge from" in second.get_data(as_text=True)


def grow_old(engine, cast) -> None:
    """Jamila gave her password an hour ago."""
    with Session(engine) as session:
        bind_platform(session, "tests")
        session.execute(
            update(UserSession)
            .where(UserSession.user_id == cast.jamila.id)
            .values(password_shown_at=clock.now() - timedelta(hours=1))
        )
        session.commit()


def test_the_password_is_asked_beside_the_file_so_that_the_file_is_not_lost(engine, cast, reader):
    jamila = reader("jamila")
    assert not jamila.get("admin.designation_new", org="MOH").select("[name=confirm_password]")
    grow_old(engine, cast)
    assert jamila.get("admin.designation_new", org="MOH").select("#form [name=confirm_password]")
    file = {"file": (BytesIO(uploads.PDF), "SO 12.pdf")}
    answer = uploads.send(jamila, "admin.designation_new", answers(cast, **file), org="MOH")
    assert answer.status_code == 403
    assert stored(engine, cast) == []
    file["file"][0].seek(0)
    answer = uploads.send(jamila, "admin.designation_new", answers(cast, confirm_password=PASSWORD, **file), org="MOH")
    assert answer.status_code == 303
    assert stored(engine, cast)[0].file_id


def test_revoking_asks_first_and_works_once(engine, cast, reader, designation):
    jamila = reader("jamila")
    page = jamila.get("admin.designation_revoke", org="MOH", designation_id=designation.id)
    assert page.h1.get_text() == "Revoke this designation?"
    assert stored(engine, cast)[0].revoked_at is None
    for status in (303, 409):
        answer = jamila.post("admin.designation_revoke", org="MOH", designation_id=designation.id)
        assert answer.status_code == status
    past = jamila.get("admin.designation_list", org="MOH", past=1)
    assert [cell.get_text() for cell in past.select("tbody td")][-1] == "Revoked"
    assert jamila.get("admin.designation_list", org="MOH").select("tbody tr") == []


def test_fifty_designations_fit_the_budgets(engine, cast, reader):
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        session.add_all(
            Designation(
                deputy_id=cast.memberships["badar"].id,
                principal_id=cast.memberships["amina"].id,
                kind="deputy",
                starts_on=clock.today(),
                ends_on=clock.today(),
                instrument_number=f"Special Order No. {number}, series of 2026",
            )
            for number in range(50)
        )
        session.commit()
    jamila = reader("jamila")
    assert len(jamila.get("admin.designation_list", org="MOH").select("tbody tr")) == 25
    part = jamila.fragment("admin.designation_list", "results", org="MOH", page=2)
    assert len(part.select("tbody tr")) == 25
