"""When two titles of programs are one: the acts print them in several ways (decision D52)."""

import re
from difflib import SequenceMatcher

NEAR = 0.86  # from here on two titles are shown to the planner as perhaps the same


def normal(title: str) -> str:
    """A title as the loader compares it: without case, accents of style, brackets and double blanks."""
    plain = title.casefold().replace("&", " and ")
    return re.sub(r"[^\w]+", " ", plain).strip()[:300]


def is_near(one: str, other: str) -> bool:
    """Are two normal titles different, and yet perhaps one program?"""
    return one != other and SequenceMatcher(None, one, other).ratio() >= NEAR
