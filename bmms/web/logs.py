"""One line for each request: no personal data, no form values, no secret paths (house 5)."""

import logging
import time

from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars

from bmms.web.headers import UNTRACEABLE

PROBES = ("health.health", "health.ready")  # asked all the time: told only when something is the matter

logger = logging.getLogger("bmms.requests")


def init_logs(app: Flask) -> None:
    """Write a line after each request that is not a static file."""
    app.after_request(_line)
    app.teardown_request(lambda error: clear_contextvars())


def begin(request_id: str) -> None:
    """From here on each line of the log says which request it belongs to."""
    path = request.path
    for prefix in UNTRACEABLE:
        path = f"{prefix}…" if path.startswith(prefix) else path
    clear_contextvars()
    bind_contextvars(request_id=request_id, method=request.method, path=path)


def _line(response: Response) -> Response:
    if request.endpoint in PROBES and response.status_code < 400:
        return response
    logger.info(
        "request",
        extra={
            "endpoint": request.endpoint,
            "status": response.status_code,
            "milliseconds": round(1000 * (time.perf_counter() - g.get("started", time.perf_counter()))),
            "queries": g.get("sql_count"),
        },
    )
    return response
