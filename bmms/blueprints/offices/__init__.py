"""Central offices: what waits for MFBM and BPDA in all organizations (decision D24). Desks have theirs in budgeting."""

from flask import Blueprint

from bmms.domain.permissions import Permission
from bmms.web.shell import OFFICE_MENU, Entry

bp = Blueprint("offices", __name__)
OFFICE_MENU.extend(
    (
        Entry("MFBM", "offices.mfbm_queue", "money", need=Permission.BUDGET_DECIDE, in_dock=True, order=10),
        Entry("BPDA", "offices.bpda_queue", "plan", need=Permission.BUDGET_ENDORSE, in_dock=True, order=20),
    )
)

from bmms.blueprints.offices import routes  # noqa: E402, F401
