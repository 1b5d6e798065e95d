"""Box A for several requests of a list at once: each goes its own way, one that is refused keeps no other one back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.obligations import steps
from bmms.domain.obligations.queries import get_obligation
from bmms.models.obligations import RequestBatch

AT_ONCE = 25  # requests on the page that asks for Box A


@dataclass
class Outcome:
    """What became of those that were ticked: title to why not, of the refused."""

    requested: int = 0
    refused: dict[str, str] = field(default_factory=dict)


def request(
    session: Session, actor: Actor, batch: RequestBatch, chosen: Mapping[int, int | None], *, certified: bool
) -> Outcome:  # fmt: skip
    """Take the step Box A with each of these, one after the other (`steps.take`).

    Args:
        chosen: obligation id to the row_version that the person looked at.
        certified: the words of Box A were ticked; they are certified for each.

    Raises:
        NotAllowed: the permission is missing.
        NotFound: one of them is not there, or is not of this list.
        RuleBroken: the tick is missing, or none was chosen.
    """
    if not chosen:
        raise RuleBroken("Tick the requests that you ask for.")
    if not certified:
        raise RuleBroken("Tick the certification of Box A: without it nothing is requested.", field="certified")
    found = Outcome()
    for key in sorted(chosen):
        obligation = get_obligation(session, actor, key, batch)
        title = f"{obligation.title}, {obligation.payee.name}"
        try:
            with session.begin_nested():
                steps.take(session, actor, obligation, "request", certified=True, version=chosen[key])
        except RuleBroken as broken:
            session.refresh(obligation)
            found.refused[title] = str(broken)
        else:
            found.requested += 1
    return found
