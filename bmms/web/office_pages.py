"""The page of a queue: of MFBM and BPDA outside organizations, of a desk inside its own."""

from typing import Any

from flask import Response, request, url_for

from bmms.domain import clock
from bmms.domain.offices import queue
from bmms.models.offices import Office, OfficeMatter
from bmms.web.paging import paginate
from bmms.web.respond import page

CALLED = {
    Office.MFBM: "Ministry of Finance, and Budget and Management",
    Office.BPDA: "Bangsamoro Planning and Development Authority",
    Office.MPW: "Ministry of Public Works",
    Office.MENRE: "Ministry of Environment, Natural Resources and Energy",
    Office.BICTO: "Bangsamoro Information and Communications Technology Office",
    Office.BWC: "Bangsamoro Women Commission",
}


def queue_page(office: Office, template: str, **context: Any) -> Response:
    """What waits for an office: `?state=` open (as it comes), done or all; `?q=` the code of an organization."""
    state = request.args.get("state", "open")
    code = request.args.get("q", "").strip().upper()[:20]
    found = paginate(queue.list_matters(office, state=state, code=code))
    return page(
        template, fragment="results", office=office, called=CALLED[office], found=found, state=state, code=code,
        states={**queue.STATES, "all": "All"}, today=clock.today(), address=_address, **context,
    )  # fmt: skip


def _address(matter: OfficeMatter) -> str:
    """The page in its organization on which the office answers."""
    org = matter.organization.code
    if matter.order_id:
        return url_for("execution.order_show", org=org, order_id=matter.order_id)
    if matter.appropriation_id:
        return url_for("execution.appropriation_show", org=org, appropriation_id=matter.appropriation_id)
    if matter.office == Office.MFBM:
        return url_for("budgeting.proposal_show", org=org, proposal_id=matter.proposal_id)
    return url_for("budgeting.proposal_compliance", org=org, proposal_id=matter.proposal_id, _anchor="desks")
