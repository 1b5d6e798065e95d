"""The lines of a proposal as a workbook: export them, edit them in a spreadsheet, import them in three steps."""

from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, flash, g, url_for

from bmms.blueprints.budgeting import bp
from bmms.blueprints.budgeting.forms_line_sheets import LineSheetForm
from bmms.blueprints.budgeting.wizard import proposal_of
from bmms.domain import exports, jobs
from bmms.domain.errors import RuleBroken
from bmms.domain.files import names
from bmms.domain.imports import table, working
from bmms.domain.imports.kept import KeptList
from bmms.domain.permissions import Permission
from bmms.domain.proposals import queries
from bmms.domain.proposals.sheets import export, steps
from bmms.domain.proposals.sheets.columns import COLUMNS
from bmms.extensions import db
from bmms.models.jobs import Job
from bmms.models.proposals import BudgetProposal
from bmms.web import import_pages, limits
from bmms.web.guard import guard
from bmms.web.import_pages import Way
from bmms.web.job_pages import Progress
from bmms.web.respond import form_page, page, see_other

jobs.LABELS.update(
    {
        export.TASK: "Export the lines of a proposal",
        steps.CHECK_TASK: "Check lines to be imported",
        steps.RUN_TASK: "Import lines",
    }
)
HERE = "/proposals/<int:proposal_id>"


@bp.post(f"{HERE}/export")
@guard(Permission.BUDGET_VIEW, export=True)
def line_export(proposal_id: int) -> Response:
    """Have the worker make a workbook of the lines as they stand."""
    proposal = proposal_of(proposal_id)
    limits.count(limits.limit("exports"), "exports", g.actor.user_id)
    job = exports.ask(db.session(), g.actor, export.TASK, proposal_id=proposal.id)
    return see_other(url_for(".line_exported", proposal_id=proposal.id, job_id=job.id))


@bp.get(f"{HERE}/exports/<int:job_id>")
@guard(Permission.BUDGET_VIEW, export=True)
def line_exported(proposal_id: int, job_id: int) -> Response:
    """The workbook: how far it is, and the download."""
    return _exported(proposal_id, job_id, fragment="")


@bp.get(f"{HERE}/exports/<int:job_id>/progress")
@guard(Permission.BUDGET_VIEW, quiet=True, export=True)
def line_export_progress(proposal_id: int, job_id: int) -> Response:
    """How far the worker is with it."""
    return _exported(proposal_id, job_id, fragment="progress")


def _exported(proposal_id: int, job_id: int, fragment: str) -> Response:
    session, proposal = db.session(), proposal_of(proposal_id)
    job = exports.get(session, g.actor, export.TASK, job_id, proposal_id=proposal.id)
    file = exports.file_of(session, job)
    return page(
        "budgeting/line_exported.html", fragment=fragment, quiet=bool(fragment), proposal=proposal, job=job, file=file,
        progress=Progress(job), is_gone=not job.active and file is None,
    )  # fmt: skip


@bp.route(f"{HERE}/import", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def line_import_new(proposal_id: int) -> Response:
    """1. Upload, or paste."""
    session, proposal, form = db.session(), proposal_of(proposal_id), LineSheetForm()
    if form.validate_on_submit():
        limits.count(limits.limit("imports"), "imports", g.actor.user_id)
        try:
            found = _taken_in(proposal, form)
            return see_other(_url(proposal, found))
        except RuleBroken as broken:
            field = "pasted" if form.pasted.data else "file"
            form.show(broken if broken.fields else RuleBroken(str(broken), field=field))
    headings = [column.heading for column in COLUMNS if not column.is_shown]
    programs = queries.programs_of(session, proposal)
    return form_page("budgeting/line_import_new.html", form, proposal=proposal, headings=headings, programs=programs)


def _taken_in(proposal: BudgetProposal, form: LineSheetForm) -> KeptList:
    session = db.session()
    if not form.file.data:
        return steps.paste(session, g.actor, proposal, form.pasted.data or "")
    content = form.file.data.stream.read(table.LARGEST + 1)
    name = names.readable(form.file.data.filename)[:200]
    return steps.upload(session, g.actor, proposal, content, name)


@bp.get(f"{HERE}/import/<uuid:import_id>")
@guard(Permission.BUDGET_EDIT)
def line_import_show(proposal_id: int, import_id: UUID) -> Response:
    """2. What the check found, how far the worker is, or what came of it."""
    proposal, found = _found(proposal_id, import_id)
    job = working.job_of(db.session(), g.actor, found)
    if job is not None and job.active:
        return _waiting(proposal, found, job)
    if found.outcome is not None:
        return page(
            "budgeting/line_import_done.html", proposal=proposal, list=found, outcome=found.outcome,
            total=Decimal(found.outcome["total"]),
        )  # fmt: skip
    if found.check is None:
        return import_pages.failed(_way(proposal), found, job)
    return _check_page(proposal, found, job.message if job is not None and job.task == steps.RUN_TASK else "")


@bp.get(f"{HERE}/import/<uuid:import_id>/progress")
@guard(Permission.BUDGET_EDIT, quiet=True)
def line_import_progress(proposal_id: int, import_id: UUID) -> Response:
    """How far the worker is; leads on when it is done."""
    proposal, found = _found(proposal_id, import_id)
    job = working.job_of(db.session(), g.actor, found)
    if job is None or not job.active:
        return see_other(_url(proposal, found))
    return _waiting(proposal, found, job)


@bp.post(f"{HERE}/import/<uuid:import_id>/run")
@guard(Permission.BUDGET_EDIT)
def line_import_run(proposal_id: int, import_id: UUID) -> Response:
    """3. Import."""
    proposal, found = _found(proposal_id, import_id)
    try:
        steps.ask(db.session(), g.actor, proposal, found)
    except RuleBroken as broken:
        flash(str(broken), "error")
    return see_other(_url(proposal, found))


@bp.get(f"{HERE}/import/<uuid:import_id>/corrections")
@guard(Permission.BUDGET_EDIT)
def line_import_corrections(proposal_id: int, import_id: UUID) -> Response:
    """The list as it came, with what is wrong written into it."""
    _, found = _found(proposal_id, import_id)
    return import_pages.corrections(found, is_workbook=table.is_workbook(found.content))


def _found(proposal_id: int, import_id: UUID) -> tuple[BudgetProposal, KeptList]:
    """The proposal of the address and the reader's own upload for it. Raises NotFound."""
    proposal = proposal_of(proposal_id)
    return proposal, steps.find(db.session(), g.actor, proposal, import_id)


def _url(proposal: BudgetProposal, found: KeptList, **values: Any) -> str:
    return url_for(".line_import_show", proposal_id=proposal.id, import_id=found.import_id, **values)


def _way(proposal: BudgetProposal) -> Way:
    return Way(
        [("Budgeting", url_for(".proposal_list")),
         (proposal.title, url_for(".proposal_lines", proposal_id=proposal.id)),
         ("Import lines", url_for(".line_import_new", proposal_id=proposal.id))],
        ("Upload or paste", "Check", "Import"),
        ("The lines are being checked", "The lines are being imported"),
        url_for(".line_import_new", proposal_id=proposal.id),
    )  # fmt: skip


def _waiting(proposal: BudgetProposal, found: KeptList, job: Job) -> Response:
    url = url_for(".line_import_progress", proposal_id=proposal.id, import_id=found.import_id)
    return import_pages.waiting(_way(proposal), found, job, url, runs=job.task == steps.RUN_TASK)


def _check_page(proposal: BudgetProposal, found: KeptList, said: str) -> Response:
    checked = import_pages.checked(found, partial(_url, proposal, found))
    for row in checked["rows"].items:
        row["amount"] = Decimal(row["amount"]) if row["amount"] else None
    return page(
        "budgeting/line_import_show.html", fragment="results", proposal=proposal, list=found, said=said,
        outlook=_outlook(checked["check"]["outlook"]), is_text=not table.is_workbook(found.content), **checked,
    )  # fmt: skip


def _outlook(kept: dict[str, Any] | None) -> dict[str, Any] | None:
    """The amounts that the check has kept as texts."""
    if kept is None:
        return None
    names = ("before", "after", "above", "ceiling", "left")
    amounts = {name: Decimal(kept[name]) if kept[name] is not None else None for name in names}
    return kept | amounts | {"over": [(label, Decimal(amount)) for label, amount in kept["over"]]}
