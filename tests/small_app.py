"""A small application with the design system and nothing else: no database, nobody signed in."""

from pathlib import Path

from flask import Flask, Response
from jinja2 import StrictUndefined

from bmms.extensions import csrf, htmx
from bmms.web.assets import init_assets
from bmms.web.components import init_components
from bmms.web.filters import init_filters

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def make_app(folder: Path) -> Flask:
    """The application. Static files are prepared in `folder`; answers carry the Content-Security-Policy of house §5."""
    app = Flask("bmms", static_folder=None)
    app.config.update(SECRET_KEY="for tests only", TESTING=True)
    app.jinja_env.undefined = StrictUndefined
    csrf.init_app(app)
    htmx.init_app(app)
    init_filters(app)
    init_components(app)
    init_assets(app, folder)
    app.after_request(_protect)
    return app


def _protect(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CSP
    return response
