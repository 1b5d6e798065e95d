"""People in forms: a list while they are few, names to type when they are many."""

import pickle

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.permissions import RULES, Permission
from bmms.domain.signatories.kinds import DocumentKind
from bmms.domain.signatories.queries import get_block
from bmms.models.memberships import Designation, MembershipRight
from bmms.models.planning import StrategicPlan
from bmms.models.work import WorkItem, WorkItemPerson
from bmms.tenancy import bind_platform, bind_scope
from bmms.web.guard import MODULES
from bmms.web.member_fields import LEFT
from tests import uploads
from tests.cast import foreign_rows
from tests.client import check_page
from tests.factories import make_membership, make_user
from tests.ground import Rows
from tests.planning import basics


@pytest.fixture(scope="module")
def crowd_rows(engine, ground, cast_rows) -> tuple[Rows, dict[str, int]]:
    """600 people of Health, two of the same name among them; and one row of each thing. Username to membership."""
    rows, made = cast_rows
    ground.bring_back(rows)
    cast = pickle.loads(made)  # noqa: S301 (our own bytes)
    ids = foreign_rows(engine, cast)
    with Session(engine) as session:
        bind_platform(session, "tests")
        bind_scope(session, cast.moh.id)
        people = {}
        for n in range(600):
            user = make_user(session, f"person.{n}", f"Given{n}", f"Family{n // 2 if n > 1 else 'Twin'}")
            if n < 2:
                user.first_name = "Sitti"
            people[user.username] = make_membership(session, user, cast.moh, "pilot_budget_officer").id
        session.commit()
    kept = ground.keep()
    ground.empty()
    return kept, {**ids, **people}


@pytest.fixture
def crowd(ground, cast, crowd_rows) -> dict[str, int]:
    """That crowd around the cast."""
    rows, ids = crowd_rows
    ground.empty()
    ground.bring_back(rows)
    return ids


FORMS = (
    ("badar", "planning.plan_new", ()),
    ("badar", "planning.plan_basics", ("plan_id",)),
    ("badar", "planning.plan_responsibilities", ("plan_id",)),
    ("badar", "planning.kpi_new", ("plan_id", "objective_id")),
    ("badar", "planning.risk_new", ("plan_id", "objective_id")),
    ("badar", "planning.annual_objective_new", ("work_plan_id",)),
    ("badar", "planning.work_item_new", ("work_plan_id", "annual_objective_id")),
    ("badar", "planning.work_item_edit", ("work_item_id",)),
    ("badar", "planning.discussion_show", ("kind", "subject_id", "section")),
    ("jamila", "admin.designation_new", ()),
    ("jamila", "admin.signatory_edit", ("kind",)),
)


def test_every_form_that_names_people_stays_small(reader, crowd):
    """The client checks bytes and queries of each page."""
    words = {"planning": {"kind": "plans", "section": "general"}, "admin": {"kind": "work-plan"}}
    for who, view, names in FORMS:
        known = {**crowd, "subject_id": crowd["plan_id"], **words[view.partition(".")[0]]}
        page = reader(who).get(view, org="MOH", **{name: known[name] for name in names})
        inputs = page.select("input[list]")
        assert inputs, view
        for each in inputs:
            assert page.select_one(f"datalist#{each['list']}"), view
    badar = reader("badar")
    here = {"kind": "plans", "subject_id": crowd["plan_id"], "section": "general"}
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
    page = check_page(wrong)
    told = page.select_one(".errors a")
    assert "Type one of these: Sitti FamilyTwin (person.0)" in told.get_text()
    asked = page.select_one(told["href"])
    assert asked["value"] == "Sitti FamilyTwin"
    assert asked.find_parent("details").has_attr("open"), "what is to be corrected is seen"
    right = [amina, "person.7", "Sitti FamilyTwin (person.1)", ""]
    assert badar.post("planning.work_item_edit", sent | {"people": right}, **here).status_code == 303
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        item = session.get_one(WorkItem, crowd["work_item_id"])
        team = set(session.scalars(select(WorkItemPerson.membership_id).where(WorkItemPerson.work_item_id == item.id)))
        assert team == {int(amina), crowd["person.7"], crowd["person.1"]}
        assert item.officer_id == cast.memberships["badar"].id


def test_who_opens_such_a_form_may_ask_for_names(app):
    """And an organization may switch planning off: the address lies in no module."""
    for _, view, _ in FORMS:
        need = app.view_functions[view].guard.need
        for rule in RULES.values():
            assert need not in rule.permissions or Permission.MEMBER_VIEW in rule.permissions, f"{rule.code}: {view}"
    assert "members" not in MODULES


@pytest.mark.parametrize(
    ("who", "status"), [("badar", 200), ("jamila", 200), ("yusuf", 403), ("ben", 404), ("sitti", 404), ("carla", 404)]
)
def test_names_are_told_to_those_who_fill_in_forms_of_this_organization(reader, who, status):
    """Central roles fill in none: they have no pages in an organization (decision D10)."""
    answer = reader(who).browser.get("/moa/MOH/members?q=salik")
    assert answer.status_code == status
    assert ("Amina Salik" in answer.get_data(as_text=True)) == (status == 200)


def test_a_comment_proposes_only_those_who_can_read_it(reader, crowd, platform):
    """One of the crowd is a viewer now."""
    rights = update(MembershipRight).where(MembershipRight.membership_id == crowd["person.59"])
    platform.execute(rights.values(code="pilot_viewer"))
    platform.commit()
    badar = reader("badar")
    here = {"org": "MOH", "kind": "plans", "subject_id": crowd["plan_id"], "section": "general"}
    field = badar.get("planning.discussion_show", **here).select_one("input[name=mention]")
    for name, reads in (("Given58 Family29", True), ("Given59 Family29", False)):
        answer = badar.browser.get(f"{field['hx-get']}&mention={name}", headers={"HX-Request": "true"})
        assert answer.status_code == 200
        assert (name in answer.get_data(as_text=True)) == reads
    assert badar.browser.get("/moa/MOH/members?may=nonsense").status_code == 404


def test_names_of_another_organization_are_not_proposed(reader, cast):
    for typed, found in (("amina", 0), ("yusuf", 1)):  # Yusuf works in both
        page = reader("ben").get("members.member_list", org="MBHTE", q=typed)
        assert len(page.select(".list__row")) == found


def test_names_are_proposed_while_one_types(reader, crowd, cast):
    badar = reader("badar")
    found = badar.fragment(
        "members.member_list", "owner_id-names", org="MOH", field="owner_id", into="owner_id-names", owner_id="given59"
    )
    assert [one["value"] for one in found.select("option")][:2] == [
        "Given59 Family29 (person.59)", "Given590 Family295 (person.590)",
    ]  # fmt: skip
    assert len(found.select("option")) == 8
    page = badar.get("members.member_list", org="MOH", q="sitti family")
    assert [one.get_text() for one in page.select(".list__row span:first-child")] == [
        "Sitti FamilyTwin (person.0)", "Sitti FamilyTwin (person.1)",
    ]  # fmt: skip
    assert badar.browser.get("/moa/MOH/members?into=%22%3E").status_code == 404


def test_a_designation_names_two_of_many(reader, engine, cast, crowd):
    jamila, today = reader("jamila"), clock.today().isoformat()
    sent = {"kind": "oic", "starts_on": today, "ends_on": today, "instrument_number": "Special Order No. 12"}
    wrong = jamila.post(
        "admin.designation_new", {**sent, "principal_id": "person.7", "deputy_id": "Sitti FamilyTwin"}, org="MOH"
    )
    assert wrong.status_code == 422
    page = uploads.soup(wrong)
    assert page.select_one("input[name=principal_id]")["value"] == "Given7 Family3 (person.7)"
    assert page.select_one("input[name=deputy_id]")["value"] == "Sitti FamilyTwin"
    assert "Sitti FamilyTwin (person.1)" in page.select_one("#deputy_id-error").get_text()
    for nobody in ("", "   "):
        empty = jamila.post("admin.designation_new", {**sent, "principal_id": nobody, "deputy_id": "amina"}, org="MOH")
        assert empty.status_code == 422
        assert uploads.soup(empty).select_one("#principal_id-error").get_text().startswith("Error: Choose")
    again = {one["name"]: one["value"] for one in page.select("input[list]")}
    again["deputy_id"] = "Sitti FamilyTwin (person.1)"
    assert jamila.post("admin.designation_new", {**sent, **again}, org="MOH").status_code == 303
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        made = session.scalars(select(Designation).order_by(Designation.id.desc())).first()
        assert (made.principal_id, made.deputy_id) == (crowd["person.7"], crowd["person.1"])


@pytest.mark.parametrize("htmx", [False, True])
def test_signatures_move_with_the_names_that_were_typed(reader, engine, cast, crowd, htmx):
    """Chosen, clear, unclear: each keeps to its line while lines move, and nothing is saved by that."""
    jamila, here = reader("jamila"), {"org": "MOH", "kind": "work-plan"}
    sent = {"row_version": 0}
    for n, member in enumerate((str(crowd["person.8"]), "given7 family3", "Sitti FamilyTwin", "")):
        title = f"Title {n}"
        sent |= {f"lines-{n}-caption": f"Signs {n}", f"lines-{n}-membership_id": member, f"lines-{n}-title": title}
    sent["lines-3-name"] = "Hon. Sample"
    names = {"Signs 0": "Given8 Family4 (person.8)", "Signs 1": "Given7 Family3 (person.7)"}
    names |= {"Signs 2": "Sitti FamilyTwin", "Signs 3": ""}
    for act, order in (("up-2", "0213"), ("out-1", "013"), ("add", "013"), ("down-0", "103")):
        answer = jamila.post("admin.signatory_edit", {**sent, "act": act}, htmx=htmx, **here)
        assert answer.status_code == 200
        lines = lines_of(answer)
        assert [line["caption"] for line in lines if line["caption"]] == [f"Signs {n}" for n in order], act
        for line in lines:
            assert line["membership_id"] == names.get(line["caption"], ""), act
            assert line["title"] == line["caption"].replace("Signs", "Title")
        sent = {"row_version": 0} | {f"lines-{n}-{key}": line[key] for n, line in enumerate(lines) for key in line}
    wrong = jamila.post(
        "admin.signatory_edit", {**sent, "lines-3-caption": "X", "lines-3-membership_id": "nobody"}, **here
    )
    assert wrong.status_code == 422
    assert lines_of(wrong)[3]["membership_id"] == "nobody"
    assert "Nobody here is called “nobody”." in wrong.get_data(as_text=True)
    del sent["lines-3-caption"], sent["lines-3-membership_id"], sent["lines-3-name"], sent["lines-3-title"]
    assert jamila.post("admin.signatory_edit", sent, **here).status_code == 303
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        saved = [(line.membership_id, line.name) for line in get_block(session, DocumentKind.WORK_PLAN).lines]
    chosen = [(crowd["person.7"], "Given7 Family3"), (crowd["person.8"], "Given8 Family4")]
    assert saved == [*chosen, (None, "Hon. Sample")]
    shown = jamila.get("admin.signatory_edit", **here)
    assert [one["value"] for one in shown.select("input[list]")] == [names["Signs 1"], names["Signs 0"], ""]


def lines_of(answer) -> list[dict[str, str]]:
    """The lines of a form of signatories, from top to bottom."""
    inputs = {one["name"]: one.get("value", "") for one in uploads.soup(answer).select("#form input[name^=lines]")}
    lines: dict[str, dict[str, str]] = {}
    for name, value in inputs.items():
        _, number, key = name.split("-")
        lines.setdefault(number, {})[key] = value
    return [lines[number] for number in sorted(lines)]


def test_who_left_is_not_taken_for_another_line(reader, owner, cast, crowd):
    """`Somebody who left` stands in no line of signatories, and means nobody when it is sent."""
    jamila, here = reader("jamila"), {"org": "MOH", "kind": "work-plan"}
    sent = {"row_version": 0}
    for n in range(2):
        sent |= {f"lines-{n}-caption": "Signs", f"lines-{n}-membership_id": f"person.{n + 8}"}
    assert jamila.post("admin.signatory_edit", sent, **here).status_code == 303
    with owner.begin() as connection:
        connection.execute(text(f"UPDATE memberships SET is_active = false WHERE id = {crowd['person.9']}"))
    page = jamila.get("admin.signatory_edit", **here)
    assert [one["value"] for one in page.select("input[list]")] == ["Given8 Family4 (person.8)", ""]
    assert "Given9 Family4 works here no more." in page.select_one(".note").get_text()
    version = page.select_one("[name=row_version]")["value"]
    for left in (LEFT, str(crowd["person.9"])):
        answer = jamila.post(
            "admin.signatory_edit",
            {**sent, "row_version": version, "lines-0-membership_id": left, "act": "down-0"},
            **here,
        )
        moved = lines_of(answer)[1]["membership_id"]
        assert moved == LEFT
        answer = jamila.post(
            "admin.signatory_edit", {**sent, "row_version": version, "lines-0-membership_id": moved}, **here
        )
        assert answer.status_code == 422
        assert lines_of(answer)[0]["membership_id"] == LEFT
