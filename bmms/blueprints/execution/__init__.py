"""Execution: what may be spent, is allotted, obligated and paid, and who is paid. Under the switch of Budgeting."""

from bmms.domain.disbursements import waiting as vouchers
from bmms.domain.obligations.waiting import matters_of
from bmms.domain.permissions import Permission
from bmms.domain.workplace import MODULE_MATTERS
from bmms.models.organizations import Module
from bmms.web.modules import module_blueprint
from bmms.web.shell import TENANT_MENU, Entry

bp = module_blueprint(Module.BUDGETING, __name__, "execution")
TENANT_MENU.append(
    Entry(
        "Execution",
        "execution.account_list",
        "money",
        need=Permission.LEDGER_VIEW,
        module=Module.BUDGETING,
        order=25,
        outside="execution.statement_list",
    )  # fmt: skip
)
MODULE_MATTERS += [(Module.BUDGETING, matters_of), (Module.BUDGETING, vouchers.matters_of)]

from bmms.blueprints.execution import (  # noqa: E402, F401
    routes_accounts,
    routes_authority,
    routes_change_steps,
    routes_changes,
    routes_disbursements,
    routes_forms,
    routes_obligation_files,
    routes_obligation_steps,
    routes_obligations,
    routes_openings,
    routes_orders,
    routes_payees,
    routes_payments,
    routes_periods,
    routes_statements,
)
