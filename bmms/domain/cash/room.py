"""How much cash a fund cluster has for a payment of a day: on that day, and left for every later payment (E-10).

What counts is said by `cash_balances` (migration 0023), which the trigger that refuses uses, too.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.disbursements.labels import told
from bmms.models.disbursements import Disbursement
from bmms.tenancy import scope_of

_ROOM = text("""
WITH control AS (
    SELECT max(enforced_from) AS since FROM cash_controls
    WHERE organization_id = :organization_id AND fund_cluster = :cluster
), days AS (
    SELECT one.* FROM control, cash_balances(:organization_id, :cluster, control.since) AS one
    WHERE one.is_demo = :is_demo
)
SELECT control.since, (SELECT max(received) FROM days) AS received,
       (SELECT balance FROM days WHERE day <= :day ORDER BY day DESC LIMIT 1) AS on_day,
       (SELECT balance FROM days WHERE day < control.since ORDER BY day DESC LIMIT 1) AS carried,
       least.day AS least_on, least.balance AS least
FROM control LEFT JOIN LATERAL (
    SELECT day, balance FROM days WHERE day > :day AND (control.since IS NULL OR day >= control.since)
    ORDER BY balance, day LIMIT 1
) AS least ON true
""")


@dataclass(frozen=True)
class Cash:
    """The cash of a fund cluster for a payment of a day; pesos."""

    cluster: str
    day: date
    since: date | None  # payments from this day on keep within it; none: they are warned about
    left: Decimal  # less than what later payments need
    least_on: date | None  # the later day that leaves so little, where that day alone has more
    is_known: bool  # is any cash on record?
    most: Decimal | None  # a payment beyond this is refused; none: cash refuses none

    def shortfall(self, amount: Decimal) -> str:
        """What is said of a payment that takes more than what is left; empty where it is there."""
        short = amount - self.left
        if short <= 0 or not self.is_known and self.most is None:
            return ""
        said = f"Fund cluster {self.cluster}: ₱ {short:,.2f} more than the cash that is left. "
        said += f"It takes ₱ {amount:,.2f}; "
        if self.least_on is None:
            said += f"of the cash received up to {told(self.day)} ₱ {self.left:,.2f} is left (E-10)."
        else:
            said += f"what is paid later leaves ₱ {self.left:,.2f}, on {told(self.least_on)} (E-10)."
        return said

    def refusal(self, amount: Decimal) -> str:
        """The same where it is refused, with what to do about it."""
        if self.most is None or amount <= self.most:
            return ""
        return f"{self.shortfall(amount)} Have the cash authority confirmed that covers it, or choose a later day."


def cash_for(session: Session, cluster: str, day: date, *, is_demo: bool) -> Cash:
    """The cash for a payment of that day out of that fund cluster, in one statement.

    Demonstration payments take demonstration cash alone.
    """
    values = {"organization_id": scope_of(session).organization_id, "cluster": cluster, "day": day, "is_demo": is_demo}
    row = session.execute(_ROOM, values).one()
    on_day = NONE if row.on_day is None else row.on_day
    carried = max(NONE if row.carried is None else row.carried, NONE)
    controlled = row.since is not None and day >= row.since
    if controlled:
        on_day = max(on_day, NONE)
    left, least_on, most = on_day, None, None
    if row.least is not None and row.least < on_day:
        left, least_on = row.least, row.least_on
    if controlled:
        most = left
    elif row.since is not None:  # an earlier payment lowers what is carried into the control, never below nothing
        least = carried if row.least is None else min(row.least, carried)
        left, least_on, most = (least, row.least_on, least) if least < carried else (on_day, None, None)
    return Cash(cluster, day, row.since, left, least_on, row.received is not None, most)


def cash_of(session: Session, voucher: Disbursement) -> Cash:
    """The cash for a voucher."""
    return cash_for(session, voucher.fund_cluster, voucher.dated, is_demo=voucher.is_demo)
