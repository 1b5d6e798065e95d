"""The work plan as a workbook: export it, edit it in a spreadsheet, import it in three steps."""

from flask import url_for

from bmms.blueprints.planning import bp
from bmms.blueprints.planning.work_forms import WorkbookForm
from bmms.domain.permissions import Permission
from bmms.domain.workplans.sheets.steps import WORK_ITEMS
from bmms.models.work import AnnualWorkPlan
from bmms.web.import_pages import Crumbs
from bmms.web.sheet_pages import SheetPages, publish


class WorkPages(SheetPages[AnnualWorkPlan]):
    """The sheet Items of a work plan."""

    sheet, form, read = WORK_ITEMS, WorkbookForm, Permission.PLAN_VIEW
    here, record, exports, imports = "/work-plans/<int:work_plan_id>", "plan", "work_plan_export", "work_import"
    labels = ("Export a work plan", "Check a work plan to be imported", "Import a work plan")
    steps = ("Upload", "Check", "Import")
    waits = ("The file is being checked", "The work plan is being imported")

    def crumbs(self, record: AnnualWorkPlan) -> Crumbs:
        return [
            (record.title, url_for(".work_plan_show", work_plan_id=record.id)),
            ("Import", self.address("work_import_new", record)),
        ]


publish(bp, WorkPages())
