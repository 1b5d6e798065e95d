"""People in forms: a list while they are few, names to type when they are many."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bmms.models.planning import StrategicPlan
from bmms.models.work import WorkItem, WorkItemPerson
from bmms.tenancy import bind_platform, bind_scope
from tests.cast import foreign_rows
from tests.factories import make_membership, make_user
from tests.planning import basics


@pytest.fixture
def crowd(engine, cast) -> dict[str, int]:
    """600 people of Health, two of the same name among them; and one row of each thing. Username to membership."""
    ids = foreign_rows(engine, cast)
    with Session(engine) as session:
        bind_platform(session, "tests")
        bind_scope(session, cast.moh.id)
        people = {}
        for n in range(600):
            user = make_user(session, f"person.{n}", f"Given{n}", f"Family{n // 2 if n > 1 else 'Twin'}")
            if n < 2:
                user.first_name = "Sitti"
            people[user.username] = make_membership(session, user, cast.moh, "pilot_viewer").id
        session.commit()
    return {**ids, **people}


FORMS = (
    ("plan_new", ()),
    ("plan_basics", ("plan_id",)),
    ("plan_responsibilities", ("plan_id",)),
    ("kpi_new", ("plan_id", "objective_id")),
    ("risk_new", ("plan_id", "objective_id")),
    ("annual_objective_new", ("work_plan_id",)),
    ("work_item_new", ("work_plan_id", "annual_objective_id")),
    ("work_item_edit", ("work_item_id",)),
)


def test_every_form_that_names_people_stays_small(reader, crowd):
    """The client checks bytes and queries of each page."""
    badar = reader("badar")
    for view, names in FORMS:
        page = badar.get(f"planning.{view}", org="MOH", **{name: crowd[name] for name in names})
        inputs = page.select("input[list]")
        assert inputs, view
        for each in inputs:
            assert page.select_one(f"datalist#{each['list']}"), view
    here = {"kind": "plans", "subject_id": crowd["plan_id"], "section": "general"}
    badar.get("planning.discussion_show", org="MOH", **here)
    answer = badar.post("planning.discussion_show", {"body": "See this.", "mention": "Salik"}, org="MOH", **here)
    assert "Type one of these: Amina Salik (amina)." in answer.get_data(as_text=True)


def test_few_people_are_a_list(reader, cast, engine):
    ids = foreign_rows(engine, cast)
    page = reader("badar").get("planning.work_item_edit", org="MOH", work_item_id=ids["work_item_id"])
    assert [one.get_text() for one in page.select("select[name=officer_id] option[selected]")] == ["Badar Lim"]
    assert [one["value"] for one in page.select("input[name=people][checked]")] == [str(cast.memberships["amina"].id)]
    assert not page.select("input[list]")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Given7 Family3", ""),
        ("  given7   FAMILY3 ", ""),
        ("person.7", ""),
        ("Given7 Family3 (person.7)", ""),
        ("", ""),
        ("Sitti FamilyTwin", "Type one of these: Sitti FamilyTwin (person.0); Sitti FamilyTwin (person.1)."),
        ("Given7", "Type one of these: Given7 Family3 (person.7);"),
        ("Nobody Atall", "Nobody here is called “Nobody Atall”."),
        ("Ben Cruz", "Nobody here is called “Ben Cruz”."),
        ("999999", "This choice is no longer there."),
    ],
)
def test_a_typed_name_is_found_at_sending(reader, engine, cast, crowd, typed, said):
    badar = reader("badar")
    answer = badar.post("planning.plan_new", {**basics(1), "lead_officer_id": typed}, org="MOH")
    assert answer.status_code == (422 if said else 303)
    if said:
        assert said in answer.get_data(as_text=True)
        return
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        plan = session.scalars(select(StrategicPlan).order_by(StrategicPlan.id.desc())).first()
        assert plan.lead_officer_id == (crowd["person.7"] if typed else None)
    page = badar.get("planning.plan_basics", org="MOH", plan_id=plan.id)
    shown = page.select_one("input[name=lead_officer_id]")["value"]
    assert shown == ("Given7 Family3 (person.7)" if typed else "")


def test_what_is_gone_stays_where_it_was_and_is_chosen_nowhere_else(reader, engine, owner, cast, crowd):
    """Somebody who has left, in a form that shows inputs; and a unit that is not there."""
    badar, here = reader("badar"), {"org": "MOH", "plan_id": crowd["plan_id"]}
    with owner.begin() as connection:
        left = crowd["person.9"]
        connection.execute(text(f"UPDATE strategic_plans SET lead_officer_id = {left}"))
        connection.execute(text(f"UPDATE memberships SET is_active = false WHERE id = {left}"))
    page = badar.get("planning.plan_basics", **here)
    shown = page.select_one("input[name=lead_officer_id]")["value"]
    assert shown == "Somebody who left"
    sent = {**basics(1), "title": "Another title", "lead_officer_id": shown}
    assert badar.post("planning.plan_basics", sent, **here).status_code == 303
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        plan = session.get_one(StrategicPlan, crowd["plan_id"])
        assert (plan.title, plan.lead_officer_id) == ("Another title", left)
    for name in ("lead_officer_id", "lead_unit_id"):
        answer = badar.post(
            "planning.plan_new", {**basics(1), name: str(left if "officer" in name else 999)}, org="MOH"
        )
        assert answer.status_code == 422
        assert "This choice is no longer there." in answer.get_data(as_text=True)


def test_a_team_keeps_its_boxes_and_takes_more_names(reader, engine, cast, crowd):
    badar, here = reader("badar"), {"org": "MOH", "work_item_id": crowd["work_item_id"]}
    page = badar.get("planning.work_item_edit", **here)
    amina = str(cast.memberships["amina"].id)
    assert [one["value"] for one in page.select("input[name=people][type=checkbox]")] == [amina]
    assert len(page.select("input[name=people][type=text]")) == 3
    sent = {
        one["name"]: one.get("value", "")
        for one in page.select("main form#form input")
        if one.get("type") not in ("checkbox", "radio", "submit")
    }
    sent |= {"title": "An activity", "places": "", "priority": "medium"}
    wrong = badar.post("planning.work_item_edit", sent | {"people": [amina, "person.7", "Sitti FamilyTwin"]}, **here)
    assert wrong.status_code == 422
    said = wrong.get_data(as_text=True)
    assert "Type one of these: Sitti FamilyTwin (person.0)" in said
    assert 'value="Sitti FamilyTwin"' in said
    right = [amina, "person.7", "Sitti FamilyTwin (person.1)", ""]
    assert badar.post("planning.work_item_edit", sent | {"people": right}, **here).status_code == 303
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        item = session.get_one(WorkItem, crowd["work_item_id"])
        team = set(session.scalars(select(WorkItemPerson.membership_id).where(WorkItemPerson.work_item_id == item.id)))
        assert team == {int(amina), crowd["person.7"], crowd["person.1"]}
        assert item.officer_id == cast.memberships["badar"].id


def test_names_are_proposed_while_one_types(reader, crowd, cast):
    badar = reader("badar")
    found = badar.fragment(
        "planning.member_list", "owner_id-names", org="MOH", field="owner_id", into="owner_id-names", owner_id="given59"
    )
    assert [one["value"] for one in found.select("option")][:2] == [
        "Given59 Family29 (person.59)", "Given590 Family295 (person.590)",
    ]  # fmt: skip
    assert len(found.select("option")) == 8
    page = badar.get("planning.member_list", org="MOH", q="sitti family")
    assert [one.get_text() for one in page.select(".list__row span:first-child")] == [
        "Sitti FamilyTwin (person.0)", "Sitti FamilyTwin (person.1)",
    ]  # fmt: skip
    assert badar.browser.get("/moa/MOH/planning/members?into=%22%3E").status_code == 404
    assert reader("yusuf").browser.get("/moa/MOH/planning/members?q=sitti").status_code == 403
