"""The platform's administration of organizations."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import command_actor
from bmms.domain.organizations.seed import seed_organizations
from bmms.models.accounts import SignInLock
from bmms.models.organizations import Organization
from bmms.models.outbox import MailStatus, OutboxMessage
from bmms.tenancy import bind_platform


def moh(engine, cast) -> Organization:
    """Health as it stands."""
    with Session(engine) as session:
        return session.get_one(Organization, cast.moh.id)


@pytest.fixture
def all_moas(app, engine, cast) -> None:
    """The 44 MOAs and the Parliament."""
    with Session(engine, info={"installation": app.extensions["installation"]}) as session:
        bind_platform(session, "tests")
        seed_organizations(session, command_actor())
        session.commit()


@pytest.mark.parametrize("name", ["jamila", "amina", "carla"])
def test_only_the_platforms_administrators_come_in(cast, reader, name):
    person, row = reader(name), cast.moh.id
    views = ("", "/new", f"/{row}", f"/{row}/edit", f"/{row}/close", f"/{row}/modules/planning")
    for view in views:
        assert person.browser.get(f"/admin/organizations{view}").status_code == 403
    for view in (*views[1:2], *views[3:], f"/{row}/open", f"/{row}/pilot"):
        assert person.post(f"/admin/organizations{view}").status_code == 403


def test_all_organizations_are_listed_in_pages_with_filters(reader, all_moas):
    sitti = reader("sitti")
    page = sitti.get("platform.organization_list")
    assert len(page.select("tbody tr")) == 25
    assert "of 45 organizations" in page.get_text().replace("\xa0", " ")
    assert len(sitti.get("platform.organization_list", page=2).select("tbody tr")) == 20

    def codes(**filters) -> list[str]:
        rows = sitti.get("platform.organization_list", **filters).select("tbody tr")
        return [row.select_one("[data-label=Code]").get_text() for row in rows]

    assert codes(q="health") == ["MOH"]
    assert codes(state="active") == ["MAFAR", "MBHTE", "MOH", "MOLE"]
    assert codes(kind="parliament") == ["BTA"]
    assert "MOH" in codes(pilot="yes")
    assert "MOH" not in codes(pilot="no")
    assert codes(kind="nonsense", state="nonsense", pilot="nonsense", q="moh") == ["MOH"]
    part = sitti.fragment("platform.organization_list", "results", q="nothing like it")
    assert "No organization fits." in part.get_text()


def test_members_are_counted_where_they_work(reader, all_moas):
    rows = reader("sitti").get("platform.organization_list", state="active").select("tbody tr")
    found = {row.select_one("[data-label=Code]").get_text(): row.select_one(".num").get_text() for row in rows}
    assert found == {"MOH": "4", "MBHTE": "3", "MOLE": "0", "MAFAR": "0"}, "Dan's membership is suspended"


def test_an_organization_is_closed_after_a_question_and_opened_again(engine, cast, reader):
    sitti, badar = reader("sitti"), reader("badar")
    page = sitti.get("platform.organization_close", organization_id=cast.moh.id)
    assert page.h1.get_text() == "Make MOH inactive?"
    assert "its 4\xa0members" in page.select_one("main").get_text()
    assert badar.browser.get("/moa/MOH/").status_code == 200
    fields = {field["name"]: field["value"] for field in page.select("main form input[type=hidden]")}
    assert sitti.post("platform.organization_close", fields, organization_id=cast.moh.id).status_code == 303
    assert not moh(engine, cast).is_active
    assert badar.browser.get("/moa/MOH/").status_code == 404
    assert reader("badar").browser.get("/organizations").status_code == 200, "signing in still works (D35)"
    assert sitti.post("platform.organization_open", fields, organization_id=cast.moh.id).status_code == 409
    page = sitti.get("platform.organization_show", organization_id=cast.moh.id)
    fields = {"row_version": page.select_one("form[action$=open] input[name=row_version]")["value"]}
    assert sitti.post("platform.organization_open", fields, organization_id=cast.moh.id).status_code == 303
    assert badar.browser.get("/moa/MOH/").status_code == 200


def test_the_pilot_flag_and_the_days(engine, cast, reader):
    sitti = reader("sitti")
    page = sitti.get("platform.organization_show", organization_id=cast.moh.id)
    form = page.select_one("form[action$=pilot]")
    fields = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
    assert sitti.post("platform.organization_pilot", fields, organization_id=cast.moh.id).status_code == 303
    assert not moh(engine, cast).is_pilot
    page = sitti.get("platform.organization_edit", organization_id=cast.moh.id)
    fields = {
        "row_version": page.select_one("#form [name=row_version]")["value"],
        "mail_mode": "immediate",
        "pilot_starts_on": "2026-11-01",
        "pilot_ends_on": "2026-10-01",
        "onboarded_on": "soon",
    }
    answer = sitti.post("platform.organization_edit", fields, organization_id=cast.moh.id)
    assert answer.status_code == 422
    assert "This is no date. Use the calendar" in answer.get_data(as_text=True)
    assert 'value="soon"' in answer.get_data(as_text=True)
    fields["onboarded_on"] = ""
    answer = sitti.post("platform.organization_edit", fields, organization_id=cast.moh.id)
    assert "The end of the pilot lies before the start of the pilot." in answer.get_data(as_text=True)
    fields["pilot_ends_on"] = "2027-01-31"
    assert sitti.post("platform.organization_edit", fields, organization_id=cast.moh.id).status_code == 303
    assert moh(engine, cast).pilot_ends_on.isoformat() == "2027-01-31"


def test_a_module_is_switched_from_above_and_stands_in_the_ministrys_record(engine, cast, reader, owner):
    sitti = reader("sitti")
    page = sitti.get("platform.organization_module", organization_id=cast.moh.id, module="planning")
    assert len(page.select(".note")) == 2
    fields = {field["name"]: field["value"] for field in page.select("main form input[type=hidden]")}
    answer = sitti.post("platform.organization_module", fields, organization_id=cast.moh.id, module="planning")
    assert answer.status_code == 303
    assert not moh(engine, cast).enable_planning
    with owner.connect() as connection:
        query = text("SELECT organization_id, actor_id FROM audit_events WHERE action = 'organizations:switch_module'")
        assert connection.execute(query).one() == (cast.moh.id, cast.sitti.id)


def new(reader, **changes):
    """The form of a new organization."""
    fields = {"code": "xyz-1", "name": "Office of  Samples", "kind": "office", "cluster": "", **changes}
    return reader.post("platform.organization_new", fields)


def test_a_new_organization_is_inactive_and_no_moa(engine, reader, cast):
    sitti = reader("sitti")
    answer = new(sitti)
    assert answer.status_code == 303
    page = sitti.get(answer.location)
    assert page.h1.get_text() == "Office of Samples"
    assert "XYZ-1, not counted among the MOAs" in page.get_text()
    assert "Inactive" in page.select_one("[aria-labelledby=state]").get_text()


def test_a_body_of_the_list_keeps_the_name_of_the_list(reader, cast):
    sitti = reader("sitti")
    page = sitti.get(new(sitti, code="mole", name="Something else").location)
    assert page.h1.get_text() == "Ministry of Labor and Employment"
    assert "not counted" not in page.get_text()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"code": ""}, "Type the code."),
        ({"code": "MOH"}, "MOH - Ministry of Health has this code already."),
        ({"code": "m o h"}, "letters A to Z, digits and hyphens"),
        ({"code": "ÑOÑO"}, "letters A to Z, digits and hyphens"),
        ({"name": " "}, "Type the name."),
        ({"kind": "kingdom"}, "Not a valid choice."),
        ({"cluster": "x" * 101}, "Field cannot be longer than 100 characters."),
    ],
)
def test_a_bad_organization_is_refused_at_its_field(reader, cast, changes, said):
    answer = new(reader("sitti"), **changes)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert said in page
    assert "Office of  Samples" in page or "name" in changes


def test_an_unknown_organization_is_404(reader, cast):
    assert reader("sitti").browser.get("/admin/organizations/999999").status_code == 404


def test_the_overview_counts(engine, cast, reader, all_moas):
    with Session(engine) as session:
        bind_platform(session, "tests")
        until = clock.now().replace(year=2099)
        for ip in ("10.0.0.1", "10.0.0.2"):
            session.add(
                SignInLock(
                    login_digest=ip.encode() * 3,
                    ip=ip,
                    user_id=cast.badar.id,
                    failures=5,
                    last_failure_at=clock.now(),
                    locked_until=until,
                )  # fmt: skip
            )
        for number, status in enumerate((MailStatus.FAILED, MailStatus.SENT)):
            session.add(OutboxMessage(kind="reset", user_id=cast.badar.id, status=status, message_id=str(number)))
        session.commit()
    page = reader("sitti").get("platform.overview")
    found = {part.dt.get_text(): part.select_one(".figure").get_text() for part in page.select(".figures > div")}
    assert found == {"Active organizations": "4", "People": "9", "Locked now": "1", "Mails that failed": "1"}
    assert "of 45, 4\xa0pilot MOAs" in page.get_text()
    menu = [entry.get_text() for entry in page.select(".nav a")]
    assert "Organizations" in menu
