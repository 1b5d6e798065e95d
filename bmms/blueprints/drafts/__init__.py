"""Drafts: what is typed in long forms of an organization, kept on the server."""

from bmms.web.modules import tenant_blueprint

bp = tenant_blueprint("drafts", __name__, "drafts")

from bmms.blueprints.drafts import routes  # noqa: E402, F401
