"""Naming who signs a kind of document."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit, versions
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken, Stale
from bmms.domain.members import Member, working_members
from bmms.domain.permissions import Permission
from bmms.domain.signatories.kinds import RULES, DocumentKind
from bmms.domain.signatories.queries import stored_block
from bmms.models.organizations import Organization, SignatoryBlock
from bmms.tenancy import scope_of

MOST_LINES = 8
LONGEST = {"caption": 60, "name": 150, "title": 150}


@dataclass(frozen=True)
class Line:
    """One signature as given: a member, or a typed name; without a title, the member's position is printed."""

    caption: str
    membership_id: int | None = None
    name: str = ""
    title: str = ""


def change_block(
    session: Session, actor: Actor, kind: DocumentKind, lines: Sequence[Line], *, row_version: int | None = None
) -> None:
    """Name who signs documents of this kind from now on, in printing order; without lines nobody is named.

    Args:
        row_version: of the block that the person looked at; 0 when nobody was named then.

    Raises:
        RuleBroken: with a message for each wrong field, named `lines-<position from 0>-<field>`.
        Stale: somebody else changed this block meanwhile.
    """
    actor.require(Permission.SIGNATORY_CHANGE)
    block = _held(session, kind, row_version)
    members = working_members(session)
    stored: list[dict[str, object]] = []
    problems: dict[str, str] = {}
    for position, line in enumerate(lines):
        stored.append(_stored(line, members))
        found = _problems(line, stored[-1], members)
        problems |= {f"lines-{position}-{name}": message for name, message in found.items()}
    if len(lines) > MOST_LINES:
        problems["lines"] = f"At most {MOST_LINES} people sign. Take {len(lines) - MOST_LINES} out."
    if problems:
        raise RuleBroken(next(iter(problems.values())), **problems)
    before = block.lines if block else []
    if stored == before:
        return
    if block is None:
        block = SignatoryBlock(document_kind=kind)
        session.add(block)
    block.lines = stored
    audit.record(
        session, actor, "signatory_blocks:change", block, label=RULES[kind].label, lines=(_told(before), _told(stored))
    )


def _held(session: Session, kind: DocumentKind, row_version: int | None) -> SignatoryBlock | None:
    """The block as it stands; other changes of this organization's blocks wait until the transaction ends."""
    here = scope_of(session).organization_id
    session.execute(select(Organization.id).where(Organization.id == here).with_for_update(key_share=True))
    block = stored_block(session, kind)
    label = f"who signs: {RULES[kind].label.lower()}"
    if block is not None:
        versions.require_unchanged(block, row_version, label)
    elif row_version:
        raise Stale(f"Somebody else changed {label} meanwhile. Open it again, look at the change, and repeat yours.")
    return block


def _stored(line: Line, members: dict[int, Member]) -> dict[str, object]:
    member = members.get(line.membership_id) if line.membership_id else None
    typed: dict[str, object] = {name: " ".join(getattr(line, name).split()) for name in LONGEST}
    if line.membership_id is None:
        return typed
    return {**typed, "membership_id": line.membership_id, "name": member.name if member else typed["name"]}


def _problems(line: Line, stored: dict[str, object], members: dict[int, Member]) -> dict[str, str]:
    problems = {}
    if not stored["caption"]:
        problems["caption"] = 'Type what stands before the signature, such as "Prepared by".'
    if line.membership_id is not None and line.membership_id not in members:
        problems["membership_id"] = "Choose somebody who works here now, or type a name."
    elif not stored["name"]:
        problems["name"] = "Choose a member, or type a name."
    elif line.membership_id is not None and line.name.strip():
        problems["name"] = "Either choose a member or type a name, not both."
    for name, at_most in LONGEST.items():
        value = str(stored[name])
        if len(value) > at_most or not value.isprintable():
            problems[name] = f"At most {at_most} letters, digits and signs."
    return problems


def _told(lines: list[dict[str, object]]) -> str:
    return "; ".join(f"{line['caption']}: {line['name']}, {line['title']}".removesuffix(", ") for line in lines)
