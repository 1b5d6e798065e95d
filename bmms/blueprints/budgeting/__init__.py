"""Budgeting: calls with their ceilings, the budget calendar, the appropriations acts."""

from bmms.domain.permissions import Permission
from bmms.domain.workplace import MODULE_HOMES
from bmms.models.organizations import Module
from bmms.web.modules import module_blueprint
from bmms.web.shell import TENANT_MENU, Entry

bp = module_blueprint(Module.BUDGETING, __name__)
TENANT_MENU.append(
    Entry(
        "Budgeting",
        "budgeting.call_list",
        "money",
        need=Permission.BUDGET_VIEW,
        module=Module.BUDGETING,
        in_dock=True,
        order=20,
    )  # fmt: skip
)
MODULE_HOMES[Module.BUDGETING] = "budgeting.call_list"

from bmms.blueprints.budgeting import routes_acts, routes_calendar, routes_calls  # noqa: E402, F401
