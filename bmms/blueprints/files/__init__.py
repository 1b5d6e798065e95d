"""The one way out for stored files: each download asks today's rights anew (decision D44)."""

from bmms.web.modules import tenant_blueprint

bp = tenant_blueprint("files", __name__, "files")

from bmms.blueprints.files import routes  # noqa: E402, F401
