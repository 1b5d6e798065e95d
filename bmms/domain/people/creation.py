"""Accounts are made: account, membership, role, temporary password and mail in one transaction (onboarding 3.2)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.imports.watching import Watch, nobody_watches
from bmms.domain.people.accounts_in_bulk import NewPerson, insert_accounts
from bmms.domain.people.checking import BY_FORM, Batch, Checked, Demands, Entry, check_people
from bmms.domain.people.problems import Problem, email_registered, refusal, refuse_if, username_taken
from bmms.domain.people.usernames import taken_logins
from bmms.domain.people.welcome import generate_welcome_email
from bmms.domain.permissions import Permission
from bmms.models.accounts import User
from bmms.models.locks import Lock
from bmms.models.memberships import Membership

AT_ONCE = 500


@dataclass
class BulkResult:
    """What became of a list of people: the accounts made, and each person's check with what was wrong."""

    batch: Batch
    refused: bool = False  # something is wrong, so nothing was made
    created: list[NewPerson] = field(default_factory=list)


def create_pilot_user(
    session: Session,
    actor: Actor,
    data: Mapping[str, str | None],
    *,
    send_email: bool = False,
    demands: Demands = BY_FORM,
) -> NewPerson:
    """Make one account with its membership, role and temporary password.

    Args:
        data: field name (`fields.LABELS`) to text; `password` for an explicit one, which must satisfy the policy and
            still be changed at the first sign-in.
        send_email: put the welcome mail into the outbox.

    Returns:
        the new person, with the password that must reach him or her: it is shown now and never again.

    Raises:
        RuleBroken: with all problems, field by field; nothing was made.
        NotAllowed: the actor makes no accounts.
    """
    checked = check_pilot_user(session, actor, data, demands=demands)
    new, collided = _create(session, actor, [checked], demands, passwords=[data.get("password") or ""])
    refuse_if(problem for checked in collided for problem in checked.problems)
    if send_email:
        _send_welcomes(session, new)
    return new[0]


def check_pilot_user(
    session: Session, actor: Actor, data: Mapping[str, str | None], *, demands: Demands = BY_FORM
) -> Checked:
    """What `create_pilot_user` would make, with its warnings; nothing is written.

    Raises:
        RuleBroken: with all problems, field by field.
        NotAllowed: the actor makes no accounts.
    """
    actor.require(Permission.USER_CREATE)
    checked = check_people(session, actor, [Entry(1, data)], demands).people[0]
    if checked.problems:
        raise refusal(_with_hints(session, checked) if demands.pilot else checked.problems)
    return checked


def bulk_create_users(
    session: Session,
    actor: Actor,
    people: Sequence[Mapping[str, str | None]],
    *,
    send_emails: bool = False,
    skip_invalid: bool = False,
    demands: Demands = BY_FORM,
    watch: Watch = nobody_watches,
) -> BulkResult:
    """Make many accounts: all of them, or none when one is wrong.

    Args:
        people: like `data` of `create_pilot_user`, without passwords; problems name them as row 1, 2, …
        skip_invalid: make the good ones and leave out the others.
        watch: told how many accounts have been made.

    Raises:
        NotAllowed: the actor makes no accounts.
    """
    actor.require(Permission.USER_CREATE)
    one_bulk_run_at_a_time(session)
    entries = [Entry(number, data) for number, data in enumerate(people, start=1)]
    batch = check_people(session, actor, entries, demands)
    return create_checked(
        session, actor, batch, demands, send_emails=send_emails, skip_invalid=skip_invalid, watch=watch
    )


def create_checked(
    session: Session,
    actor: Actor,
    batch: Batch,
    demands: Demands,
    *,
    send_emails: bool = False,
    skip_invalid: bool = False,
    watch: Watch = nobody_watches,
) -> BulkResult:
    """Make the new accounts of a batch that was checked under `one_bulk_run_at_a_time`."""
    result = BulkResult(batch)
    if batch.wrong and not skip_invalid:
        result.refused = True
        return result
    with session.begin_nested() as attempt:
        result.created, collided = _create(session, actor, batch.new, demands, watch=watch)
        if collided and not skip_invalid:
            result.refused, result.created = True, []
            attempt.rollback()
    if send_emails and result.created:
        _send_welcomes(session, result.created)
    return result


def one_bulk_run_at_a_time(session: Session) -> None:
    """Wait until no other bulk run is under way; from then on what it made is visible to the check."""
    session.execute(select(func.pg_advisory_xact_lock(Lock.BULK_IMPORT)))


def _create(
    session: Session,
    actor: Actor,
    people: Sequence[Checked],
    demands: Demands,
    *,
    passwords: Sequence[str] = (),
    watch: Watch = nobody_watches,
) -> tuple[list[NewPerson], list[Checked]]:
    new: list[NewPerson] = []
    collided: list[Checked] = []
    for start in range(0, len(people), AT_ONCE):
        some = people[start : start + AT_ONCE]
        made = insert_accounts(session, actor, some, passwords=passwords[start : start + AT_ONCE], is_demo=demands.demo)
        new += made
        collided += _explain_collisions(session, some, {person.username for person in made})
        watch(start + len(some), len(people))
    return new, collided


def _explain_collisions(session: Session, people: Sequence[Checked], made: set[str]) -> list[Checked]:
    """Somebody else took the name or the address since the check: the same words as if the check had seen it."""
    collided = [checked for checked in people if checked.values["username"] not in made]
    if not collided:
        return []
    taken = taken_logins(session, (checked.values[name] for checked in collided for name in ("username", "email")))
    for checked in collided:
        email, username = checked.values["email"], checked.values["username"]
        if username in taken:
            checked.problems.append(username_taken(username))
        if email in taken:
            checked.problems.append(email_registered(email))
    return collided


def _with_hints(session: Session, checked: Checked) -> Iterable[Problem]:
    """For operators, who see all organizations: a person known elsewhere needs a membership, not an account."""
    email, organization = checked.values["email"], checked.organization
    for problem in checked.problems:
        if problem == email_registered(email) and organization and _elsewhere(session, email, organization.id):
            remedy = (
                f"For a membership in {organization.code} use assign_pilot_role --user {email} "
                f"--organization {organization.code} --role {checked.values['role']} --create-membership."
            )
            problem = replace(problem, remedy=remedy)
        yield problem


def _elsewhere(session: Session, email: str, organization_id: int) -> bool:
    here = select(Membership.id).where(Membership.user_id == User.id, Membership.organization_id == organization_id)
    return session.scalar(select(User.id).where(User.email == email, ~here.exists())) is not None


def _send_welcomes(session: Session, people: Iterable[NewPerson]) -> None:
    for person in people:
        generate_welcome_email(session, person.user_id, person.organization_id)
