"""The days under which an opening position is posted: the last of each quarter, and the cut-over."""

from datetime import date, timedelta


def quarter_of(day: date) -> int:
    """1 to 4."""
    return (day.month + 2) // 3


def quarters_until(cut_over: date) -> range:
    """The quarters that have begun by the cut-over."""
    return range(1, quarter_of(cut_over) + 1)


def day_of(quarter: int, cut_over: date) -> date:
    """The day under which what happened in a quarter is posted."""
    if quarter == quarter_of(cut_over):
        return cut_over
    return date(cut_over.year, 3 * quarter + 1, 1) - timedelta(days=1)
