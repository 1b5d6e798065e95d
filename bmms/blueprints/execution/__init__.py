"""Execution: what may be spent, is allotted, obligated and paid, and who is paid. Under the switch of Budgeting."""

from bmms.domain.alerts import waiting as alerts
from bmms.domain.allotments import waiting as orders
from bmms.domain.authority import waiting as laws
from bmms.domain.bed import waiting as programs
from bmms.domain.changes import waiting as changes
from bmms.domain.disbursements import waiting as vouchers
from bmms.domain.obligations import waiting as obligations
from bmms.domain.permissions import Permission
from bmms.domain.workplace import MODULE_HOMES, MODULE_MATTERS, together
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
        in_dock=True,
        order=25,
        outside="execution.statement_list",
    )  # fmt: skip
)
MODULE_HOMES["Execution"] = "execution.account_list"
HEAPS = (alerts, obligations, vouchers, changes, orders, laws, programs)
MODULE_MATTERS.append((Module.BUDGETING, together(*(one.HEAP for one in HEAPS))))

from bmms.blueprints.execution import (  # noqa: E402, F401
    routes_accounts,
    routes_alerts,
    routes_authority,
    routes_bed,
    routes_cash,
    routes_change_steps,
    routes_changes,
    routes_deadlines,
    routes_disbursements,
    routes_forms,
    routes_laws,
    routes_obligation_files,
    routes_obligation_steps,
    routes_obligations,
    routes_openings,
    routes_orders,
    routes_payees,
    routes_payments,
    routes_periods,
    routes_request_batches,
    routes_statements,
)
