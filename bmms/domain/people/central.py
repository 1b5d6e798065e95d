"""Roles above the organizations (decision D10): given and ended by the platform team alone."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, outbox
from bmms.domain.accounts import credentials
from bmms.domain.actors import Actor
from bmms.domain.errors import NotAllowed, RuleBroken
from bmms.domain.people import fields
from bmms.domain.people.problems import email_registered, refuse_if, username_taken
from bmms.domain.people.role_table import create_pilot_roles
from bmms.domain.people.usernames import taken_logins
from bmms.domain.permissions import CENTRAL_ROLES, Permission
from bmms.models.accounts import CentralRole, User, UserStatus
from bmms.models.memberships import Membership
from bmms.models.organizations import Organization

OVERSIGHT = ("ocm_viewer", "ocm_analyst", "ocm_executive")
OVERSIGHT_HOMES = ("OCM", "OOBC")  # whose people may hold an oversight role (onboarding 1.5)
PERSONAL = ("username", "email", "first_name", "last_name")


def create_superadmin(session: Session, actor: Actor, data: Mapping[str, str]) -> tuple[User, str]:
    """Make an account of the platform team, which has no organization: the first one of an installation, or another.

    Args:
        data: `username`, `email`, `first_name`, `last_name`.

    Returns:
        the account and its temporary password, which is shown now and never again.

    Raises:
        NotAllowed: the actor is not of the platform team.
        RuleBroken: with all problems, field by field.
    """
    actor.require(Permission.USER_CREATE)
    values, problems = fields.clean(data, username=True)
    taken = taken_logins(session, (values["username"], values["email"]))
    problems = [problem for problem in problems if problem.field in PERSONAL]
    problems += [username_taken(values["username"])] if values["username"] in taken else []
    problems += [email_registered(values["email"])] if values["email"] in taken else []
    refuse_if(problems)
    create_pilot_roles(session, actor)
    user = User(**{name: values[name] for name in PERSONAL})
    session.add(user)
    audit.record(session, actor, "users:create", user, label=user.username)
    password = credentials.give_temporary_password(session, user)
    give_central_role(session, actor, user, "superadmin")
    return user, password


def give_central_role(session: Session, actor: Actor, user: User, role: str, *, note: str = "") -> bool:
    """Give somebody a role above the organizations. Returns whether it is new.

    Raises:
        NotAllowed: the actor is not of the platform team.
        RuleBroken: unknown role; oneself; an account that is not active; an oversight role for staff of an MOA.
    """
    _check(actor, user, role)
    if user.status != UserStatus.ACTIVE:
        raise RuleBroken(f"The account {user.username} is {user.status}.", field="user")
    if role in OVERSIGHT and (code := _works_in_moa(session, user)):
        raise RuleBroken(f"{role} is for people of OCM; {user.username} works in {code}.", field="role")
    values = {"is_active": True, "given_by": actor.user_id, "given_at": clock.now(), "note": note}
    row = insert(CentralRole).values(user_id=user.id, role=role, **values)
    given = row.on_conflict_do_update(
        index_elements=[CentralRole.user_id, CentralRole.role], set_=values, where=~CentralRole.is_active
    ).returning(CentralRole.id)
    if session.scalar(given) is None:
        return False
    audit.record(session, actor, "central_roles:give", user, label=user.username, note=note, role=[None, role])
    if not user.is_demo:
        outbox.write(session, "access_given", user_id=user.id)
    return True


def end_central_role(session: Session, actor: Actor, user: User, role: str) -> bool:
    """Take a role above the organizations away. Returns whether the person held it.

    Raises:
        NotAllowed: the actor is not of the platform team.
        RuleBroken: unknown role; oneself.
    """
    _check(actor, user, role)
    held = session.scalar(
        select(CentralRole).where(CentralRole.user_id == user.id, CentralRole.role == role, CentralRole.is_active)
    )
    if held is None:
        return False
    held.is_active = False
    audit.record(session, actor, "central_roles:end", user, label=user.username, role=[role, None])
    return True


def _check(actor: Actor, user: User, role: str) -> None:
    actor.require(Permission.RIGHT_ASSIGN)
    if actor.organization_id is not None:
        raise NotAllowed("Central roles are given by the platform team.")
    if role not in CENTRAL_ROLES:
        raise RuleBroken(f"Unknown central role '{role}'. Valid: {', '.join(sorted(CENTRAL_ROLES))}.", field="role")
    if actor.user_id == user.id:
        raise RuleBroken("Nobody changes their own roles. Ask another administrator.", field="role")


def _works_in_moa(session: Session, user: User) -> str | None:
    return session.scalar(
        select(Organization.code)
        .join(Membership, Membership.organization_id == Organization.id)
        .where(Membership.user_id == user.id, Membership.is_active, Organization.code.not_in(OVERSIGHT_HOMES))
        .limit(1)
    )
