"""Two people edit one thing: different fields merge by themselves, over the same field one of them chooses (law 3).

A form carries for each field a digest of what it was when the page was made. From that, from what was sent and from
what stands in the row now follows who changed what: only a field that both changed differently needs a choice.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.errors import RuleBroken
from bmms.models.accounts import User
from bmms.models.audit import RowHistory
from bmms.models.base import Base

MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True)
class Conflict:
    """A field that two people changed: what this person typed, what stands there now, and who put it there when."""

    field: str
    mine: Any
    theirs: Any
    author: str
    at: datetime | None


class Conflicts(RuleBroken):
    """Nothing was saved yet: somebody has to choose, field by field."""

    def __init__(self, conflicts: list[Conflict]) -> None:
        super().__init__(
            "Somebody else changed the same answers meanwhile. Choose for each which one stays; nothing is lost.",
            **{one.field: "Choose which answer stays." for one in conflicts},
        )
        self.conflicts = {one.field: one for one in conflicts}


def word(value: Any) -> str:
    """A value as one text, the same for what a form reads and what a row holds."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return "\n".join(sorted(word(one) for one in value))
    return str(value).replace("\r\n", "\n").strip()


def digest(value: Any) -> str:
    """Ten hexadecimal digits that change when the value does."""
    return hashlib.sha256(word(value).encode()).hexdigest()[:10]


def seen_of(row: Base | None, names: Any) -> dict[str, str]:
    """What each named field of a row is now, as digests, for the form that is being made."""
    return {name: digest(getattr(row, name)) for name in names if row is not None and hasattr(row, name)}


def save(
    session: Session,
    row: Base,
    mine: Mapping[str, Any],
    *,
    seen: Mapping[str, str] | None = None,
    chosen: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Put what was typed into a row, after locking it and taking over what others have saved meanwhile.

    Args:
        mine: field name to value.
        seen: what the fields were when the form was made (`seen_of`); without it what was typed simply stands.
        chosen: field name to MINE or THEIRS, for fields that two people changed.

    Returns:
        the changed fields with before and after, for the audit record.

    Raises:
        Conflicts: both changed the same field differently and nobody has chosen; nothing was changed.
    """
    session.refresh(row, with_for_update=True)
    values, conflicts = _merge({name: getattr(row, name) for name in mine}, mine, seen, chosen or {})
    if conflicts:
        raise Conflicts(_with_authors(session, row, conflicts))
    for name, value in values.items():
        if word(getattr(row, name)) != word(value):
            setattr(row, name, value)
    return audit.changed_fields(row, *values)


def save_linked(
    now: Mapping[str, Any],
    mine: Mapping[str, Any],
    *,
    seen: Mapping[str, str] | None = None,
    chosen: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The same for answers that stand in other rows, such as the members of a team; lock the row they belong to first.

    Args:
        now: name to what stands there at present.

    Returns:
        those of `mine` that are to be put in place of what stands there.

    Raises:
        Conflicts: both changed the same answer differently and nobody has chosen.
    """
    values, conflicts = _merge(now, mine, seen, chosen or {})
    if conflicts:
        raise Conflicts([Conflict(name, one, now[name], "Somebody else", None) for name, one in conflicts.items()])
    return {name: value for name, value in values.items() if word(value) != word(now[name])}


def _merge(
    standing: Mapping[str, Any], mine: Mapping[str, Any], seen: Mapping[str, str] | None, chosen: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    values: dict[str, Any] = {}
    conflicts: dict[str, Any] = {}
    for name, value in mine.items():
        if seen is None or name not in seen:
            values[name] = value
            continue
        now, typed, was = digest(standing[name]), digest(value), seen[name]
        if typed in (was, now) or chosen.get(name) == THEIRS:  # I changed nothing, we agree, or I give way
            continue
        if now == was or chosen.get(name) == MINE:
            values[name] = value
        else:
            conflicts[name] = value
    return values, conflicts


def _with_authors(session: Session, row: Base, conflicts: Mapping[str, Any]) -> list[Conflict]:
    """Who changed each field last, from the history of the row."""
    found = []
    for name, mine in conflicts.items():
        last = session.execute(
            select(RowHistory.at, User.first_name, User.last_name, User.username)
            .outerjoin(User, User.id == RowHistory.actor_id)
            .where(
                RowHistory.table_name == row.__tablename__,
                RowHistory.row_id == row.id,  # type: ignore[attr-defined]
                RowHistory.new.has_key(name),  # type: ignore[union-attr]
            )
            .order_by(RowHistory.id.desc())
            .limit(1)
        ).first()
        author = " ".join(part for part in (last.first_name, last.last_name) if part) if last else ""
        author = author or (last.username if last else "") or "Somebody else"
        found.append(Conflict(name, mine, getattr(row, name), author, last.at if last else None))
    return found
