"""Steps from status to status: one table for each kind of thing, and one function that takes a step (INV-72)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import Permission

LEAST_REMARK = 20  # characters of a return, a rejection, a cancellation (modules 8.9)


@dataclass(frozen=True)
class Step:
    """One verb: from which statuses to which, with which permission, and how it is asked for."""

    verb: str
    sources: frozenset[StrEnum]
    target: StrEnum
    need: Permission
    label: str  # on the button
    done: str  # the message afterwards
    asks: str = ""  # the label of the words that go along; empty: none are asked for
    least: int = 0  # how many characters of them, 0: optional
    tone: str = ""
    follows: str = ""  # what comes of it, where the label does not say it

    def possible(self, actor: Actor, status: StrEnum) -> bool:
        """May this actor take the step from this status, as far as the table says?"""
        return status in self.sources and actor.may(self.need)


Steps = Mapping[str, Step]


def require(actor: Actor, steps: Steps, verb: str, status: StrEnum, note: str, called: str) -> Step:
    """The step, if the table allows it now and the words that it asks for are there.

    Args:
        called: the status in the words of the screen.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: the status has moved on, or the words are too short.
    """
    step = steps[verb]
    actor.require(step.need)
    if status not in step.sources:
        raise RuleBroken(f"This is already {called.lower()}. Look at it again before you go on.")
    require_words(note, step.least)
    return step


def require_words(note: str, least: int) -> None:
    """So many characters at least, blanks counted once. Raises RuleBroken."""
    said = len(" ".join(note.split()))
    if said < least:
        more = least - said
        raise RuleBroken(
            f"Write at least {least} characters, so that it can be understood later; {more} are missing.", field="note"
        )


def refuse_own(actor: Actor, preparer_id: int | None, what: str) -> None:
    """Nobody approves what he or she prepared; a deputy counts as the principal too (INV-7).

    Raises:
        RuleBroken: the actor, or somebody whom the actor stands in for, prepared it.
    """
    if preparer_id is not None and preparer_id in actor.persons:
        raise RuleBroken(f"You submitted {what} yourself. Somebody else decides about it.")


def offered(actor: Actor, steps: Steps, status: StrEnum, **unless: Any) -> list[Step]:
    """The steps that this actor may take now, in the order of the table; `unless` names verbs that are out."""
    return [step for step in steps.values() if step.possible(actor, status) and not unless.get(step.verb)]
