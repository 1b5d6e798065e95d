"""JSON lines about requests: no personal data, no form values, no secret paths (house 5)."""

import logging
import time

import structlog
from flask import Flask, Response, g, request

from bmms.web.headers import UNTRACEABLE


def init_logs(app: Flask, level: str) -> None:
    """Write one line for each request that is not a static file or a health check."""
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=False,
    )
    app.after_request(_line)


def _line(response: Response) -> Response:
    if request.endpoint in ("health.health", "health.ready"):
        return response
    path = request.path
    for prefix in UNTRACEABLE:
        path = f"{prefix}…" if path.startswith(prefix) else path
    structlog.get_logger("bmms.requests").info(
        "request",
        request_id=g.get("request_id"),
        method=request.method,
        path=path,
        endpoint=request.endpoint,
        status=response.status_code,
        organization=g.get("organization_code"),
        user_id=g.get("person_id"),
        ms=round(1000 * (time.perf_counter() - g.get("started", time.perf_counter()))),
        queries=g.get("sql_count"),
    )
    return response
