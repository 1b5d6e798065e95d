"""Invented data for training and trials, one MOA at a time (onboarding 4.4). Each module adds its own kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.installation import installation_of
from bmms.domain.people.checking import Demands
from bmms.domain.people.creation import bulk_create_users
from bmms.domain.people.demo_names import POSITIONS, invented_name
from bmms.domain.people.problems import refuse_if
from bmms.domain.people.rights import Right, set_rights
from bmms.domain.people.usernames import taken_logins
from bmms.domain.permissions import ROLES
from bmms.models.accounts import User
from bmms.models.memberships import Membership, MembershipRight
from bmms.models.organizations import Organization

LABEL = "DEMO DATA - DELETE AFTER TRAINING"
KINDS = ("users", "programs", "activities", "proposals", "budget_years", "partnerships")
DUTIES = (  # grant, role, and the how manieth demo person of the role has it (decision D10)
    ("budget_review", "pilot_budget_officer", 2),
    ("allotment_certify", "pilot_budget_officer", 2),
    ("accounting", "pilot_viewer", 1),
)


@dataclass(frozen=True)
class Wanted:
    """How much one MOA shall have. The figures are targets: what is there already is not made again."""

    year: int
    users: int = 10
    programs: int = 5
    activities: int = 20  # of each program
    partnerships: int = 2
    seed: int | None = None  # the same seed gives the same names

    def random(self, organization: Organization) -> Random:
        """The chance of this run in this MOA."""
        return Random(None if self.seed is None else f"{self.seed} {organization.code}")  # noqa: S311  (no secrets)


Generator = Callable[[Session, Actor, Organization, Wanted], int]
_generators: dict[str, Generator] = {}


@dataclass(frozen=True)
class Generated:
    """What was made in one MOA: every kind of KINDS to its number; and the kinds that no module makes yet."""

    made: Mapping[str, int]
    not_built: tuple[str, ...]


def register(kind: str, generator: Generator) -> None:
    """Let a module make one of KINDS; the generator brings a MOA up to the target and returns how many rows it made."""
    _generators[kind] = generator


def generate_pilot_data(session: Session, actor: Actor, organization: Organization, wanted: Wanted) -> Generated:
    """Bring the demo data of one pilot MOA up to the wanted amounts, in a session bound to it.

    Raises:
        RuleBroken: the pilot is over (PILOT_MODE=false), or this is no pilot MOA.
    """
    check_pilot(session)
    if not organization.is_pilot:
        raise RuleBroken(f"Organization '{organization.code}' is not a pilot organization.", field="moa")
    made = {
        kind: _generators[kind](session, actor, organization, wanted) if kind in _generators else 0 for kind in KINDS
    }
    if any(made.values()):
        changes: dict[str, Any] = {kind: [None, count] for kind, count in made.items()}
        audit.record(
            session, actor, "pilot_data:generate", label=organization.code, organization_id=organization.id, **changes
        )
    return Generated(made, tuple(kind for kind in KINDS if kind not in _generators))


def check_pilot(session: Session) -> None:
    """Demo data exists in the pilot only.

    Raises:
        RuleBroken: PILOT_MODE is off.
    """
    if not installation_of(session).config.pilot.mode:
        raise RuleBroken("PILOT_MODE is off: demo data is refused here.")


def _generate_users(session: Session, actor: Actor, organization: Organization, wanted: Wanted) -> int:
    random, code = wanted.random(organization), organization.code.lower()
    people = []
    for number in range(1, wanted.users + 1):
        first_name, last_name = invented_name(random)
        role = ROLES[(number - 1) % len(ROLES)]
        username = f"{code}_pilot_{number}"
        people.append(
            {
                "username": username,
                "email": f"{username}@{code}.pilot.bmms.gov.ph",
                "first_name": first_name,
                "last_name": last_name,
                "organization": organization.code,
                "role": role,
                "position": POSITIONS[role],
                "department": LABEL,
            }
        )
    there = taken_logins(session, (person["username"] for person in people))
    missing = [person for person in people if person["username"] not in there]
    result = bulk_create_users(session, actor, missing, demands=Demands(pilot=True, demo=True))
    refuse_if(problem for checked in result.batch.wrong for problem in checked.problems)
    _share_duties(session, actor, organization)
    return len(result.created)


def _share_duties(session: Session, actor: Actor, organization: Organization) -> None:
    """Who prepares neither reviews nor certifies nor pays: a duty that no demo person has is given to one."""
    query = (
        select(Membership, User)
        .join(User, User.id == Membership.user_id)
        .join(MembershipRight, MembershipRight.membership_id == Membership.id)
        .where(Membership.organization_id == organization.id, Membership.is_active, User.is_demo)
        .order_by(Membership.id)
    )
    for grant, role, place in DUTIES:
        people = session.execute(query.where(MembershipRight.code == role)).all()
        if len(people) >= place and not session.execute(query.where(MembershipRight.code == grant)).first():
            membership, user = people[place - 1]
            set_rights(session, actor, user, membership, put=(Right(grant),), mail="")


register("users", _generate_users)
