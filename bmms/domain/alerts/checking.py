"""The check: what is the matter now against the alerts that are open. Opens, changes and closes; tells once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, jobs
from bmms.domain.actors import Actor
from bmms.domain.alerts import accounts, idle, ledger, news, pace, program, refusals, work
from bmms.domain.alerts.causes import KEY, Cause, Key
from bmms.domain.alerts.kinds import RANK
from bmms.domain.alerts.limits import Limits, limits_of
from bmms.domain.permissions import P
from bmms.models.alerts import AlertKind as K
from bmms.models.alerts import BudgetAlert
from bmms.models.jobs import Job, JobStatus
from bmms.models.locks import Lock
from bmms.tenancy import scope_of

FAMILIES: Mapping[K, Callable[[Session, date, Limits], list[Cause]]] = {
    K.NEAR_LIMIT: accounts.near_limit,
    K.SLOW: pace.slow,
    K.IDLE: idle.idle,
    K.VALIDITY: accounts.validity,
    K.UNRELEASED: accounts.unreleased,
    K.PROGRAM: program.off_program,
    K.RECONCILIATION: ledger.differs,
    K.GAP: work.ahead,
    K.REFUSED: refusals.refused,
}
TASK = "check_alerts_of_one"  # tasks/alerts.py
_TABLE: Any = BudgetAlert.__table__
_CHANGE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("alert_id"))
    .values(severity=bindparam("is_now"), facts=bindparam("figures"))
)
_RAISE = _CHANGE.values(raised_at=bindparam("at"), row_version=_TABLE.c.row_version + 1)


@dataclass(frozen=True)
class Outcome:
    """What a check did, in numbers of alerts."""

    opened: int = 0
    raised: int = 0
    closed: int = 0
    is_broken: bool = False  # a total was found that differs from the ledger, and was not known (AL-7)

    def __bool__(self) -> bool:
        return bool(self.opened or self.raised or self.closed)


def ask(session: Session, actor: Actor) -> None:
    """Have the alerts of the organization checked now; where a check waits already, that one does.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: this person has as many jobs under way as one may have.
    """
    actor.require(P.LEDGER_EDIT)
    waits = select(Job.id).where(
        Job.task == TASK, Job.organization_id == actor.organization_id, Job.status == JobStatus.QUEUED
    )
    if session.scalar(waits.limit(1)) is None:
        jobs.start(session, actor, TASK)


def check(session: Session, actor: Actor, today: date, kinds: Collection[K] = tuple(FAMILIES)) -> Outcome:
    """Look for causes of these kinds, and bring the alerts up to date with them.

    Of two checks at once the second waits and finds the alerts of the first. Those whom an alert concerns are told when
    it opens and when it grows more severe, never because another night has passed.
    """
    limits = limits_of(session)
    return bring_up_to_date(
        session, actor, kinds, lambda: [one for kind in kinds for one in FAMILIES[kind](session, today, limits)]
    )


def bring_up_to_date(
    session: Session, actor: Actor, kinds: Collection[K], find: Callable[[], Sequence[Cause]]
) -> Outcome:  # fmt: skip
    """Open, change and close alerts of these kinds, so that there is one for each cause that is found."""
    here = scope_of(session).organization_id
    session.execute(select(func.pg_advisory_xact_lock(Lock.BUDGET_ALERTS, here)))
    causes, standing = {one.key: one for one in find()}, _standing(session, kinds)
    at = clock.now()
    opened = [one for key, one in causes.items() if key not in standing]
    changed = [
        (standing[key], one)
        for key, one in causes.items()
        if key in standing and (one.severity, one.facts) != (standing[key].severity, standing[key].facts)
    ]
    raised = [(row, one) for row, one in changed if RANK[one.severity] > RANK[row.severity]]
    better = [(row, one) for row, one in changed if RANK[one.severity] <= RANK[row.severity]]
    closed = [row.id for key, row in standing.items() if key not in causes]
    told = _open(session, here, opened, at) + [news.Told(one.kind, row.id, one.is_demo, True) for row, one in raised]
    _change(session, _CHANGE, better)
    _change(session, _RAISE, raised, at=at)
    if closed:
        session.execute(update(_TABLE).where(_TABLE.c.id.in_(closed)).values(closed_at=at))
    outcome = Outcome(
        len(opened), len(raised), len(closed), any(one.kind == K.RECONCILIATION for one in opened)
    )  # fmt: skip
    if outcome:
        session.info["wrote"] = True
        audit.record(
            session, actor, "budget_alerts:check", opened=(None, outcome.opened), raised=(None, outcome.raised),
            closed=(None, outcome.closed),
        )  # fmt: skip
        news.tell_of(session, actor, told)
    return outcome


def _standing(session: Session, kinds: Collection[K]) -> dict[Key, Any]:
    """The open alerts by what they are about."""
    columns = (_TABLE.c.id, _TABLE.c.severity, _TABLE.c.facts, *(_TABLE.c[name] for name in KEY))
    rows = session.execute(select(*columns).where(_TABLE.c.closed_at.is_(None), _TABLE.c.kind.in_(kinds)))
    return {tuple(getattr(row, name) for name in KEY): row for row in rows}


def _open(session: Session, organization_id: int | None, causes: Sequence[Cause], at: Any) -> list[news.Told]:
    rows = [
        {
            **{name: getattr(one, name) for name in KEY}, "severity": one.severity, "facts": dict(one.facts),
            "opened_at": at, "organization_id": organization_id,
        }
        for one in causes
    ]  # fmt: skip
    if not rows:
        return []
    made = upsert(BudgetAlert).on_conflict_do_nothing().returning(BudgetAlert.id, BudgetAlert.kind, BudgetAlert.is_demo)
    return [news.Told(row.kind, row.id, row.is_demo, False) for row in session.execute(made, rows)]


def _change(session: Session, statement: Any, changed: Sequence[tuple[Any, Cause]], **values: Any) -> None:
    rows = [
        {"alert_id": row.id, "is_now": one.severity, "figures": dict(one.facts), **values} for row, one in changed
    ]  # fmt: skip
    if rows:
        session.connection().execute(statement, rows)
