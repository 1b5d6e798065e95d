"""Alerts as screens list and show them; what an account has that is open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session

from bmms.domain.alerts.kinds import RANK
from bmms.domain.alerts.words import said_of
from bmms.domain.errors import NotFound
from bmms.domain.ledger import accounts
from bmms.domain.ledger.labels import NOT_BROKEN_DOWN
from bmms.models.alerts import AlertKind, BudgetAlert, Severity
from bmms.models.obligations import Obligation
from bmms.models.programs import Program
from bmms.models.work import WorkItem

OPEN, CLOSED, ALL = "open", "closed", "all"
STATES = {OPEN: "Open", CLOSED: "Closed", ALL: "Open and closed"}
URGENCY = case({severity.value: rank for severity, rank in RANK.items()}, value=BudgetAlert.severity)


@dataclass(frozen=True)
class Shown:
    """An alert with what it is about, in words."""

    alert: BudgetAlert
    subject: str  # MOH-2026-118 Immunization Program, MOOE
    said: str
    endpoint: str  # the page of its subject
    values: dict[str, Any]


def list_alerts(
    *, kind: AlertKind | None = None, severity: Severity | None = None, state: str = OPEN
) -> Select[BudgetAlert]:
    """Open ones first, of these the most severe and then the latest first."""
    query = select(BudgetAlert)
    if kind:
        query = query.where(BudgetAlert.kind == kind)
    if severity:
        query = query.where(BudgetAlert.severity == severity)
    if state in (OPEN, CLOSED):
        query = query.where(BudgetAlert.closed_at.is_(None) == (state == OPEN))
    return query.order_by(
        BudgetAlert.closed_at.desc().nulls_first(), URGENCY.desc(), BudgetAlert.opened_at.desc(), BudgetAlert.id.desc()
    )


def get_alert(session: Session, alert_id: int) -> BudgetAlert:
    """One alert. Raises NotFound."""
    found = session.get(BudgetAlert, alert_id)
    if found is None:
        raise NotFound("There is no such alert.")
    return found


def shown(session: Session, alerts: Iterable[BudgetAlert]) -> list[Shown]:
    """These alerts with their subjects, looked up by one statement for each sort of subject that there is."""
    rows = list(alerts)
    by_account = _named_accounts(session, {one.account_id for one in rows if one.account_id})
    obligations = _texts(session, Obligation.id, Obligation.ors_no, {one.obligation_id for one in rows})
    items = _texts(session, WorkItem.id, WorkItem.title, {one.work_item_id for one in rows})
    programs = _texts(session, Program.id, Program.title, {one.program_id for one in rows})
    told = []
    for one in rows:
        endpoint = "execution.account_list"
        values: dict[str, Any] = {"year": one.fiscal_year, "class": one.expense_class}
        if one.account_id:
            subject, endpoint, values = by_account[one.account_id], *_way("execution.account_show", one, "account_id")
        elif one.obligation_id:
            subject = f"ORS {obligations[one.obligation_id]}"
            endpoint, values = _way("execution.obligation_show", one, "obligation_id")
        elif one.work_item_id:
            subject = items[one.work_item_id]
            endpoint, values = _way("planning.work_item_show", one, "work_item_id")
        elif one.program_id:
            subject = f"{programs[one.program_id]}, {one.expense_class}"
            values["q"] = programs[one.program_id]
        else:
            subject = f"{NOT_BROKEN_DOWN[one.cost_structure]}, {one.expense_class}"
        told.append(Shown(one, subject, said_of(one), endpoint, values))
    return told


def _way(endpoint: str, alert: BudgetAlert, column: str) -> tuple[str, dict[str, Any]]:
    return endpoint, {column: getattr(alert, column)}


def open_of_accounts(session: Session, ids: Iterable[int]) -> Mapping[int, list[BudgetAlert]]:
    """The open alerts of these accounts, the most severe first; one statement, none without accounts."""
    wanted, found = list(ids), dict[int, list[BudgetAlert]]()
    if wanted:
        query = select(BudgetAlert).where(BudgetAlert.account_id.in_(wanted), BudgetAlert.closed_at.is_(None))
        for one in session.scalars(query.order_by(URGENCY.desc(), BudgetAlert.kind)):
            found.setdefault(one.account_id or 0, []).append(one)
    return found


def _named_accounts(session: Session, ids: set[int]) -> dict[int, str]:
    return {key: one.name for key, one in accounts.shown_by_id(session, ids).items()} if ids else {}


def _texts(session: Session, key: Any, text: Any, ids: set[int | None]) -> dict[int, str]:
    wanted = ids - {None}
    return {row[0]: row[1] for row in session.execute(select(key, text).where(key.in_(wanted)))} if wanted else {}
