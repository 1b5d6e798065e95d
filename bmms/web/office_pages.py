"""The page of a queue: of MFBM and BPDA outside organizations, of a desk inside its own."""

from typing import Any

from flask import Response, request

from bmms.domain import clock
from bmms.domain.offices import queue
from bmms.models.offices import Office
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
    view, anchor = ("proposal_show", None) if office == Office.MFBM else ("proposal_compliance", "desks")
    return page(
        template, fragment="results", office=office, called=CALLED[office], found=found, state=state, code=code,
        states={**queue.STATES, "all": "All"}, today=clock.today(), view=f"budgeting.{view}", anchor=anchor, **context,
    )  # fmt: skip
