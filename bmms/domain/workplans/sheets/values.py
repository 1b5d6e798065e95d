"""What people type into cells: days, figures, yes and no, words. Everything arrives as text."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
YES, NO = "Yes", "No"
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]\d.*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s-]+([a-z]{3,9})[.,]?[\s-]+(\d{4})")
_MONTH_FIRST = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_FIGURE = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d{1,30})(?:\.\d{1,30})?(?:e[+-]?\d{1,2})?")
_PESO = re.compile(r"^(?:₱|php)\s*|\s*(?:₱|php)$")
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
        raise Unreadable(f"“{_short(text)}” is no date. Type it like 2026-11-15 or 15 November 2026.")
    try:
        return date(year, month, day)
    except ValueError:
        raise Unreadable(f"There is no day “{_short(text)}”. Type it like 2026-11-15.") from None


def _month(word: str) -> int:
    """Its number; 0, which no month has, for another word."""
    return next(
        (number for number, name in enumerate(MONTHS, 1) if name.startswith("sep" if word == "sept" else word)), 0
    )


def figure_of(text: str) -> Decimal:
    """A figure such as `1,250.5` or `₱ 1,250`. Raises Unreadable."""
    typed = _PESO.sub("", " ".join(text.lower().split()))
    if not typed.isascii() or not _FIGURE.fullmatch(typed):
        raise Unreadable(f"“{_short(text)}” is no figure. Type it like 1,250.50, without words.")
    return Decimal(typed.replace(",", ""))


def count_of(text: str) -> int:
    """A whole number. Raises Unreadable."""
    found = figure_of(text)
    if found != found.to_integral_value():
        raise Unreadable(f"“{_short(text)}” is no whole number.")
    return int(found)


def yes_or_no(text: str) -> bool:
    """Raises Unreadable."""
    if (word := text.strip().lower()) not in _YES + _NO:
        raise Unreadable(f"“{_short(text)}” is neither {YES} nor {NO}.")
    return word in _YES


def unknown(text: str, known: Iterable[str], what: str) -> Unreadable:
    """What to say of a name that is not in a list: what it is not, and what it may have meant."""
    near = get_close_matches(text.casefold(), names := {name.casefold(): name for name in known}, 1)
    return Unreadable(f"“{_short(text)}” is {what}." + (f" Do you mean {names[near[0]]}?" if near else ""))


def some(names: Sequence[str], most: int = 3) -> str:
    """`a, b, c and 4 more`."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
