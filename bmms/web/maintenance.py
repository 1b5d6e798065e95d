"""While BMMS is being maintained every page says so; what people type is still kept (see domain/platform/maintenance).

The platform team sees the same page: to know who asks, BMMS would have to ask the database, which may be what is away.
"""

from math import ceil

from flask import Flask, Response, current_app, make_response, render_template, request

from bmms.domain import clock
from bmms.domain.platform import maintenance
from bmms.domain.platform.maintenance import Maintenance
from bmms.web import identity
from bmms.web.errors import answer
from bmms.web.filters import write_time
from bmms.web.requests import SAFE
from bmms.web.respond import VARY, wants_fragment
from bmms.web.signed_out import safe_target

OPEN_BECAUSE = {
    "drafts.draft_keep": "nobody loses what is typed meanwhile",
    "health.health": "the process serves",
    "health.ready": "monitors see what else is the matter",
}
RETRY_SECONDS = 300  # while nobody knows when it ends
LEAST_RETRY_SECONDS = 30


def init_maintenance(app: Flask) -> None:
    """Look for it before the guard does: nobody is asked to sign in to a page that cannot be shown."""
    app.before_request(_hold)


def _hold() -> Response | None:
    if request.endpoint in OPEN_BECAUSE:
        return None
    held = maintenance.state(current_app.extensions["installation"].config.instance)
    return _answer(held) if held else None


def _answer(held: Maintenance) -> Response:
    identity.ask_no_more()
    headers = {"Retry-After": str(_seconds(held))}
    if wants_fragment():
        return answer(503, _toast(held), headers)
    again = safe_target(request.full_path.rstrip("?")) if request.method in SAFE else ""
    body = render_template("errors/maintenance.html", held=held, again=again)
    response = make_response(body, 503, headers)
    response.vary.update(VARY)
    return response


def _seconds(held: Maintenance) -> int:
    if held.ends_at is None:
        return RETRY_SECONDS
    return max(LEAST_RETRY_SECONDS, ceil((held.ends_at - clock.now()).total_seconds()))


def _toast(held: Maintenance) -> str:
    end = f" It is expected to end at {write_time(held.ends_at)}." if held.ends_at else ""
    return f"BMMS is being maintained. Nothing that you have typed is lost.{end} {held.message}".strip()
