"""Who may read a stored file: whoever may see what it hangs on, asked anew at each download (INV-8, decision D44)."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.models.organizations import StoredFile

Rule = Callable[[Session, Actor, StoredFile], bool]
_rules: dict[str, Rule] = {}
_outside: set[str] = set()  # purposes whose files central offices may read too, as their rule says (D24)


def readable_when(purpose: str, rule: Rule, *, outside: bool = False) -> None:
    """Say who may read the files of a purpose; the module that hangs files on its rows calls this once, at import.

    Args:
        rule: finds what the file hangs on, in the organization that the session serves, and says whether this actor
            may read the file today. A file that hangs on nothing is read by nobody.
        outside: is the rule also asked for actors who do not belong to the organization? All others are refused.
    """
    if purpose in _rules:
        raise ValueError(f"the purpose {purpose!r} has its rule already")
    _rules[purpose] = rule
    if outside:
        _outside.add(purpose)


def is_known(purpose: str) -> bool:
    """Does anybody answer for files of this purpose?"""
    return purpose in _rules


def may_read(session: Session, actor: Actor, file: StoredFile) -> bool:
    """May this actor read the file today? Files of an unknown purpose are read by nobody."""
    rule = _rules.get(file.purpose) if actor.belongs or file.purpose in _outside else None
    return rule is not None and rule(session, actor, file)
