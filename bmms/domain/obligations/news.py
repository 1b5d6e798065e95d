"""Whom the steps of an obligation request concern, and what they are told."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.holders import holders_of
from bmms.domain.notices.telling import tell
from bmms.domain.permissions import P
from bmms.models.memberships import Membership
from bmms.models.obligations import Obligation
from bmms.tenancy import scope_of

SAID = {
    "request": "{who} asks for an obligation: {title}. It waits for your certification.",
    "return": "{who} returned {title} for changes.",
    "certify": "{who} certified {title}. It is obligated.",
    "adjust": "{who} asks for an adjustment of {title}. It waits for your certification.",
    "adjusted": "{who} certified an adjustment of {title}.",
}
FOR_CERTIFIERS = ("request", "adjust")


def tell_of(session: Session, actor: Actor, obligation: Obligation, what: str, *, to: int | None = None) -> None:
    """Certifiers learn what waits for them; else those who entered and requested it.

    Args:
        to: the person who entered the adjustment that this is about.
    """
    if what not in SAID:
        return
    people = holders_of(session, P.LEDGER_CERTIFY) if what in FOR_CERTIFIERS else _authors(session, obligation, to)
    text = SAID[what].format(who=actor.signature, title=obligation.title)
    tell(
        session, actor, people, f"obligation_{what}", text, "execution.obligation_show", is_demo=obligation.is_demo,
        obligation_id=obligation.id,
    )  # fmt: skip


def _authors(session: Session, obligation: Obligation, other: int | None) -> set[int]:
    users = {obligation.entered_by, obligation.requested_by, other} - {None}
    here = Membership.organization_id == scope_of(session).organization_id
    return set(session.scalars(select(Membership.id).where(here, Membership.user_id.in_(users))))
