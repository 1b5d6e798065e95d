"""@user.name in a comment: people of the own organization only."""

import re

from sqlalchemy.orm import Session

from bmms.domain.errors import RuleBroken
from bmms.domain.holders import holders_of
from bmms.domain.members import Member, working_members
from bmms.domain.permissions import Permission

_MENTION = re.compile(r"(?<![\w.@])@([A-Za-z0-9][A-Za-z0-9._-]*)")


def names_in(text: str) -> list[str]:
    """The usernames that a text calls, in order, each once; `@badar.` at the end of a sentence calls badar."""
    return list(dict.fromkeys(found.lower() for found in _MENTION.findall(text)))


def whom(session: Session, text: str, reads: Permission) -> dict[str, Member]:
    """User name to the member whom a text calls.

    Args:
        reads: what one needs to read the comment.

    Raises:
        RuleBroken: nobody who works here has that username, or the person cannot read this.
    """
    names = names_in(text)
    if not names:
        return {}
    known = {member.username: member for member in working_members(session).values()}
    readers = holders_of(session, reads)
    found: dict[str, Member] = {}
    for name in names:
        member = known.get(name) or known.get(name.rstrip(".-_"))
        if member is None:
            raise RuleBroken(f"@{name}: nobody who works here has this username. Choose from the list.", field="body")
        if member.membership_id not in readers:
            raise RuleBroken(f"@{name}: {member.name} cannot read comments here.", field="body")
        found[member.username] = member
    return found
