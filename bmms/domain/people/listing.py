"""Finding people: the list of an organization and that of the platform, with what each row of a page shows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, exists, func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, contains_eager, selectinload

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.mail_log import Delivery, delivery_state
from bmms.domain.permissions import CENTRAL_ROLES, RULES, Permission
from bmms.models.accounts import CentralRole, SignInLock, User, UserStatus
from bmms.models.memberships import Membership, MembershipRight
from bmms.models.organizations import Organization, Unit
from bmms.models.outbox import MailStatus, OutboxMessage

MOST_EXPORTED = 1_000
MOST_PLACES = 200
STATES = ("never", "locked", "unsent", "temporary")
STATUSES = (*UserStatus, "left")
Conditions = list[ColumnElement[bool] | InstrumentedAttribute[bool]]
UNIT, DEPARTMENT = "unit", "department"  # what the filter `place` begins with, as in unit-7


@dataclass(frozen=True)
class Filters:
    """What somebody looks for; empty values ask for everybody who has not left.

    Attributes:
        words: part of a name, username or address.
        role: a role, a grant or (on the platform) a central role.
        place: `unit-<id>` or `department-<text>`, as `places_of` offers them.
        status: one of `STATUSES`; `left` are people whose membership has ended, or who have none.
        state: one of `STATES`, of active people only: never signed in, locked now, welcome mail failed, password still
            temporary.
        organization: a code; for the platform only.
        sort: name, username, email or seen; with a hyphen before it from the end.
    """

    words: str = ""
    role: str = ""
    place: str = ""
    status: str = ""
    state: str = ""
    organization: str = ""
    sort: str = "name"


@dataclass
class PersonRow:
    """A person as a list shows him or her; memberships are those that the reader may see, with rights of today."""

    user: User
    memberships: list[Membership] = field(default_factory=list)
    central: list[str] = field(default_factory=list)
    unit: str = ""
    welcome: Delivery | None = None
    is_locked: bool = False

    @property
    def membership(self) -> Membership | None:
        """The membership in the reader's organization; on the platform the first one."""
        return self.memberships[0] if self.memberships else None

    @property
    def is_here(self) -> bool:
        """Does this person still work where the list is read?"""
        return any(membership.is_active for membership in self.memberships) or bool(self.central)

    def place_of(self, membership: Membership) -> str:
        """The unit, else the department as it was written."""
        return self.unit or membership.department


def list_people(actor: Actor, filters: Filters) -> Select[User, bool]:
    """(person, is the person locked now): of the actor's organization, or for the platform of all.

    Raises:
        NotAllowed: the actor may not see them.
    """
    actor.require(Permission.USER_VIEW)
    query = select(User, _is_locked())
    if works := _membership_conditions(actor, filters):
        query = query.where(exists().where(Membership.user_id == User.id, *works))
    if filters.words:
        fields = (User.first_name + " " + User.last_name, User.username, User.email)
        words = [field.icontains(filters.words, autoescape=True) for field in fields]
        query = query.where(words[0] | words[1] | words[2])
    if filters.role in CENTRAL_ROLES:
        query = query.where(_holds_central(filters.role))
    return query.where(*_status_conditions(actor, filters), *_state_conditions(filters)).order_by(*_order(filters.sort))


def _membership_conditions(actor: Actor, filters: Filters) -> Conditions:
    """What one of the person's memberships must be; empty when people without any are meant as well."""
    found: Conditions = []
    if actor.organization_id is not None:
        found.append(Membership.organization_id == actor.organization_id)
    elif filters.organization:
        here = select(Organization.id).where(Organization.code == filters.organization)
        found.append(Membership.organization_id.in_(here))
    if filters.role and filters.role not in CENTRAL_ROLES:
        found.append(
            exists().where(MembershipRight.membership_id == Membership.id, MembershipRight.code == filters.role)
        )
    kind, _, value = filters.place.partition("-")
    if kind == UNIT and value.isascii() and value.isdigit() and len(value) < 18:
        found.append(Membership.unit_id == int(value))
    elif kind == DEPARTMENT:
        found.append(Membership.department == value)
    if found and filters.status not in ("left", UserStatus.DEACTIVATED):
        found.append(Membership.is_active)
    if filters.status == "left" and actor.organization_id is not None:
        found.append(~Membership.is_active)
    return found


def _status_conditions(actor: Actor, filters: Filters) -> Conditions:
    if filters.status in list(UserStatus):
        return [User.status == filters.status]
    stays: Conditions = [User.status != UserStatus.DEACTIVATED]
    if filters.status == "left" and actor.organization_id is None:
        works = exists().where(Membership.user_id == User.id, Membership.is_active)
        central = exists().where(CentralRole.user_id == User.id, CentralRole.is_active)
        stays += [~works, ~central]
    return stays


def _state_conditions(filters: Filters) -> Conditions:
    never = User.last_sign_in_at.is_(None)
    failed = exists().where(
        OutboxMessage.user_id == User.id, OutboxMessage.kind == "welcome", OutboxMessage.status == MailStatus.FAILED
    )
    states: dict[str, Conditions] = {
        "never": [never],
        "locked": [_is_locked()],
        "unsent": [never, failed],
        "temporary": [User.must_change_password],
    }
    wanted = states.get(filters.state)
    return [] if wanted is None else [User.status == UserStatus.ACTIVE, *wanted]


def _is_locked() -> ColumnElement[bool]:
    return exists().where(SignInLock.user_id == User.id, SignInLock.locked_until > clock.now())


def _holds_central(role: str) -> ColumnElement[bool]:
    return exists().where(CentralRole.user_id == User.id, CentralRole.role == role, CentralRole.is_active)


def _order(sort: str) -> list[ColumnElement]:
    by_name: list[Any] = [func.lower(User.last_name), func.lower(User.first_name)]
    columns: dict[str, list[Any]] = {"username": [User.username], "email": [User.email], "seen": [User.last_sign_in_at]}
    chosen = columns.get(sort.removeprefix("-"), by_name)
    if sort.startswith("-"):
        return [*(column.desc().nulls_last() for column in chosen), User.id.desc()]
    return [*(column.asc().nulls_first() for column in chosen), User.id.asc()]


def rows_of(session: Session, actor: Actor, people: Iterable[tuple[User, bool]]) -> list[PersonRow]:
    """What the list shows of these people, in a handful of statements whatever their number."""
    rows = {user.id: PersonRow(user, is_locked=is_locked) for user, is_locked in people}
    query = memberships_of(actor, rows)
    if actor.organization_id is None:
        for membership in session.scalars(query):
            rows[membership.user_id].memberships.append(membership)
        held = select(CentralRole).where(CentralRole.user_id.in_(rows), CentralRole.is_active)
        for role in session.scalars(held.order_by(CentralRole.role)):
            rows[role.user_id].central.append(role.role)
    else:
        with_unit = query.outerjoin(Unit, Unit.id == Membership.unit_id).add_columns(Unit.name)
        for membership, unit in session.execute(with_unit):
            rows[membership.user_id].memberships.append(membership)
            rows[membership.user_id].unit = unit or ""
    for user_id, welcome in delivery_state(session, rows).items():
        rows[user_id].welcome = welcome
    return list(rows.values())


def memberships_of(actor: Actor, user_ids: Iterable[int]) -> Select[Membership]:
    """The memberships of these people that concern the actor, with organization and rights: here, or all."""
    query = (
        select(Membership)
        .join(Membership.organization)
        .options(contains_eager(Membership.organization), selectinload(Membership.rights))
        .where(Membership.user_id.in_(list(user_ids)))
        .order_by(Membership.is_active.desc(), Membership.is_primary.desc(), Membership.id)
    )
    return query if actor.organization_id is None else query.where(Membership.organization_id == actor.organization_id)


def places_of(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """(value of the filter `place`, name): the units of the organization, then the departments that were written."""
    units = select(literal(UNIT).label("kind"), cast(Unit.id, String).label("value"), Unit.name.label("name")).where(
        Unit.organization_id == actor.organization_id
    )
    written = (
        select(literal(DEPARTMENT), Membership.department, Membership.department)
        .where(Membership.organization_id == actor.organization_id, Membership.is_active, Membership.department != "")
        .distinct()
    )
    both = union_all(units, written).subquery()
    found = session.execute(select(both).order_by(both.c.kind.desc(), both.c.name).limit(MOST_PLACES)).all()
    named = {name for kind, _, name in found if kind == UNIT}
    return [(f"{kind}-{value}", name) for kind, value, name in found if kind == UNIT or name not in named]


def role_labels(membership: Membership) -> list[str]:
    """What people call the rights that hold today, roles before grants; grants that come with a role are left out."""
    today = clock.today()
    held = {right.code for right in membership.rights if right.holds_on(today)}
    carried = {grant for code in held if code in RULES for grant in RULES[code].carries}
    return [rule.label for code, rule in RULES.items() if code in held - carried]


EXPORTED = (
    "Organization",
    "Last name",
    "First name",
    "Username",
    "Email",
    "Phone",
    "Position",
    "Unit or department",
    "Roles",
    "Status",
    "Last sign-in (UTC+8)",
)


def export_people(session: Session, actor: Actor, filters: Filters) -> tuple[int, list[list[str]]]:
    """The people found as rows of text, in the order of `EXPORTED`, at most 1,000; the export itself is recorded.

    Returns:
        how many there are in all, and the rows.

    Raises:
        NotAllowed: the actor may not see them.
    """
    query = list_people(actor, filters)
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = rows_of(session, actor, session.execute(query.limit(MOST_EXPORTED)).all())
    audit.record(session, actor, "users:export", note=f"{min(total, MOST_EXPORTED)} of {total} people")
    return total, [_as_text(row) for row in rows]


def _as_text(row: PersonRow) -> list[str]:
    user, seen = row.user, row.user.last_sign_in_at
    several = [one for one in row.memberships if one.is_active] or row.memberships
    return [
        "; ".join(one.organization.code for one in several),
        user.last_name,
        user.first_name,
        user.username,
        user.email,
        user.phone,
        "; ".join(filter(None, (one.position for one in several))),
        "; ".join(filter(None, (row.place_of(one) for one in several))),
        "; ".join([*(label for one in several for label in role_labels(one)), *(RULES[c].label for c in row.central)]),
        user.status.value if row.is_here or user.status == UserStatus.DEACTIVATED else "left",
        seen.astimezone(clock.MANILA).strftime("%Y-%m-%d %H:%M") if seen else "",
    ]
