"""Forms with rows of the same questions (account_1, amount_1, account_2, …): how many rows a page shows."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from flask import request

from bmms.models.base import Base
from bmms.web.kept_forms import KeptForm
from bmms.web.requests import SAFE

F = TypeVar("F", bound=KeptForm)
_ROW = re.compile(r"[A-Za-z]+_(\d{1,3})")


def row_of(name: str) -> int:
    """The number of the row to which a field belongs by its name; 0: to none."""
    found = _ROW.fullmatch(name)
    return int(found[1]) if found else 0


def highest(names: Iterable[str]) -> int:
    """The highest number of a row among names of fields."""
    return max(map(row_of, names), default=0)


def rows_sent(*, most: int) -> int:
    """How many rows came along, and one more, if asked for."""
    return min(max(1, highest(request.form.keys())) + ("more" in request.form), most)


def with_rows(
    kind_of: Callable[[int], type[F]], row: Base | None, typed: Mapping[str, Any], *, stored: int, first: int, most: int
) -> F:
    """The form about a document, with as many rows as it has or a draft of it has; when it is sent, as many as came.

    Args:
        kind_of: the class of the form with so many rows.
        row: the document; None: a new one.
        typed: the answers that the form begins with.
        stored: how many rows the document has.
        first: how many are shown of a new one.
        most: how many there can be.
    """
    if request.method not in SAFE:
        return kind_of(rows_sent(most=most)).about(row, None, **typed)
    shown = min(stored or first, most)
    form = kind_of(shown).about(row, None, **typed)
    kept = min(highest(form.draft.fields), most) if form.draft else 0
    return form if kept <= shown else kind_of(kept).about(row, None, **typed)
