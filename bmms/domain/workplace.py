"""What a person sees first in an organization: what waits, what is switched on, whom to ask."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, exists, func, literal, select, union_all
from sqlalchemy.orm import Session

from bmms.domain import clock, drafts
from bmms.domain.actors import Actor
from bmms.domain.permissions import RULES, Permission
from bmms.models.accounts import SignInLock, User, UserStatus
from bmms.models.drafts import Draft
from bmms.models.memberships import Designation, Membership, MembershipRight
from bmms.models.organizations import Module, Organization
from bmms.models.outbox import MailStatus, OutboxMessage
from bmms.models.reference import Holiday

# the cards of "my work": what it says, the switch, what is found there; policies and MANA have no menu (D51)
CARDS = (
    ("Planning", Module.PLANNING, "Strategic plan, annual work plan, progress"),
    ("Budgeting", Module.BUDGETING, "Budget calls, proposals, evaluation"),
    ("Execution", Module.BUDGETING, "Allotments, obligations, disbursements, statements"),
    ("M&E", Module.MONITORING, "Indicators, targets, verified values"),
    ("Coordination", Module.COORDINATION, "Partnerships and meetings with other MOAs"),
)


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for the person: what, since when or why, and the way to it."""

    title: str
    detail: str
    word: str
    tone: str
    endpoint: str
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class ModuleCard:
    """One part of the work; `endpoint` is empty until its pages exist."""

    label: str
    detail: str
    is_on: bool
    endpoint: str = ""


@dataclass(frozen=True)
class Staffing:
    """The people of an organization in figures."""

    people: int
    signed_in: int
    never: int
    locked: int
    administrators: int
    unsent: int


@dataclass(frozen=True)
class Desk:
    """The page "my work"."""

    greeting: str
    roles: list[str]
    stands_for: tuple[str, ...]
    waiting: list[Waiting]
    unsent: list[Draft]
    modules: list[ModuleCard]
    administrators: list[Row]
    holidays: list[Holiday]
    staffing: Staffing | None


MODULE_HOMES: dict[str, str] = {}  # the endpoint of the first page of each card; modules add theirs
Matters = Callable[[Session, Actor, Membership], list[Waiting]]
MODULE_MATTERS: list[tuple[Module, Matters]] = []  # what waits for a person, in one statement each; modules add theirs
MOST_OF_A_HEAP = 20


@dataclass(frozen=True)
class Heap:
    """What of one kind can wait for a person.

    Args:
        rows: the rows for this actor, of the columns what, id, name, note, fiscal_year, since; None where none can.
        told: such a row in words.
    """

    rows: Callable[[Actor], Select[Any] | None]
    told: Callable[[Any], Waiting]


def together(*heaps: Heap) -> Matters:
    """The heaps of a module in ONE statement: a page that asks for all of them stays as light as for one."""

    def matters_of(session: Session, actor: Actor, membership: Membership) -> list[Waiting]:
        asked = [(place, rows) for place, heap in enumerate(heaps) if (rows := heap.rows(actor)) is not None]
        if not asked:
            return []
        parts = []
        for place, rows in asked:
            some = rows.subquery()
            parts.append(select(literal(place).label("heap"), some).order_by(some.c.since).limit(MOST_OF_A_HEAP))
        every = union_all(*(select(part.subquery()) for part in parts)).subquery()
        found = session.execute(select(every).order_by(every.c.heap, every.c.since, every.c.id))
        return [heaps[row.heap].told(row) for row in found]

    return matters_of


def desk_of(session: Session, actor: Actor, organization: Organization, membership: Membership) -> Desk:
    """Gather the page for this person in this organization."""
    user = session.get_one(User, actor.user_id)
    staffing = staffing_of(session, organization) if actor.may(Permission.USER_VIEW) else None
    return Desk(
        greeting=f"{_greeting()}, {user.first_name or user.username}",
        roles=_role_labels(actor),
        stands_for=actor.principal_names,
        waiting=[
            *_matters_of_modules(session, actor, organization, membership),
            *_own_matters(user),
            *_designations(session, membership),
            *(_matters_of_staff(staffing) if staffing and actor.may(Permission.USER_CHANGE) else []),
        ],
        unsent=drafts.unsent(session, actor),
        modules=[
            ModuleCard(label, detail, organization.has(module), MODULE_HOMES.get(label, ""))
            for label, module, detail in CARDS
        ],
        administrators=administrators_of(session, organization.id),
        holidays=list(
            session.scalars(select(Holiday).where(Holiday.day >= clock.today()).order_by(Holiday.day).limit(4))
        ),
        staffing=staffing,
    )


def _role_labels(actor: Actor) -> list[str]:
    """Roles first, then those grants that do not come with a role anyway."""
    carried = {grant for code in actor.rights for grant in RULES[code].carries}
    return [rule.label for code, rule in RULES.items() if code in actor.rights - carried]


def _greeting() -> str:
    hour = clock.now().astimezone(clock.MANILA).hour
    return "Good morning" if hour < 12 else ("Good afternoon" if hour < 18 else "Good evening")


def _matters_of_modules(
    session: Session, actor: Actor, organization: Organization, membership: Membership
) -> list[Waiting]:
    known = [matters for module, matters in MODULE_MATTERS if organization.has(module)]
    return [waiting for matters in known for waiting in matters(session, actor, membership)]


def _own_matters(user: User) -> list[Waiting]:
    if user.phone:
        return []
    return [
        Waiting(
            "Complete your profile",
            "Your mobile phone is missing; the help desk calls it when something is wrong with your account.",
            "First steps",
            "info",
            "accounts.profile",
        )
    ]


def _designations(session: Session, membership: Membership) -> list[Waiting]:
    """Designations that end within a week, for the deputy and for the principal."""
    today = clock.today()
    query = select(Designation).where(
        (Designation.deputy_id == membership.id) | (Designation.principal_id == membership.id),
        Designation.revoked_at.is_(None),
        Designation.ends_on.between(today, today + timedelta(days=7)),
    )
    return [
        Waiting(
            f"Designation {designation.instrument_number} ends",
            f"Last day: {designation.ends_on.day} {designation.ends_on:%B %Y}",
            "Ends soon",
            "warn",
            "admin.designation_list",
        )
        for designation in session.scalars(query)
    ]


def _matters_of_staff(staffing: Staffing) -> list[Waiting]:
    found = []
    if staffing.unsent:
        found.append(
            _people_matter(
                staffing.unsent, "got no welcome mail", "got no welcome mail", "Mail failed", "bad", "unsent"
            )
        )
    if staffing.locked:
        found.append(
            _people_matter(
                staffing.locked, "is locked out for now", "are locked out for now", "Locked", "warn", "locked"
            )
        )
    if staffing.never:
        found.append(
            _people_matter(
                staffing.never, "has not signed in yet", "have not signed in yet", "Not yet", "mute", "never"
            )
        )
    if staffing.administrators < 2:
        found.append(
            Waiting(
                "Name a second administrator",
                "With one administrator, nobody can help when that person is away.",
                "Recommended",
                "info",
                "admin.user_list",
                {"role": "pilot_admin"},
            )
        )
    return found


def _people_matter(count: int, one: str, many: str, word: str, tone: str, state: str) -> Waiting:
    title = f"1 person {one}" if count == 1 else f"{count} people {many}"
    return Waiting(title, "Open the list to act on each", word, tone, "admin.user_list", {"state": state})


def staffing_of(session: Session, organization: Organization) -> Staffing:
    """Count the people of one organization in one statement."""
    locked = exists().where(SignInLock.user_id == User.id, SignInLock.locked_until > clock.now())
    failed = exists().where(
        OutboxMessage.user_id == User.id, OutboxMessage.kind == "welcome", OutboxMessage.status == MailStatus.FAILED
    )
    administers = exists().where(MembershipRight.membership_id == Membership.id, MembershipRight.code == "pilot_admin")
    never = User.last_sign_in_at.is_(None)
    row = session.execute(
        select(
            func.count(),
            func.count().filter(~never),
            func.count().filter(never),
            func.count().filter(locked),
            func.count().filter(administers),
            func.count().filter(and_(failed, never)),
        )
        .select_from(Membership)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organization_id == organization.id, Membership.is_active, User.status == UserStatus.ACTIVE)
    ).one()
    return Staffing(*row)


def administrators_of(session: Session, organization_id: int) -> list[Row]:
    """(first name, last name, email, phone) of those whom people of this organization may ask."""
    query = (
        select(User.first_name, User.last_name, User.email, User.phone)
        .select_from(Membership)
        .join(User, User.id == Membership.user_id)
        .join(MembershipRight, MembershipRight.membership_id == Membership.id)
        .where(
            Membership.organization_id == organization_id,
            Membership.is_active,
            User.status == UserStatus.ACTIVE,
            MembershipRight.code == "pilot_admin",
        )
        .order_by(User.last_name, User.first_name)
        .limit(5)
    )
    return list(session.execute(query))


def pilot_organizations(session: Session) -> list[Organization]:
    """The organizations that work in BMMS now, by name; for the start page of central roles."""
    return list(session.scalars(select(Organization).where(Organization.is_active).order_by(Organization.name)))
