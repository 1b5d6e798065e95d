"""Typed values out of an environment, and what is wrong with them."""

import json
from collections.abc import Mapping
from datetime import date

MOST = 2**31 - 1


class Reader:
    """Reads typed values and collects what is wrong with them.

    Attributes:
        problems: variable -> what is wrong with it, in words that go on after its name. They hold no secrets.
        asked: the variables that were read.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: dict[str, list[str]] = {}
        self.asked: set[str] = set()

    def complain(self, name: str, text: str) -> None:
        """Note what is wrong with a variable."""
        self.problems.setdefault(name, []).append(text)

    def text(self, name: str, default: str = "") -> str:
        """The value without spaces around it; an empty one counts as none."""
        self.asked.add(name)
        return self.environ.get(name, "").strip() or default

    def words(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list with commas."""
        return tuple(word.strip() for word in self.text(name).split(",") if word.strip()) or default

    def switch(self, name: str, default: bool) -> bool:
        """`true` or `false`, and nothing else."""
        value = self.text(name).lower()
        if value in ("", "true", "false"):
            return value == "true" if value else default
        self.complain(name, f"must be true or false, not {value!r}.")
        return default

    def number(self, name: str, default: int, *, least: int = 0, most: int = MOST) -> int:
        """A whole number."""
        value = self.text(name)
        if not value:
            return default
        if not value.isascii() or not value.isdigit() or len(value) > 10 or not least <= int(value) <= most:
            above = "" if most == MOST else f" and at most {most}"
            self.complain(name, f"must be a whole number of {least} or more{above}, not {value[:20]!r}.")
            return default
        return int(value)

    def one_of(self, name: str, known: tuple[str, ...], default: str) -> str:
        """One of these words, in capitals or not."""
        value = self.text(name, default)
        for word in known:
            if word.lower() == value.lower():
                return word
        self.complain(name, f"must be one of {', '.join(known)}, not {value!r}.")
        return default

    def day(self, name: str) -> date | None:
        """A date."""
        value = self.text(name)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            self.complain(name, f"must be a date like 2026-01-15, not {value!r}.")
            return None

    def table(self, name: str, known: tuple[str, ...]) -> dict[str, object]:
        """A JSON object such as PILOT_LIMITS={"max_users": 50}: what it holds under the known keys."""
        value = self.text(name)
        try:
            found = json.loads(value) if value else {}
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            self.complain(name, "must be a JSON object.")
            return {}
        if unknown := sorted(set(found) - set(known)):
            self.complain(name, f"has unknown keys: {', '.join(unknown)}. Known: {', '.join(known)}.")
        return {key: its for key, its in found.items() if key in known}
