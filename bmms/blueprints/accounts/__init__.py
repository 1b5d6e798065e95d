"""Signing in and out, the own password and profile, the privacy notice."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)

from bmms.blueprints.accounts import routes, routes_password  # noqa: E402, F401
