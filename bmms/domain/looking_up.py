"""Finding a row by what somebody types: its code, its whole name, or words of the name that only it has."""

import re
from collections.abc import Mapping
from typing import Any

Entries = Mapping[Any, str]  # key of a row to its name, in the order in which they are proposed
MOST_PROPOSED = 8


def entry_called(entries: Entries, typed: str) -> Any:
    """The key of the one row that is meant; None when it is none, or not clear which."""
    wanted, code = _plain(typed), re.sub(r"[\s-]", "", typed)
    exact = [key for key, name in entries.items() if _plain(name) == wanted or str(key) == code]
    if len(exact) == 1:
        return exact[0]
    near = entries_near(entries, typed)
    return near[0][0] if len(near) == 1 else None


def entries_near(entries: Entries, typed: str) -> list[tuple[Any, str]]:
    """Rows whose name holds every word that is typed, each as the beginning of a word, or whose code begins so."""
    words, code = _plain(typed).split(), re.sub(r"[\s-]", "", typed)
    if not words:
        return []
    found = [
        (key, name)
        for key, name in entries.items()
        if all(f" {word}" in f" {_plain(name)}" for word in words)
        or (code.isascii() and code.isdigit() and str(key).startswith(code))
    ]
    return found[:MOST_PROPOSED]


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[(),]", " ", text.casefold()).split())
