"""Notices over the web: the count of the masthead, the list, opening and marking; and what waits on "my work"."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bmms.models.collaboration import Notification
from bmms.tenancy import bind_scope
from tests.planning import basics, desk_of, make_lists, make_plan


@pytest.fixture
def theme_id(engine, cast) -> int:
    return make_lists(engine)[0]


@pytest.fixture
def plan_id(engine, app, cast, theme_id) -> int:
    """A complete draft plan of Health, made by Badar."""
    badar = desk_of(engine, app, cast, "badar")
    made = make_plan(badar, theme_id, 1, cast.memberships["badar"].id).id
    badar.session.commit()
    badar.session.close()
    return made


def step(who, plan_id: int, verb: str, note: str = "") -> None:
    view = "plan_decide" if verb in ("approve", "return", "complete") else "plan_step"
    assert who.post(f"planning.{view}", {"note": note}, org="MOH", plan_id=plan_id, verb=verb).status_code == 303


def count_of(page) -> str:
    """What the masthead says beside "Notices"."""
    found = page.select_one(".masthead .count")
    return found.find(string=True, recursive=False) if found else ""


def plant(engine, cast, name: str, *texts: str, **values) -> list[int]:
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        rows = [
            Notification(membership_id=cast.memberships[name].id, kind="test", text=text, **values) for text in texts
        ]
        session.add_all(rows)
        session.commit()
        return [row.id for row in rows]


def unread(engine, cast) -> list[int]:
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        query = select(Notification.id).where(Notification.read_at.is_(None)).order_by(Notification.id)
        return list(session.scalars(query))


def test_a_submitted_plan_is_in_the_masthead_and_leads_there(reader, cast, engine, plan_id) -> None:
    badar, amina = reader("badar"), reader("amina")
    assert count_of(amina.get("workplace.my_work", org="MOH")) == ""
    step(badar, plan_id, "submit")
    page = amina.get("workplace.my_work", org="MOH")
    assert count_of(page) == "1"
    listed = amina.get(page.select_one(".masthead a[href$='/notices/']")["href"])
    (notice_id,) = unread(engine, cast)
    form = listed.find(
        "button", string="Badar Lim submitted “MOH Strategic Plan FY 2026”. It waits for your approval."
    ).parent
    by_mail = amina.browser.get(f"/moa/MOH/notices/{notice_id}")
    assert (by_mail.status_code, by_mail.location) == (303, f"/moa/MOH/planning/plans/{plan_id}")
    assert unread(engine, cast) == [notice_id], "looking changes nothing"
    answer = amina.post(form["action"])
    assert (answer.status_code, answer.location) == (303, f"/moa/MOH/planning/plans/{plan_id}")
    assert unread(engine, cast) == []
    assert count_of(amina.get("workplace.my_work", org="MOH")) == ""
    assert count_of(badar.get("workplace.my_work", org="MOH")) == ""


def test_the_count_is_of_this_organization_and_person(reader, cast, engine) -> None:
    plant(engine, cast, "yusuf", "In Health")
    yusuf = reader("yusuf")
    assert count_of(yusuf.get("workplace.my_work", org="MOH")) == "1"
    assert count_of(yusuf.get("workplace.my_work", org="MBHTE")) == ""
    assert yusuf.get("home.organization_list").select_one(".masthead a[href*='/notices/']") is None
    assert "In Health" not in yusuf.get("notices.notice_list", org="MBHTE").get_text()


def test_marking_one_and_all(reader, cast, engine) -> None:
    first, second, third = plant(engine, cast, "badar", "One", "Two", "Three")
    other = plant(engine, cast, "amina", "Hers")
    badar = reader("badar")
    assert badar.post("notices.notice_read", org="MOH", notice_id=first).status_code == 303
    assert unread(engine, cast) == [second, third, *other]
    page = badar.get("notices.notice_list", org="MOH", unread=1)
    assert ("One" in page.get_text(), "Two" in page.get_text()) == (False, True)
    assert badar.post("notices.notice_read_all", org="MOH").status_code == 303
    assert unread(engine, cast) == other
    assert "You have read everything." in badar.get("notices.notice_list", org="MOH", unread=1).get_text()


def test_many_notices_come_in_pages(reader, cast, engine) -> None:
    plant(engine, cast, "badar", *(f"Notice {number}" for number in range(1, 131)))
    badar = reader("badar")
    page = badar.get("notices.notice_list", org="MOH")
    assert len(page.select("#results li .list__row")) == 25
    assert count_of(page) == "100"
    assert "Notice 1" in badar.fragment("notices.notice_list", "results", org="MOH", page=6).get_text()


def test_a_notice_whose_page_is_no_more_leads_to_the_list(reader, cast, engine) -> None:
    (notice_id,) = plant(engine, cast, "badar", "Old", endpoint="planning.no_such_page", values={"plan_id": 1})
    answer = reader("badar").post("notices.notice_follow", org="MOH", notice_id=notice_id)
    assert answer.location == "/moa/MOH/notices/"


def test_ben_and_colleagues_cannot_open_it(reader, cast, engine) -> None:
    (notice_id,) = plant(engine, cast, "badar", "Private")
    for name, org in (("ben", "MOH"), ("ben", "MBHTE"), ("amina", "MOH")):
        who = reader(name)
        for view in ("notice_follow", "notice_read"):
            assert who.post(f"notices.{view}", org=org, notice_id=notice_id).status_code == 404
        assert who.browser.get(f"/moa/{org}/notices/{notice_id}").status_code == 404
    assert unread(engine, cast) == [notice_id]


def waiting(page) -> list[str]:
    """Title and word of what waits."""
    rows = page.select("[aria-labelledby=wait] .list__row")
    return [f"{row.a.get_text()}: {row.select_one('.pill').get_text()}" for row in rows]


def test_my_work_shows_what_waits_for_approval_and_what_came_back(reader, cast, plan_id) -> None:
    badar, amina = reader("badar"), reader("amina")
    step(badar, plan_id, "submit")
    plan = "MOH Strategic Plan FY 2026"
    assert f"{plan}: Waits for your approval" in waiting(amina.get("workplace.my_work", org="MOH"))
    assert not any(plan in line for line in waiting(badar.get("workplace.my_work", org="MOH")))
    step(amina, plan_id, "return", "Please raise the targets of the first goal.")
    assert not any(plan in line for line in waiting(amina.get("workplace.my_work", org="MOH")))
    page = badar.get("workplace.my_work", org="MOH")
    assert f"{plan}: Returned to you" in waiting(page)
    step(badar, plan_id, "submit")
    bai = reader("bai")
    assert not any(plan in line for line in waiting(bai.get("workplace.my_work", org="MBHTE")))


def test_nobody_is_asked_to_approve_what_is_his_or_her_own(reader, cast, plan_id) -> None:
    amina = reader("amina")
    step(amina, plan_id, "submit")
    assert not any("Strategic Plan" in line for line in waiting(amina.get("workplace.my_work", org="MOH")))


def test_my_work_leads_back_to_what_was_typed_and_not_sent(reader, cast, theme_id) -> None:
    badar = reader("badar")
    page = badar.get("planning.plan_new", org="MOH")
    form = page.select_one("form[data-draft]")
    kept = {
        "csrf_token": badar.token(), "form_key": form["data-draft"], "seen": page.find(id="seen")["value"],
        "label": "New plan", "f-title": "Half a plan",
    }  # fmt: skip
    badar.browser.post(form["data-keep"], data=kept)
    link = badar.get("workplace.my_work", org="MOH").select_one("[aria-labelledby=unsent] a")
    assert link.get_text() == "New plan"
    assert badar.get(link["href"]).find(id="title")["value"] == "Half a plan"
    assert reader("amina").get("workplace.my_work", org="MOH").find(id="unsent") is None
    badar.post("planning.plan_new", basics(theme_id), org="MOH")
    assert badar.get("workplace.my_work", org="MOH").find(id="unsent") is None


def test_with_planning_switched_off_nothing_of_it_waits(reader, cast, engine, owner, plan_id) -> None:
    step(reader("badar"), plan_id, "submit")
    with owner.begin() as connection:
        connection.execute(text("UPDATE organizations SET enable_planning = false"))
    assert not any("Strategic Plan" in line for line in waiting(reader("amina").get("workplace.my_work", org="MOH")))
