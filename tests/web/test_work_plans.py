"""Work plans over the web: from the first objective to a photo from the field, for each person who comes by."""

import random
from decimal import Decimal
from io import BytesIO
from string import ascii_lowercase

import pytest
from sqlalchemy import select

from bmms.domain import clock
from bmms.models.planning import PlanStatus, StrategicPlan
from bmms.models.work import AnnualObjective, AnnualWorkPlan, ItemStatus, ProgressUpdate, WorkItem
from tests import planning as strategic
from tests import uploads
from tests.client import check_fragment, check_page
from tests.planning import looked_up
from tests.workplans import bring_to, make_program, make_tree, make_work_plan

VOCABULARY = ["".join(random.Random(n).choices(ascii_lowercase, k=7)) for n in range(2_000)]  # nothing for gzip to fold


@pytest.fixture
def desks(engine, app, cast):
    """Badar, who plans, and Amina, who approves."""
    found = [strategic.desk_of(engine, app, cast, name) for name in ("badar", "amina")]
    yield found
    for desk in found:
        desk.session.close()


@pytest.fixture
def parent(engine, cast, desks, ground):
    """An active strategic plan."""

    def make() -> int:
        made = strategic.make_plan(desks[0], *strategic.make_lists(engine), cast.memberships["badar"].id)
        strategic.bring_to(made, *desks, "submit", "approve", "activate")
        return made.id

    return looked_up(desks[0].session, StrategicPlan, ground.stage("pages: parent", make))


@pytest.fixture
def tree(desks, cast, parent, ground):
    """A complete draft, Badar's all; committed."""
    session = desks[0].session

    def make() -> dict[str, int]:
        found = make_tree(desks[0], parent, cast.memberships["badar"].id)
        session.commit()
        return {name: item.id for name, item in found.items()}

    return {name: looked_up(session, WorkItem, key) for name, key in ground.stage("pages: tree", make).items()}


@pytest.fixture
def active(desks, tree, ground):
    """The same in force."""
    plan = desks[0].session.get_one(AnnualWorkPlan, tree["task"].work_plan_id)
    ground.stage("pages: active", lambda: bring_to(plan, *desks, "submit", "approve", "activate"))
    desks[0].session.commit()
    return tree


def fresh(desk, model, key: int):
    desk.session.expire_all()
    return desk.session.get_one(model, key)


def test_a_planner_makes_a_work_plan(reader, cast, desks, parent):
    badar, desk = reader("badar"), desks[0]
    program = make_program(desk)
    desk.session.commit()
    page = badar.get("planning.work_plan_list", org="MOH")
    assert page.find("a", string="Create work plan")
    page = badar.get("planning.work_plan_new", org="MOH")
    assert page.find(id="plan_id").find("option", selected=True)["value"] == str(parent.id)
    made = badar.post(
        "planning.work_plan_new", {"plan_id": parent.id, "fiscal_year": 2026, "title": "AWP 2026"}, org="MOH"
    )
    assert made.status_code == 303
    plan_id = int(made.location.rsplit("/", 1)[1])
    page = badar.get("planning.annual_objective_new", org="MOH", work_plan_id=plan_id)
    served = page.find(id="objective_id").find_all("option")[1]["value"]
    answers = {"objective_id": served, "statement": "Answer within a day", "q1": "Staff trained"}
    made = badar.post("planning.annual_objective_new", answers, org="MOH", work_plan_id=plan_id)
    objective_id = int(made.location.rsplit("=", 1)[1])
    answers = {
        "kind": "project", "title": "Help line", "starts_on": "2026-01-01", "ends_on": "2026-12-31",
        "planned_cost": "1,250,000.50", "priority": "high", "tags": ["gad", "sdg3"],
    }  # fmt: skip
    where = {"org": "MOH", "work_plan_id": plan_id, "annual_objective_id": objective_id}
    made = badar.post("planning.work_item_new", answers, **where)
    assert made.status_code == 303, made.get_data(as_text=True)
    project_id = int(made.location.rsplit("/", 1)[1])
    below = {"org": "MOH", "work_item_id": project_id}
    page = badar.get("planning.work_item_new_below", **below)
    assert [option["value"] for option in page.find(id="kind").find_all("option")] == ["activity", "milestone"]
    wrong = {"kind": "activity", "title": "Training", "starts_on": "2026-01-01", "ends_on": "2027-01-01"}
    refused = badar.post("planning.work_item_new_below", wrong, **below)
    assert refused.status_code == 422
    assert "lies outside “Help line”" in check_page(refused).get_text()
    review = badar.get("planning.work_plan_review", org="MOH", work_plan_id=plan_id)
    assert "has no activity" in review.get_text()
    right = {
        **wrong, "ends_on": "2026-12-31", "program_id": program.id, "officer_id": cast.memberships["badar"].id,
        "planned_cost": "1250000.50",
    }  # fmt: skip
    assert badar.post("planning.work_item_new_below", right, **below).status_code == 303
    page = badar.get("planning.work_item_show", **below)
    assert "₱\N{NO-BREAK SPACE}1,250,000.50" in page.get_text()
    assert "SDG 3" in page.get_text()
    submitted = badar.post(
        "planning.work_plan_step", {"note": "Please"}, org="MOH", work_plan_id=plan_id, verb="submit"
    )
    assert submitted.status_code == 303
    answer = badar.post("planning.work_item_new_below", right, **below)
    assert "is submitted and cannot be changed" in answer.get_data(as_text=True)
    assert fresh(desk, AnnualWorkPlan, plan_id).status == PlanStatus.SUBMITTED


def test_the_board_opens_the_items_of_an_objective(reader, active):
    badar, task = reader("badar"), active["task"]
    page = badar.get("planning.work_plan_show", org="MOH", work_plan_id=task.work_plan_id)
    assert page.find("a", string="Help line")
    assert not page.find("a", string="Write the course")
    fragment = badar.fragment(
        "planning.work_plan_show", "results", org="MOH", work_plan_id=task.work_plan_id,
        objective=task.annual_objective_id,
    )  # fmt: skip
    assert fragment.find("a", string="Help line")
    page = badar.get("planning.work_item_show", org="MOH", work_item_id=active["activity"].id)
    assert page.find("a", string="Write the course")
    badar.get("planning.work_plan_show", 404, org="MOH", work_plan_id=task.work_plan_id, objective=99999)


def test_items_by_date(reader, active):
    badar, plan_id = reader("badar"), active["task"].work_plan_id
    path = badar.address("planning.work_plan_items", org="MOH", work_plan_id=plan_id)
    for words, found in (("q=course", 3), ("q=0001", 1), ("status=blocked", 0), ("whose=mine", 6)):
        assert len(badar.get(f"{path}?{words}").select("tbody tr")) == found, words
    amina = reader("amina").get("planning.work_plan_items", org="MOH", work_plan_id=plan_id, whose="mine")
    assert "No item fits" in amina.get_text()


def test_an_officer_reports_from_the_field(reader, desks, active):
    badar, task, desk = reader("badar"), active["task"], desks[0]
    page = badar.get("planning.my_items", org="MOH")
    link = next(row for row in page.select("tbody tr") if "Write the course" in row.get_text())
    path = link.find("a", string="Report progress")["href"]
    form = badar.get(path)
    assert form.find(id="percent")["value"] == "0"
    assert form.find(id="file")["accept"] == "image/jpeg,image/png"
    short = badar.post(path, {"percent": "40", "note": "Short", "day": clock.today().isoformat()})
    assert short.status_code == 422
    assert "Write at least 10 characters" in check_page(short).find(id="note-error").get_text()
    answers = {"percent": "40", "note": "The first half is written.", "day": clock.today().isoformat()}
    answers |= {
        "sent_key": form.find(id="sent_key")["value"],
        "file": (BytesIO(uploads.picture()), "field.jpg"),
    }
    assert uploads.send(badar, path, answers).status_code == 303
    again = {name: value for name, value in answers.items() if name != "file"}
    assert badar.post(path, again).status_code == 303
    assert len(desk.session.scalars(select(ProgressUpdate)).all()) == 1
    page = badar.get("planning.work_item_show", org="MOH", work_item_id=task.id)
    assert "0\N{NO-BREAK SPACE}% → 40\N{NO-BREAK SPACE}%" in page.get_text()
    photo = page.find("a", string="field.jpg")["href"]
    with badar.browser.get(photo) as answer:
        assert answer.status_code == 200
    assert reader("ben").browser.get(photo.replace("MOH", "MBHTE")).status_code == 404
    assert badar.post(path, {**again, "sent_key": "", "percent": "30"}).status_code == 422


def test_progress_is_the_word_of_those_whose_item_it_is(reader, active):
    path = f"/moa/MOH/planning/work-items/{active['task'].id}/progress"
    answers = {"percent": "40", "note": "The first half is written.", "day": clock.today().isoformat()}
    assert reader("amina").post(path, answers).status_code == 403
    assert reader("yusuf").post(path, answers).status_code == 403
    page = reader("yusuf").get("planning.work_item_show", org="MOH", work_item_id=active["task"].id)
    assert not page.find("a", string="Report progress")


def test_the_steps_of_an_item(reader, desks, active):
    badar, where = reader("badar"), {"org": "MOH", "work_item_id": active["task"].id}

    def press(view: str, verb: str, **answers: str) -> int:
        return badar.post(
            f"planning.{view}", {"note": "Twenty characters and more.", **answers}, verb=verb, **where
        ).status_code

    page = badar.get("planning.work_item_show", **where)
    shown = [link.get_text() for link in page.select("#workflow a.button")]
    assert shown == ["Start", "Defer", "Cancel item"]
    assert press("work_item_step", "start") == 303
    assert press("work_item_step", "start") == 422
    assert press("work_item_step", "block", note="Short") == 422
    assert press("work_item_step", "block") == 303
    assert "Twenty characters and more." in badar.get("planning.work_item_show", **where).get_text()
    assert press("work_item_step", "unblock") == 303
    assert press("work_item_steer", "defer") == 303
    assert press("work_item_steer", "resume") == 422
    assert press("work_item_steer", "resume", starts_on="2026-02-01", ends_on="2026-03-31") == 303
    assert press("work_item_step", "complete") == 303
    assert press("work_item_steer", "reopen") == 303
    assert fresh(desks[0], WorkItem, active["task"].id).status == ItemStatus.IN_PROGRESS
    assert reader("amina").browser.get(f"/moa/MOH/planning/work-items/{active['task'].id}/block").status_code == 403
    assert reader("yusuf").browser.get(f"/moa/MOH/planning/work-items/{active['task'].id}/start").status_code == 403


def test_a_planner_sees_the_items_of_everybody(reader, active):
    page = reader("amina").get("planning.my_items", org="MOH", whose="all")
    assert "Open items of everybody" in page.h1
    assert len(page.select("tbody tr")) == 6
    assert "My items" in reader("yusuf").get("planning.my_items", org="MOH", whose="all").h1


def test_two_planners_change_one_item(reader, desks, tree):
    badar, amina = reader("badar"), reader("amina")
    where = {"org": "MOH", "work_item_id": tree["task"].id}
    seen = badar.get("planning.work_item_edit", **where).find(id="seen")["value"]
    base = {"title": "Write the course", "starts_on": "2026-01-01", "ends_on": "2026-06-30", "priority": "medium"}
    base |= {"officer_id": tree["task"].officer_id, "on_calendar": "y", "seen": seen}
    assert amina.post("planning.work_item_edit", {**base, "title": "Write the lessons"}, **where).status_code == 303
    assert badar.post("planning.work_item_edit", {**base, "description": "Ten lessons"}, **where).status_code == 303
    task = fresh(desks[0], WorkItem, tree["task"].id)
    assert (task.title, task.description) == ("Write the lessons", "Ten lessons")
    asked = badar.post("planning.work_item_edit", {**base, "title": "Write the book"}, **where)
    assert asked.status_code == 422
    assert "Title: which answer stays?" in check_page(asked).get_text()


def test_what_is_refused_stands_in_the_form_with_htmx_too(reader, tree):
    badar, task = reader("badar"), {"org": "MOH", "work_item_id": tree["task"].id}
    plan = {"org": "MOH", "work_plan_id": tree["task"].work_plan_id}
    objective = {**plan, "annual_objective_id": tree["task"].annual_objective_id}
    for view, where in {
        "work_item_edit": task, "work_item_new": objective, "work_item_new_below": task, "work_item_place": task,
        "work_item_shift": task, "work_import_new": plan,
    }.items():  # fmt: skip
        form = check_fragment(badar.post(f"planning.{view}", {}, htmx=True, **where), "form")
        assert form.find(class_="errors"), view
        assert form.find("a", string="Cancel")["href"], view


def test_a_tag_that_is_offered_no_longer_stays_until_it_is_taken_away(reader, desks, tree):
    badar, where = reader("badar"), {"org": "MOH", "work_item_id": tree["task"].id}
    fresh(desks[0], WorkItem, tree["task"].id).tags = ["climate", "old"]
    desks[0].session.commit()

    def chosen() -> list[str]:
        form = badar.get("planning.work_item_edit", **where)
        return [box["value"] for box in form.select("input[name=tags][checked]")]

    assert sorted(chosen()) == ["climate", "old"]
    badar.post(
        "drafts.draft_keep", {"form_key": f"planning/work-items/{tree['task'].id}/edit", "f-title": "B"}, org="MOH"
    )
    assert sorted(chosen()) == ["climate", "old"], "with unsent words in the form, too"
    sent = {"title": "B", "priority": "medium", "starts_on": "2026-01-01", "ends_on": "2026-06-30", "places": ""}
    for strange in ("older", "x" * 30):
        refused = badar.post("planning.work_item_edit", sent | {"tags": ["climate", strange]}, **where)
        assert f"There is no tag “{strange}”" in check_page(refused).find(id="tags-error").get_text()
    assert badar.post("planning.work_item_edit", sent | {"tags": ["old"]}, **where).status_code == 303
    assert badar.post("planning.work_item_edit", sent | {"tags": ["gad"]}, **where).status_code == 303
    assert badar.post("planning.work_item_edit", sent | {"tags": ["old"]}, **where).status_code == 422, "it is gone"


def test_viewers_see_no_draft(reader, tree):
    yusuf, task = reader("yusuf"), tree["task"]
    yusuf.get("planning.work_plan_show", 404, org="MOH", work_plan_id=task.work_plan_id)
    yusuf.get("planning.work_item_show", 404, org="MOH", work_item_id=task.id)
    assert "There is no work plan yet" in yusuf.get("planning.work_plan_list", org="MOH").get_text()


def test_the_timeline_tells_the_same_twice(reader, active):
    badar, plan_id = reader("badar"), active["task"].work_plan_id
    page = badar.get("planning.work_plan_timeline", org="MOH", work_plan_id=plan_id)
    drawn = [link.get_text() for link in page.select(".timeline tbody a")]
    assert drawn == ["Help line", "Train the staff", "Course done", "Buy phones"]
    codes = [item.code for item in active.values()]  # a title alone does not say whose part it is
    by_month = [link.get_text().split(" ", 1) for link in page.select(".not-desk a")]
    assert sorted(title for _, title in by_month) == sorted(drawn)
    assert {code for code, _ in by_month} <= set(codes)
    bar = page.select_one(".timeline rect.c1")
    assert (bar["x"], bar["width"]) == ("0.0%", "100.0%")
    assert not page.select("svg[viewbox] rect.c1")
    assert page.select(".timeline text.b")[0].get_text()
    narrowed = badar.get("planning.work_plan_timeline", org="MOH", work_plan_id=plan_id, quarter=2)
    assert "Course done" not in narrowed.get_text()
    badar.get("planning.work_plan_timeline", org="MOH", work_plan_id=plan_id, light="blue", quarter="nine")


def test_carrying_over(reader, desks, active):
    badar, desk = reader("badar"), desks[0]
    last = fresh(desk, AnnualWorkPlan, active["task"].work_plan_id)
    parent = desk.session.get_one(StrategicPlan, last.plan_id)
    plan = make_work_plan(desk, parent, fiscal_year=2027, title="Next year")
    desk.session.commit()
    where = {"org": "MOH", "work_plan_id": plan.id}
    assert "Write the course" in badar.get("planning.work_plan_carry_over", **where).get_text()
    assert badar.post("planning.work_plan_carry_over", **where).status_code == 303
    assert "Nothing is left over" in badar.get("planning.work_plan_carry_over", **where).get_text()
    copied = desk.session.scalars(select(WorkItem).where(WorkItem.work_plan_id == plan.id)).all()
    assert len(copied) == 6
    page = badar.get("planning.work_item_show", org="MOH", work_item_id=copied[0].id)
    assert "The item of last year" in page.get_text()


def test_costs_do_not_grow_with_the_plan(reader, desks, active):
    """Twelve statements and the byte budgets (checked by the client), also where there are hundreds of items."""
    desk, task, badar = desks[0], active["task"], reader("badar")
    path = f"/moa/MOH/planning/work-items/{task.id}/progress"

    def saving(percent: int) -> int:
        answers = {"percent": percent, "note": "Ten characters or more", "day": clock.today().isoformat()}
        answer = badar.post(path, answers)
        assert answer.status_code == 303
        return int(answer.headers["X-SQL-Count"])

    saving(10)
    few = saving(20)
    objective = desk.session.get_one(AnnualObjective, task.annual_objective_id)
    words = random.Random(1)
    served = desk.session.get_one(AnnualWorkPlan, task.work_plan_id)
    desk.session.add_all(
        AnnualObjective(
            work_plan_id=served.id, objective_id=objective.objective_id, ordinal=number,
            statement=" ".join(words.sample(VOCABULARY, 25)),
        )
        for number in range(2, 36)
    )  # fmt: skip
    desk.session.add_all(
        WorkItem(
            work_plan_id=task.work_plan_id, annual_objective_id=objective.id, ordinal=10 + number,
            code=f"MOH-2026-PPA-{1000 + number}", kind="activity", title=" ".join(words.sample(VOCABULARY, 8)),
            starts_on=task.starts_on, ends_on=task.ends_on, officer_id=task.officer_id, status=ItemStatus.IN_PROGRESS,
        )
        for number in range(400)
    )  # fmt: skip
    desk.session.commit()
    saving(30)
    assert saving(40) == few
    for view in ("work_plan_show", "work_plan_items", "work_plan_timeline", "work_plan_review"):
        badar.get(f"planning.{view}", org="MOH", work_plan_id=task.work_plan_id)
    badar.fragment("planning.work_plan_show", "results", org="MOH", work_plan_id=task.work_plan_id)
    badar.fragment("planning.work_plan_timeline", "results", org="MOH", work_plan_id=task.work_plan_id)
    badar.fragment("planning.work_plan_timeline", "results", org="MOH", work_plan_id=task.work_plan_id, page=3)
    badar.fragment("planning.my_items", "results", org="MOH")
    badar.get("planning.my_items", org="MOH")
    badar.get("planning.work_item_edit", org="MOH", work_item_id=task.id)


def test_a_cost_in_thousands_comes_back_as_it_was_typed(reader, desks, tree):
    """The form is opened and saved as a browser shows it: the cost is still there."""
    desk, project = desks[0], tree["project"]
    row = desk.session.get_one(WorkItem, project.id)
    row.planned_cost = Decimal("1250000.50")
    desk.session.commit()
    badar = reader("badar")
    field = badar.get("planning.work_item_edit", org="MOH", work_item_id=project.id).find(id="planned_cost")
    assert (field["type"], field["value"], field["inputmode"]) == ("text", "1,250,000.50", "decimal")
    for typed in ("1.005", "1,000,000,000,000,000"):
        page = check_page(
            badar.post("planning.work_item_edit", {"planned_cost": typed}, org="MOH", work_item_id=project.id)
        )
        assert "two decimals at most" in page.find(id="planned_cost-error").get_text()
        assert page.find(id="planned_cost")["value"] == typed


def test_a_work_plan_in_force_is_revised(reader, desks, active):
    badar, amina, desk = reader("badar"), reader("amina"), desks[0]
    here = {"org": "MOH", "work_plan_id": active["task"].work_plan_id}
    page = badar.get("planning.work_plan_show", **here)
    path = page.find("a", string="Open a revision")["href"]
    assert badar.post(path, {"revision_reason": "Typhoon"}).status_code == 422
    made = badar.post(path, {"revision_reason": "Typhoon", "revision_summary": "Later dates"})
    draft = {"org": "MOH", "work_plan_id": int(made.location.rsplit("/", 1)[1])}
    page = badar.get("planning.work_plan_show", **here)
    assert "A revision is being worked on" in page.get_text()
    assert not page.find("a", string="Open a revision")
    assert "Later dates" in badar.get("planning.work_plan_show", **draft).get_text()
    assert not badar.get("planning.work_plan_review", **draft).find("a", string="Delete draft"), "it is given up"
    assert "given up, not deleted" in badar.post("planning.work_plan_delete", {}, **draft).get_data(as_text=True)
    copies = {
        copy.revises_id: copy
        for copy in desk.session.scalars(select(WorkItem).where(WorkItem.work_plan_id == draft["work_plan_id"]))
    }
    task, second = copies[active["task"].id], copies[active["second"].id]
    for view in ("show", "items"):
        headings = [
            [one.get_text() for one in badar.get(f"planning.work_plan_{view}", **place).select("th[scope=col]")]
            for place in (draft, here)
        ]
        assert ["Progress" in one for one in headings] == [False, True], "progress is that of the plan in force"
    page = badar.get("planning.work_item_show", org="MOH", work_item_id=task.id)
    assert not page.select("#workflow progress")
    for view in ("discussion_show", "attachment_list"):
        record = {"org": "MOH", "kind": "work-items", "subject_id": task.id}
        beside = badar.get(f"planning.{view}", **record, **({"section": "general"} if "show" in view else {}))
        assert beside.select_one(".crumbs a").get_text() == "Work plans"
    assert page.find("a", string="The item in force")["href"].endswith(f"/{active['task'].id}")
    place = page.find("a", string="Move")["href"]
    form = badar.get(place)
    assert form.find(id="parent_code")["value"] == copies[active["activity"].id].code
    where = {"parent_code": "99", "objective_id": task.annual_objective_id}
    refused = badar.post(place, where)
    assert "no item 99" in check_page(refused).find(id="parent_code-error").get_text()
    assert badar.post(place, {**where, "parent_code": second.code, "objective_id": "999999"}).status_code == 422
    assert badar.post(place, {**where, "parent_code": second.code}).status_code == 303
    for status, progress, offered in ((ItemStatus.COMPLETED, 100, False), (ItemStatus.NOT_STARTED, 0, True)):
        desk.session.refresh(task)
        task.status, task.progress = status, progress
        desk.session.commit()
        page = badar.get("planning.work_item_show", org="MOH", work_item_id=task.id)
        assert bool(page.find("a", string="Leave out")) == offered
    other = copies[active["other"].id]
    page = badar.get("planning.work_item_remove", org="MOH", work_item_id=other.id)
    assert "cancelled, with its open parts, when the revision is approved" in page.get_text()
    assert badar.post("planning.work_item_remove", org="MOH", work_item_id=other.id).status_code == 303
    page = badar.get("planning.work_item_show", org="MOH", work_item_id=other.id)
    assert page.find("button", string="Take back in")
    assert "Left out" in page.find(id="workflow").get_text()
    assert badar.post("planning.work_item_take_back", org="MOH", work_item_id=other.id).status_code == 303
    assert badar.post("planning.work_item_remove", org="MOH", work_item_id=other.id).status_code == 303
    page = badar.get("planning.work_plan_compare", **draft)
    assert len(page.select("#results tbody tr")) == 3  # moved away, moved there, left out
    assert badar.post("planning.work_plan_step", {"note": ""}, **draft, verb="submit").status_code == 303
    assert amina.post("planning.work_plan_decide", {"note": "Order 8"}, **draft, verb="approve").status_code == 303
    page = amina.get("planning.work_plan_review", **draft)
    assert page.find("a", string="Compare 1 and 2")
    shown = page.find("a", string="Version 1")["href"]
    said = amina.get(shown).get_text()
    assert "Write the course Task, 1 January 2026 to 30 June 2026" in said
    assert "₱\N{NO-BREAK SPACE}200.00" in said
    amina.get("planning.work_plan_compare", 404, **draft, **{"from": "9"})
    text = badar.get("planning.work_plan_activity", **draft).get_text()
    for words in ("opened this revision", "moved an item to another place", "left an item out", "cancelled an item"):
        assert words in text
    assert "cancelled an item" not in badar.get("planning.work_plan_activity", **here).get_text()
    assert "A revision has taken its place" in badar.get("planning.work_plan_show", **here).get_text()
    viewer = reader("yusuf")
    viewer.get("planning.work_plan_activity", 403, **draft)
    assert not viewer.get("planning.work_plan_show", **draft).find("a", string="Open a revision")


def test_a_revision_of_a_work_plan_is_given_up(reader, active):
    badar = reader("badar")
    here = {"org": "MOH", "work_plan_id": active["task"].work_plan_id}
    why = {"revision_reason": "Typhoon", "revision_summary": "Later dates"}
    made = badar.post("planning.work_plan_revise", why, **here)
    draft = {"org": "MOH", "work_plan_id": int(made.location.rsplit("/", 1)[1])}
    asked = badar.get("planning.work_plan_show", **draft).find("a", string="Give up the revision")["href"]
    assert badar.post(asked, {"note": "Short"}).status_code == 422
    assert badar.post(asked, {"note": "The typhoon went by in the north."}).status_code == 303
    page = badar.get("planning.work_plan_show", **draft)
    assert "Given up" in page.get_text()
    assert page.find("a", string="The work plan that it would have revised")["href"].endswith(
        f"/{here['work_plan_id']}"
    )
    review = badar.get("planning.work_plan_review", **draft)
    assert "draft → given up" in review.get_text()
    assert not review.find(id="versions")
    assert "This revision was given up" in badar.get("planning.work_plan_timeline", **draft).get_text()
    item = page.select_one("#results a[href*='/work-items/']")["href"]
    assert "in a revision that was given up" in badar.get(item).find(id="workflow").get_text()
    assert "gave up this revision" in badar.get("planning.work_plan_activity", **draft).get_text()
    assert "gave up this revision" not in badar.get("planning.work_plan_activity", **here).get_text()
    assert "Given up" in badar.get("planning.work_plan_list", org="MOH").find(id="results").get_text()
    assert badar.get("planning.work_plan_show", **here).find("a", string="Open a revision")


def test_a_planner_shifts_dates_a_little(reader, desks, active):
    badar, task = reader("badar"), active["task"]
    page = badar.get("planning.work_item_show", org="MOH", work_item_id=task.id)
    path = page.find("a", string="Shift dates")["href"]
    assert "inside the same quarter" in badar.get(path).get_text()
    answers = {"starts_on": "2026-01-01", "ends_on": "2026-07-01", "reason": "The printer delivers late this time."}
    refused = badar.post(path, answers)
    assert "leaves quarter 2 of 2026" in check_page(refused).find(id="ends_on-error").get_text()
    assert badar.post(path, {**answers, "ends_on": "2026-06-15"}).status_code == 303
    assert fresh(desks[0], WorkItem, task.id).ends_on.isoformat() == "2026-06-15"
    milestone = badar.get("planning.work_item_shift", org="MOH", work_item_id=active["milestone"].id)
    assert not milestone.find(id="starts_on")
    page = badar.get("planning.work_plan_activity", org="MOH", work_plan_id=task.work_plan_id)
    assert "shifted the dates of an item" in page.get_text()
    moved = [
        [cell.get_text() for cell in row.select("th, td")] for row in page.select_one(".log details").select("tbody tr")
    ]
    assert moved == [["ends on", "30 June 2026", "15 June 2026"]]
