"""Whom the steps of the program of a year concern, and what they are told."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.holders import holders_of
from bmms.domain.notices.telling import tell
from bmms.domain.permissions import P
from bmms.models.bed import BedProgram
from bmms.models.memberships import Membership
from bmms.tenancy import scope_of

SAID = {
    "submit": "{who} submitted the program of {year}. It waits for your approval.",
    "return": "{who} returned the program of {year} for changes.",
    "approve": "{who} approved the program of {year}.",
}


def tell_of(session: Session, actor: Actor, bed: BedProgram, verb: str) -> None:
    """Those who approve learn what waits for them; else those who prepared and submitted it."""
    people = holders_of(session, P.BUDGET_REVIEW) if verb == "submit" else _authors(session, bed)
    text = SAID[verb].format(who=actor.signature, year=bed.fiscal_year)
    tell(
        session, actor, people, f"bed_{verb}", text, "execution.bed_show", is_demo=bed.is_demo, bed_id=bed.id
    )  # fmt: skip


def _authors(session: Session, bed: BedProgram) -> set[int]:
    users = {bed.prepared_by, bed.submitted_by} - {None}
    here = Membership.organization_id == scope_of(session).organization_id
    return set(session.scalars(select(Membership.id).where(here, Membership.user_id.in_(users))))
