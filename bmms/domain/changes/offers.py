"""What organizations tell each other of transfers: name, reference, amounts and day, and nothing more (law 1)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.errors import NotFound, RuleBroken
from bmms.models.changes import BudgetChange, OfferStatus, TransferOffer
from bmms.models.organizations import Organization
from bmms.tenancy import scope_of


@dataclass(frozen=True)
class Offered:
    """An offer with the name of the organization that gives."""

    offer: TransferOffer
    giver: str


def new_key() -> str:
    """The key that both sides of a transfer carry: nobody guesses it."""
    return secrets.token_urlsafe(24)


def list_offers(session: Session) -> list[Offered]:
    """What others have offered to the organization of the session, and it has not answered."""
    return [
        Offered(*row) for row in session.execute(_query(session).where(TransferOffer.status == OfferStatus.OFFERED))
    ]


def get_offer(session: Session, pair_key: str) -> Offered:
    """One that was made to the organization of the session. Raises NotFound."""
    row = session.execute(_query(session).where(TransferOffer.pair_key == pair_key)).first()
    if row is None:
        raise NotFound("There is no such offer.")
    return Offered(*row)


def _query(session: Session) -> Any:
    return (
        select(TransferOffer, Organization.name)
        .join(Organization, Organization.id == TransferOffer.from_organization_id)
        .where(TransferOffer.to_organization_id == scope_of(session).organization_id)
        .order_by(TransferOffer.dated, TransferOffer.id)
    )


def receivers(session: Session) -> list[tuple[int, str]]:
    """The other organizations, to which a transfer can go."""
    query = select(Organization.id, Organization.name).where(Organization.id != scope_of(session).organization_id)
    return [(row.id, row.name) for row in session.execute(query.order_by(Organization.name))]


def name_of(session: Session, organization_id: int | None) -> str:
    """The name of an organization."""
    return session.scalar(select(Organization.name).where(Organization.id == organization_id)) or ""


def require_whole(offer: TransferOffer, lines: Sequence[Any]) -> None:
    """What is received is what is given, to the centavo. Raises RuleBroken."""
    appropriation = sum((line.appropriation for line in lines), NONE)
    allotment = sum((line.allotment for line in lines), NONE)
    if (appropriation, allotment) != (offer.appropriation, offer.allotment):
        raise RuleBroken(
            f"Place ₱ {offer.allotment:,.2f} as released and ₱ {offer.appropriation - offer.allotment:,.2f} as not "
            f"released. Placed are ₱ {allotment:,.2f} and ₱ {appropriation - allotment:,.2f}.",
            field="lines",
        )


def offer_of(session: Session, change: BudgetChange) -> TransferOffer:
    """The offer that a receipt answers. Raises NotFound."""
    return get_offer(session, change.pair_key or "").offer
