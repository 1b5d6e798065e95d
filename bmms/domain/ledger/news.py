"""Whom laws, extensions and allotment orders concern, and what they are told: no amounts, because it goes into mails.

In operated years MFBM acts itself (decision D16): what waits stands in its queue, and the organization learns what has
come into force.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.holders import holders_of
from bmms.domain.notices.telling import tell
from bmms.domain.permissions import P
from bmms.models.allotments import AllotmentOrder
from bmms.models.authority import Appropriation
from bmms.models.memberships import Membership
from bmms.tenancy import scope_of

WAITS = {
    "law_entered": "{who} entered the law {name}. It waits to be put in force.",
    "extension_entered": "{who} entered an extension of {name}. It waits for confirmation.",
    "order_entered": "{who} entered allotment order {name}. It waits for release.",
}
DONE = {
    "law_in_force": "{who} put the law {name} in force. Its accounts are open.",
    "extension_confirmed": "{who} confirmed an extension of {name}.",
    "order_released": "{who} released allotment order {name}. It can be obligated.",
    "withdrawal_released": "{who} released withdrawal {name}. Less can be obligated.",
}


def tell_of(session: Session, actor: Actor, about: Appropriation | AllotmentOrder, what: str) -> None:
    """Those who confirm learn what waits; who entered it, that it is done. Of what MFBM does, its budget officers.

    Args:
        what: a word of WAITS or DONE.
    """
    if what in WAITS:
        people = set() if about.is_operated else holders_of(session, P.BUDGET_REVIEW)
    elif about.is_operated:
        people = holders_of(session, P.LEDGER_EDIT)
    else:
        people = _membership_of(session, about.entered_by)
    if not people:
        return
    if isinstance(about, AllotmentOrder):
        name, endpoint, key = about.number, "execution.order_show", "order_id"
    else:
        name, endpoint, key = about.reference, "execution.appropriation_show", "appropriation_id"
    values: dict[str, Any] = {key: about.id}
    text = (WAITS | DONE)[what].format(who=actor.signature, name=name)
    tell(session, actor, people, what, text, endpoint, is_demo=about.is_demo, **values)


def _membership_of(session: Session, user_id: int | None) -> set[int]:
    here = Membership.organization_id == scope_of(session).organization_id
    return set(session.scalars(select(Membership.id).where(here, Membership.user_id == user_id)))
