"""How many more people fit into an MOA while the pilot lasts (PILOT_LIMITS.max_users, onboarding 5.1)."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bmms.domain.errors import RuleBroken
from bmms.domain.organizations.pilot_limits import check_limit, usage_of, warning
from bmms.models.accounts import User
from bmms.models.organizations import Organization

LIMIT = "max_users"


@dataclass(frozen=True)
class Seats:
    """The seats of one organization before anybody is added. `limit` None: there is none; `full`: what to say then."""

    used: int
    limit: int | None
    full: str = ""

    @property
    def left(self) -> int | None:
        """How many more people fit; None when there is no limit."""
        return None if self.limit is None else max(0, self.limit - self.used)

    def have_room_for(self, people: int) -> bool:
        """Do so many more fit?"""
        return self.left is None or people <= self.left

    def refusal(self, code: str) -> str:
        """What the first person hears who does not fit any more."""
        return self.full or f"{code} already has {self.limit} of {self.limit} allowed pilot users."

    def warning(self, code: str, adding: int) -> str:
        """What is told when so many more bring the organization to 80 % of its limit or above; empty below."""
        return "" if self.limit is None or not adding else warning(code, LIMIT, self.used + adding, self.limit)


def nearly_full(session: Session, organization: Organization) -> str:
    """What administrators read while 80 % or more of the seats are taken; empty below."""
    return usage_of(session, organization, LIMIT).warning


def seats_of(session: Session, organizations: Iterable[Organization]) -> dict[str, Seats]:
    """The seats by organization code. They stay as counted until the transaction ends: the organizations are locked."""
    return {one.code: _seats(session, one) for one in sorted(organizations, key=lambda one: one.id)}


def _seats(session: Session, organization: Organization) -> Seats:
    try:
        usage = check_limit(session, organization, LIMIT)
    except RuleBroken as full:
        return Seats(0, 0, str(full))
    return Seats(usage.used, usage.limit)


def check_seat(session: Session, organization: Organization, user: User) -> None:
    """Is there a seat for one more person? Demo people take none (C-07).

    Raises:
        RuleBroken: all are taken.
    """
    if not user.is_demo:
        check_limit(session, organization, LIMIT)
