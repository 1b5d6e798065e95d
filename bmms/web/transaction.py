"""One request, one transaction (house 4.10): the only place of the web that commits."""

from flask import Flask, Response, request

from bmms.extensions import db
from bmms.web import refusals
from bmms.web.requests import SAFE


def init_transaction(app: Flask) -> None:
    """Commit or roll back when the answer is known."""
    app.after_request(finish)


def finish(response: Response) -> Response:
    """Commit an unsafe request that is answered below 400; everything else leaves nothing behind.

    Raises:
        RuntimeError: a view wrote during a safe request; always a bug of ours.
    """
    session = db.session()
    if request.method in SAFE or response.status_code >= 400:
        session.rollback()
        refusals.put_on_record()
        if session.info.get("wrote") and response.status_code < 400:
            raise RuntimeError(f"{request.endpoint} wrote during a {request.method}")
    else:
        session.commit()
    return response
