"""One search over everything that a person may see in the own organization. Each part adds its kinds here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.permissions import Permission
from bmms.models.accounts import User
from bmms.models.memberships import Membership
from bmms.models.organizations import Unit

MOST_OF_A_KIND = 8


@dataclass(frozen=True)
class Hit:
    """One find: what to show and the view that opens it."""

    title: str
    detail: str
    endpoint: str
    values: dict[str, int]


@dataclass(frozen=True)
class Kind:
    """One kind of thing that can be found, and the permission without which it is not even looked for."""

    label: str
    need: Permission
    look: Callable[[Session, Actor, str], Iterable[Hit]]


def find(session: Session, actor: Actor, words: str) -> list[tuple[str, list[Hit]]]:
    """(label of the kind, finds) for every kind that the actor may see and that has finds."""
    looked = [(kind.label, list(kind.look(session, actor, words))) for kind in KINDS if actor.may(kind.need)]
    return [(label, hits) for label, hits in looked if hits]


def _people(session: Session, actor: Actor, words: str) -> Iterable[Hit]:
    named = or_(
        (User.first_name + " " + User.last_name).icontains(words, autoescape=True),
        User.username.icontains(words, autoescape=True),
        User.email.icontains(words, autoescape=True),
    )
    query = (
        select(Membership.id, User.first_name, User.last_name, User.username, Membership.position)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organization_id == actor.organization_id, named)
        .order_by(User.last_name, User.first_name)
        .limit(MOST_OF_A_KIND)
    )
    for membership_id, first, last, username, position in session.execute(query):
        title = f"{first} {last}".strip() or username
        yield Hit(title, position or username, "admin.user_show", {"membership_id": membership_id})


def _units(session: Session, actor: Actor, words: str) -> Iterable[Hit]:
    named = or_(Unit.name.icontains(words, autoescape=True), Unit.code.icontains(words, autoescape=True))
    query = select(Unit.id, Unit.name, Unit.code).where(named).order_by(Unit.name).limit(MOST_OF_A_KIND)
    for unit_id, name, code in session.execute(query):
        yield Hit(name, code, "admin.unit_show", {"unit_id": unit_id})


KINDS = (
    Kind("People", Permission.USER_VIEW, _people),
    Kind("Units", Permission.UNIT_VIEW, _units),
)
