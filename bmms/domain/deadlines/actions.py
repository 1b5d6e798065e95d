"""The calendar of reports is laid out once for a year; reports are submitted, each version stays (modules 2.10)."""

from collections.abc import Callable
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.deadlines import queries
from bmms.domain.deadlines.days import reports_of
from bmms.domain.deadlines.labels import OWNER
from bmms.domain.deadlines.queries import Deadline
from bmms.domain.disbursements.labels import told
from bmms.domain.errors import NotAllowed, RuleBroken
from bmms.domain.files import store
from bmms.domain.installation import installation_of
from bmms.domain.ledger import files
from bmms.domain.members import working_members
from bmms.domain.periods.queries import YEARS
from bmms.domain.permissions import GRANTS, ROLES, RULES, P
from bmms.models.deadlines import ReportingDeadline, ReportSubmission
from bmms.tenancy import scope_of


def lay_out(session: Session, actor: Actor, fiscal_year: int, *, since: date | None = None) -> int:
    """Enter the deadlines of a fiscal year that are not there yet, by the days of the settings.

    Args:
        since: only those due from this day on, so that nobody is late who has just begun.

    Returns:
        how many were entered; done again, none.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: BMMS keeps no such year.
    """
    actor.require(P.LEDGER_EDIT)
    if fiscal_year not in YEARS:
        raise RuleBroken(f"Choose a fiscal year from {YEARS[0]} to {YEARS[-1]}.", field="year")
    settings, organization_id = installation_of(session).config.reporting, scope_of(session).organization_id
    rows = [
        {
            "organization_id": organization_id, "fiscal_year": fiscal_year, "kind": report.kind,
            "period": report.period, "due_on": due_on, "owner_role": OWNER[report.kind],
        }
        for report in reports_of(fiscal_year)
        if (due_on := report.due_on(settings)) and (since is None or due_on >= since)
    ]  # fmt: skip
    if not rows:
        return 0
    made = insert(ReportingDeadline).on_conflict_do_nothing().returning(ReportingDeadline.id)
    count = len(session.execute(made, rows).all())
    if count:
        audit.record(
            session, actor, "reporting_deadlines:create", organization_id=organization_id,
            label=f"FY {fiscal_year}", deadlines=(None, count),
        )  # fmt: skip
    return count


def submit(
    session: Session, actor: Actor, deadline: Deadline, *, file: store.Upload | None, submitted_on: date, note: str = ""
) -> ReportSubmission:
    """Record that a report was submitted, with its file. A later version stands before it and leaves it visible.

    Raises:
        NotAllowed: the actor neither owns the deadline nor works on documents of execution.
        RuleBroken: the file is missing, or the day lies in the future or within the period; names the field.
    """
    if not queries.may_submit(actor, deadline):
        raise NotAllowed("The owner of this report submits it, or whoever works on documents of execution.")
    report = deadline.report
    if submitted_on > clock.today():
        raise RuleBroken("The day lies in the future. Correct it.", field="submitted_on")
    if submitted_on < report.ends_on:
        raise RuleBroken(
            f"The report is of {report.period_name}, which ends on {told(report.ends_on)}. Give a later day.",
            field="submitted_on",
        )
    row = ReportSubmission(
        deadline_id=deadline.row.id, file_id=files.keep(session, actor, file), submitted_on=submitted_on,
        note=note.strip(), submitted_by=actor.user_id, submitted_label=actor.signature,
    )  # fmt: skip
    session.add(row)
    audit.record(
        session, actor, "reporting_deadlines:submit", deadline.row, label=str(report), note=row.note,
        submitted_on=(None, submitted_on),
    )  # fmt: skip
    return row


def hand_over(
    session: Session, actor: Actor, deadline: Deadline, *, owner_role: str, owner_id: int | None, also_later: bool
) -> int:
    """Say whose matter a report is: that of a person who works here or, without one, of a role or grant.

    Args:
        also_later: the later reports of this kind in the year, too.

    Returns:
        how many deadlines it concerns.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: there is no such role, or the person does not work here; names the field.
    """
    actor.require(P.LEDGER_EDIT)
    if owner_role not in (*ROLES, *GRANTS):
        raise RuleBroken("Choose a role from the list.", field="owner_role")
    members = working_members(session)
    if owner_id is not None and owner_id not in members:
        raise RuleBroken("This person does not work here any more. Choose somebody else.", field="owner_id")
    one = deadline.row
    query = select(ReportingDeadline).where(
        ReportingDeadline.fiscal_year == one.fiscal_year, ReportingDeadline.kind == one.kind,
        ReportingDeadline.period >= one.period if also_later else ReportingDeadline.id == one.id,
    )  # fmt: skip
    rows = session.scalars(query.order_by(ReportingDeadline.id).with_for_update()).all()
    named = _naming(members)
    before = named(one.owner_role, one.owner_id)
    for row in rows:
        row.owner_role, row.owner_id = owner_role, owner_id
    audit.record(
        session, actor, "reporting_deadlines:hand_over", one, label=str(deadline.report),
        owner=(before, named(owner_role, owner_id)), deadlines=(None, len(rows)),
    )  # fmt: skip
    return len(rows)


def _naming(members: object) -> Callable[[str, int | None], str]:
    def name(role: str, membership_id: int | None) -> str:
        member = members.get(membership_id) if isinstance(members, dict) else None
        return member.called if member else RULES[role].label

    return name
