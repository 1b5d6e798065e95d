"""Whom the steps of a voucher concern, and what they are told: no amounts and no payees, because it goes into mails."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.disbursements.labels import called
from bmms.domain.holders import holders_of
from bmms.domain.notices.telling import tell
from bmms.domain.permissions import P
from bmms.models.disbursements import Disbursement
from bmms.models.memberships import Membership
from bmms.tenancy import scope_of

WAITS_FOR = {"submit": P.LEDGER_PAY, "ask_void": P.BUDGET_REVIEW}
SAID = {
    "submit": "{who} submitted a disbursement voucher. It waits for payment.",
    "return": "{who} returned a disbursement voucher for changes.",
    "cancel": "{who} cancelled a disbursement voucher.",
    "ask_void": "{who} asks that {voucher} be void. It waits for confirmation.",
    "refuse_void": "{who} keeps {voucher} as paid.",
}


def tell_of_step(session: Session, actor: Actor, voucher: Disbursement, verb: str) -> None:
    """Those for whom it waits now, else whoever submitted it or asked for it."""
    need = WAITS_FOR.get(verb)
    user_id = voucher.void_asked_by if verb == "refuse_void" else voucher.submitted_by
    people = holders_of(session, need) if need else _membership_of(session, user_id)
    text = SAID[verb].format(who=actor.signature, voucher=called(voucher))
    tell(
        session, actor, people, f"voucher_{verb}", text, "execution.disbursement_show", is_demo=voucher.is_demo,
        disbursement_id=voucher.id,
    )  # fmt: skip


def _membership_of(session: Session, user_id: int | None) -> set[int]:
    here = Membership.organization_id == scope_of(session).organization_id
    return set(session.scalars(select(Membership.id).where(here, Membership.user_id == user_id)))
