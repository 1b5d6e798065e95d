"""Who works in an organization, by name: what the fields of all modules for people propose."""

from bmms.web.modules import tenant_blueprint

bp = tenant_blueprint("members", __name__, "members")

from bmms.blueprints.members import routes  # noqa: E402, F401
