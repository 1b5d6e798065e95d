"""Budgeting: the appropriations acts, open to everybody in an organization."""

from bmms.domain.permissions import Permission
from bmms.domain.workplace import MODULE_HOMES
from bmms.models.organizations import Module
from bmms.web.modules import module_blueprint
from bmms.web.shell import TENANT_MENU, Entry

bp = module_blueprint(Module.BUDGETING, __name__)
TENANT_MENU.append(
    Entry(
        "Budgeting",
        "budgeting.act_list",
        "money",
        need=Permission.ACT_VIEW,
        module=Module.BUDGETING,
        in_dock=True,
        order=20,
    )  # fmt: skip
)
MODULE_HOMES[Module.BUDGETING] = "budgeting.act_list"

from bmms.blueprints.budgeting import routes_acts  # noqa: E402, F401
