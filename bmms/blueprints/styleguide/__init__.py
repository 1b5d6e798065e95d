"""The style guide: every component once, in each of its states. Mounted in development and in tests only."""

from flask import Blueprint

bp = Blueprint("styleguide", __name__, url_prefix="/style-guide")

from bmms.blueprints.styleguide import routes  # noqa: E402, F401
