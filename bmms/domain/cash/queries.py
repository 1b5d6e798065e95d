"""Cash authorities, controls, and the cash of each month, as screens list them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Select, exists, func, select, text
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.activity import events
from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound
from bmms.domain.ledger.labels import CLUSTERS
from bmms.domain.periods.queries import name_of
from bmms.domain.proofs import Proof
from bmms.models.audit import AuditEvent
from bmms.models.authority import BudgetAccount
from bmms.models.ledger import CashAuthority, CashControl
from bmms.tenancy import scope_of

_MONTHS = text("""
WITH clusters AS (
    SELECT fund_cluster FROM cash_authorities WHERE organization_id = :organization_id
    UNION SELECT fund_cluster FROM budget_accounts WHERE organization_id = :organization_id AND disbursed > 0
), days AS (
    SELECT clusters.fund_cluster, control.enforced_from AS since, one.*
    FROM clusters
    LEFT JOIN cash_controls control
      ON control.organization_id = :organization_id AND control.fund_cluster = clusters.fund_cluster
    CROSS JOIN LATERAL cash_balances(:organization_id, clusters.fund_cluster, control.enforced_from) AS one
    WHERE :cluster IN ('', clusters.fund_cluster)
), months AS (
    SELECT first::date AS first, (first + interval '1 month')::date AS next
    FROM generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 month') AS first
)
SELECT days.fund_cluster AS cluster, days.is_demo, months.first,
       coalesce((array_agg(received ORDER BY day DESC) FILTER (WHERE day < next))[1], 0) AS received,
       coalesce((array_agg(paid ORDER BY day DESC) FILTER (WHERE day < next))[1], 0) AS paid,
       coalesce((array_agg(CASE WHEN next > since THEN CASE WHEN day < since THEN greatest(balance, 0)
                                                            ELSE balance END
                                ELSE balance END ORDER BY day DESC) FILTER (WHERE day < next))[1], 0) AS remains,
       min(balance) FILTER (WHERE day >= next AND (since IS NULL OR day >= since)) AS later
FROM months CROSS JOIN days
GROUP BY days.fund_cluster, days.is_demo, months.first, months.next
ORDER BY days.fund_cluster, days.is_demo, months.first
""")
_PROVED = text("""
SELECT count(*) AS rows, coalesce(sum(amount), 0) AS total,
       (SELECT coalesce(sum(top), 0) FROM (
           SELECT max(one.received) AS top
           FROM (SELECT DISTINCT fund_cluster FROM cash_authorities WHERE organization_id = :organization_id) AS held
           CROSS JOIN LATERAL cash_balances(:organization_id, held.fund_cluster, NULL) AS one
           WHERE one.day <= :until AND :cluster IN ('', held.fund_cluster)
           GROUP BY held.fund_cluster, one.is_demo) AS tops) AS source
FROM cash_authorities
WHERE organization_id = :organization_id AND confirmed_at IS NOT NULL AND received_on <= :until
  AND :cluster IN ('', fund_cluster)
""")


@dataclass(frozen=True)
class Month:
    """The cash of a fund cluster at the end of a month; pesos."""

    cluster: str
    is_demo: bool
    first: date
    received: Decimal
    paid: Decimal
    remains: Decimal
    later: Decimal | None  # the least that any later day leaves

    @property
    def name(self) -> str:
        """March 2026."""
        return name_of(self.first)

    @property
    def least(self) -> Decimal:
        """The smallest balance from the end of the month on: so much can still be paid."""
        return self.remains if self.later is None else min(self.remains, self.later)


@dataclass(frozen=True)
class Control:
    """A fund cluster with money in it, and whether payments keep within its cash."""

    cluster: str
    control: CashControl | None

    @property
    def since(self) -> date | None:
        """From this day on they do; none: a payment beyond it is warned about."""
        return self.control.enforced_from if self.control else None


def cluster_of(word: str) -> str:
    """The fund cluster that a filter names, or none."""
    return word if word in CLUSTERS else ""


def months_of(session: Session, year: int, cluster: str = "") -> list[Month]:
    """Each month of a year until this one, for each fund cluster with cash or payments."""
    last = min(date(year, 12, 1), clock.today().replace(day=1))
    if last.year < year:
        return []
    values = {"first": date(year, 1, 1), "last": last, "cluster": cluster, **_here(session)}
    return [Month(**row) for row in session.execute(_MONTHS, values).mappings()]


def proof_of(session: Session, year: int, cluster: str = "") -> Proof:
    """The confirmed authorities until the end of a year against the cash that payments are measured by."""
    values = {"until": date(year, 12, 31), "cluster": cluster, **_here(session)}
    row = session.execute(_PROVED, values).one()
    nouns = ("confirmed authority", "confirmed authorities")
    return Proof(row.rows, nouns, row.total, row.source, f"the cash that counts until the end of {year}")


def list_authorities(year: int, cluster: str = "") -> Select[CashAuthority]:
    """Those of a year, the latest first."""
    row = CashAuthority
    query = select(row).where(row.received_on.between(date(year, 1, 1), date(year, 12, 31)))
    query = query.order_by(row.received_on.desc(), row.id.desc())
    return query.where(row.fund_cluster == cluster) if cluster else query


def years_of(session: Session) -> list[int]:
    """Years with cash authorities, the latest first."""
    year = func.extract("year", CashAuthority.received_on)
    return [int(one) for one in session.scalars(select(year).distinct().order_by(year.desc()))]


def controls_of(session: Session) -> list[Control]:
    """Each fund cluster that has budget accounts or a control, in their order."""
    found = {one.fund_cluster: one for one in session.scalars(select(CashControl))}
    used = set(session.scalars(select(BudgetAccount.fund_cluster).distinct())) | set(found)
    return [Control(cluster, found.get(cluster)) for cluster in sorted(used)]


def control_of(session: Session, cluster: str) -> CashControl | None:
    """The control of a fund cluster, if it was ever set."""
    return session.scalar(select(CashControl).where(CashControl.fund_cluster == cluster))


def has_demo(session: Session) -> bool:
    """Are there accounts for training, so that cash can be for training, too?"""
    return bool(session.scalar(select(exists().where(BudgetAccount.is_demo))))


def get_authority(session: Session, cash_id: int) -> CashAuthority:
    """One. Raises NotFound."""
    found = session.get(CashAuthority, cash_id)
    if found is None:
        raise NotFound("There is no such cash authority.")
    return found


def history_of(session: Session, actor: Actor, authority: CashAuthority) -> Sequence:  # type: ignore[type-arg]
    """Who did what and when, the latest first."""
    query = events(actor, CashAuthority.__tablename__, authority.id)
    return session.execute(query.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(30)).all()


def _here(session: Session) -> dict[str, int | None]:
    return {"organization_id": scope_of(session).organization_id}
