"""Figures and pesos as people type them: one rule for forms, sheets and files (decision D13)."""

import re
from decimal import Decimal

CENTAVO = Decimal("0.01")
MOST = Decimal("999999999999999.99")  # the columns hold a little more
_FIGURE = re.compile(r"-?(?:(?:\d{1,3}(?:,\d{3})+|\d{1,30})(?:\.\d{0,30})?|\.\d{1,30})", re.ASCII)
_CURRENCY = re.compile(r"[₱$€]|\bphp|^-?\s*(?:p|pesos?)[\s.]*\d|pesos?$", re.IGNORECASE)
SHOWN = 60  # signs of a cell that a message repeats


class NoFigure(ValueError):
    """A text that is no figure; says why not, and what to type instead."""


def figure_of(text: str) -> Decimal:
    """A figure such as 1,250.5; separators of thousands are where they belong, or nowhere. Raises NoFigure."""
    typed = text.strip()
    if _FIGURE.fullmatch(typed):
        return Decimal(typed.replace(",", ""))
    raise NoFigure(f"“{shortened(typed)}” {_fault_of(typed)}")


def is_pesos(value: Decimal) -> bool:
    """Can it be kept as an amount? Nothing is rounded: a third decimal is one too many."""
    return abs(value) <= MOST and value == round(value, 2)


def shortened(text: str) -> str:
    """The beginning of a long text, for messages."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _fault_of(typed: str) -> str:
    if _CURRENCY.search(typed):
        return "holds a currency sign. Type the plain figure, such as 1,250.50."
    if any(sign.isdigit() and not sign.isascii() for sign in typed):
        return "is written with other digits than 0 to 9. Type it like 1,250.50."
    if re.fullmatch(r"-?\d+(?:\.\d*)?", typed, re.ASCII):
        return "has more digits than any figure that is kept."
    if re.fullmatch(r"-?[\d,.\s]*\d[\d,.\s]*", typed, re.ASCII):
        return "has commas, points or blanks where no figure has them. Type it like 1,250.50."
    return "is no figure. Type it like 1,250.50, without words or signs."
