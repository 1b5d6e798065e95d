"""Reports that are due soon, today, or late: their owner is told, each of the three once (modules 2.10)."""

from datetime import date, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.deadlines.days import Report
from bmms.domain.disbursements.labels import told
from bmms.domain.holders import having, holders_of
from bmms.domain.installation import installation_of
from bmms.domain.notices.telling import tell
from bmms.domain.permissions import P
from bmms.models.deadlines import ReportingDeadline, ReportSubmission

LATE_FOR = timedelta(days=14)  # later than that nobody is told any more


def remind(session: Session, actor: Actor, today: date) -> int:
    """Tell of each report that is not submitted; returns how many notices.

    Whose matter it is learns all three. That it is late learn the budget officers too; where nobody has the role, they
    learn everything.
    """
    row, days = ReportingDeadline, installation_of(session).config.reporting.remind_days
    query = (
        select(row)
        .where(
            row.due_on.between(today - LATE_FOR, today + timedelta(days=days)),
            ~exists().where(ReportSubmission.deadline_id == row.id),
        )
        .order_by(row.due_on, row.id)
    )
    rows = session.scalars(query).all()
    if not rows:
        return 0
    officers, roles, count = holders_of(session, P.LEDGER_EDIT), dict[str, set[int]](), 0
    for one in rows:
        when, word = _when(one.due_on, today)
        if one.owner_id is not None:
            people = {one.owner_id}
        else:
            if one.owner_role not in roles:
                roles[one.owner_role] = having(session, one.owner_role)
            people = roles[one.owner_role] or officers
        if word == "late":
            people = people | officers
        text = f"{Report(one.kind, one.fiscal_year, one.period)}, {when}."
        count += tell(
            session, actor, sorted(people), "report_due", text, "execution.deadline_show",
            once=f"report {one.id} {one.due_on} {word}", deadline_id=one.id,
        )  # fmt: skip
    return count


def _when(due_on: date, today: date) -> tuple[str, str]:
    if due_on > today:
        return f"is due on {told(due_on)}", "soon"
    return ("is due today", "today") if due_on == today else (f"was due on {told(due_on)}", "late")
