"""What each request carries from start to end: its id, its origin, and what it cost."""

import secrets
import time
from contextlib import suppress

from flask import Flask, Response, abort, current_app, g, request
from htmx_flask.requests import HtmxAwareRequest
from sqlalchemy import event
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.utils import cached_property

from bmms.domain.actors import Origin
from bmms.extensions import db
from bmms.tenancy import bind_request, refuse_privileged_logins
from bmms.web import logs

SAFE = ("GET", "HEAD", "OPTIONS")
BLOCK = 1 << 18  # bytes
NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SELECT SET_CONFIG")


class Request(HtmxAwareRequest):
    """A request whose address PostgreSQL can take: the sign NUL, which it cannot store, is left out of the query.

    Forms keep it, because they say at the field what is wrong with it.
    """

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The query of the address."""
        pairs = super().args.items(multi=True)
        return ImmutableMultiDict([(name, value.replace("\0", "")) for name, value in pairs])


def init_requests(app: Flask) -> None:
    """Give each request an id and count its statements (decision D37)."""
    app.request_class = Request
    app.before_request(_begin)
    app.after_request(_take_in)
    app.after_request(_tell_cost)
    with app.app_context():
        refuse_privileged_logins(db.engine)
        event.listen(db.engine, "before_cursor_execute", _start_statement)
        event.listen(db.engine, "after_cursor_execute", _count_statement)


def _begin() -> None:
    g.request_id = secrets.token_hex(8)
    g.started = time.perf_counter()
    g.sql_count, g.sql_seconds = 0, 0.0
    logs.begin(g.request_id)
    session = db.session()
    session.info["installation"] = current_app.extensions["installation"]
    g.resuming = request.method == "POST" and request.args.get("resume") == "1"  # a form comes back, nothing is done
    bind_request(session, g.request_id, read_only=request.method in SAFE or g.resuming)
    if "\0" in request.path:
        abort(404)


def _start_statement(conn, cursor, statement, parameters, context, executemany) -> None:  # type: ignore[no-untyped-def]
    if g:
        g.statement_started = time.perf_counter()


def _count_statement(conn, cursor, statement, parameters, context, executemany) -> None:  # type: ignore[no-untyped-def]
    if g and not statement.lstrip().upper().startswith(NOT_COUNTED):
        g.sql_count = g.get("sql_count", 0) + 1
        g.sql_seconds = g.get("sql_seconds", 0.0) + time.perf_counter() - g.statement_started


def _take_in(response: Response) -> Response:
    """Read what was sent to its end, also if it is refused: nginx takes a line that breaks off for one that is dead."""
    if 0 < (request.content_length or 0) <= current_app.config["MAX_CONTENT_LENGTH"]:
        with suppress(HTTPException, OSError):
            while request.stream.read(BLOCK):
                pass
    return response


def _tell_cost(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if current_app.extensions["installation"].config.bench:
        response.headers["X-SQL-Count"] = str(g.get("sql_count", 0))
        response.headers["X-SQL-Ms"] = f"{1000 * g.get('sql_seconds', 0.0):.1f}"
    return response


def client_address() -> str | None:
    """The client's address, as many proxies away as TRUSTED_PROXIES says (decision D30)."""
    hops = current_app.extensions["installation"].config.trusted_proxies
    if not hops:
        return request.remote_addr
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    return forwarded[-hops] if len(forwarded) >= hops else request.remote_addr


def origin() -> Origin:
    """Where this request came from, for audit rows."""
    return Origin(client_address(), g.get("request_id", ""), request.user_agent.string)
