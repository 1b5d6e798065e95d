"""One handler for each family of errors. Every page of an error shows a short reference that is also in the log."""

import logging

from flask import Flask, Response, current_app, flash, g, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError

from bmms.domain import journal
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken
from bmms.extensions import db
from bmms.web import identity, refusals
from bmms.web.respond import refuse, wants_fragment

WITH_PAGE = (400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503)
CHANGED_MEANWHILE = "Somebody else changed this meanwhile. Open it again, look at the change, and repeat yours."
logger = logging.getLogger("bmms.errors")


def init_errors(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(RuleBroken, _rule_broken)
    app.register_error_handler(StaleDataError, lambda stale: refuse(CHANGED_MEANWHILE))
    app.register_error_handler(NotFound, lambda missing: answer(404))
    app.register_error_handler(NotAllowed, _not_allowed)
    app.register_error_handler(CSRFError, _forgery)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(InternalServerError, _when_the_view_was_done)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(InternalError, _read_only)
    app.register_error_handler(Exception, _unexpected)


def answer(status: int, message: str = "", headers: dict[str, str] | None = None) -> Response:
    """The page of an error, or for htmx a toast; needs neither database nor session."""
    shown = status if status in WITH_PAGE else (500 if status >= 500 else 400)
    reference = g.get("request_id", "")
    if wants_fragment() and status != 401:
        flash(message or f"This did not work. Reference: {reference}", "error")
        body, extra = render_template("components/toasts_oob.html"), {"HX-Reswap": "none"}
    else:
        wait = int((headers or {}).get("Retry-After", 0))
        body = render_template(f"errors/{shown}.html", message=message, reference=reference, retry_after=wait)
        extra = {}
    return make_response(body, status, {**extra, **(headers or {})})


def _rule_broken(broken: RuleBroken) -> Response:
    refusals.note(broken)
    return refuse(str(broken))


def _not_allowed(refused: NotAllowed) -> Response:
    journal.record(db.engine, g.actor, "access:denied", note=f"{request.method} {request.path}: {refused}"[:500])
    return answer(403, str(refused))


def _forgery(error: CSRFError) -> Response:
    return answer(400, "This form has grown old or was sent twice. Go back, reload the page and send it again.")


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    headers = {name: value for name, value in error.get_headers() if name in ("Retry-After", "Allow")}
    known = error.description if error.code == 400 and type(error).description != error.description else ""
    return answer(error.code or 500, known or "", headers)


def _when_the_view_was_done(error: InternalServerError) -> Response:
    """What fails while an answer is on its way, such as the commit, is answered as if the view had failed with it."""
    original = error.original_exception
    return _http(error) if original is None else make_response(current_app.handle_user_exception(original))  # type: ignore[arg-type]


def _database_away(error: OperationalError) -> Response:
    logger.error("database away", extra={"error": type(error.orig).__name__})
    db.session.remove()
    identity.ask_no_more()
    return answer(503, headers={"Retry-After": "10"})


def _read_only(error: InternalError) -> Response:
    """A form that came back after a lost sign-in met a view that acts at once: nothing is done, the person repeats."""
    if not g.get("resuming"):
        return _unexpected(error)
    db.session.rollback()
    flash("You are signed in again. Nothing was done: please repeat your last step.", "info")
    return redirect(url_for("home.start"), 303)  # type: ignore[return-value]


def _unexpected(error: Exception) -> Response:
    logger.error("unexpected", exc_info=error, extra={"endpoint": request.endpoint})
    db.session.rollback()
    return answer(InternalServerError.code)
