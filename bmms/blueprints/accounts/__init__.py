"""Signing in and out, the own password and profile, the privacy notice."""

from flask import Blueprint

from bmms.web.shell import PERSONAL_MENU, Entry

bp = Blueprint("accounts", __name__)
PERSONAL_MENU.append(Entry("Profile", "accounts.profile", "person", in_dock=True, order=20))

from bmms.blueprints.accounts import routes, routes_password  # noqa: E402, F401
