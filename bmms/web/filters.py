"""How dates, amounts and counts are written on every screen and in every letter: one place decides.

Times come in as UTC and are shown in Philippine time (decision D13). Figures are `Decimal` or `int`, never `float`.
Nothing to show is an en dash; a share without a whole to divide by is an em dash.
"""

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Flask, request

MANILA = ZoneInfo("Asia/Manila")
NOTHING = "–"
NO_WHOLE = "—"
_TIGHT = "\N{NO-BREAK SPACE}"
_MINUS = "\N{MINUS SIGN}"


def _local(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise TypeError(f"{value!r} names no time zone; times are kept in UTC")
    return value.astimezone(MANILA)


def write_date(value: date | datetime | None) -> str:
    """`18 November 2024`, the day it is in the Philippines. Raises TypeError for a time without a zone."""
    if value is None:
        return NOTHING
    day = _local(value).date() if isinstance(value, datetime) else value
    return f"{day.day} {day:%B %Y}"


def write_time(value: datetime | None) -> str:
    """`16:58`, Philippine time. Raises TypeError for a time without a zone."""
    return NOTHING if value is None else f"{_local(value):%H:%M}"


def write_datetime(value: datetime | None) -> str:
    """`18 November 2024, 16:58`, Philippine time. Raises TypeError for a time without a zone."""
    return NOTHING if value is None else f"{write_date(value)}, {write_time(value)}"


def write_number(value: int | Decimal | None, places: int = 0) -> str:
    """`1,012`; half a unit is rounded up. Raises TypeError for anything but int or Decimal."""
    if value is None:
        return NOTHING
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError(f"{value!r} is neither int nor Decimal")
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{_MINUS if rounded < 0 else ''}{abs(rounded):,}"


def write_quantity(value: Decimal | None) -> str:
    """`1,250.5`, the figure of an indicator without zeros at its end. Raises TypeError unless Decimal."""
    if value is None:
        return NOTHING
    if not isinstance(value, Decimal):
        raise TypeError(f"{value!r} is not a Decimal")
    return f"{value.normalize():,f}"


def write_money(value: Decimal | None, symbol: bool = True, brackets: bool = False) -> str:
    """`₱ 1,250,000.00`; a decrease as `−₱ 5.00`, or `(₱ 5.00)` in a register. Raises TypeError unless Decimal."""
    if value is None:
        return NOTHING
    if not isinstance(value, Decimal):
        raise TypeError(f"{value!r} is not a Decimal; amounts never pass through float")
    figure = f"{f'₱{_TIGHT}' if symbol else ''}{write_number(abs(value), 2)}"
    if value >= 0:
        return figure
    return f"({figure})" if brackets else f"{_MINUS}{figure}"


def write_figure(text: str, look: str) -> str:
    """A cell of a statement as screens and papers print it, from the text that a snapshot keeps.

    Args:
        look: money (brackets for decreases, an en dash for nothing and zero), share, day, count or text.
    """
    if look == "money":
        return write_money(Decimal(text or 0) or None, symbol=False, brackets=True)
    if look == "share":
        return write_percent(Decimal(text) if text else None)
    if look == "day":
        return write_date(date.fromisoformat(text)) if text else ""
    if look == "count":
        return write_number(Decimal(text)) if text else ""
    return text


def write_percent(share: int | Decimal | None, places: int = 1) -> str:
    """`71.8 %` for the share 0.718; a zero behind the point is dropped; None (no whole to divide by) is an em dash."""
    if share is None:
        return NO_WHOLE
    if isinstance(share, bool) or not isinstance(share, int | Decimal):
        raise TypeError(f"{share!r} is neither int nor Decimal")
    figure = write_number(share * 100, places)
    if "." in figure:
        figure = figure.rstrip("0").rstrip(".")
    return f"{figure}{_TIGHT}%"


def write_file_size(size: int | None) -> str:
    """`212 KB`, `1.4 MB`, counted in steps of 1,024 as file managers do."""
    if size is None:
        return NOTHING
    if size < 1024:
        return write_plural(size, "byte")
    if size < 1024 * 1000:
        return f"{write_number(Decimal(size) / 1024)}{_TIGHT}KB"
    unit, step = ("MB", 1024**2) if size < 1024**2 * 1000 else ("GB", 1024**3)
    figure = write_number(Decimal(size) / step, 1)
    return f"{figure.removesuffix('.0')}{_TIGHT}{unit}"


def write_plural(count: int, one: str, many: str | None = None) -> str:
    """`1 row`, `3 rows`, `no entries`: the count with its noun. `many` only where adding an s is wrong."""
    noun = one if count == 1 else many or f"{one}s"
    return f"{write_number(count) if count else 'no'}{_TIGHT}{noun}"


def query(**changes: str | int | None) -> str:
    """The query string of this page with some values changed: `query(page=2)` gives `?q=rice&page=2`.

    None takes a value out; empty values are left out. Repeated values are kept.
    """
    values: dict[str, list[Any]] = {**request.args.to_dict(flat=False)}
    values.update({name: [value] for name, value in changes.items()})
    pairs = [(name, value) for name, each in values.items() for value in each if value not in (None, "")]
    return "?" + urlencode(pairs)


def init_filters(app: Flask) -> None:
    """Give templates the filters and, as functions, `query(…)` and `now()`."""
    app.jinja_env.filters.update(
        date=write_date,
        figure=write_figure,
        time=write_time,
        datetime=write_datetime,
        money=write_money,
        quantity=write_quantity,
        number=write_number,
        percent=write_percent,
        file_size=write_file_size,
        plural=write_plural,
    )
    app.jinja_env.globals.update(query=query, now=lambda: datetime.now(UTC))
