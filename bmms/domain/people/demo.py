"""The people with whom a fresh installation is tried out: one of each duty, with passwords of this place alone."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.accounts import credentials, passwords
from bmms.domain.actors import Actor
from bmms.domain.organizations.pilots import load_pilot_moas
from bmms.domain.organizations.seed import seed_organizations
from bmms.domain.people.central import give_central_role
from bmms.domain.people.checking import Demands
from bmms.domain.people.creation import bulk_create_users
from bmms.domain.people.demo_names import POSITIONS, invented_name
from bmms.domain.people.finding import find_organization
from bmms.domain.people.memberships import assign_to_organization
from bmms.domain.people.pilot_data import LABEL, check_pilot
from bmms.domain.people.problems import refuse_if
from bmms.domain.people.rights import Right, membership_with_rights, set_rights
from bmms.domain.people.role_table import create_pilot_roles
from bmms.domain.reference.loader import load_reference
from bmms.models.accounts import User

MOAS = ("MOH", "MOLE", "MAFAR")
SECOND_MEMBERSHIP = ("MOLE", "pilot_viewer")
COLUMNS = ("organization", "username", "password", "role")


@dataclass(frozen=True)
class DemoPerson:
    """One person of the cast. `desk` is the organization in the list of sign-ins; central people only sit there."""

    username: str
    desk: str
    role: str
    grants: tuple[str, ...] = ()
    is_central: bool = False
    works_in_two: bool = False
    is_new: bool = False  # still has a temporary password


@dataclass(frozen=True)
class SignIn:
    """One line of the list of sign-ins."""

    organization: str
    username: str
    password: str
    role: str


DUTIES = (
    ("admin", "pilot_admin", ()),
    ("approver", "pilot_approver", ()),
    ("planner", "pilot_planner", ()),
    ("budget", "pilot_budget_officer", ()),
    ("me", "pilot_me_officer", ()),
    ("coordinator", "pilot_coordinator", ()),
    ("viewer", "pilot_viewer", ()),
    ("certifier", "pilot_budget_officer", ("allotment_certify", "budget_review")),
    ("accountant", "pilot_viewer", ("accounting",)),
    ("verifier", "pilot_viewer", ("me_verify",)),
)
CENTRAL = (
    DemoPerson("ocm_viewer", "OCM", "ocm_viewer", is_central=True),
    DemoPerson("ocm_analyst", "OCM", "ocm_analyst", is_central=True),
    DemoPerson("ocm_executive", "OCM", "ocm_executive", is_central=True),
    DemoPerson("mfbm_desk", "MFBM", "mfbm", is_central=True),
    DemoPerson("bpda_desk", "BPDA", "bpda", is_central=True),
    DemoPerson("uat_coordinator", "", "uat_coordinator", is_central=True),
    DemoPerson("superadmin", "", "superadmin", is_central=True),
)
CAST = (
    *(DemoPerson(f"{moa.lower()}_{duty}", moa, role, grants) for moa in MOAS for duty, role, grants in DUTIES),
    DemoPerson("moh_mole_planner", "MOH", "pilot_planner", works_in_two=True),
    DemoPerson("mafar_newcomer", "MAFAR", "pilot_viewer", is_new=True),
    *CENTRAL,
)


def is_loaded(session: Session) -> bool:
    """Is the cast there already?"""
    return session.scalar(_cast().limit(1)) is not None


def load_demo(session: Session, actor: Actor) -> list[SignIn]:
    """Furnish an empty installation: roles, organizations, reference data, and the cast with random passwords.

    Passwords need not be changed, except that of the newcomer.

    Returns:
        who signs in with what; to be written down now, the passwords are known nowhere else.

    Raises:
        RuleBroken: the pilot is over, or somebody else has a name of the cast.
    """
    check_pilot(session)
    create_pilot_roles(session, actor)
    seed_organizations(session, actor)
    load_pilot_moas(session, actor)
    load_reference(session, actor)
    random = Random("BMMS demo")  # noqa: S311  (names, no secrets)
    names = {person.username: invented_name(random) for person in CAST}
    _make_members(session, actor, names)
    _make_central_people(session, actor, names)
    return reset_passwords(session, actor)


def reset_passwords(session: Session, actor: Actor) -> list[SignIn]:
    """Give everybody of the cast a new random password, as at the first time.

    Returns:
        who signs in with what.
    """
    users = {user.username: user for user in session.scalars(_cast())}
    people = [person for person in CAST if person.username in users]
    given = [passwords.new_temporary_password() for _ in people]
    for person, password in zip(people, given, strict=True):
        user = users[person.username]
        credentials.give_temporary_password(session, user, password, passwords.hash_temporary(password))
        if not person.is_new:
            user.must_change_password, user.temporary_until = False, None
            credentials.forget(session, user.id)
    audit.record(session, actor, "users:demo_passwords", label="demo people", people=[None, len(people)])
    return [SignIn(one.desk, one.username, password, one.role) for one, password in zip(people, given, strict=True)]


def write_sign_ins(path: Path, sign_ins: Sequence[SignIn]) -> None:
    """Write the list of sign-ins into a file that only its owner can read."""
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(COLUMNS)
        lines.writerows((one.organization, one.username, one.password, one.role) for one in sign_ins)


def _cast():
    return select(User).where(User.is_demo, User.username.in_([person.username for person in CAST]))


def _make_members(session: Session, actor: Actor, names: dict[str, tuple[str, str]]) -> None:
    members = [person for person in CAST if not person.is_central]
    people = [
        {
            "username": person.username,
            "email": f"{person.username}@{person.desk.lower()}.pilot.bmms.gov.ph",
            "first_name": names[person.username][0],
            "last_name": names[person.username][1],
            "organization": person.desk,
            "role": person.role,
            "position": POSITIONS[person.role],
            "department": LABEL,
        }
        for person in members
    ]
    result = bulk_create_users(session, actor, people, demands=Demands(demo=True))
    refuse_if(problem for checked in result.batch.wrong for problem in checked.problems)
    for person, new in zip(members, result.created, strict=True):
        _give_more(session, actor, person, session.get_one(User, new.user_id), new.organization_id)


def _give_more(session: Session, actor: Actor, person: DemoPerson, user: User, organization_id: int) -> None:
    membership = membership_with_rights(session, user.id, organization_id)
    if membership and person.grants:
        set_rights(session, actor, user, membership, put=tuple(Right(grant) for grant in person.grants))
    if person.works_in_two:
        code, role = SECOND_MEMBERSHIP
        assign_to_organization(session, actor, user, find_organization(session, code), role)


def _make_central_people(session: Session, actor: Actor, names: dict[str, tuple[str, str]]) -> None:
    for person in CENTRAL:
        first_name, last_name = names[person.username]
        user = User(
            username=person.username,
            email=f"{person.username}@pilot.bmms.gov.ph",
            first_name=first_name,
            last_name=last_name,
            password_changed_at=clock.now(),
            is_demo=True,
        )
        session.add(user)
        audit.record(session, actor, "users:create", user, label=user.username)
        give_central_role(session, actor, user, person.role, note=LABEL)
