"""The queues of MFBM and BPDA. They read the routing table alone; a row leads into its organization."""

from flask import Response

from bmms.blueprints.offices import bp
from bmms.domain.offices import queue
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.offices import Office
from bmms.web.guard import guard
from bmms.web.office_pages import queue_page


@bp.get("/mfbm/")
@guard(Permission.BUDGET_DECIDE, office=Office.MFBM)
def mfbm_queue() -> Response:
    """What was transmitted to MFBM, and the organizations whose calls it enters."""
    return queue_page(Office.MFBM, "offices/mfbm_queue.html", organizations=queue.organizations_at_work(db.session()))


@bp.get("/bpda/")
@guard(Permission.BUDGET_ENDORSE, office=Office.BPDA)
def bpda_queue() -> Response:
    """The proposals whose certification was asked for."""
    return queue_page(Office.BPDA, "offices/queue.html")
