"""Reports that are due: their days, who submits them, what stays of them, and who is told."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from bmms.config import Reporting
from bmms.domain import clock
from bmms.domain.actors import system_actor
from bmms.domain.deadlines import actions, queries, reminders
from bmms.domain.deadlines.days import Report, reports_of
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken
from bmms.domain.files.store import Upload
from bmms.models.collaboration import Notification
from bmms.models.deadlines import ReportingDeadline, ReportKind, ReportSubmission
from bmms.models.memberships import Membership
from tests import uploads
from tests.execution import YEAR


@pytest.fixture
def laid(treasury):
    """The calendar of last year."""
    assert actions.lay_out(treasury.rahma.session, treasury.rahma.actor, YEAR) == 21
    treasury.rahma.session.commit()
    return treasury


def at(office, kind: ReportKind, period: int, by: str = "rahma"):
    desk = getattr(office, by)
    query = select(ReportingDeadline.id).where(ReportingDeadline.kind == kind, ReportingDeadline.period == period)
    return queries.get_deadline(desk.session, desk.session.scalars(query).one())


def submit(office, deadline, by: str = "rahma", day: date | None = None, note: str = ""):
    desk = getattr(office, by)
    file = Upload(BytesIO(uploads.PDF), "report.pdf")
    row = actions.submit(
        desk.session, desk.actor, queries.get_deadline(desk.session, deadline.row.id), file=file,
        submitted_on=day or date(YEAR, 4, 29), note=note,
    )  # fmt: skip
    desk.session.commit()
    return row


@pytest.mark.parametrize(
    ("kind", "period", "due"),
    [
        (ReportKind.FINANCIAL, 1, (2026, 4, 30)), (ReportKind.PHYSICAL, 2, (2026, 7, 30)),
        (ReportKind.FINANCIAL, 3, (2026, 10, 30)), (ReportKind.FINANCIAL, 4, (2027, 1, 30)),
        (ReportKind.ANNUAL, 1, (2027, 1, 30)), (ReportKind.MONTHLY, 2, (2026, 3, 10)),
        (ReportKind.MONTHLY, 12, (2027, 1, 10)),
    ],
)  # fmt: skip
def test_the_days_of_the_joint_circulars(kind, period, due):
    assert Report(kind, 2026, period).due_on(Reporting()) == date(*due)


def test_the_calendar_is_laid_out_once_and_by_those_who_work_on_it(treasury, app):
    session, rahma, idris = treasury.rahma.session, treasury.rahma.actor, treasury.idris
    with pytest.raises(NotAllowed):
        actions.lay_out(idris.session, idris.actor, YEAR)
    with pytest.raises(RuleBroken, match="Choose a fiscal year"):
        actions.lay_out(session, rahma, 1999)
    since = date(YEAR, 12, 1)
    late = sum(one.due_on(Reporting()) >= since for one in reports_of(YEAR))
    assert actions.lay_out(session, rahma, YEAR, since=since) == late, "nobody is late who has just begun"
    assert actions.lay_out(session, rahma, YEAR) == 21 - late
    assert actions.lay_out(session, rahma, YEAR) == 0


def test_a_later_version_leaves_the_first_and_the_day_of_the_first_counts(laid):
    deadline = at(laid, ReportKind.FINANCIAL, 1)
    assert deadline.stands == "late"
    assert queries.overdue_count(laid.rahma.session) == 21 - sum(
        one.due_on(Reporting()) >= clock.today() for one in reports_of(YEAR)
    )
    submit(laid, deadline, note="Sent by courier")
    submit(laid, deadline, day=date(YEAR, 5, 20))
    now = at(laid, ReportKind.FINANCIAL, 1)
    assert (now.stands, now.days_late, now.first_on) == ("submitted", 0, date(YEAR, 4, 29))
    rows = queries.submissions_of(laid.rahma.session, now)
    assert [one.note for one in rows] == ["", "Sent by courier"]
    assert now.file_id == rows[0].file_id
    other = at(laid, ReportKind.FINANCIAL, 2)
    submit(laid, other, day=date(YEAR, 8, 2))
    now = at(laid, ReportKind.FINANCIAL, 2)
    assert (now.stands, now.days_late) == ("submitted_late", 3)


@pytest.mark.parametrize(
    ("day", "told"), [(date(YEAR, 3, 30), "ends on 31 March"), (clock.today() + timedelta(days=2), "in the future")]
)
def test_a_day_before_the_period_ends_or_to_come_is_refused(laid, day, told):
    with pytest.raises(RuleBroken, match=told) as broken:
        submit(laid, at(laid, ReportKind.FINANCIAL, 1), day=day)
    assert broken.value.fields.keys() == {"submitted_on"}


def test_its_owner_submits_it_or_who_works_on_documents(laid):
    deadline = at(laid, ReportKind.PHYSICAL, 1)
    for by in ("rahma", "omar", "idris"):
        submit(laid, deadline, by)
    with pytest.raises(NotAllowed):
        submit(laid, deadline, "hadji")
    rahma, hadji = laid.rahma, laid.hadji
    count = actions.hand_over(
        rahma.session, rahma.actor, deadline, owner_role="pilot_me_officer", owner_id=membership(hadji), also_later=True
    )  # fmt: skip
    rahma.session.commit()
    assert count == 4
    submit(laid, deadline, "hadji")
    hadji.session.commit()
    assert "Hadji" in at(laid, ReportKind.PHYSICAL, 4, "hadji").owner_name


def membership(desk) -> int:
    return desk.session.scalars(select(Membership.id).where(Membership.user_id == desk.actor.user_id)).one()


@pytest.mark.parametrize(
    ("role", "owner", "field"), [("superadmin", None, "owner_role"), ("pilot_planner", 10**9, "owner_id")]
)
def test_nobody_from_outside_owns_a_report(laid, role, owner, field):
    rahma = laid.rahma
    with pytest.raises(RuleBroken) as broken:
        actions.hand_over(
            rahma.session, rahma.actor, at(laid, ReportKind.ANNUAL, 1), owner_role=role, owner_id=owner,
            also_later=False,
        )  # fmt: skip
    assert broken.value.fields.keys() == {field}


def test_each_is_called_to_mind_three_times_and_once_each(laid):
    session = laid.rahma.session
    due = date(YEAR, 7, 30)

    def told(day: date) -> list[str]:
        before = set(session.scalars(select(Notification.id)))
        reminders.remind(session, system_actor("calendar", laid.rahma.actor.organization_id), day)
        session.flush()
        return sorted({one.text for one in session.scalars(select(Notification)) if one.id not in before})

    name = f"Financial report, 2nd quarter of {YEAR}"
    assert not [one for one in told(due - timedelta(days=8)) if name in one]
    assert f"{name}, is due on 30 July {YEAR}." in told(due - timedelta(days=7))
    assert told(due - timedelta(days=6)) == [], "once"
    assert f"{name}, is due today." in told(due)
    assert f"{name}, was due on 30 July {YEAR}." in told(due + timedelta(days=1))
    assert not [one for one in told(due + timedelta(days=2)) if name in one]
    session.rollback()
    submit(laid, at(laid, ReportKind.FINANCIAL, 2), day=date(YEAR, 7, 20))
    assert not [one for one in told(due) if one.startswith("Financial")], "what is submitted is not called to mind"


def test_what_was_submitted_stays_also_for_raw_sql(laid, engine):
    submit(laid, at(laid, ReportKind.FINANCIAL, 1))
    for attack in (
        "UPDATE report_submissions SET submitted_on = '2020-01-01'",
        "DELETE FROM report_submissions",
        "DELETE FROM reporting_deadlines",
    ):
        with engine.connect() as connection:
            connection.execute(
                text("SELECT set_config('bmms.organization_id', :id, true)"),
                {"id": str(laid.rahma.actor.organization_id)},
            )
            with pytest.raises(ProgrammingError, match="permission denied"):
                connection.execute(text(attack))
    assert laid.rahma.session.scalars(select(ReportSubmission.id)).all()


def test_there_is_none_of_that_number(laid):
    with pytest.raises(NotFound):
        queries.get_deadline(laid.rahma.session, 10**9)
