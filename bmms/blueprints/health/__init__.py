"""Is BMMS up? For the launcher, load balancers and monitors."""

from flask import Blueprint

bp = Blueprint("health", __name__)

from bmms.blueprints.health import routes  # noqa: E402, F401
