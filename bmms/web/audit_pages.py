"""The record as pages: the same for an organization and for the platform, whose scopes differ."""

from collections.abc import Mapping
from datetime import date

from flask import Response, flash, g, request

from bmms.domain import audit_log, clock
from bmms.extensions import db
from bmms.web.acts import act_words, words_of
from bmms.web.exports import csv_response
from bmms.web.paging import paginate
from bmms.web.respond import page


def event_list(here: str, show: str, export: str) -> Response:
    """The list with its filters. `here`, `show` and `export` are endpoints of the calling blueprint."""
    filters, problems = read_filters(request.args)
    events = paginate(audit_log.list_events(g.actor, filters))
    return page(
        "admin/audit_list.html",
        fragment="results",
        events=events,
        filters=filters,
        problems=problems,
        actions=[("", "any"), *_acts_known()],
        act_words=act_words,
        here=here,
        show=show,
        export=export,
    )


def _acts_known() -> list[tuple[str, str]]:
    """(stored name, words) of the acts that the record holds, by their words."""
    known = audit_log.known_actions(db.session(), g.actor)
    return sorted(((action, words_of(action).capitalize()) for action in known), key=lambda each: each[1])


def event_page(event_id: int, back: str) -> Response:
    """One act, with what was before and after; `back` is the endpoint of the list."""
    event, rows = audit_log.get_event(db.session(), g.actor, event_id)
    return page(
        "admin/audit_show.html",
        event=event,
        act_words=act_words,
        changes=audit_log.differences(event),
        rows=[(row, audit_log.row_differences(row)) for row in rows],
        back=back,
    )


def read_filters(values: Mapping[str, str]) -> tuple[audit_log.Filters, list[str]]:
    """The filters of an address or form, and what could not be read."""
    problems, days = [], {}
    for name, label in (("first", "From"), ("last", "To")):
        text = values.get(name, "").strip()
        try:
            days[name] = date.fromisoformat(text) if text else None
        except ValueError:
            days[name] = None
            problems.append(f"{label}: {text!r} is no date. Use the calendar, or type it like 2026-11-22.")
    q, action = (values.get(name, "").replace("\0", "").strip() for name in ("q", "action"))
    return audit_log.Filters(q[:100], action[:80], days["first"], days["last"]), problems


def event_export(values: Mapping[str, str]) -> Response:
    """The found events as CSV; of more than 1,000 the newest 1,000, and the file says so."""
    filters, _ = read_filters(values)
    total, rows = audit_log.export_events(db.session(), g.actor, filters)
    heading = list(audit_log.COLUMNS)
    if total > audit_log.STREAMED_ROWS:
        flash(f"{total} acts were found; the file holds the newest {audit_log.STREAMED_ROWS}.", "warning")
    return csv_response(f"audit-{clock.today():%Y%m%d}.csv", heading, rows)
