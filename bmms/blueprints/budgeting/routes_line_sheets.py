"""The lines of a proposal as a workbook: export them, edit them in a spreadsheet, import them in three steps."""

from decimal import Decimal
from typing import Any

from flask import url_for

from bmms.blueprints.budgeting import bp
from bmms.blueprints.budgeting.forms_line_sheets import LineImportForm
from bmms.domain.imports import table
from bmms.domain.imports.kept import KeptList
from bmms.domain.permissions import Permission
from bmms.domain.proposals import proving, queries
from bmms.domain.proposals.sheets.steps import LINES
from bmms.extensions import db
from bmms.models.proposals import BudgetProposal
from bmms.web.import_pages import Crumbs
from bmms.web.sheet_pages import publish
from bmms.web.text_sheet_pages import TextSheetPages


class LinePages(TextSheetPages[BudgetProposal]):
    """The sheet Lines of a proposal; cells can be pasted, too."""

    sheet, consent, read = LINES, LineImportForm, Permission.BUDGET_VIEW
    here, record, exports, imports = "/proposals/<int:proposal_id>", "proposal", "line_export", "line_import"
    labels = ("Export the lines of a proposal", "Check lines to be imported", "Import lines")
    waits = ("The lines are being checked", "The lines are being imported")

    def crumbs(self, record: BudgetProposal) -> Crumbs:
        return [
            ("Budgeting", url_for(".proposal_list")),
            (record.title, url_for(".proposal_lines", proposal_id=record.id)),
            ("Import lines", self.address("line_import_new", record)),
        ]

    def more_of_new(self, record: BudgetProposal) -> dict[str, Any]:
        return {"programs": queries.programs_of(db.session(), record)}

    def more_of_check(self, found: KeptList, shown: dict[str, Any]) -> dict[str, Any]:
        for row in shown["rows"].items:
            row["amount"] = Decimal(row["amount"]) if row["amount"] else None
        return {"outlook": _outlook(shown["check"]["outlook"]), "is_text": not table.is_workbook(found.content)}

    def more_of_outcome(self, outcome: dict[str, Any]) -> dict[str, Any]:
        return {"total": Decimal(outcome["total"])}


def _outlook(kept: dict[str, Any] | None) -> dict[str, Any] | None:
    """The amounts that the check has kept as texts."""
    if kept is None:
        return None
    names = ("before", "after", "changes", "above", "ceiling", "left")
    amounts = {name: Decimal(kept[name]) if kept[name] is not None else None for name in names}
    proof = proving.of_outlook(kept["lines"], amounts)
    return kept | amounts | {"proof": proof, "over": [(label, Decimal(amount)) for label, amount in kept["over"]]}


publish(bp, LinePages())
