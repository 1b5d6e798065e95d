"""Planning: strategic plans from the first draft to the archive, and the register of programs."""

from bmms.domain.permissions import Permission
from bmms.domain.planning.waiting import matters_of
from bmms.domain.workplace import MODULE_HOMES, MODULE_MATTERS
from bmms.models.organizations import Module
from bmms.web.modules import module_blueprint
from bmms.web.shell import TENANT_MENU, Entry

bp = module_blueprint(Module.PLANNING, __name__)
TENANT_MENU.append(
    Entry(
        "Planning",
        "planning.plan_list",
        "plan",
        need=Permission.PLAN_VIEW,
        module=Module.PLANNING,
        in_dock=True,
        order=10,
    )
)
MODULE_HOMES["Planning"] = "planning.plan_list"
MODULE_MATTERS.append((Module.PLANNING, matters_of))

from bmms.blueprints.planning import (  # noqa: E402, F401
    routes,
    routes_annual_objectives,
    routes_discussion,
    routes_documents,
    routes_files,
    routes_goals,
    routes_objectives,
    routes_programs,
    routes_steps,
    routes_timeline,
    routes_work_documents,
    routes_work_items,
    routes_work_plans,
    routes_work_revisions,
    routes_work_sheets,
    routes_work_steps,
)
