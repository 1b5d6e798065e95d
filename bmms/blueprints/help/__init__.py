"""Help: one page for each role, growing with each part."""

from flask import Blueprint

bp = Blueprint("help", __name__, url_prefix="/help")

from bmms.blueprints.help import routes  # noqa: E402, F401
