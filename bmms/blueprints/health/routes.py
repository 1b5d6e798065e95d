"""`/health/`: does this process serve? `/ready/`: is all there that it leans on, the worker included?"""

from flask import Response, current_app, jsonify

from bmms.blueprints.health import bp
from bmms.domain.platform import maintenance, operations, vital_signs
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

    Maintenance, the last backup and the last restore drill are told beside the parts and change nothing: pages can be
    served all the same.
    """
    config = current_app.extensions["installation"].config
    parts = vital_signs.readiness(db.session(), config)
    is_well = set(parts.values()) == {vital_signs.OK}
    held = "on" if maintenance.state(config.instance) else "off"
    detail = {"maintenance": held, **operations.last_runs(db.session(), known=parts["migrations"] == vital_signs.OK)}
    return jsonify(status="ok" if is_well else "not ready", **parts, **detail), 200 if is_well else 503
