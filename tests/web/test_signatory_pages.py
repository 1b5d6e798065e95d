"""Signatory blocks as pages: lines that move with buttons, and are saved only when the person says so."""

import pytest
from sqlalchemy.orm import Session

from bmms.domain.signatories.kinds import DocumentKind
from bmms.domain.signatories.queries import block_for, get_block
from bmms.models.memberships import Membership
from bmms.tenancy import bind_platform, bind_scope
from tests import uploads

PLAN = DocumentKind.WORK_PLAN


def lines(cast, *, version: int = 0, **more) -> dict:
    """Badar prepares, somebody from outside approves."""
    return {
        "row_version": version,
        "lines-0-caption": "Prepared by",
        "lines-0-membership_id": str(cast.memberships["badar"].id),
        "lines-0-name": "",
        "lines-0-title": "",
        "lines-1-caption": "Approved by",
        "lines-1-membership_id": "",
        "lines-1-name": "Hon. Sample",
        "lines-1-title": "Minister",
        **more,
    }


def printed(engine, cast) -> list[tuple[str, str, str]]:
    """The block of work plans as it is printed today."""
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        return block_for(session, PLAN)


def version_of(engine, cast) -> int:
    """The version that a form carries."""
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        return get_block(session, PLAN).row_version


def captions(answer) -> list[str]:
    """The captions in the form, from top to bottom."""
    return [field["value"] for field in uploads.soup(answer).select("[name$=caption]") if field.has_attr("value")]


def test_everybody_reads_and_the_administrator_changes(engine, cast, reader):
    page = reader("yusuf").get("admin.signatory_list", org="MOH")
    assert [title.get_text() for title in page.select("h2")] == [
        "Strategic plan",
        "Work plan",
        "Budget proposal",
        "Obligation request",
        "Report",
        "Allotment order",
        "Disbursement voucher",
        "Statement of execution",
    ]
    assert "prepared by the planning officer" in page.get_text()
    assert not page.find("a", string=lambda words: words and "Change" in words and "organization" not in words)
    for name in ("amina", "badar", "yusuf"):
        assert reader(name).browser.get("/moa/MOH/admin/signatories/work-plan").status_code == 403
        assert reader(name).post("/moa/MOH/admin/signatories/work-plan", lines(cast)).status_code == 403


def test_an_empty_block_offers_the_usual_captions_and_is_saved(engine, cast, reader):
    jamila = reader("jamila")
    page = jamila.get("admin.signatory_edit", org="MOH", kind="work-plan")
    assert [field["value"] for field in page.select("[name$=caption]")] == ["Prepared by", "Reviewed by", "Approved by"]
    assert jamila.post("admin.signatory_edit", lines(cast), org="MOH", kind="work-plan").status_code == 303
    assert printed(engine, cast) == [("Prepared by", "Badar Lim", ""), ("Approved by", "Hon. Sample", "Minister")]
    assert "Badar Lim" in jamila.get("admin.signatory_list", org="MOH").get_text()


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("act", "order", "focus"),
    [
        ("up-1", ["Approved by", "Prepared by"], "down-0"),
        ("down-0", ["Approved by", "Prepared by"], "up-1"),
        ("out-0", ["Approved by"], "out-0"),
        ("up-0", ["Prepared by", "Approved by"], None),
        ("down-1", ["Prepared by", "Approved by"], None),
        ("out-7", ["Prepared by", "Approved by"], None),
        ("nonsense", ["Prepared by", "Approved by"], None),
    ],
)
def test_buttons_rearrange_what_was_typed_and_save_nothing(engine, cast, reader, act, order, focus, htmx):
    answer = reader("jamila").post("admin.signatory_edit", lines(cast, act=act), htmx=htmx, org="MOH", kind="work-plan")
    assert answer.status_code == 200
    page = uploads.soup(answer)
    assert captions(answer) == order
    assert (
        page.select_one("[name=lines-0-name]" if order[0] == "Approved by" else "[name=lines-1-name]")["value"]
        == "Hon. Sample"
    )
    focused = page.select("button[data-focus]")
    assert [button["value"] for button in focused] == ([focus] if focus else [])
    assert printed(engine, cast) == []


def test_a_line_is_added_at_the_end(cast, reader):
    answer = reader("jamila").post("admin.signatory_edit", lines(cast, act="add"), org="MOH", kind="work-plan")
    page = uploads.soup(answer)
    assert len(page.select("fieldset")) == 3
    assert page.select_one("[name=lines-2-caption]").get("value", "") == ""
    assert page.select_one("button[data-focus]")["value"] == "add"


def test_a_moved_line_is_saved_in_its_new_place(engine, cast, reader):
    jamila = reader("jamila")
    page = uploads.soup(jamila.post("admin.signatory_edit", lines(cast, act="up-1"), org="MOH", kind="work-plan"))
    fields = {field["name"]: field.get("value", "") for field in page.select("#form input[name^=lines]")}
    for chosen in page.select("#form select"):
        option = chosen.select_one("option[selected]")
        fields[chosen["name"]] = option["value"] if option else ""
    answer = jamila.post("admin.signatory_edit", {"row_version": 0, **fields}, org="MOH", kind="work-plan")
    assert answer.status_code == 303
    assert [line[1] for line in printed(engine, cast)] == ["Hon. Sample", "Badar Lim"]


@pytest.mark.parametrize("htmx", [False, True])
def test_what_is_wrong_is_said_at_the_field_of_its_line(engine, cast, reader, htmx):
    bad = lines(
        cast,
        **{"lines-0-caption": "", "lines-1-name": "", "lines-2-caption": "Noted by", "lines-2-membership_id": "999999"},
    )
    right = {"lines-0-caption": "Prepared by", "lines-2-membership_id": ""}
    jamila = reader("jamila")
    for sent, wrong in (
        (bad, ["lines-0-caption", "lines-2-membership_id"]),
        ({**bad, **right}, ["lines-1-name", "lines-2-name"]),
    ):
        answer = jamila.post("admin.signatory_edit", sent, htmx=htmx, org="MOH", kind="work-plan")
        assert answer.status_code == 422
        page = uploads.soup(answer)
        slots = [slot["id"].removesuffix("-error") for slot in page.select(".field__error") if slot.get_text()]
        assert slots == wrong
        assert [link["href"] for link in page.select(".errors a")] == [f"#{name}" for name in wrong]
        assert page.select_one(".errors h2").get_text() == "Error: 2 answers need a change"
        assert page.select_one("[name=lines-1-title]")["value"] == "Minister"
    assert printed(engine, cast) == []


def test_who_saves_second_is_told(engine, cast, reader):
    jamila = reader("jamila")
    assert jamila.post("admin.signatory_edit", lines(cast), org="MOH", kind="work-plan").status_code == 303
    answer = jamila.post("admin.signatory_edit", lines(cast, **{"lines-0-title": "X"}), org="MOH", kind="work-plan")
    assert answer.status_code == 422
    assert uploads.soup(answer).select_one("[name=lines-0-title]")["value"] == "X"
    current = lines(cast, version=version_of(engine, cast), **{"lines-0-title": "Chief"})
    assert jamila.post("admin.signatory_edit", current, org="MOH", kind="work-plan").status_code == 303
    assert printed(engine, cast)[0] == ("Prepared by", "Badar Lim", "Chief")


def test_somebody_who_has_left_is_named_to_the_administrator(engine, cast, reader):
    jamila = reader("jamila")
    jamila.post("admin.signatory_edit", lines(cast), org="MOH", kind="work-plan")
    with Session(engine) as session:
        bind_platform(session, "tests")
        session.get_one(Membership, cast.memberships["badar"].id).is_active = False
        session.commit()
    assert "Works here no more" in jamila.get("admin.signatory_list", org="MOH").get_text()
    page = jamila.get("admin.signatory_edit", org="MOH", kind="work-plan")
    assert "Badar Lim works here no more." in page.select_one(".note").get_text()


def test_an_unknown_kind_is_404(reader):
    for kind in ("work_plan", "payroll"):
        assert reader("jamila").browser.get(f"/moa/MOH/admin/signatories/{kind}").status_code == 404
