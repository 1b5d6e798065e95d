"""The work plan as a workbook: export it, edit it in a spreadsheet, import it in three steps."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, flash, g, url_for

from bmms.blueprints.planning import bp
from bmms.blueprints.planning.work_forms import WorkbookForm
from bmms.blueprints.planning.work_pages import work_plan_of
from bmms.domain import exports, jobs
from bmms.domain.errors import RuleBroken
from bmms.domain.files import names
from bmms.domain.imports import table, working
from bmms.domain.imports.kept import KeptList
from bmms.domain.permissions import Permission
from bmms.domain.workplans.sheets import export, steps
from bmms.domain.workplans.sheets.columns import COLUMNS
from bmms.extensions import db
from bmms.models.jobs import Job
from bmms.models.work import AnnualWorkPlan
from bmms.web import import_pages, limits
from bmms.web.guard import guard
from bmms.web.import_pages import Way
from bmms.web.job_pages import Progress
from bmms.web.respond import form_page, page, see_other

jobs.LABELS.update(
    {
        export.TASK: "Export a work plan",
        steps.CHECK_TASK: "Check a work plan to be imported",
        steps.RUN_TASK: "Import a work plan",
    }
)
HERE = "/work-plans/<int:work_plan_id>"


@bp.post(f"{HERE}/export")
@guard(Permission.PLAN_VIEW, export=True)
def work_plan_export(work_plan_id: int) -> Response:
    """Have the worker make a workbook of the work plan as it stands."""
    plan = work_plan_of(work_plan_id)
    limits.count(limits.limit("exports"), "exports", g.actor.user_id)
    job = exports.ask(db.session(), g.actor, export.TASK, work_plan_id=plan.id)
    return see_other(url_for(".work_plan_exported", work_plan_id=plan.id, job_id=job.id))


@bp.get(f"{HERE}/exports/<int:job_id>")
@guard(Permission.PLAN_VIEW, export=True)
def work_plan_exported(work_plan_id: int, job_id: int) -> Response:
    """The workbook: how far it is, and the download."""
    return _exported(work_plan_id, job_id, fragment="")


@bp.get(f"{HERE}/exports/<int:job_id>/progress")
@guard(Permission.PLAN_VIEW, quiet=True, export=True)
def work_plan_export_progress(work_plan_id: int, job_id: int) -> Response:
    """How far the worker is with it."""
    return _exported(work_plan_id, job_id, fragment="progress")


def _exported(work_plan_id: int, job_id: int, fragment: str) -> Response:
    session, plan = db.session(), work_plan_of(work_plan_id)
    job = exports.get(session, g.actor, export.TASK, job_id, work_plan_id=plan.id)
    file = exports.file_of(session, job)
    return page(
        "planning/work_plan_exported.html", fragment=fragment, quiet=bool(fragment), plan=plan, job=job, file=file,
        progress=Progress(job), is_gone=not job.active and file is None,
    )  # fmt: skip


@bp.route(f"{HERE}/import", methods=["GET", "POST"])
@guard(Permission.PLAN_EDIT)
def work_import_new(work_plan_id: int) -> Response:
    """1. Upload."""
    session, plan, form = db.session(), work_plan_of(work_plan_id), WorkbookForm()
    if form.validate_on_submit():
        limits.count(limits.limit("imports"), "imports", g.actor.user_id)
        try:
            content = form.file.data.stream.read(table.LARGEST + 1)
            name = names.readable(form.file.data.filename)[:200]
            found = steps.upload(session, g.actor, plan, content, name)
            return see_other(url_for(".work_import_show", work_plan_id=plan.id, import_id=found.import_id))
        except RuleBroken as broken:
            form.show(broken if broken.fields else RuleBroken(str(broken), field="file"))
    headings = [column.heading for column in COLUMNS if not column.is_shown]
    return form_page("planning/work_import_new.html", form, plan=plan, headings=headings)


@bp.get(f"{HERE}/import/<uuid:import_id>")
@guard(Permission.PLAN_EDIT)
def work_import_show(work_plan_id: int, import_id: UUID) -> Response:
    """2. What the check found, how far the worker is, or what came of it."""
    plan, found = _found(work_plan_id, import_id)
    job = working.job_of(db.session(), g.actor, found)
    if job is not None and job.active:
        return _waiting(plan, found, job)
    if found.outcome is not None:
        return page("planning/work_import_done.html", plan=plan, list=found, outcome=found.outcome)
    if found.check is None:
        return import_pages.failed(_way(plan), found, job)
    return _check_page(plan, found, job.message if job is not None and job.task == steps.RUN_TASK else "")


@bp.get(f"{HERE}/import/<uuid:import_id>/progress")
@guard(Permission.PLAN_EDIT, quiet=True)
def work_import_progress(work_plan_id: int, import_id: UUID) -> Response:
    """How far the worker is; leads on when it is done."""
    plan, found = _found(work_plan_id, import_id)
    job = working.job_of(db.session(), g.actor, found)
    if job is None or not job.active:
        return see_other(_url(plan, found))
    return _waiting(plan, found, job)


@bp.post(f"{HERE}/import/<uuid:import_id>/run")
@guard(Permission.PLAN_EDIT)
def work_import_run(work_plan_id: int, import_id: UUID) -> Response:
    """3. Import."""
    plan, found = _found(work_plan_id, import_id)
    try:
        steps.ask(db.session(), g.actor, plan, found)
    except RuleBroken as broken:
        flash(str(broken), "error")
    return see_other(_url(plan, found))


@bp.get(f"{HERE}/import/<uuid:import_id>/corrections")
@guard(Permission.PLAN_EDIT)
def work_import_corrections(work_plan_id: int, import_id: UUID) -> Response:
    """The workbook as it came, with what is wrong written into it."""
    _, found = _found(work_plan_id, import_id)
    return import_pages.corrections(found, is_workbook=True)


def _found(work_plan_id: int, import_id: UUID) -> tuple[AnnualWorkPlan, KeptList]:
    """The work plan of the address and the reader's own upload for it. Raises NotFound."""
    plan = work_plan_of(work_plan_id)
    return plan, steps.find(db.session(), g.actor, plan, import_id)


def _url(plan: AnnualWorkPlan, found: KeptList, **values: Any) -> str:
    return url_for(".work_import_show", work_plan_id=plan.id, import_id=found.import_id, **values)


def _way(plan: AnnualWorkPlan) -> Way:
    return Way(
        [(plan.title, url_for(".work_plan_show", work_plan_id=plan.id)),
         ("Import", url_for(".work_import_new", work_plan_id=plan.id))],
        ("Upload", "Check", "Import"),
        ("The file is being checked", "The work plan is being imported"),
        url_for(".work_import_new", work_plan_id=plan.id),
    )  # fmt: skip


def _waiting(plan: AnnualWorkPlan, found: KeptList, job: Job) -> Response:
    url = url_for(".work_import_progress", work_plan_id=plan.id, import_id=found.import_id)
    return import_pages.waiting(_way(plan), found, job, url, runs=job.task == steps.RUN_TASK)


def _check_page(plan: AnnualWorkPlan, found: KeptList, said: str) -> Response:
    checked = import_pages.checked(found, partial(_url, plan, found))
    return page(
        "planning/work_import_show.html", fragment="results", plan=plan, list=found, said=said, **checked,
    )  # fmt: skip
