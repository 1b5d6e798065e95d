"""The lists that all organizations share are kept by the administrators of the platform (decision D53).

What is in use is never deleted: a theme or a unit of measure is retired, so that nobody chooses it any more and old
plans keep it; alignment codes go out of use with the list of the next year, object codes with their last day. What
somebody types loses its `source`, so that loading the reference data again does not undo it. Every function needs
Permission.LIST_CHANGE.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bmms.domain import audit, merging
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken, Stale
from bmms.domain.lists.queries import list_themes
from bmms.domain.permissions import Permission
from bmms.domain.reference.object_codes import CLASS_OF_DIGITS, class_of, digits_of, level_of
from bmms.models.lists import AlignmentCode, AlignmentList, Theme, UnitOfMeasure
from bmms.models.locks import Lock
from bmms.models.reference import ObjectCode

Entry = Theme | AlignmentList | AlignmentCode | UnitOfMeasure | ObjectCode
Retirable = Theme | UnitOfMeasure
ANSWERS: dict[type, tuple[str, ...]] = {
    Theme: ("code", "title"),
    AlignmentList: ("kind", "year", "title", "is_official"),
    AlignmentCode: ("code", "title"),
    UnitOfMeasure: ("name", "counts_people"),
    ObjectCode: ("code", "title", "valid_from", "valid_to"),
}
KEYS: dict[type, tuple[str, ...]] = {  # by which an entry is known again, in any case
    Theme: ("code",),
    AlignmentList: ("kind", "year"),
    AlignmentCode: ("list_id", "code"),
    UnitOfMeasure: ("name",),
    ObjectCode: ("code",),
}
TAKEN = {
    Theme: "This code is taken by another theme.",
    AlignmentList: "There is a list of this kind and year already.",
    AlignmentCode: "This code is in the list already.",
    UnitOfMeasure: "There is a unit of measure of this name already.",
    ObjectCode: "There is an object of this code already.",
}


def add(session: Session, actor: Actor, entry: Entry) -> None:
    """Put a new entry into its list; a theme goes to the end, the class of an object code follows from its digits.

    Raises:
        RuleBroken: an answer is missing, too long or taken.
    """
    _hold(session, actor)
    model = type(entry)
    _put(entry, _checked(session, entry, {name: getattr(entry, name) for name in ANSWERS[model]}))
    if isinstance(entry, Theme):
        entry.ordinal = (session.scalar(select(func.max(Theme.ordinal))) or 0) + 1
    if isinstance(entry, ObjectCode):
        entry.expense_class, entry.level = CLASS_OF_DIGITS[entry.code[:3]], level_of(entry.code)
    session.add(entry)
    changes: dict[str, Any] = {name: (None, getattr(entry, name)) for name in ANSWERS[model]}
    audit.record(session, actor, f"{entry.__tablename__}:create", entry, label=called(entry), **changes)


def change(session: Session, actor: Actor, entry: Entry, answers: Mapping[str, Any], *, seen: str = "") -> None:
    """Give an entry other words.

    Args:
        seen: `seen_of` when the person began to type.

    Raises:
        RuleBroken: an answer is missing, too long or taken.
        Stale: somebody else changed it meanwhile.
    """
    _hold(session, actor)
    session.refresh(entry)
    if seen and seen != seen_of(entry):
        raise Stale(f"Somebody else changed {called(entry)} meanwhile. Open it again and repeat your change.")
    before = called(entry)
    _put(entry, _checked(session, entry, answers))
    _record(session, actor, "change", entry, before, *answers)


def retire(session: Session, actor: Actor, entry: Retirable, retired: bool) -> None:
    """Offer an entry no longer, or again. Plans that have it keep it."""
    _hold(session, actor)
    entry.is_active = not retired
    _record(session, actor, "retire" if retired else "offer", entry, called(entry), "is_active")


def remove(session: Session, actor: Actor, entry: Entry) -> None:
    """Delete an entry that nothing refers to; a list goes with its codes.

    Raises:
        RuleBroken: it is in use.
    """
    _hold(session, actor)
    name, table = called(entry), entry.__tablename__
    try:
        with session.begin_nested():
            session.delete(entry)
    except IntegrityError:
        raise RuleBroken(
            f"{name} is in use and stays, so that what refers to it can be read. {_instead(entry)}."
        ) from None
    audit.record(session, actor, f"{table}:delete", label=name)


def move_theme(session: Session, actor: Actor, theme: Theme, by: int) -> None:
    """Put a theme one place up (-1) or down (1); at the edge nothing happens."""
    _hold(session, actor)
    order = list(session.scalars(list_themes()))
    here = order.index(theme)
    there = here + by
    if not 0 <= there < len(order):
        return
    order[here], order[there] = order[there], order[here]
    for place, each in enumerate(order, start=1):
        if each.ordinal != place:
            each.ordinal, each.source = place, ""
    audit.record(session, actor, "themes:move", theme, label=called(theme), place=(here + 1, there + 1))


def called(entry: Entry) -> str:
    """How messages and the record call an entry."""
    if isinstance(entry, UnitOfMeasure):
        return entry.name
    if isinstance(entry, ObjectCode):
        return f"{entry.dashed} {entry.title}"
    return entry.title if isinstance(entry, AlignmentList) else f"{entry.code} {entry.title}"


def seen_of(entry: Entry) -> str:
    """A digest of what an entry says now, for the form that is being made."""
    return merging.digest([f"{name}={merging.word(getattr(entry, name))}" for name in ANSWERS[type(entry)]])


def _hold(session: Session, actor: Actor) -> None:
    """One at a time, and not while the reference data are loaded."""
    actor.require(Permission.LIST_CHANGE)
    session.execute(select(func.pg_advisory_xact_lock(Lock.REFERENCE)))


def _instead(entry: Entry) -> str:
    if isinstance(entry, ObjectCode):
        return "Give it a last day instead"
    return "Retire it instead" if isinstance(entry, Retirable) else "It goes out of use with next year's list"


def _put(entry: Entry, answers: Mapping[str, Any]) -> None:
    for name, value in answers.items():
        if getattr(entry, name) != value:
            setattr(entry, name, value)
            if not isinstance(entry, AlignmentCode):
                entry.source = ""


def _record(session: Session, actor: Actor, verb: str, entry: Entry, before: str, *names: str) -> None:
    if changes := audit.changed_fields(entry, *names):
        audit.record(session, actor, f"{entry.__tablename__}:{verb}", entry, label=before, **changes)


def _checked(session: Session, entry: Entry, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as they are stored: nothing missing, nothing too long, the key free."""
    model = type(entry)
    clean = {name: " ".join(value.split()) if type(value) is str else value for name, value in answers.items()}
    if model is ObjectCode and "code" in clean:
        clean["code"] = digits_of(clean["code"])
    problems = {name: _problem(model, name, value) for name, value in clean.items() if type(value) is str}
    problems = {name: problem for name, problem in problems.items() if problem}
    if model is ObjectCode:
        problems |= _object_problems(clean)
    key = {name: clean.get(name, getattr(entry, name)) for name in KEYS[model]}
    with session.no_autoflush:
        same = session.scalars(select(model).where(*(_equals(model, name, value) for name, value in key.items())))
        taken = any(other is not entry for other in same)
    if taken:
        problems.setdefault(KEYS[model][-1], TAKEN[model])
    if problems:
        (field, message), *others = problems.items()
        raise RuleBroken(message, field=field, **dict(others))
    return clean


def _object_problems(answers: Mapping[str, Any]) -> dict[str, str]:
    first, last = answers["valid_from"], answers["valid_to"]
    problems = {"valid_to": "The last day is before the first one."} if first and last and last < first else {}
    if answers.get("code") and class_of(answers["code"]) is None:
        problems["code"] = "Type ten digits that begin with 501 (PS), 502 (MOOE), 503 (FinEx) or 506 (CO)."
    return problems


def _equals(model: Any, name: str, value: Any) -> Any:
    column = getattr(model, name)
    return func.lower(column) == func.lower(value) if type(value) is str else column == value


def _problem(model: Any, name: str, value: str) -> str:
    at_most = model.__table__.c[name].type.length
    if not value:
        return f"Give the {name}."
    if len(value) > at_most:
        return f"The {name} has {len(value)} characters; at most {at_most} fit."
    return "" if value.isprintable() else f"The {name} holds a control character. Type it again instead of pasting it."
