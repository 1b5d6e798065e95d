"""Strategic plans over the web: the wizard, its gaps, and the way from draft to active (scenario TS1)."""

import pytest
from sqlalchemy.orm import Session

from bmms.models.lists import Theme
from bmms.models.organizations import Unit
from bmms.models.planning import PlanStatus, PlanVersion, StrategicPlan
from bmms.tenancy import bind_scope
from tests.client import check_page
from tests.planning import basics, desk_of, fill_plan, make_lists, make_plan


@pytest.fixture
def drafted(engine, app, cast, lists, ground) -> int:
    """A complete draft plan of Health, made by Badar."""

    def make() -> int:
        badar = desk_of(engine, app, cast, "badar")
        plan_id = make_plan(badar, lists[0], lists[1], lists[3]).id
        badar.session.commit()
        badar.session.close()
        return plan_id

    return ground.stage("pages: drafted", make)


@pytest.fixture
def lists(engine, cast):
    """(theme id, unit of measure id, unit id, membership id of Badar)."""
    theme_id, hours_id = make_lists(engine)
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        unit = Unit(name="Planning Division")
        session.add(unit)
        session.commit()
        return theme_id, hours_id, unit.id, cast.memberships["badar"].id


def filled(page) -> dict[str, str]:
    """What stands in the form of a page."""
    answers = {field["name"]: field.get("value", "") for field in page.select("#form input[name]:not([type=checkbox])")}
    return answers | {
        field["name"]: field.find("option", selected=True)["value"] for field in page.select("#form select")
    }


def step(who, plan_id: int, verb: str, note: str = ""):
    """Take a step with a plan of Health."""
    view = "plan_decide" if verb in ("approve", "return", "complete") else "plan_step"
    return who.post(f"planning.{view}", {"note": note}, org="MOH", plan_id=plan_id, verb=verb)


def status_of(engine, cast, plan_id: int) -> PlanStatus:
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        return session.get_one(StrategicPlan, plan_id).status


def test_ts1_from_the_first_word_to_approval(reader, cast, engine, lists) -> None:
    badar, amina = reader("badar"), reader("amina")
    page = badar.get("planning.plan_list", org="MOH")
    assert page.find("a", string="Create new plan")
    plan_id = fill_plan(badar, *lists)
    review = badar.get("planning.plan_review", org="MOH", plan_id=plan_id)
    assert "4 of 5 complete" in review.get_text()
    assert not review.find(id="missing")
    answer = step(badar, plan_id, "submit", "Please look.")
    assert answer.status_code == 303
    page = badar.get("planning.plan_show", org="MOH", plan_id=plan_id)
    assert "Pending approval" in page.get_text()
    assert "Please look." in page.get_text()
    assert badar.post("planning.plan_basics", basics(lists[0]), org="MOH", plan_id=plan_id).status_code == 422
    assert step(badar, plan_id, "approve").status_code == 403
    assert step(amina, plan_id, "approve").status_code == 303
    assert step(badar, plan_id, "activate").status_code == 303
    assert status_of(engine, cast, plan_id) == PlanStatus.ACTIVE
    page = badar.get("planning.plan_show", org="MOH", plan_id=plan_id)
    version = page.find("a", string="Version 1")
    assert "Average response time" in badar.get(version["href"]).get_text()
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        assert session.query(PlanVersion).one().payload["goals"][0]["objectives"][0]["kpis"][0]["end_target"] == "24"


def test_what_is_missing_is_listed_with_links_and_cannot_be_submitted(reader, cast, lists) -> None:
    badar = reader("badar")
    made = badar.post("planning.plan_new", basics(lists[0], narrative="short"), org="MOH")
    plan_id = int(made.headers["Location"].split("/")[5])
    page = badar.get("planning.plan_review", org="MOH", plan_id=plan_id)
    words = page.get_text()
    assert "3 goals are needed; there are 0." in words
    assert "The description needs 100 characters or more; it has 5." in words
    assert page.select("#missing ~ ul a[href$='/goals']")
    refused = step(badar, plan_id, "submit")
    assert refused.status_code == 422
    assert "The plan is not complete" in refused.get_data(as_text=True)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"start_year": 2019}, "A plan begins in 2020 or later."),
        ({"end_year": 2025}, "The last year lies before the first."),
        ({"end_year": 2036}, "A plan spans at most 10 years"),
        ({"title": ""}, "Give the plan a title."),
    ],
)
def test_bad_basics_are_told_at_the_field_and_nothing_is_lost(reader, cast, lists, answers, words) -> None:
    refused = reader("badar").post("planning.plan_new", basics(lists[0], vision="Ours", **answers), org="MOH")
    assert refused.status_code == 422
    assert words in refused.get_data(as_text=True)
    assert "Ours" in refused.get_data(as_text=True)


def test_a_target_against_its_direction(reader, cast, lists, drafted) -> None:
    badar = reader("badar")
    plan_id = drafted
    page = badar.get("planning.plan_objectives", org="MOH", plan_id=plan_id)
    kpi = page.select_one("a[href*='/kpis/']")["href"]
    wrong = {
        "name": "Average response time", "measure": "count", "direction": "decrease", "baseline": "48",
        "baseline_year": "2025", "end_target": "1,060.5", "frequency": "monthly", "accumulation": "snapshot",
    }  # fmt: skip
    answer = badar.post(kpi, wrong)
    assert answer.status_code == 422
    assert "Less is better, so the target must be below the baseline of 48." in answer.get_data(as_text=True)
    answer = badar.post(kpi, {**wrong, "end_target": "P12"})
    assert "Type a figure such as 1,250.5, without a unit or a currency sign." in answer.get_data(as_text=True)


def test_two_people_change_different_answers_and_both_stand(reader, cast, engine, lists, drafted) -> None:
    badar, amina = reader("badar"), reader("amina")
    plan_id = drafted
    seen = [
        who.get("planning.plan_basics", org="MOH", plan_id=plan_id).find(id="seen")["value"] for who in (badar, amina)
    ]
    first = badar.post(
        "planning.plan_basics", basics(lists[0], vision="Near", seen=seen[0]), org="MOH", plan_id=plan_id
    )
    second = amina.post(
        "planning.plan_basics", basics(lists[0], mission="Soon", seen=seen[1]), org="MOH", plan_id=plan_id
    )
    assert (first.status_code, second.status_code) == (303, 303)
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        plan = session.get_one(StrategicPlan, plan_id)
        assert (plan.vision, plan.mission) == ("Near", "Soon")


@pytest.mark.parametrize(("choice", "stands"), [("mine", "Far"), ("theirs", "Near")])
def test_two_people_change_the_same_answer_and_one_chooses(
    reader, cast, engine, lists, choice, stands, drafted
) -> None:
    badar, amina = reader("badar"), reader("amina")
    plan_id = drafted
    where = {"org": "MOH", "plan_id": plan_id}
    seen = [who.get("planning.plan_basics", **where).find(id="seen")["value"] for who in (badar, amina)]
    badar.post("planning.plan_basics", basics(lists[0], vision="Near", seen=seen[0]), **where)
    asked = amina.post("planning.plan_basics", basics(lists[0], vision="Far", seen=seen[1]), **where)
    assert asked.status_code == 422
    page = check_page(asked)
    question = page.find("legend", string="Vision: which answer stays?").parent
    assert "Far" in question.get_text()
    assert "Near" in question.get_text()
    assert "Badar Lim" in question.get_text()
    again = basics(lists[0], vision="Far", seen=page.find(id="seen")["value"], **{"chosen-vision": choice})
    assert amina.post("planning.plan_basics", again, **where).status_code == 303
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        assert session.get_one(StrategicPlan, plan_id).vision == stands


def test_themes_that_somebody_else_has_chosen_meanwhile_stay(reader, cast, engine, lists, drafted) -> None:
    """They stand in rows of their own, and were once overwritten by whoever saved another answer later."""
    badar, amina, where = reader("badar"), reader("amina"), {"org": "MOH", "plan_id": drafted}
    with Session(engine) as session:
        other = Theme(code="T2", title="Moral Governance", ordinal=2)
        session.add(other)
        session.commit()
        both = [lists[0], other.id]
    seen = amina.get("planning.plan_basics", **where).find(id="seen")["value"]
    assert badar.post("planning.plan_basics", basics(lists[0]) | {"themes": both}, **where).status_code == 303
    assert amina.post("planning.plan_basics", basics(lists[0], vision="Far", seen=seen), **where).status_code == 303
    page = amina.get("planning.plan_basics", **where)
    assert [int(box["value"]) for box in page.select("input[name=themes][checked]")] == both
    asked = amina.post("planning.plan_basics", basics(lists[0], seen=seen) | {"themes": []}, **where)
    assert "Themes: which answer stays?" in check_page(asked).get_text()


def test_yearly_targets_that_somebody_else_has_set_meanwhile_stay(reader, cast, lists, drafted) -> None:
    badar, amina = reader("badar"), reader("amina")
    page = badar.get("planning.plan_objectives", org="MOH", plan_id=drafted)
    kpi = page.select_one("a[href*='/kpis/']")["href"]
    mine, theirs, late = (filled(who.get(kpi)) for who in (badar, amina, amina))
    assert badar.post(kpi, mine | {"target_2026": "40"}).status_code == 303
    assert amina.post(kpi, theirs | {"target_2027": "30"}).status_code == 303
    stands = filled(badar.get(kpi))
    assert (stands["target_2026"], stands["target_2027"]) == ("40", "30")
    asked = check_page(amina.post(kpi, late | {"target_2026": "36"}))
    assert "Target 2026: which answer stays?" in asked.get_text()


def test_a_form_that_is_sent_twice_acts_once(reader, cast, engine, lists) -> None:
    badar = reader("badar")
    key = badar.get("planning.plan_new", org="MOH").find(id="sent_key")["value"]
    first = badar.post("planning.plan_new", basics(lists[0], sent_key=key), org="MOH")
    second = badar.post("planning.plan_new", basics(lists[0], sent_key=key), org="MOH")
    assert first.headers["Location"] == second.headers["Location"]
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        assert session.query(StrategicPlan).count() == 1


def test_what_was_typed_and_not_sent_comes_back(reader, cast, lists) -> None:
    badar = reader("badar")
    page = badar.get("planning.plan_new", org="MOH")
    form = page.select_one("form[data-draft]")
    kept = badar.browser.post(
        form["data-keep"],
        data={
            "csrf_token": badar.token(), "form_key": form["data-draft"], "seen": page.find(id="seen")["value"],
            "f-title": "Half a plan", "f-vision": "Near", "f-password": "never",
        },
    )  # fmt: skip
    assert kept.status_code == 200
    assert kept.json["saved"]
    again = badar.get("planning.plan_new", org="MOH")
    assert again.find(id="title")["value"] == "Half a plan"
    assert again.find(id="vision").get_text().strip() == "Near"
    assert "Your unsent changes of" in again.get_text()
    assert reader("amina").get("planning.plan_list", org="MOH").find(string="Half a plan") is None
    badar.post("planning.plan_new", basics(lists[0], title="Half a plan"), org="MOH")
    assert badar.get("planning.plan_new", org="MOH").find(id="title").get("value", "") == ""


def test_words_that_come_up_after_the_form_was_sent_make_no_draft_again(reader, cast, lists) -> None:
    badar = reader("badar")
    page = badar.get("planning.plan_new", org="MOH")
    form, key = page.select_one("form[data-draft]"), page.find(id="sent_key")["value"]
    badar.post("planning.plan_new", basics(lists[0], sent_key=key), org="MOH")
    late = {"csrf_token": badar.token(), "form_key": form["data-draft"], "sent_key": key, "f-title": "Late"}
    for typed_at in ("9" * 30, "nonsense", "-1"):
        asked = {**late, "device": "phone", "typed_at": typed_at, "sent_key": ""}
        assert badar.browser.post(form["data-keep"], data=asked).status_code == 200
    badar.post("drafts.draft_discard", {"form_key": form["data-draft"]}, org="MOH")
    answer = badar.browser.post(form["data-keep"], data=late)
    assert (answer.status_code, answer.json) == (200, {"sent": True})
    assert badar.get("planning.plan_new", org="MOH").find(id="title").get("value", "") == ""


def test_a_revision_takes_the_place_of_its_plan(reader, cast, engine, lists, drafted) -> None:
    badar, amina = reader("badar"), reader("amina")
    plan_id = drafted
    for who, verb in ((badar, "submit"), (amina, "approve"), (badar, "activate")):
        assert step(who, plan_id, verb).status_code == 303
    reason = {"revision_reason": "New mandate", "revision_summary": "A higher target"}
    opened = badar.post("planning.plan_revise", reason, org="MOH", plan_id=plan_id)
    draft_id = int(opened.headers["Location"].split("/")[5])
    assert badar.post("planning.plan_revise", reason, org="MOH", plan_id=plan_id).status_code == 422
    page = badar.get("planning.plan_objectives", org="MOH", plan_id=draft_id)
    kpi = badar.get(page.select_one("a[href*='/kpis/']")["href"])
    answers = filled(kpi) | {"end_target": "12", "target_2028": "12"}
    assert badar.post(kpi.select_one("#form")["action"], answers).status_code == 303
    compared = badar.get("planning.plan_compare", org="MOH", plan_id=draft_id, **{"from": 1})
    assert "end target" in compared.get_text()
    for who, verb in ((badar, "submit"), (amina, "approve")):
        assert step(who, draft_id, verb).status_code == 303
    assert status_of(engine, cast, plan_id) == PlanStatus.ARCHIVED
    assert status_of(engine, cast, draft_id) == PlanStatus.ACTIVE
    assert "Version 2" in badar.get("planning.plan_show", org="MOH", plan_id=draft_id).get_text()


def test_a_returned_revision_is_given_up(reader, cast, engine, drafted) -> None:
    badar, amina = reader("badar"), reader("amina")
    here = {"org": "MOH", "plan_id": drafted}
    assert not badar.get("planning.plan_show", **here).find("a", string="Give up the revision"), "no revision"
    assert step(badar, drafted, "drop", "Twenty characters and more.").status_code == 422
    for who, verb in ((badar, "submit"), (amina, "approve"), (badar, "activate")):
        assert step(who, drafted, verb).status_code == 303
    reason = {"revision_reason": "New mandate", "revision_summary": "A higher target"}
    draft_id = int(badar.post("planning.plan_revise", reason, **here).headers["Location"].split("/")[5])
    for who, verb in ((badar, "submit"), (amina, "return")):
        assert step(who, draft_id, verb, "Twenty characters and more.").status_code == 303
    asked = badar.get(badar.get("planning.plan_show", org="MOH", plan_id=draft_id).find(
        "a", string="Give up the revision")["href"])  # fmt: skip
    assert "At least 20 characters." in asked.get_text()
    refused = check_page(step(badar, draft_id, "drop", "Short"))
    assert refused.select_one(".errors a").get_text().startswith("Why it is given up: Write at least 20")
    assert step(badar, draft_id, "drop", "The mandate stays as it was.").status_code == 303
    page = badar.get("planning.plan_show", org="MOH", plan_id=draft_id)
    assert [pill.get_text() for pill in page.select("#workflow .pill")] == ["Given up"]
    assert "returned → given up. The mandate stays as it was." in page.get_text()
    assert page.find("a", string="The plan that it would have revised")["href"].endswith(f"/{drafted}")
    compared = badar.get(page.find("a", string="What it would have changed")["href"])
    assert "version 1 and this revision" in compared.get_text()
    assert not page.find(id="versions")
    assert not page.find("a", string="Archive")
    assert "Given up" in badar.get("planning.plan_list", org="MOH").find(id="results").get_text()
    assert badar.get("planning.plan_show", **here).find("a", string="Open a revision")
    reader("yusuf").get("planning.plan_show", 404, org="MOH", plan_id=draft_id)


def test_viewers_see_no_drafts(reader, cast, lists, drafted) -> None:
    plan_id = drafted
    yusuf = reader("yusuf")
    yusuf.get("planning.plan_show", 404, org="MOH", plan_id=plan_id)
    assert "MOH Strategic Plan" not in yusuf.get("planning.plan_list", org="MOH").get_text()
