"""Who signs a document: the blocks as they are kept, and as a document of a given day prints them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from bmms.domain import clock
from bmms.domain.members import Member, working_members
from bmms.domain.signatories.kinds import DocumentKind
from bmms.models.accounts import User
from bmms.models.memberships import Designation, DesignationKind, Membership
from bmms.models.organizations import SignatoryBlock


class SignedLine(NamedTuple):
    """One signature as a document prints it; `ui.signatures` takes a list of these."""

    caption: str
    name: str
    position: str


@dataclass(frozen=True)
class Signatory:
    """One line of a block as people keep it: a member, or a free name; `gone` when that member works here no more."""

    caption: str
    membership_id: int | None
    name: str
    title: str  # as typed
    position: str = ""  # of the member today
    gone: bool = False

    @property
    def printed_title(self) -> str:
        """The title that was typed, else the member's position."""
        return self.title or self.position


@dataclass(frozen=True)
class Block:
    """Who signs one kind of document; `row_version` is 0 while nobody has been named."""

    kind: DocumentKind
    lines: tuple[Signatory, ...]
    row_version: int = 0


def blocks(session: Session) -> list[Block]:
    """The blocks of all kinds of documents."""
    rows = {row.document_kind: row for row in session.scalars(select(SignatoryBlock))}
    members = working_members(session)
    return [_block(kind, rows.get(kind), members) for kind in DocumentKind]


def get_block(session: Session, kind: DocumentKind) -> Block:
    """The block of one kind."""
    return _block(kind, stored_block(session, kind), working_members(session))


def stored_block(session: Session, kind: DocumentKind) -> SignatoryBlock | None:
    """The row of one kind, if somebody has been named."""
    return session.scalar(select(SignatoryBlock).where(SignatoryBlock.document_kind == kind))


def block_for(session: Session, kind: DocumentKind, day: date | None = None) -> list[SignedLine]:
    """Who signs a document of this kind on a day (today), in printing order.

    Where an officer-in-charge stands in for a member on that day, his or her name is printed, with "OIC" before the
    title. A member who works here no more leaves the line empty, to be signed by hand.
    """
    block = get_block(session, kind)
    ids = [line.membership_id for line in block.lines if line.membership_id]
    in_charge = _officers_in_charge(session, ids, day or clock.today())
    lines = []
    for line in block.lines:
        if oic := in_charge.get(line.membership_id or 0):
            lines.append(SignedLine(line.caption, oic, f"OIC, {line.printed_title}".removesuffix(", ")))
        else:
            lines.append(SignedLine(line.caption, "" if line.gone else line.name, line.printed_title))
    return lines


def _block(kind: DocumentKind, row: SignatoryBlock | None, members: dict[int, Member]) -> Block:
    if row is None:
        return Block(kind, ())
    return Block(kind, tuple(_signatory(line, members) for line in row.lines), row.row_version)


def _signatory(line: dict[str, Any], members: dict[int, Member]) -> Signatory:
    """A stored line: `caption`, `title` as typed, and `membership_id` (with the `name` at that time) or just `name`."""
    membership_id = line.get("membership_id")
    member = members.get(membership_id) if membership_id else None
    return Signatory(
        caption=line["caption"],
        membership_id=membership_id,
        name=member.name if member else line["name"],
        title=line["title"],
        position=member.position if member else "",
        gone=membership_id is not None and member is None,
    )


def _officers_in_charge(session: Session, principal_ids: Iterable[int], day: date) -> dict[int, str]:
    """Membership id of a principal to the full name of the officer-in-charge on that day."""
    deputy = aliased(Membership)
    query = (
        select(Designation.principal_id, User)
        .join(deputy, deputy.id == Designation.deputy_id)
        .join(User, User.id == deputy.user_id)
        .where(
            Designation.principal_id.in_(list(principal_ids)),
            Designation.kind == DesignationKind.OIC,
            Designation.revoked_at.is_(None),
            Designation.starts_on <= day,
            Designation.ends_on >= day,
            deputy.is_active,
        )
    )
    return {principal_id: user.full_name for principal_id, user in session.execute(query)}
