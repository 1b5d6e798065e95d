"""What people type into cells: days, figures, yes and no, words. Everything arrives as text."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property
from typing import Generic, TypeVar

from bmms.domain import money
from bmms.domain.money import shortened

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
YES, NO = "Yes", "No"
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]\d.*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s-]+([a-z]{3,9})[.,]?[\s-]+(\d{4})")
_MONTH_FIRST = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_PESO = re.compile(r"^(?:₱|php)\s*|\s*(?:₱|php)$")
Value = TypeVar("Value")
_YES, _NO = ("yes", "y", "true", "1", "x"), ("no", "n", "false", "0")


class Unreadable(ValueError):
    """A cell that means nothing; the text says what to type instead."""


def clean(text: str) -> str:
    """Text as both a row and a workbook can hold it: plain line ends, no invisible signs, no blanks around it."""
    if text.isprintable():
        return text.strip()
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    invisible = ("Cc", "Cs", "Cn")
    return "".join(sign for sign in plain if sign in "\n\t" or unicodedata.category(sign) not in invisible).strip()


def day_of(text: str) -> date:
    """A day as a spreadsheet or a person writes it; day and month must be told apart. Raises Unreadable."""
    typed = text.strip().lower()
    if found := _YEAR_FIRST.fullmatch(typed):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DAY_FIRST.fullmatch(typed):
        year, month, day = int(found[3]), _month(found[2]), int(found[1])
    elif found := _MONTH_FIRST.fullmatch(typed):
        year, month, day = int(found[3]), _month(found[1]), int(found[2])
    else:
        raise Unreadable(f"“{shortened(text)}” is no date. Type it like 2026-11-15 or 15 November 2026.")
    try:
        return date(year, month, day)
    except ValueError:
        raise Unreadable(f"There is no day “{shortened(text)}”. Type it like 2026-11-15.") from None


def _month(word: str) -> int:
    """Its number; 0, which no month has, for another word."""
    return next(
        (number for number, name in enumerate(MONTHS, 1) if name.startswith("sep" if word == "sept" else word)), 0
    )


def figure_of(text: str) -> Decimal:
    """A figure such as `1,250.5` or `₱ 1,250`. Raises Unreadable."""
    return plain_figure_of(_PESO.sub("", " ".join(text.lower().split())))


def plain_figure_of(text: str) -> Decimal:
    """A figure without a currency sign, as forms take it. Raises Unreadable."""
    try:
        return money.figure_of(text)
    except money.NoFigure as wrong:
        raise Unreadable(str(wrong)) from None


def count_of(text: str) -> int:
    """A whole number. Raises Unreadable."""
    found = figure_of(text)
    if found != found.to_integral_value():
        raise Unreadable(f"“{shortened(text)}” is no whole number.")
    return int(found)


def yes_or_no(text: str) -> bool:
    """Raises Unreadable."""
    if (word := text.strip().lower()) not in _YES + _NO:
        raise Unreadable(f"“{shortened(text)}” is neither {YES} nor {NO}.")
    return word in _YES


class Known(Generic[Value]):
    """What can be named in a cell, by its names; capitals do not matter."""

    def __init__(self, names: Mapping[str, Value], what: str) -> None:
        """Know these; `what` ends the sentence on a name that is not among them: “x” is no tag."""
        self.names, self._what = names, what
        self._told: dict[str, str] = {}

    @classmethod
    def words(cls, names: "Mapping[Value, str]") -> "Known[Value]":
        """The words of a fixed list, by their codes and by the names that people read."""
        known = {each: word for word, name in names.items() for each in (str(word), name)}
        return cls(known, f"none of {', '.join(names.values())}")

    @cached_property
    def _folded(self) -> dict[str, tuple[str, Value]]:
        return {name.casefold(): (name, value) for name, value in self.names.items()}

    def read(self, text: str) -> Value:
        """What a name stands for. Raises Unreadable, with what it may have meant."""
        typed = text.strip()
        if found := self._folded.get(typed.casefold()):
            return found[1]
        if typed not in self._told:
            near = get_close_matches(typed.casefold(), self._folded, 1)
            hint = f" Do you mean {self._folded[near[0]][0]}?" if near else ""
            self._told[typed] = f"“{shortened(typed)}” is {self._what}.{hint}"
        raise Unreadable(self._told[typed])


def some(names: Sequence[str], most: int = 3) -> str:
    """`a, b, c and 4 more`."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
