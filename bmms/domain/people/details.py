"""What is known about a person: names, phone, address, position, department, unit."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.errors import NotAllowed
from bmms.domain.people import fields
from bmms.domain.people.belonging import check_account, record_on_account
from bmms.domain.people.problems import Problem, email_registered, refuse_if
from bmms.domain.people.usernames import taken_logins
from bmms.domain.permissions import Permission
from bmms.domain.versions import require_unchanged
from bmms.models.accounts import User
from bmms.models.memberships import Membership
from bmms.models.organizations import Unit

EMAIL_WARNING = "This changes the sign-in: from now on it is {}."


def change_person(
    session: Session, actor: Actor, user: User, data: Mapping[str, str | None], *, seen: int | None = None
) -> bool:
    """Change first_name, last_name, phone. People change their own; administrators those of their people.

    Args:
        seen: the row_version that the form carried.

    Returns:
        whether anything was different.

    Raises:
        RuleBroken: a name is missing, something is malformed, or the account works elsewhere too.
        Stale: somebody else changed the account meanwhile.
    """
    require_unchanged(user, seen, user.username)
    if actor.user_id != user.id:
        check_account(session, actor, user)
    return change_row(session, actor, user, user.username, _cleaned(data, ("first_name", "last_name", "phone")))


def change_membership(
    session: Session,
    actor: Actor,
    membership: Membership,
    data: Mapping[str, str | None],
    *,
    unit_id: int | None,
    seen: int | None = None,
) -> bool:
    """Change position, department and unit of somebody in one organization, in a session bound to it.

    Args:
        seen: the row_version that the form carried.

    Returns:
        whether anything was different.

    Raises:
        RuleBroken: a text is too long, or there is no such open unit here.
        NotAllowed: the actor changes no people, or not there.
        Stale: somebody else changed the membership meanwhile.
    """
    if actor.user_id != membership.user_id:
        actor.require(Permission.USER_CHANGE)
    if actor.organization_id not in (None, membership.organization_id):
        raise NotAllowed("This person works in another organization.")
    label = session.get_one(User, membership.user_id).username
    require_unchanged(membership, seen, f"the membership of {label}")
    values = _cleaned(data, ("position", "department"))
    unit = session.get(Unit, unit_id) if unit_id is not None else None
    if unit_id not in (None, membership.unit_id) and (unit is None or not unit.is_active):
        refuse_if([Problem("unit", "There is no such unit.")])
    return change_row(session, actor, membership, label, values | {"unit_id": unit_id})


def change_email(session: Session, actor: Actor, user: User, email: str) -> list[str]:
    """Change the address, and with it one of the two names under which the person signs in.

    Returns:
        what to tell the administrator: the sign-in changes; perhaps the address is not a government one.

    Raises:
        RuleBroken: malformed, registered already, or the account works elsewhere too.
    """
    check_account(session, actor, user)
    address, message = fields.clean_email(email.strip()) if email.strip() else ("", "Email is required.")
    refuse_if([Problem("email", message)] if message else [])
    if address == user.email:
        return []
    try:
        refuse_if(email_registered(address) for _ in taken_logins(session, [address]))
        with session.begin_nested():
            change_row(session, actor, user, user.username, {"email": address})
    except IntegrityError:  # somebody took it this very moment
        refuse_if([email_registered(address)])
    return [EMAIL_WARNING.format(address), *fields.email_warnings(address)]


def _cleaned(data: Mapping[str, str | None], names: tuple[str, ...]) -> dict[str, str]:
    values, problems = fields.clean(data)
    refuse_if(problem for problem in problems if problem.field in names)
    return {name: values[name] for name in names}


def change_row(
    session: Session, actor: Actor, row: User | Membership, label: str, values: Mapping[str, str | int | None]
) -> bool:
    """Set named fields of an account or a membership, and record what was different. Returns whether anything was."""
    for name, value in values.items():
        setattr(row, name, value)
    changes: dict[str, Any] = audit.changed_fields(row, *values)
    if isinstance(row, User) and changes:
        record_on_account(session, actor, "users:change", row, **changes)
    elif changes:
        audit.record(session, actor, "memberships:change", row, label=label, **changes)
    return bool(changes)
