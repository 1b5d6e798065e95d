"""`/health/`: does this process serve? `/ready/`: is all there that it leans on, the worker included?"""

from flask import Response, current_app, jsonify

from bmms.blueprints.health import bp
from bmms.domain.platform import maintenance, vital_signs
from bmms.extensions import db
from bmms.web.guard import PUBLIC, guard


@bp.get("/health/")
@guard(PUBLIC)
def health() -> Response:
    """200 from a process that answers at all. It asks nobody: what it leans on is the matter of `/ready/`."""
    return jsonify(status="ok")


@bp.get("/ready/")
@guard(PUBLIC)
def ready() -> tuple[Response, int]:
    """200 when every part is well, else 503; each part says what is the matter with it.

    Maintenance is told beside the parts and changes nothing: whoever asks for a page then shall get ours.
    """
    config = current_app.extensions["installation"].config
    parts = vital_signs.readiness(db.session(), config)
    is_well = set(parts.values()) == {vital_signs.OK}
    held = "on" if maintenance.state(config.instance) else "off"
    return jsonify(status="ok" if is_well else "not ready", **parts, maintenance=held), 200 if is_well else 503
