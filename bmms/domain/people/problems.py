"""What is wrong with a person's data: found all at once, field by field, and told in one refusal (onboarding 3.2)."""

from collections.abc import Iterable
from dataclasses import dataclass

from bmms.domain.errors import RuleBroken


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and the field or CSV column it belongs to; `remedy` says what to do about it."""

    field: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".rstrip()


def email_registered(email: str) -> Problem:
    """Some account has this address, in whatever organization."""
    return Problem("email", f"Email '{email}' is already registered.")


def username_taken(username: str) -> Problem:
    """Some account has this username, in whatever organization."""
    return Problem("username", f"Username '{username}' is already taken.")


def refusal(problems: Iterable[Problem]) -> RuleBroken:
    """One refusal that carries all problems: `fields` holds the text for each field, in the order they were found."""
    told: dict[str, str] = {}
    for problem in problems:
        told[problem.field] = f"{told.get(problem.field, '')} {problem}".strip()
    return RuleBroken(next(iter(told.values())), **told)


def refuse_if(problems: Iterable[Problem | None]) -> None:
    """Go on only without problems; None is none.

    Raises:
        RuleBroken: there is at least one; `fields` names them all.
    """
    if found := [problem for problem in problems if problem]:
        raise refusal(found)
