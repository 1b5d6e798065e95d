"""Uploads and downloads as a browser meets them: headers, rights of today, the record, and nothing left behind."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bmms.models.memberships import Membership
from bmms.models.organizations import Organization, StoredFile
from bmms.tenancy import bind_platform, bind_scope
from tests import uploads


def logo_form(cast, content: bytes, name: str = "logo.png", version: int = 0) -> dict:
    """What the form of the logo sends."""
    return {"row_version": version or cast.moh.row_version, "file": (BytesIO(content), name)}


def stored(engine, cast) -> list[StoredFile]:
    """The rows of Health's files."""
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        return list(session.scalars(select(StoredFile).order_by(StoredFile.id)))


def on_disk(app, cast) -> set[str]:
    """The names of Health's contents."""
    folder = Path(app.extensions["installation"].config.instance) / "files" / str(cast.moh.id)
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def fetch(reader, path: str):
    """A download, whole; the server has closed its file."""
    answer = reader.browser.get(path)
    answer.get_data()
    answer.close()
    return answer


@pytest.fixture
def logo(app, engine, cast, reader) -> StoredFile:
    """Health has a logo."""
    before = on_disk(app, cast)
    answer = uploads.send(
        reader("jamila"), "admin.logo_edit", logo_form(cast, uploads.picture("PNG", (900, 900))), org="MOH"
    )
    assert answer.status_code == 303
    (row,) = stored(engine, cast)
    assert on_disk(app, cast) - before == {row.storage_key}
    return row


def test_a_download_is_attached_sandboxed_sniffed_by_nobody_and_recorded(reader, cast, owner, logo):
    answer = fetch(reader("badar"), f"/moa/MOH/files/{logo.id}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == "attachment; filename=logo.png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "image/png"
    assert int(answer.headers["Content-Length"]) == len(answer.get_data()) == logo.size
    assert Image.open(BytesIO(answer.get_data())).size == (400, 400)
    with owner.connect() as connection:
        found = connection.execute(
            text("SELECT organization_id, actor_id, subject_label, changes FROM audit_events WHERE action = :action"),
            {"action": "files:download"},
        ).one()
    assert tuple(found)[:3] == (cast.moh.id, cast.badar.id, "logo.png")
    assert found.changes == {"file": [None, logo.id], "purpose": [None, "logo"]}


def test_names_in_other_scripts_survive_the_download(reader, cast, engine):
    jamila = reader("jamila")
    uploads.send(
        jamila, "admin.logo_edit", logo_form(cast, uploads.picture("PNG"), "sagisag ng Ñ \u202e.png"), org="MOH"
    )
    (row,) = stored(engine, cast)
    answer = fetch(jamila, f"/moa/MOH/files/{row.id}")
    assert "filename*=UTF-8''sagisag%20ng%20%C3%91.png" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("name", ["ben", "bai", "carla", "sitti", "dan"])
def test_strangers_get_404(reader, logo, name):
    assert reader(name).browser.get(f"/moa/MOH/files/{logo.id}").status_code == 404
    assert reader(name).browser.get("/moa/MOH/files/logo").status_code == 404


def test_the_same_number_under_the_own_organization_is_404(reader, logo):
    assert reader("ben").browser.get(f"/moa/MBHTE/files/{logo.id}").status_code == 404
    assert reader("yusuf").browser.get(f"/moa/MBHTE/files/{logo.id}").status_code == 404, "he works in both"


def test_a_storage_key_opens_nothing(reader, logo):
    assert reader("jamila").browser.get(f"/moa/MOH/files/{logo.storage_key}").status_code == 404


def test_rights_are_those_of_today(reader, cast, engine, logo):
    badar = reader("badar")
    assert fetch(badar, f"/moa/MOH/files/{logo.id}").status_code == 200
    with Session(engine) as session:
        bind_platform(session, "tests")
        session.get_one(Membership, cast.memberships["badar"].id).is_active = False
        session.commit()
    assert badar.browser.get(f"/moa/MOH/files/{logo.id}").status_code == 404


def test_a_file_that_hangs_on_nothing_is_404(reader, cast, engine, logo):
    with Session(engine) as session:
        bind_platform(session, "tests")
        session.get_one(Organization, cast.moh.id).logo_file_id = None
        session.commit()
    jamila = reader("jamila")
    assert jamila.browser.get(f"/moa/MOH/files/{logo.id}").status_code == 404
    assert jamila.browser.get("/moa/MOH/files/logo").status_code == 404


def test_the_logo_stands_in_printed_pages_and_may_be_kept(reader, cast, logo):
    badar = reader("badar")
    image = badar.get("admin.settings_show", org="MOH").select_one(".letterhead img")
    assert image["src"] == f"/moa/MOH/files/logo?v={logo.id}"
    assert image["alt"] == "Logo of Ministry of Health"
    answer = fetch(badar, image["src"])
    assert answer.headers["Cache-Control"] == "private, max-age=86400"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert len(answer.get_data()) == logo.size


def test_a_new_logo_takes_the_place_of_the_old_and_removing_it_leaves_no_row(reader, cast, engine, logo):
    jamila = reader("jamila")
    page = jamila.get("admin.logo_edit", org="MOH")
    version = int(page.select_one("#form input[name=row_version]")["value"])
    answer = uploads.send(jamila, "admin.logo_edit", logo_form(cast, uploads.picture(), "new.jpg", version), org="MOH")
    assert answer.status_code == 303
    (row,) = stored(engine, cast)
    assert (row.name, row.media_type) == ("new.jpg", "image/jpeg")
    page = jamila.get("admin.logo_edit", org="MOH")
    version = page.select_one("#form input[name=row_version]")["value"]
    assert jamila.post("admin.logo_remove", {"row_version": version}, org="MOH").status_code == 303
    assert stored(engine, cast) == []
    assert "There is no logo yet" in jamila.get("admin.settings_show", org="MOH").get_text()


ATTACKS = {
    "a program called logo.png": (b"MZ\x90\0" + bytes(99), "logo.png is a program"),
    "an SVG": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "web page or a drawing in code"),
    "HTML": (b"<html><script>alert(1)</script>", "web page or a drawing in code"),
    "a PDF": (
        uploads.PDF,
        "is a file of the kind PDF, which does not serve here. Choose a file of the kind JPG or PNG",
    ),
    "half a picture": (uploads.picture("PNG", (300, 300))[:300], "is damaged"),
    "too large": (uploads.picture("PNG") + bytes(600 * 1024), "is larger than 500 KB"),
    "nothing": (b"", "Choose the logo first"),
}


@pytest.mark.parametrize("what", ATTACKS)
def test_a_refused_upload_says_why_at_its_field_and_leaves_nothing(app, engine, reader, cast, what):
    before = on_disk(app, cast)
    content, said = ATTACKS[what]
    name = "" if what == "nothing" else "logo.png"
    answer = uploads.send(reader("jamila"), "admin.logo_edit", logo_form(cast, content, name), org="MOH")
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert said in page
    assert 'id="file-error"><span class="sr">Error: </span>' in page
    assert stored(engine, cast) == []
    assert on_disk(app, cast) == before


def test_a_picture_with_a_page_behind_it_is_stored_as_a_picture_only(reader, cast, engine):
    jamila = reader("jamila")
    both = uploads.picture("PNG") + b"<html><script>alert(1)</script></html>"
    assert uploads.send(jamila, "admin.logo_edit", logo_form(cast, both, "logo.html"), org="MOH").status_code == 303
    (row,) = stored(engine, cast)
    assert (row.name, row.media_type) == ("logo.html.png", "image/png")
    assert b"script" not in fetch(jamila, f"/moa/MOH/files/{row.id}").get_data()


def test_an_upload_that_a_later_rule_refuses_leaves_no_file(app, engine, reader, cast):
    """The logo is good, but somebody else has changed the settings meanwhile."""
    before = on_disk(app, cast)
    answer = uploads.send(
        reader("jamila"),
        "admin.logo_edit",
        logo_form(cast, uploads.picture(), version=cast.moh.row_version + 7),
        org="MOH",
    )
    assert answer.status_code == 422
    assert "Somebody else changed the settings of MOH meanwhile" in answer.get_data(as_text=True)
    assert (stored(engine, cast), on_disk(app, cast)) == ([], before)


def test_a_logo_needs_the_right_to_change_settings(reader, cast, engine):
    for name in ("amina", "badar", "yusuf"):
        answer = uploads.send(reader(name), "admin.logo_edit", logo_form(cast, uploads.picture()), org="MOH")
        assert answer.status_code == 403
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        assert session.scalar(select(func.count(StoredFile.id))) == 0
