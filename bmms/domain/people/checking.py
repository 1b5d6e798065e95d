"""The check that everybody passes who gets an account: by command, form, list or file, with the same words.

It reads what it needs in a handful of statements, whether for one person or for five thousand, and writes nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.people import fields
from bmms.domain.people.existing import ExistingPerson, find_existing
from bmms.domain.people.problems import Problem, email_registered, username_taken
from bmms.domain.people.role_rules import role_warnings
from bmms.domain.people.seats import Seats, seats_of
from bmms.domain.people.usernames import UserNames, taken_logins
from bmms.models.organizations import Organization


@dataclass(frozen=True)
class Demands:
    """What one way of entering people asks for."""

    names: bool = True  # first and last name must be given
    username: bool = False  # so must the username, which is derived otherwise
    pilot: bool = False  # pilot organizations only: the pilot's commands
    update_existing: bool = False  # a known address is brought up to date rather than refused
    demo: bool = False  # invented people, who take no seat


BY_FORM = Demands()


@dataclass(frozen=True)
class Entry:
    """One person's data as it was entered: the row in its file or place in its list, the fields, and what was wrong
    with it before anybody looked at the fields: a problem of the field `row` means that they cannot be trusted."""

    number: int
    data: Mapping[str, str | None]
    problems: tuple[Problem, ...] = ()


@dataclass
class Checked:
    """One person's data after the check."""

    number: int
    values: dict[str, str]  # as it will be stored; `username` is filled in where it was derived
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    organization: Organization | None = None
    existing: ExistingPerson | None = None

    @property
    def ready(self) -> bool:
        """Is there nothing wrong?"""
        return not self.problems

    @property
    def home(self) -> Organization:
        """The organization, which everybody has who is ready."""
        if self.organization is None:
            raise ValueError(f"the organization of row {self.number} is not known")
        return self.organization

    @property
    def is_new(self) -> bool:
        """Would this person get a new account?"""
        return self.ready and self.existing is None


@dataclass
class Batch:
    """All people of one check, in their order, and the seats of the organizations they are for."""

    people: list[Checked]
    seats: dict[str, Seats]  # organization code to its seats before this batch

    @property
    def wrong(self) -> list[Checked]:
        """Those with at least one problem."""
        return [checked for checked in self.people if not checked.ready]

    @property
    def new(self) -> list[Checked]:
        """Those who would get an account."""
        return [checked for checked in self.people if checked.is_new]

    def new_by_organization(self) -> Counter[str]:
        """How many accounts each organization would get, in the order in which the organizations appear."""
        return Counter(checked.values["organization"] for checked in self.new)


def validate_user_data(
    session: Session, actor: Actor, data: Mapping[str, str | None], demands: Demands = BY_FORM
) -> list[Problem]:
    """What is wrong with one person's data; nothing is written.

    Args:
        data: field name (`fields.LABELS`) to text, and optionally `password`, an explicit one.

    Returns:
        each problem with its field and its message (onboarding 3.2); empty when an account could be made.
    """
    return check_people(session, actor, [Entry(1, data)], demands).people[0].problems


def check_people(session: Session, actor: Actor, entries: Iterable[Entry], demands: Demands = BY_FORM) -> Batch:
    """Check any number of people together: their fields, their organizations, one another, and who is known already."""
    people = [_check_fields(entry, demands) for entry in entries]
    _check_organizations(session, actor, people, demands)
    _check_emails(session, actor, people, demands)
    _check_usernames(session, people)
    return Batch(people, _check_seats(session, people, demands))


def _check_fields(entry: Entry, demands: Demands) -> Checked:
    spoiled = {problem.field for problem in entry.problems}
    if "row" in spoiled:
        return Checked(entry.number, dict.fromkeys(fields.LABELS, ""), list(entry.problems))
    values, problems = fields.clean(entry.data, names=demands.names, username=demands.username)
    problems = [*entry.problems, *(problem for problem in problems if problem.field not in spoiled)]
    if password := entry.data.get("password") or "":
        problems += fields.check_password(password, values)
    checked = Checked(entry.number, values, problems)
    checked.warnings += [] if _is_unusable(checked, "email") else fields.email_warnings(values["email"])
    return checked


def _check_organizations(session: Session, actor: Actor, people: Sequence[Checked], demands: Demands) -> None:
    codes = {checked.values["organization"] for checked in people} - {""}
    known = {found.code: found for found in session.scalars(select(Organization).where(Organization.code.in_(codes)))}
    remedies = _remedies(session, codes - known.keys(), demands)
    own = session.get(Organization, actor.organization_id) if actor.organization_id else None
    for checked in people:
        code = checked.values["organization"]
        if not code:
            continue
        checked.organization = known.get(code)
        if problem := _organization_problem(actor, code, checked.organization, demands, own):
            checked.problems.append(replace(problem, remedy=remedies.get(code, "")))
        elif checked.organization and checked.values["role"]:
            checked.warnings += role_warnings(checked.organization, checked.values["role"])


def _remedies(session: Session, unknown: set[str], demands: Demands) -> dict[str, str]:
    """What to do about codes that no organization has: operators load, others have mistyped."""
    if demands.pilot or not unknown:
        return dict.fromkeys(unknown, "Run load_pilot_moas first.")
    codes = session.scalars(select(Organization.code)).all()
    near = {code: get_close_matches(code, codes, n=1) for code in unknown}
    return {code: f"Did you mean {found[0]}?" for code, found in near.items() if found}


def _organization_problem(
    actor: Actor,
    code: str,
    organization: Organization | None,
    demands: Demands,
    own: Organization | None,
) -> Problem | None:
    name = fields.quoted(code)
    if organization is None:
        return Problem("organization", f"Organization {name} not found.")
    if own is not None and own is not organization:
        message = f"This row belongs to another organization, {code}; you administer {own.code}."
        return Problem("organization", message)
    if not organization.is_active:
        return Problem("organization", f"Organization {name} is not active.")
    if demands.pilot and not organization.is_pilot:
        return Problem("organization", f"Organization {name} is not a pilot organization.")
    return None


def _check_emails(session: Session, actor: Actor, people: Sequence[Checked], demands: Demands) -> None:
    sound = [checked for checked in people if not _is_unusable(checked, "email")]
    taken = taken_logins(session, (checked.values["email"] for checked in sound))
    known = find_existing(session, actor, taken) if demands.update_existing else {}
    first_rows: dict[str, int] = {}
    for checked in sound:
        email = checked.values["email"]
        if (first := first_rows.setdefault(email, checked.number)) != checked.number:
            checked.problems.append(Problem("email", f"Email '{email}' is already in row {first}."))
        elif email in known:
            checked.existing = known[email]
            checked.problems += known[email].problems(actor, checked.values, checked.organization)
        elif email in taken:
            checked.problems.append(email_registered(email))


def _check_usernames(session: Session, people: Sequence[Checked]) -> None:
    new = [checked for checked in people if checked.existing is None]
    explicit = [checked for checked in new if checked.values["username"]]
    nameless = [
        checked
        for checked in new
        if checked.organization and not checked.values["username"] and checked.values["email"]
    ]
    pairs = [(checked.values["email"], checked.values["organization"]) for checked in nameless]
    names = UserNames(session, (checked.values["username"] for checked in explicit), pairs)
    first_rows: dict[str, int] = {}
    for checked in explicit:
        name = checked.values["username"]
        if _is_unusable(checked, "username"):
            continue
        if (first := first_rows.setdefault(name, checked.number)) != checked.number:
            checked.problems.append(Problem("username", f"Username '{name}' is already in row {first}."))
        elif names.is_taken(name):
            checked.problems.append(username_taken(name))
    for checked in nameless:
        if not _is_unusable(checked, "email"):
            checked.values["username"] = names.derive(checked.values["email"], checked.values["organization"])


def _check_seats(session: Session, people: Sequence[Checked], demands: Demands) -> dict[str, Seats]:
    if demands.demo:
        return {}
    organizations = {checked.home.code: checked.home for checked in people if checked.ready}
    seats = seats_of(session, organizations.values())
    wanted: Counter[str] = Counter()
    last: dict[str, Checked] = {}
    for checked in people:
        if not checked.ready or (checked.existing and not checked.existing.takes_seat(checked.home)):
            continue
        code = checked.values["organization"]
        if seats[code].have_room_for(wanted[code] + 1):
            wanted[code] += 1
            last[code] = checked
        else:
            checked.problems.append(Problem("organization", seats[code].refusal(code)))
            last.pop(code, None)  # the refusal says more than a warning
    for code, checked in last.items():
        if warning := seats[code].warning(code, wanted[code]):
            checked.warnings.append(warning)
    return seats


def _is_unusable(checked: Checked, name: str) -> bool:
    return not checked.values[name] or any(problem.field == name for problem in checked.problems)
