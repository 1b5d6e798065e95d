"""`/health/`: can this process serve? `/ready/`: is all that it leans on there, the worker included?"""

from flask import Response, jsonify

from bmms.blueprints.health import bp
from bmms.domain.platform import vital_signs
from bmms.extensions import db
from bmms.web.guard import PUBLIC, guard


@bp.get("/health/")
@guard(PUBLIC)
def health() -> tuple[Response, int]:
    """200 while the database answers; the error handler turns its absence into 503."""
    return jsonify(status="ok", **vital_signs.database(db.session())), 200


@bp.get("/ready/")
@guard(PUBLIC)
def ready() -> tuple[Response, int]:
    """200 when migrations are current and no due work waits for longer than five minutes, else 503 and the reason."""
    signs = vital_signs.readiness(db.session())
    return jsonify(signs), 200 if signs["status"] == "ok" else 503
