"""The statements of execution: what is asked stands in the address; screen, PDF and XLSX answer the same question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, g, request, url_for

from bmms.blueprints.execution import bp
from bmms.domain import clock, exports, jobs
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.ledger import accounts
from bmms.domain.permissions import Permission
from bmms.domain.statements import actions, papers, shape, workbook
from bmms.domain.statements.catalogue import BY_KIND, STATEMENTS, statement_at
from bmms.domain.statements.statement import Statement
from bmms.extensions import db
from bmms.web import document_pages, limits
from bmms.web.document_pages import Place
from bmms.web.guard import guard
from bmms.web.job_pages import Progress
from bmms.web.paging import LAST_PAGE
from bmms.web.respond import page, see_other

KINDS = ", ".join(f'"{kind}"' for kind in BY_KIND)
VIEWS = {
    "": ("All columns", None),
    "totals": (
        "Totals only",
        ("title", "appropriated", "allotted", "obligated", "disbursed", "unreleased", "unobligated", "due",
         "not_yet_due"),
    ),
    "obligations": (
        "Obligations by quarter",
        ("title", "allotted", *(f"obligated{quarter}" for quarter in range(1, 6)), "obligated", "unobligated"),
    ),
}  # fmt: skip
SHOW = Permission.LEDGER_VIEW
jobs.LABELS[workbook.TASK] = "Export a statement"


@dataclass(frozen=True)
class Answer:
    """One field of the form of parameters; `choices` is empty for days."""

    name: str
    label: str
    value: str
    error: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Pages:
    """Where in a long statement one is."""

    number: int
    per_page: int
    count: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max((self.count + self.per_page - 1) // self.per_page, 1)

    @property
    def rows(self) -> tuple[int, int]:
        """The first and the last row of this page, from 1 on."""
        return (self.number - 1) * self.per_page + 1, min(self.number * self.per_page, self.count)


@bp.get("/statements")
@guard(SHOW, central=SHOW)
def statement_list() -> Response:
    """What can be asked of the ledger."""
    offered = [each for each in STATEMENTS if each.is_open_to(g.actor)]
    return page("execution/statement_list.html", statements=offered, years=accounts.years_of(db.session()))


@bp.get(f"/statements/<any({KINDS}):kind>")
@guard(SHOW, central=SHOW)
def statement_show(kind: str) -> Response:
    """One statement as of the day asked for."""
    session, cls = db.session(), statement_at(kind)
    cls.require(g.actor)
    years = accounts.years_of(session)
    given = {name: request.args.get(name, "").strip() for name in cls.fields_of()}
    try:
        asked, errors = cls.ask(session, given, years), {}
    except RuleBroken as broken:
        asked, errors = None, broken.fields or {"": str(broken)}
    view = request.args.get("view", "")
    context: dict[str, Any] = {
        "cls": cls, "asked": asked, "errors": errors, "fields": _fields(cls, asked, given, errors, years),
        "views": [(name, label) for name, (label, _) in VIEWS.items()] if cls.by_quarter else [], "view": view,
    }  # fmt: skip
    if asked is not None:
        context |= _figures(asked, view)
    return page("execution/statement_show.html", status=422 if errors and any(given.values()) else 200, **context)


def _figures(asked: Statement, view: str) -> dict[str, Any]:
    """The page of the statement that is asked for, in plain values."""
    number = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    report = asked.read(db.session(), number)
    said = shape.told(report)
    wanted = VIEWS.get(view, VIEWS[""])[1] if asked.by_quarter else None
    shown = [at for at, column in enumerate(said["columns"]) if wanted is None or column["key"] in wanted]
    return {
        "words": asked.in_words(db.session()), "report": report, "said": said, "shown": shown,
        "pages": Pages(number, asked.per_page, report.count),
        "groups": shape.groups_of([said["columns"][at]["group"] for at in shown]), "made_at": clock.now(),
        "mark": papers.mark_of(db.session(), g.organization.id, asked, report),
        "kept": papers.kept_of(db.session(), asked), "export_url": _url("statement_export", asked),
        "print_url": _url("statement_print", asked),
    }  # fmt: skip


def _fields(
    cls: type[Statement],
    asked: Statement | None,
    given: Mapping[str, str],
    errors: Mapping[str, str],
    years: Sequence[int],
) -> list[Answer]:
    """The form of parameters, with what was asked or, where that is refused, what was typed."""
    session = db.session()
    found = []
    for name in cls.fields_of():
        value = str(getattr(asked, name)) if asked else given[name]
        label, choices = cls.field_of(session, name, asked)
        if name == "fiscal_year":
            choices = {str(year): f"FY {year}" for year in years}
        if choices and value and value not in choices:
            choices = {value: value, **choices}
        found.append(Answer(name, label, value, errors.get(name, ""), tuple(choices.items())))
    return found


@bp.post(f"/statements/<any({KINDS}):kind>/export")
@guard(SHOW, export=True)
def statement_export(kind: str) -> Response:
    """Have the worker make a workbook of what the address asks, or CSV where the form says so."""
    asked = _asked(kind)
    limits.count(limits.limit("exports"), "exports", g.actor.user_id)
    more = {workbook.FORM: "csv"} if request.form.get(workbook.FORM) == "csv" else {}
    job = exports.ask(db.session(), g.actor, workbook.TASK, kind=asked.kind, asked=asked.asked, **more)
    return see_other(_url("statement_exported", asked, job_id=job.id))


@bp.get(f"/statements/<any({KINDS}):kind>/exports/<int:job_id>")
@guard(SHOW, export=True)
def statement_exported(kind: str, job_id: int) -> Response:
    """The file: how far it is, and the download."""
    return _exported(kind, job_id)


@bp.get(f"/statements/<any({KINDS}):kind>/exports/<int:job_id>/progress")
@guard(SHOW, quiet=True, export=True)
def statement_export_progress(kind: str, job_id: int) -> Response:
    """How far the worker is with it."""
    return _exported(kind, job_id, fragment="progress")


def _exported(kind: str, job_id: int, fragment: str = "") -> Response:
    session = db.session()
    try:
        asked = _asked(kind)
    except RuleBroken as broken:
        raise NotFound("There is no such export.") from broken
    job = exports.get(session, g.actor, workbook.TASK, job_id, kind=asked.kind, asked=asked.asked)
    file = exports.file_of(session, job)
    return page(
        "execution/statement_exported.html", fragment=fragment, quiet=bool(fragment), asked=asked, job=job, file=file,
        words=asked.in_words(session), as_form=workbook.form_of(job.arguments),
        progress=Progress(job), is_gone=not job.active and file is None, show_url=_url("statement_show", asked),
        again_url=_url("statement_export", asked),
        progress_url=_url("statement_export_progress", asked, job_id=job_id),
    )  # fmt: skip


@bp.post(f"/statements/<any({KINDS}):kind>/paper")
@guard(SHOW, export=True, central=SHOW)
def statement_print(kind: str) -> Response:
    """Keep what the address asks, and have the answer printed."""
    row = actions.keep(db.session(), g.actor, _asked(kind))
    return document_pages.document_new(_place(row.id))


@bp.get("/statements/papers/<int:statement_id>")
@guard(SHOW, central=SHOW)
def statement_document_list(statement_id: int) -> Response:
    """The PDFs that answer one question."""
    return document_pages.document_list(_place(statement_id))


@bp.post("/statements/papers/<int:statement_id>")
@guard(SHOW, export=True, central=SHOW)
def statement_document_new(statement_id: int) -> Response:
    """Answer it on paper once more, from the ledger as it stands."""
    return document_pages.document_new(_place(statement_id))


@bp.get("/statements/papers/<int:statement_id>/documents/<int:document_id>")
@guard(SHOW, central=SHOW)
def statement_document_show(statement_id: int, document_id: int) -> Response:
    """One PDF."""
    return document_pages.document_show(_place(statement_id), document_id)


@bp.get("/statements/papers/<int:statement_id>/documents/<int:document_id>/progress")
@guard(SHOW, quiet=True, central=SHOW)
def statement_document_progress(statement_id: int, document_id: int) -> Response:
    """How far the worker is with it."""
    return document_pages.document_progress(_place(statement_id), document_id)


def _asked(kind: str) -> Statement:
    """What the address asks. Raises RuleBroken, NotFound, NotAllowed."""
    cls = statement_at(kind)
    cls.require(g.actor)
    return cls.ask(db.session(), request.args.to_dict())


def _url(view: str, asked: Statement, **values: Any) -> str:
    """The address of a view of a statement, with what is asked."""
    return f"{url_for(f'.{view}', kind=asked.kind, **values)}?{asked.asked}"


def _place(statement_id: int) -> Place:
    """The papers of the question of the address. Raises NotFound."""
    row = papers.get_kept(db.session(), g.actor, statement_id)
    asked = papers.asked_of(row)
    crumbs: document_pages.Crumbs = [
        ("Statements", url_for(".statement_list")), (asked.name, _url("statement_show", asked)),
    ]  # fmt: skip
    told = ", ".join(f"{label} {value}" for label, value in asked.in_words(db.session()))
    return Place(
        (papers.PAPERS[row.kind],), row.id, f"{asked.name}, {told}", crumbs,
        lambda view, **values: url_for(f".statement_{view}", statement_id=row.id, **values),
    )  # fmt: skip
