"""Budgeting: proposals, calls with their ceilings, the budget calendar, the appropriations acts."""

from bmms.domain.permissions import Permission
from bmms.domain.proposals.waiting import matters_of
from bmms.domain.workplace import MODULE_HOMES, MODULE_MATTERS
from bmms.models.organizations import Module
from bmms.web.modules import module_blueprint
from bmms.web.shell import TENANT_MENU, Entry

bp = module_blueprint(Module.BUDGETING, __name__)
TENANT_MENU.append(
    Entry(
        "Budgeting",
        "budgeting.proposal_list",
        "file",
        need=Permission.BUDGET_VIEW,
        module=Module.BUDGETING,
        in_dock=True,
        order=20,
    )  # fmt: skip
)
MODULE_HOMES["Budgeting"] = "budgeting.proposal_list"
MODULE_MATTERS.append((Module.BUDGETING, matters_of))

from bmms.blueprints.budgeting import (  # noqa: E402, F401
    routes_acts,
    routes_calendar,
    routes_calls,
    routes_central,
    routes_compliance,
    routes_discussion,
    routes_line_sheets,
    routes_lines,
    routes_proposal_documents,
    routes_proposal_programs,
    routes_proposal_steps,
    routes_proposals,
)
