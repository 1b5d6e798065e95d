"""Papers that left the house: the code on them leads here. Open to everybody (decision D41)."""

from flask import Blueprint

bp = Blueprint("printing", __name__)

from bmms.blueprints.printing import routes  # noqa: E402, F401
