"""The pages of what people edit in a spreadsheet: export it, send it back, see the check, import it (D49).

`publish` adds them to a blueprint, the same for every kind of sheet; `SheetPages` says what differs.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Generic
from uuid import UUID

from flask import Blueprint, Response, flash, g, request, url_for

from bmms.domain import exports, jobs
from bmms.domain.errors import RuleBroken
from bmms.domain.files import names
from bmms.domain.imports import table, working
from bmms.domain.imports.kept import KeptList
from bmms.domain.imports.working import Record, Sheet
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.jobs import Job
from bmms.web import import_pages, limits
from bmms.web.forms import Form
from bmms.web.guard import guard
from bmms.web.import_pages import Crumbs, Way
from bmms.web.job_pages import Progress
from bmms.web.respond import form_page, page, see_other

View = Callable[..., Response]


class SheetPages(Generic[Record]):
    """The pages of one kind of sheet.

    Attributes:
        read: who may export.
        here: address of its record in the blueprint.
        record: what templates call it.
        exports, imports: how its endpoints and templates begin: line_export(ed), line_import_new.
        labels: what its three tasks are called.
        steps, waits: see `Way`.
        form: asks for a list.
        consent: asks whether what is odd about a list is meant (`Sheet.consent`).
    """

    sheet: Sheet[Record, Any]
    read: Permission
    here: str
    record: str
    exports: str
    imports: str
    labels: tuple[str, str, str]
    steps: tuple[str, str, str]
    waits: tuple[str, str]
    form: type[Any]
    consent: type[Form] = Form

    def crumbs(self, record: Record) -> Crumbs:
        """What leads to its import."""
        raise NotImplementedError

    def take_in(self, record: Record, form: Any) -> KeptList:
        """Take in what the form has brought. Raises RuleBroken."""
        content = form.file.data.stream.read(table.LARGEST + 1)
        name = names.readable(form.file.data.filename)[:200]
        return self.sheet.upload(db.session(), g.actor, record, content, name)

    def field_of(self, form: Any) -> str:
        """The field to which a refusal belongs that names none."""
        return "file"

    def more_of_new(self, record: Record) -> dict[str, Any]:
        """What the first page shows beside."""
        return {}

    def more_of_check(self, found: KeptList, shown: dict[str, Any]) -> dict[str, Any]:
        """What the page of the check shows beside; `shown` is what it shows (`import_pages.checked`)."""
        return {}

    def more_of_outcome(self, outcome: dict[str, Any]) -> dict[str, Any]:
        """What the last page shows beside."""
        return {}

    def address(self, endpoint: str, record: Any, **values: Any) -> str:
        """The address of one of the pages of a record."""
        return url_for(f".{endpoint}", **{self.sheet.argument: record.id}, **values)


Pages = SheetPages[Any]


def publish(bp: Blueprint, pages: Pages) -> None:
    """Add the pages of one kind of sheet to its blueprint."""
    sheet, read, edit = pages.sheet, pages.read, pages.sheet.edit
    for task, label in zip((sheet.export_task, sheet.check_task, sheet.run_task), pages.labels, strict=True):
        jobs.LABELS[task] = label
    out, back, one = pages.exports, pages.imports, "/import/<uuid:import_id>"
    for path, endpoint, declare, view, methods in (
        ("/export", out, guard(read, export=True), _export, ("POST",)),
        ("/exports/<int:job_id>", f"{out}ed", guard(read, export=True), _exported, ("GET",)),
        ("/exports/<int:job_id>/progress", f"{out}_progress", guard(read, quiet=True, export=True), _export_progress,
         ("GET",)),
        ("/import", f"{back}_new", guard(edit), _new, ("GET", "POST")),
        (one, f"{back}_show", guard(edit), _show, ("GET",)),
        (f"{one}/progress", f"{back}_progress", guard(edit, quiet=True), _progress, ("GET",)),
        (one, f"{back}_run", guard(edit), _run, ("POST",)),
        (f"{one}/corrections", f"{back}_corrections", guard(edit), _corrections, ("GET",)),
    ):  # fmt: skip
        bp.add_url_rule(f"{pages.here}{path}", endpoint, declare(_with_record(pages, view)), methods=methods)


def _with_record(pages: Pages, view: View) -> View:
    """The view of an address, which finds the record that it names. Raises NotFound."""

    def shown(**place: Any) -> Response:
        record = pages.sheet.get(db.session(), g.actor, place.pop(pages.sheet.argument))
        return view(pages, record, **place)

    return shown


def _export(pages: Pages, record: Any) -> Response:
    """Have the worker make a workbook of the record as it stands."""
    limits.count(limits.limit("exports"), "exports", g.actor.user_id)
    job = exports.ask(db.session(), g.actor, pages.sheet.export_task, **{pages.sheet.argument: record.id})
    return see_other(pages.address(f"{pages.exports}ed", record, job_id=job.id))


def _exported(pages: Pages, record: Any, job_id: int, fragment: str = "") -> Response:
    """The workbook: how far it is, and the download."""
    session, arguments = db.session(), {pages.sheet.argument: record.id}
    job = exports.get(session, g.actor, pages.sheet.export_task, job_id, **arguments)
    file = exports.file_of(session, job)
    return page(
        _template(f"{pages.exports}ed"), fragment=fragment, quiet=bool(fragment), job=job, file=file,
        progress=Progress(job), is_gone=not job.active and file is None, **{pages.record: record},
    )  # fmt: skip


def _export_progress(pages: Pages, record: Any, job_id: int) -> Response:
    """How far the worker is with it."""
    return _exported(pages, record, job_id, fragment="progress")


def _new(pages: Pages, record: Any) -> Response:
    """1. Send a list."""
    form = pages.form()
    if form.validate_on_submit():
        limits.count(limits.limit("imports"), "imports", g.actor.user_id)
        try:
            return see_other(_url(pages, record, pages.take_in(record, form)))
        except RuleBroken as broken:
            form.show(broken if broken.fields else RuleBroken(str(broken), field=pages.field_of(form)))
    headings = [column.heading for column in pages.sheet.layout.columns if not column.is_shown]
    more = pages.more_of_new(record)
    return form_page(_template(f"{pages.imports}_new"), form, headings=headings, **{pages.record: record}, **more)


def _show(pages: Pages, record: Any, import_id: UUID) -> Response:
    """2. What the check found, how far the worker is, or what came of it."""
    found = _found(pages, record, import_id)
    job = working.job_of(db.session(), g.actor, found)
    if job is not None and job.active:
        return _waiting(pages, record, found, job)
    if found.outcome is not None:
        return page(
            _template(f"{pages.imports}_done"), list=found, outcome=found.outcome, **{pages.record: record},
            **pages.more_of_outcome(found.outcome),
        )  # fmt: skip
    if found.check is None:
        return import_pages.failed(_way(pages, record), found, job)
    said = job.message if job is not None and job.task == pages.sheet.run_task else ""
    return _check_page(pages, record, found, said, pages.consent())


def _progress(pages: Pages, record: Any, import_id: UUID) -> Response:
    """How far the worker is; leads on when it is done."""
    found = _found(pages, record, import_id)
    job = working.job_of(db.session(), g.actor, found)
    if job is None or not job.active:
        return see_other(_url(pages, record, found))
    return _waiting(pages, record, found, job)


def _run(pages: Pages, record: Any, import_id: UUID) -> Response:
    """3. Import; what needs a consent only where that is ticked."""
    found, form, name = _found(pages, record, import_id), pages.consent(), pages.sheet.consent
    try:
        pages.sheet.ask(db.session(), g.actor, record, found, meant=bool(name) and form[name].data)
    except RuleBroken as broken:
        if name and name in broken.fields:
            form.show(broken)
            return _check_page(pages, record, found, "", form)
        flash(str(broken), "error")
    return see_other(_url(pages, record, found))


def _corrections(pages: Pages, record: Any, import_id: UUID) -> Response:
    """The list as it came, with what is wrong written into it."""
    found = _found(pages, record, import_id)
    return import_pages.corrections(found, is_workbook=table.is_workbook(found.content))


def _found(pages: Pages, record: Any, import_id: UUID) -> KeptList:
    """The reader's own upload for a record. Raises NotFound."""
    return pages.sheet.find(db.session(), g.actor, record, import_id)


def _url(pages: Pages, record: Any, found: KeptList, **values: Any) -> str:
    return pages.address(f"{pages.imports}_show", record, import_id=found.import_id, **values)


def _way(pages: Pages, record: Any) -> Way:
    return Way(pages.crumbs(record), pages.steps, pages.waits, pages.address(f"{pages.imports}_new", record))


def _waiting(pages: Pages, record: Any, found: KeptList, job: Job) -> Response:
    url = pages.address(f"{pages.imports}_progress", record, import_id=found.import_id)
    return import_pages.waiting(_way(pages, record), found, job, url, runs=job.task == pages.sheet.run_task)


def _check_page(pages: Pages, record: Any, found: KeptList, said: str, form: Form) -> Response:
    shown = import_pages.checked(found, partial(_url, pages, record, found))
    more = pages.more_of_check(found, shown)
    return form_page(
        _template(f"{pages.imports}_show"), form, fragment="results", list=found, said=said,
        **{pages.record: record}, **shown, **more,
    )  # fmt: skip


def _template(name: str) -> str:
    return f"{request.blueprint}/{name}.html"
