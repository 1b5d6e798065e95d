"""Mail about notices: at once or as a digest, only while it is unread; and what planning does by the calendar."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bmms.domain import clock
from bmms.domain.actors import system_actor
from bmms.domain.mailbox import read_mail
from bmms.domain.notices.telling import tell
from bmms.domain.planning import steps
from bmms.models.accounts import User
from bmms.models.collaboration import Notification
from bmms.models.drafts import Draft, SentForm
from bmms.models.memberships import Membership
from bmms.models.outbox import OutboxMessage
from bmms.models.planning import PlanDecision, PlanStatus, StrategicPlan
from tasks.notices import forget_typed, write_digests
from tasks.planning import activate_plans
from tests.tasks.conftest import Cast

MONDAY_AT_NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def news(cast: Cast, organization, user: User, text: str = "Badar Lim submitted “Plan”.", **values) -> int:
    """Tell one person something; returns the notice's id."""
    with cast.session(organization_id=organization.id) as session:
        membership_id = session.scalars(
            select(Membership.id).where(Membership.user_id == user.id, Membership.organization_id == organization.id)
        ).one()
        tell(session, system_actor("test"), [membership_id], "test", text, "planning.plan_show", **values)
        return session.scalars(select(Notification.id).order_by(Notification.id.desc())).first()


def mails(cast: Cast, kind: str) -> list[OutboxMessage]:
    with cast.session() as session:
        return list(session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind)))


def by_calendar(cast: Cast, task) -> dict[str, int]:
    """What the worker does when the hour of a periodic task has come."""
    with cast.app.app_context():
        return dict(task())


def test_a_notice_is_mailed_at_once_with_a_link(work: Cast, config) -> None:
    moh = work.organization()
    amina = work.person(moh, "pilot_approver", username="amina", is_demo=True)
    notice_id = news(work, moh, amina, plan_id=7)
    assert work.run()["mails_sent"] == 1
    (message,) = mails(work, "notice")
    mail = read_mail(config.instance, message.id)
    assert mail.subject == "MOH: Badar Lim submitted “Plan”."
    assert f"https://bmms.example/moa/MOH/notices/{notice_id}" in mail.text
    assert "Profile and password" in mail.text


def test_what_was_read_meanwhile_is_not_mailed(work: Cast) -> None:
    moh = work.organization()
    amina = work.person(moh, "pilot_approver")
    notice_id = news(work, moh, amina)
    with work.session(organization_id=moh.id) as session:
        session.get_one(Notification, notice_id).read_at = clock.now()
    assert work.run()["mails_skipped"] == 1


def test_who_has_left_gets_no_mail(work: Cast) -> None:
    moh = work.organization()
    amina = work.person(moh, "pilot_approver")
    news(work, moh, amina)
    with work.session() as session:
        session.scalars(select(Membership)).one().is_active = False
    assert work.run()["mails_skipped"] == 1


def test_a_digest_lists_what_is_unread_and_goes_to_its_own_organization_only(work: Cast, config) -> None:
    moh, mbhte = work.organization(), work.organization("MBHTE", "Ministry of Education")
    amina = work.person(moh, "pilot_approver", username="amina", mail_mode="daily")
    ben = work.person(mbhte, "pilot_approver", username="ben", mail_mode="daily")
    with clock.stopped_at(MONDAY_AT_NINE - timedelta(hours=2)):
        first, second = news(work, moh, amina, "One."), news(work, moh, amina, "Two.")
        news(work, mbhte, ben, "For Ben.")
    assert mails(work, "notice") == []
    with clock.stopped_at(MONDAY_AT_NINE + timedelta(minutes=1)):
        assert by_calendar(work, write_digests) == {"digests_written": 2}
        assert by_calendar(work, write_digests) == {}
        assert work.run()["mails_sent"] == 2
    letters = {message.user_id: read_mail(config.instance, message.id) for message in mails(work, "digest")}
    assert letters[amina.id].subject.replace("\N{NO-BREAK SPACE}", " ") == "MOH: 2 unread notices"
    assert f"- One.\n  https://bmms.example/moa/MOH/notices/{first}" in letters[amina.id].text
    assert f"/moa/MOH/notices/{second}" in letters[amina.id].text
    assert "Ben" not in letters[amina.id].text
    assert "For Ben." in letters[ben.id].text


def plan_of(cast: Cast, organization, start_year: int, title: str = "Plan") -> int:
    with cast.session(organization_id=organization.id) as session:
        plan = StrategicPlan(title=title, start_year=start_year, end_year=start_year + 2, status=PlanStatus.APPROVED)
        session.add(plan)
        session.flush()
        return plan.id


def status_of(cast: Cast, organization, plan_id: int) -> PlanStatus:
    with cast.session(organization_id=organization.id) as session:
        return session.get_one(StrategicPlan, plan_id).status


def test_plans_become_active_when_their_first_year_begins(work: Cast) -> None:
    moh, mbhte = work.organization(), work.organization("MBHTE", "Ministry of Education")
    closed = work.organization("MOLE", "Ministry of Labor", is_active=False)
    off = work.organization("MENRE", "Ministry of Environment", enable_planning=False)
    ours, theirs, shut, hidden = (plan_of(work, one, 2027) for one in (moh, mbhte, closed, off))
    rival = plan_of(work, moh, 2027, "A second plan of the same years")
    new_year = datetime(2026, 12, 31, 16, 5, tzinfo=UTC)  # 0:05 in Manila
    with clock.stopped_at(new_year - timedelta(minutes=10)):
        assert by_calendar(work, activate_plans) == {}
    with clock.stopped_at(new_year):
        assert by_calendar(work, activate_plans) == {"plans_activated": 2}
        assert by_calendar(work, activate_plans) == {}
    assert [status_of(work, moh, one) for one in (ours, rival)] == [PlanStatus.ACTIVE, PlanStatus.APPROVED]
    assert status_of(work, mbhte, theirs) == PlanStatus.ACTIVE
    assert (status_of(work, closed, shut), status_of(work, off, hidden)) == (PlanStatus.APPROVED, PlanStatus.APPROVED)
    with work.session(organization_id=moh.id) as session:
        assert session.scalars(select(PlanDecision.actor_label)).all() == ["system:calendar"]


def test_what_fails_in_one_organization_does_not_hold_up_the_next(work: Cast, monkeypatch, caplog) -> None:
    moh, mbhte = work.organization(), work.organization("MBHTE", "Ministry of Education")
    theirs = plan_of(work, mbhte, 2027)
    real = steps.activate_due

    def failing(session, actor, today):
        if actor.organization_id == moh.id:
            raise OSError("the disk is full")
        return real(session, actor, today)

    monkeypatch.setattr(steps, "activate_due", failing)
    with clock.stopped_at(datetime(2027, 1, 2, tzinfo=UTC)):
        assert by_calendar(work, activate_plans) == {"plans_activated": 1}
    assert status_of(work, mbhte, theirs) == PlanStatus.ACTIVE
    assert f"failed for organization {moh.id}" in caplog.text


@pytest.mark.parametrize(("days", "drafts", "sent"), [(29, 1, 1), (31, 1, 0), (91, 0, 0)])
def test_old_drafts_and_sent_forms_are_forgotten(work: Cast, days: int, drafts: int, sent: int) -> None:
    moh = work.organization()
    amina = work.person(moh, "pilot_planner")
    then = clock.now() - timedelta(days=days)
    with work.session(organization_id=moh.id) as session:
        session.add(Draft(user_id=amina.id, form_key="planning/plans/new", fields={"title": "x"}, saved_at=then))
        session.add(SentForm(user_id=amina.id, key="k", sent_at=then))
    by_calendar(work, forget_typed)
    with work.session(organization_id=moh.id) as session:
        assert len(session.scalars(select(Draft)).all()) == drafts
        assert len(session.scalars(select(SentForm)).all()) == sent
