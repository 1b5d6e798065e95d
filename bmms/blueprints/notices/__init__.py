"""Notices: what a person should know in one organization."""

from bmms.web.modules import tenant_blueprint

bp = tenant_blueprint("notices", __name__, "notices")

from bmms.blueprints.notices import routes  # noqa: E402, F401
