"""Payments keep within the cash of their fund cluster from a day on, or are only warned about (E-10; modules 2.7)."""

from datetime import date

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.disbursements.labels import told
from bmms.domain.errors import RuleBroken
from bmms.domain.holders import holders_of
from bmms.domain.ledger.labels import CLUSTERS
from bmms.domain.notices.telling import tell
from bmms.domain.periods.queries import hold_postings
from bmms.domain.permissions import P
from bmms.domain.workflow import LEAST_REMARK, require_words
from bmms.models.ledger import CashControl
from bmms.tenancy import scope_of

_SHORT = text("""
SELECT is_demo, day, received, paid, balance FROM cash_balances(:organization_id, :cluster, :since)
WHERE day >= :since AND balance < 0 ORDER BY day, is_demo LIMIT 1
""")


def switch_on(session: Session, actor: Actor, cluster: str, since: date | None, reason: str) -> CashControl:
    """Have payments of a fund cluster keep within its cash from a day on; another day may be chosen later.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: the reason is too short, it is on from that day already, or what is paid already is more than what
            was received: with the first such day and the amount.
    """
    actor.require(P.BUDGET_REVIEW)
    require_words(reason, LEAST_REMARK)
    if since is None:
        raise RuleBroken("Give the day from which payments keep within the cash.", field="since")
    hold_postings(session)
    control = _held(session, cluster)
    if control.enforced_from == since:
        raise RuleBroken(f"The control is on from {told(since)} already.", field="since")
    _require_covered(session, cluster, since)
    _set(session, actor, control, since, reason)
    return control


def switch_off(session: Session, actor: Actor, cluster: str, reason: str) -> CashControl:
    """Have payments beyond the cash warned about only. Raises NotAllowed; RuleBroken: it is off, or no reason."""
    actor.require(P.BUDGET_REVIEW)
    require_words(reason, LEAST_REMARK)
    hold_postings(session)
    control = _held(session, cluster)
    if control.enforced_from is None:
        raise RuleBroken("The control is off already. Look at it again.")
    _set(session, actor, control, None, reason)
    return control


def _held(session: Session, cluster: str) -> CashControl:
    """The row of a cluster, made where there is none, and locked."""
    if cluster not in CLUSTERS:
        raise RuleBroken("There is no such fund cluster.")
    made = insert(CashControl).values(fund_cluster=cluster, organization_id=scope_of(session).organization_id)
    session.execute(made.on_conflict_do_nothing(index_elements=["organization_id", "fund_cluster"]))
    query = select(CashControl).where(CashControl.fund_cluster == cluster).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _require_covered(session: Session, cluster: str, since: date) -> None:
    values = {"organization_id": scope_of(session).organization_id, "cluster": cluster, "since": since}
    row = session.execute(_SHORT, values).first()
    if row is None:
        return
    which = " (demonstration data)" if row.is_demo else ""
    raise RuleBroken(
        f"Fund cluster {cluster}{which}: on {told(row.day)} ₱ {-row.balance:,.2f} more is paid than cash was received. "
        "Have the cash authorities confirmed that cover it, or choose a later day.", field="since",
    )  # fmt: skip


def _set(session: Session, actor: Actor, control: CashControl, since: date | None, reason: str) -> None:
    before, control.enforced_from = control.enforced_from, since
    control.reason, control.set_by, control.set_label = reason.strip(), actor.user_id, actor.signature
    control.set_at = clock.now()
    session.flush()
    verb, said = ("switch_on", f"on from {told(since)}") if since else ("switch_off", "off")
    audit.record(
        session, actor, f"cash_controls:{verb}", control, label=CLUSTERS[control.fund_cluster], note=control.reason,
        enforced_from=(before, since),
    )  # fmt: skip
    people = holders_of(session, P.LEDGER_PAY) | holders_of(session, P.BUDGET_APPROVE)
    text = f"{actor.signature} turned the cash control of fund cluster {control.fund_cluster} {said}."
    tell(session, actor, people, "cash_control", text, "execution.cash_list")
