"""Reporting deadlines as screens list them: how each stands follows from its day and what was submitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.deadlines.days import Report
from bmms.domain.deadlines.labels import STATEMENT, Stands
from bmms.domain.errors import NotFound
from bmms.domain.ledger import accounts
from bmms.domain.permissions import RULES, P
from bmms.models.accounts import User
from bmms.models.deadlines import ReportingDeadline, ReportSubmission
from bmms.models.memberships import Membership

_SUBMITS = (P.LEDGER_EDIT, P.LEDGER_PAY, P.BUDGET_REVIEW)


@dataclass(frozen=True)
class Deadline:
    """A deadline with whose matter it is, and what was submitted first and last."""

    row: ReportingDeadline
    owner: User | None
    first_on: date | None  # a report is in time when its first version was
    file_id: int | None

    @property
    def report(self) -> Report:
        """What is due."""
        return Report(self.row.kind, self.row.fiscal_year, self.row.period)

    @property
    def owner_name(self) -> str:
        """A person, or the role whose matter it is."""
        if self.owner is not None:
            return self.owner.full_name
        rule = RULES.get(self.row.owner_role)
        return rule.label if rule else self.row.owner_role

    @property
    def stands(self) -> Stands:
        """How it stands today."""
        if self.first_on is not None:
            return Stands.SUBMITTED if self.first_on <= self.row.due_on else Stands.SUBMITTED_LATE
        return Stands.LATE if self.row.due_on < clock.today() else Stands.DUE

    @property
    def days_late(self) -> int:
        """By so many days it is, or was, too late."""
        return max(((self.first_on or clock.today()) - self.row.due_on).days, 0)


def list_deadlines(session: Session, fiscal_year: int) -> list[Deadline]:
    """Those of a fiscal year in the order of their days."""
    row = ReportingDeadline
    query = _described().where(row.fiscal_year == fiscal_year).order_by(row.due_on, row.kind, row.period)
    return [Deadline(*found) for found in session.execute(query)]


def get_deadline(session: Session, deadline_id: int) -> Deadline:
    """One. Raises NotFound."""
    found = session.execute(_described().where(ReportingDeadline.id == deadline_id)).one_or_none()
    if found is None:
        raise NotFound("There is no such reporting deadline.")
    return Deadline(*found)


def submissions_of(session: Session, deadline: Deadline) -> Sequence[ReportSubmission]:
    """All that was submitted for it, the latest first."""
    row = ReportSubmission
    return session.scalars(select(row).where(row.deadline_id == deadline.row.id).order_by(row.id.desc())).all()


def overdue_count(session: Session) -> int:
    """How many reports are late today; a release request is marked with it (decision D31)."""
    return session.scalar(select(func.count()).select_from(ReportingDeadline).where(is_late())) or 0


def is_late() -> ColumnElement[bool]:
    """Past its day, and nothing was submitted."""
    submitted = exists().where(ReportSubmission.deadline_id == ReportingDeadline.id)
    return (ReportingDeadline.due_on < clock.today()) & ~submitted


def years_of(session: Session) -> list[int]:
    """This fiscal year and those with deadlines, the latest first."""
    found = session.scalars(select(ReportingDeadline.fiscal_year).distinct())
    return sorted({clock.today().year, *found}, reverse=True)


def may_submit(actor: Actor, deadline: Deadline) -> bool:
    """The owner submits, and whoever works on the documents of execution."""
    if not actor.belongs:
        return False
    owner = deadline.owner
    owns = owner.id in actor.persons if owner is not None else deadline.row.owner_role in actor.rights
    return owns or any(map(actor.may, _SUBMITS))


def statement_of(session: Session, deadline: Deadline) -> tuple[str, dict[str, str]] | None:
    """The statement that the report is: its kind, and what it is asked; None where there is none (yet)."""
    report = deadline.report
    kind, ends_on = STATEMENT.get(report.kind), report.ends_on
    if kind is None or ends_on > clock.today() or report.fiscal_year not in accounts.years_of(session):
        return None
    return kind, {"fiscal_year": str(report.fiscal_year), "as_of": ends_on.isoformat()}


def _described() -> Select[ReportingDeadline, User, date, int]:
    """(deadline, owner, day of the first version, file of the last one)"""
    part, row = ReportSubmission, ReportingDeadline
    first = select(func.min(part.submitted_on)).where(part.deadline_id == row.id).correlate(row).scalar_subquery()
    last = (
        select(part.file_id).where(part.deadline_id == row.id).order_by(part.id.desc()).limit(1).correlate(row)
    ).scalar_subquery()
    return (
        select(row, User, first, last)
        .outerjoin(Membership, Membership.id == row.owner_id)
        .outerjoin(User, User.id == Membership.user_id)
    )
