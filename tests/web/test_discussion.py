"""Comments and the activity of a plan over the web, with and without htmx."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.models.collaboration import Comment
from bmms.models.memberships import MembershipRight
from bmms.tenancy import bind_platform, bind_scope
from tests.client import check_fragment, check_page


def place(plan_id: int, section: str = "general", org: str = "MOH") -> dict:
    return {"org": org, "kind": "plans", "subject_id": plan_id, "section": section}


def comments(engine, cast) -> list[Comment]:
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        return list(session.scalars(select(Comment).order_by(Comment.id)))


def test_a_comment_is_written_read_corrected_and_withdrawn(reader, cast, engine, plan_id) -> None:
    badar, amina = reader("badar"), reader("amina")
    plan = badar.get("planning.plan_show", org="MOH", plan_id=plan_id)
    page = badar.get(plan.find("a", string="Comments")["href"])
    assert page.find("a", string="Goals")["href"].endswith("/discussion/goals")
    form = page.find(id="form")
    chosen = form.find("option", string=re.compile("Amina Salik"))["value"]
    sent = {"body": "Please look <b>here</b>.\nSoon.", "mention": chosen, "sent_key": form.find(id="sent_key")["value"]}
    for _ in range(2):  # a retried form acts once
        assert badar.post("planning.discussion_show", sent, **place(plan_id)).status_code == 303
    (comment,) = comments(engine, cast)
    assert comment.body == "Please look <b>here</b>.\nSoon. @amina"
    page = amina.get("planning.discussion_show", **place(plan_id))
    said = page.select_one(f"#comment-{comment.id}")
    assert "Please look <b>here</b>." in said.get_text()
    assert said.find("a", string="Correct") is None
    own = badar.get("planning.discussion_show", **place(plan_id)).select_one(f"#comment-{comment.id}")
    edit = badar.get(own.find("a", string="Correct")["href"])
    again = {"body": "Please look.", "row_version": edit.find(id="row_version")["value"]}
    assert badar.post(own.find("a", string="Correct")["href"], again).status_code == 303
    assert badar.post(own.find("a", string="Correct")["href"], {**again, "body": "Stale"}).status_code == 422
    withdraw = own.find("a", string="withdraw")["href"]
    assert "Please look." in badar.get(withdraw).find("form", action=withdraw).get_text()
    assert amina.post(withdraw).status_code == 409
    assert badar.post(withdraw).status_code == 303
    assert comments(engine, cast) == []


def test_with_htmx_only_the_thread_is_swapped(reader, cast, engine, plan_id) -> None:
    badar = reader("badar")
    form = badar.get("planning.discussion_show", **place(plan_id, "goals")).find(id="form")
    assert form["hx-target"] == "#thread"
    answer = badar.post("planning.discussion_show", {"body": "Quick"}, htmx=True, **place(plan_id, "goals"))
    assert answer.status_code == 200
    thread = check_fragment(answer, "thread")
    assert "Quick" in thread.get_text()
    assert thread.find(id="body").get_text().strip() == ""
    assert thread.find(id="sent_key")["value"]
    refused = badar.post("planning.discussion_show", {"body": "@ben?"}, htmx=True, **place(plan_id, "goals"))
    assert refused.status_code == 422
    thread = check_fragment(refused, "thread")
    assert "nobody who works here has this username" in thread.get_text()
    assert thread.find(id="body").get_text().strip() == "@ben?"
    assert len(comments(engine, cast)) == 1


def test_what_is_wrong_is_told_at_the_field_and_nothing_is_lost(reader, cast, plan_id) -> None:
    badar = reader("badar")
    refused = badar.post("planning.discussion_show", {"body": "@nemo look"}, **place(plan_id))
    assert refused.status_code == 422
    page = check_page(refused)
    assert "@nemo look" in page.find(id="body").get_text()
    assert badar.post("planning.discussion_show", {"body": ""}, **place(plan_id)).status_code == 422


def test_long_threads_come_in_pages_and_cost_the_same(reader, cast, engine, plan_id) -> None:
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        session.add_all(
            Comment(
                plan_id=plan_id, section="general", body=f"Remark {number}. " + "Words and words. " * 40,
                author_id=cast.badar.id, author_label="Badar Lim", created_at=clock.now(),
            )
            for number in range(1, 61)
        )  # fmt: skip
        session.commit()
    badar = reader("badar")
    page = badar.get("planning.discussion_show", **place(plan_id))
    assert page.select_one(".list li").get_text().strip().startswith("Badar Lim")
    assert "Remark 60." in page.get_text()
    assert len(page.select("li[id^=comment-]")) == 25
    thread = badar.fragment("planning.discussion_show", "thread", page=3, **place(plan_id))
    assert len(thread.select("li[id^=comment-]")) == 10


def test_viewers_read_no_comments_and_no_activity(reader, cast, plan_id) -> None:
    reader("badar").post("planning.plan_step", {"note": ""}, org="MOH", plan_id=plan_id, verb="submit")
    yusuf = reader("yusuf")
    page = yusuf.get("planning.plan_show", org="MOH", plan_id=plan_id)
    assert [link.get_text() for link in page.select(".tabs a")] == ["Strategic plan", "Files"]
    yusuf.get("planning.discussion_show", 403, **place(plan_id))
    yusuf.get("planning.plan_activity", 403, org="MOH", plan_id=plan_id)


def test_an_approver_comments_without_returning(reader, cast, engine, plan_id) -> None:
    badar, amina = reader("badar"), reader("amina")
    assert badar.post("planning.plan_step", {"note": ""}, org="MOH", plan_id=plan_id, verb="submit").status_code == 303
    amina.post("planning.discussion_show", {"body": "Targets?"}, **place(plan_id, "objectives"))
    refused = badar.post("planning.plan_step", {"note": ""}, org="MOH", plan_id=plan_id, verb="withdraw")
    assert "The review has begun" in refused.get_data(as_text=True)


def test_whoever_is_given_the_approval_of_plans_comments_too(reader, cast, engine, plan_id) -> None:
    with Session(engine) as session:
        bind_platform(session, "tests")
        membership = cast.memberships["yusuf"]
        right = {"membership_id": membership.id, "organization_id": membership.organization_id, "code": "plan_approve"}
        session.add(MembershipRight(**right, given_at=clock.now()))
        session.commit()
    asked = reader("yusuf").post("planning.discussion_show", {"body": "Targets?"}, **place(plan_id, "objectives"))
    assert asked.status_code == 303


def test_the_activity_of_a_plan_says_who_did_what(reader, cast, plan_id) -> None:
    badar, amina = reader("badar"), reader("amina")
    goals = badar.get("planning.plan_goals", org="MOH", plan_id=plan_id)
    goal = goals.select_one("tbody th a")["href"]
    seen = badar.get(goal)
    answers = {
        "title": "A better goal",
        "priority": "high",
        "theme_id": seen.select_one("#theme_id [selected]")["value"],
    }
    assert badar.post(goal, answers).status_code == 303
    badar.post("planning.discussion_show", {"body": "A secret word"}, **place(plan_id, "goals"))
    badar.post("planning.plan_step", {"note": "Please look."}, org="MOH", plan_id=plan_id, verb="submit")
    note = "Please raise the targets of the first goal."
    amina.post("planning.plan_decide", {"note": note}, org="MOH", plan_id=plan_id, verb="return")
    page = badar.get("planning.plan_activity", org="MOH", plan_id=plan_id)
    lines = [" ".join(line.get_text(" ").split()) for line in page.select(".log > li")]
    assert "Amina Salik returned the plan for changes" in lines[0]
    assert note in lines[0]
    assert "Pending approval" in lines[0]
    assert "Badar Lim submitted the plan" in lines[1]
    assert sum("submitted the plan" in line for line in lines) == 1
    assert "wrote a comment" in lines[2]
    assert "Badar Lim changed a goal: Enhance Service Delivery Quality" in lines[3]
    assert "A secret word" not in page.get_text()
    assert "A better goal" in lines[3]
    assert "removed a goal" not in page.get_text()
    removed = badar.get("planning.plan_goals", org="MOH", plan_id=plan_id).select_one("a[href$='/remove']")
    badar.post(removed["href"])
    page = badar.get("planning.plan_activity", org="MOH", plan_id=plan_id)
    assert "removed a goal" in page.select_one(".log > li").get_text()


def test_ben_finds_nothing_of_it(reader, cast, engine, plan_id) -> None:
    badar, ben = reader("badar"), reader("ben")
    badar.post("planning.discussion_show", {"body": "Ours"}, **place(plan_id))
    (comment,) = comments(engine, cast)
    for org in ("MOH", "MBHTE"):
        ben.get("planning.discussion_show", 404, **place(plan_id, org=org))
        ben.get("planning.plan_activity", 404, org=org, plan_id=plan_id)
        assert ben.post("planning.discussion_show", {"body": "Mine"}, **place(plan_id, org=org)).status_code == 404
        theirs = {"org": org, "kind": "plans", "subject_id": plan_id, "comment_id": comment.id}
        assert ben.post("planning.comment_withdraw", **theirs).status_code == 404
    assert len(comments(engine, cast)) == 1
