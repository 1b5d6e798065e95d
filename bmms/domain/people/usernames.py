"""Usernames for people whose list has none (onboarding 3.3, C-03). A dry run and the real run choose the same."""

import re
from collections.abc import Iterable

from sqlalchemy import ARRAY, String, bindparam, func, select
from sqlalchemy.orm import Session

_ILLEGAL = re.compile(r"[^a-z0-9._-]")
_SHORTEST, _ASKED_AT_ONCE = 3, 50


def taken_logins(session: Session, names: Iterable[str]) -> set[str]:
    """Which of these usernames and email addresses some account has already, in whatever organization.

    Row-level security hides the people of other organizations, so a function of the owner is asked (decision D39).
    """
    wanted = sorted({name for name in names if name and "\x00" not in name})  # PostgreSQL stores no NUL
    if not wanted:
        return set()
    question = select(func.taken_logins(bindparam("names", wanted, ARRAY(String))).column_valued("login"))
    return set(session.scalars(question))


class UserNames:
    """The usernames of one batch: those that accounts have, and those that earlier rows were given."""

    def __init__(self, session: Session, wishes: Iterable[str], people: Iterable[tuple[str, str]]) -> None:
        """Ask once for all names that are likely to be needed.

        Args:
            wishes: the names that rows ask for explicitly; rows without one never get these.
            people: email address and organization code of the rows that ask for none.
        """
        self._session = session
        self._wished = set(wishes)
        likely = {name for email, code in people for name in _first_choices(email, code)}
        self._asked = self._wished | likely
        self._taken = taken_logins(session, self._asked)
        self._given: set[str] = set()
        self._next: dict[str, int] = {}

    def is_taken(self, name: str) -> bool:
        """Does an account have this name already?"""
        return name in self._taken

    def derive(self, email: str, code: str) -> str:
        """The first free name: local part of the address, then with the organization before it, then with 2, 3, …"""
        for name in _first_choices(email, code):
            if self._is_free(name):
                return self._give(name)
        stem = _with_organization(email, code)
        while True:
            number = self._next[stem] = self._next.get(stem, 1) + 1
            name = f"{stem}{number}"
            if name not in self._asked:
                self._ask({f"{stem}{further}" for further in range(number, number + _ASKED_AT_ONCE)})
            if self._is_free(name):
                return self._give(name)

    def _ask(self, names: set[str]) -> None:
        self._asked |= names
        self._taken |= taken_logins(self._session, names)

    def _is_free(self, name: str) -> bool:
        return name not in self._taken and name not in self._given and name not in self._wished

    def _give(self, name: str) -> str:
        self._given.add(name)
        return name


def _local_part(email: str) -> str:
    return _ILLEGAL.sub("_", email.partition("@")[0]).lstrip("._-")


def _with_organization(email: str, code: str) -> str:
    return f"{code.lower()}_{_local_part(email) or 'user'}"


def _first_choices(email: str, code: str) -> list[str]:
    local = _local_part(email)
    return [name for name in (local, _with_organization(email, code)) if len(name) >= _SHORTEST]
