"""The program of a year: begun, filled, changed row by row, submitted, approved, reopened; beside its execution."""

from datetime import date
from functools import partial

from flask import Response, g, request, url_for

from bmms.blueprints.execution import bp
from bmms.blueprints.execution.forms_bed import LineForm, PatternForm, known_of
from bmms.blueprints.execution.routes_statements import Pages
from bmms.domain import clock
from bmms.domain.bed import actions, labels, queries, steps
from bmms.domain.permissions import Permission
from bmms.domain.statements import shape
from bmms.domain.statements.bed import Bed1, Schedule
from bmms.extensions import db
from bmms.models.bed import BedProgram
from bmms.web.guard import guard
from bmms.web.paging import LAST_PAGE, paginate
from bmms.web.respond import form_page, page, see_other
from bmms.web.step_pages import Way, removal_page, step_page


@bp.get("/bed")
@guard(Permission.LEDGER_VIEW)
def bed_list() -> Response:
    """The programs, the latest year first, and the years that have none."""
    may_begin = g.actor.may(Permission.LEDGER_EDIT)
    return page(
        "execution/bed_list.html", programs=paginate(queries.list_programs(g.actor)), labels=labels,
        missing=queries.years_without(db.session()) if may_begin else [],
    )  # fmt: skip


@bp.post("/bed/begin")
@guard(Permission.LEDGER_EDIT)
def bed_begin() -> Response:
    """Begin the program of the year `?year=`; with `?demo=1` that of its demo accounts."""
    year = request.args.get("year", 0, type=int)
    row = actions.begin(db.session(), g.actor, year, is_demo=request.args.get("demo") == "1")
    return see_other(_url(row), "The program is begun. Fill its rows by a pattern, then change them one by one.")


@bp.get("/bed/<int:bed_id>")
@guard(Permission.LEDGER_VIEW)
def bed_show(bed_id: int) -> Response:
    """One edition: how it is executed quarter by quarter, and its rows against the appropriation."""
    session, bed = db.session(), _bed(bed_id)
    number = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    last = date(bed.fiscal_year, 12, 31)
    today = min(clock.today(), last)
    report = Bed1(fiscal_year=bed.fiscal_year, as_of=last, bed_id=bed.id).read(session, number)
    schedule = Schedule(fiscal_year=bed.fiscal_year, as_of=today, bed_id=bed.id).read(session)
    is_open = bed.status in queries.OPEN
    return page(
        "execution/bed_show.html", bed=bed, pill=labels.STATUS[bed.status], report=report,
        pages=Pages(number, Bed1.per_page, report.count), schedule=shape.told(schedule), schedule_proof=schedule.proof,
        today=today, steps=steps.offered(g.actor, bed), is_open=is_open,
        may_edit=is_open and g.actor.may(Permission.LEDGER_EDIT),
    )  # fmt: skip


@bp.route("/bed/<int:bed_id>/fill", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def bed_fill(bed_id: int) -> Response:
    """Fill the rows by a pattern."""
    session, bed, form = db.session(), _bed(bed_id), PatternForm()
    act = partial(actions.propose, session, g.actor, bed)
    filled: list[int] = []
    if form.acts(lambda: filled.append(act(**form.answers()))):
        return see_other(_url(bed), f"{filled[0]} rows are filled.")
    return form_page("execution/bed_fill.html", form, bed=bed)


@bp.route("/bed/<int:bed_id>/lines/<int:bed_line_id>", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def bed_line_edit(bed_id: int, bed_line_id: int) -> Response:
    """The twelve months of one program and class."""
    session, bed = db.session(), _bed(bed_id)
    line = queries.get_line(session, bed, bed_line_id)
    row = queries.row_of(session, bed, line)
    form = LineForm.about(line, None, **known_of(row))
    act = partial(actions.change_line, session, g.actor, bed, line)
    if form.acts(lambda: act(form.months("o"), form.months("d"), row_version=form.row_version.data)):
        return see_other(_url(bed), f"{row.title} is saved.")
    return form_page("execution/bed_line_edit.html", form, bed=bed, line=line, row=row, months=labels.MONTHS)


@bp.route("/bed/<int:bed_id>/<any(submit, return, approve, reopen):verb>", methods=["GET", "POST"])
@guard(Permission.LEDGER_VIEW)
def bed_step(bed_id: int, verb: str) -> Response:
    """Ask, then take a step; reopening leads to the next edition."""
    session, bed, step = db.session(), _bed(bed_id), steps.STEPS[verb]
    g.actor.require(step.need)
    back = _url(bed)
    if verb != "reopen":
        act = partial(steps.take, session, g.actor, bed, verb)
        return step_page(step, act, what=f"Program of {bed.fiscal_year}", top=_top(), back=back)
    return step_page(
        step, partial(actions.reopen, session, g.actor, bed), what=f"Program of {bed.fiscal_year}", top=_top(),
        back=url_for(".bed_list") if request.method == "POST" else back,
    )  # fmt: skip


@bp.route("/bed/<int:bed_id>/remove", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def bed_remove(bed_id: int) -> Response:
    """Ask, then remove a draft."""
    bed = _bed(bed_id)
    title = f"Program of {bed.fiscal_year}, edition {bed.edition}"
    return removal_page(
        partial(actions.remove, db.session(), g.actor, bed), title=title, what=queries.called(bed),
        crumbs=[_top(), (title, _url(bed))], back=_url(bed), next_url=url_for(".bed_list"),
        done="The draft is removed.", consequence="Its figures go with it.",
    )  # fmt: skip


def _bed(bed_id: int) -> BedProgram:
    return queries.get_program(db.session(), g.actor, bed_id)


def _url(row: BedProgram) -> str:
    return url_for(".bed_show", bed_id=row.id)


def _top() -> Way:
    return "Program of the year", url_for(".bed_list")
