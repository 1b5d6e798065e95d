"""How the installation fares: what is the matter now, and what stands for the case of an accident."""

from flask import Response, current_app, request

from bmms.blueprints.platform import bp
from bmms.domain.permissions import Permission
from bmms.domain.platform import alarms, operations
from bmms.extensions import db
from bmms.models.operations import OperationKind, OperationOutcome
from bmms.web.guard import guard
from bmms.web.paging import paginate
from bmms.web.respond import page

PILLS = {
    OperationOutcome.DONE: ("Done", "ok"),
    OperationOutcome.INCOMPLETE: ("Needs a look", "warn"),
    OperationOutcome.FAILED: ("Failed", "bad"),
}


@bp.get("/operations")
@guard(Permission.JOB_VIEW)
def operation_list() -> Response:
    """Alarms, and the record of backups, restore drills and restores; `?kind=` shows one kind."""
    session, config = db.session(), current_app.extensions["installation"].config
    kind = request.args.get("kind", "")
    wanted = OperationKind(kind) if kind in set(OperationKind) else None
    last = operations.newest(session)
    return page(
        "platform/operation_list.html",
        fragment="results",
        alarms=[alarm.text for alarm in alarms.found(session, config).values()],
        last={kind: (last.standing(kind), last.tried(kind)) for kind in (OperationKind.BACKUP, OperationKind.DRILL)},
        runs=paginate(operations.runs(wanted)),
        kinds=[("", "any"), *((kind.value, label) for kind, label in operations.LABELS.items())],
        kind=kind,
        labels=operations.LABELS,
        pills=PILLS,
    )
