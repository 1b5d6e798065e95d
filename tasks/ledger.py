"""What execution does by the calendar: what is over lapses, totals are compared with their entries (E-11)."""

import logging

from huey import crontab
from sqlalchemy.orm import Session

from bmms.domain.actors import system_actor
from bmms.domain.alerts import checking, ledger
from bmms.domain.authority import lapsing
from bmms.domain.ledger import reconciling
from bmms.domain.platform.ledger import tell_of_differences
from bmms.models.alerts import AlertKind
from bmms.tenancy import bind_platform
from tasks.each_organization import in_each_organization
from tasks.queue import Counts, plain_task, transaction

logger = logging.getLogger("bmms.ledger")


@plain_task("reconcile_ledger", every=crontab(minute="25", hour="17"))
def reconcile_ledger() -> Counts:
    """Every night at 1:25 in Manila; what differs goes into the log, opens AL-7, and keeps months from being closed."""
    broken: list[int] = []

    def reconcile(session: Session, organization_id: int) -> dict[str, int]:
        counts, is_news = _reconcile(session, organization_id)
        if is_news:
            broken.append(organization_id)
        return counts

    counts = in_each_organization(reconcile, also_inactive=True)
    if broken:
        with transaction() as session:
            bind_platform(session, "a ledger that disagrees with itself is told to the platform team")
            tell_of_differences(session, broken)
    return counts


@plain_task("lapse_appropriations", every=crontab(minute="20", hour="16"))
def lapse_appropriations() -> Counts:
    """Every night at 0:20 in Manila: appropriations lapse whose time is over and of which nothing is left."""

    def lapse(session: Session, organization_id: int) -> dict[str, int]:
        return {"lapsed": lapsing.lapse_all(session, system_actor("calendar", organization_id))}

    return in_each_organization(lapse, also_inactive=True)


def _reconcile(session: Session, organization_id: int) -> tuple[dict[str, int], bool]:
    wrong = reconciling.differences(session)
    for one in wrong:
        logger.error("organization %s: %s", organization_id, one)
    actor = system_actor("calendar", organization_id)
    outcome = checking.bring_up_to_date(
        session, actor, [AlertKind.RECONCILIATION], lambda: ledger.causes_of(session, wrong)
    )
    return {"wrong_totals": len(wrong)}, outcome.is_broken
