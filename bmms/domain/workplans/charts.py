"""The timeline as a snapshot: rows and bars in plain values, from which a paper is printed for ever."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from bmms.domain.planning.names import Names
from bmms.domain.planning.snapshots import fields_of
from bmms.domain.workplans.timeline import Line, Span, timeline_of
from bmms.models.work import AnnualWorkPlan

FIELDS = ("code", "kind", "title", "starts_on", "ends_on", "progress", "status")


def payload_of(session: Session, plan: AnnualWorkPlan, today: date) -> dict[str, Any]:
    """All rows of the year with their bars in percent of it; names instead of ids."""
    shown, names = timeline_of(session, plan, today, most=None), Names(session)
    return {
        "kind": "timeline",
        "title": plan.title,
        "today": today.isoformat(),
        "today_at": None if shown.today is None else str(shown.today),
        "ticks": [[label, str(x)] for label, x in shown.window.ticks],
        "holidays": [_span(span) for span in shown.holidays],
        "groups": [
            {
                "title": f"{objective.ordinal}. {objective.statement[:200]}",
                "lines": [_line(line, names.member(line.item.officer_id)) for line in lines],
            }
            for objective, lines in shown.groups
        ],
    }


def _line(line: Line, officer: str) -> dict[str, Any]:
    return {
        **fields_of(line.item, FIELDS),
        "officer": officer,
        "depth": line.depth,
        "light": line.light.value,
        "plan": _span(line.plan),
        "done": _span(line.done),
        "actual": _span(line.actual),
    }


def _span(span: Span | None) -> list[str] | None:
    return None if span is None else [str(span.x), str(span.width)]
