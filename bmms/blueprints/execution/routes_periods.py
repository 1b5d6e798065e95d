"""Months that close and open again, and the series of numbers of a year."""

from functools import partial
from typing import Any

from flask import Response, g, request, url_for

from bmms.blueprints.execution import bp
from bmms.blueprints.execution.documents import address_of
from bmms.blueprints.execution.forms_periods import CloseForm, PeriodForm, ReopenForm, SeriesForm
from bmms.domain.ledger import accounts, numbers
from bmms.domain.periods import actions, queries
from bmms.domain.periods.labels import STANDS, WAITING, Stands
from bmms.domain.periods.queries import Month
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.ledger import DocumentKind
from bmms.web.forms import Form
from bmms.web.guard import guard
from bmms.web.respond import form_page, page, see_other
from bmms.web.step_pages import removal_page


@bp.get("/periods")
@guard(Permission.LEDGER_VIEW)
def period_list() -> Response:
    """The months of a year (`?year=`), and which of them are closed."""
    session = db.session()
    years = queries.years_of(session)
    year = request.args.get("year", years[0], type=int)
    year = year if year in queries.YEARS else years[0]
    return page(
        "execution/period_list.html", fragment="results", years=years, year=year,
        months=queries.months_of(session, year), stands=STANDS,
    )  # fmt: skip


@bp.get("/periods/<code>")
@guard(Permission.LEDGER_VIEW)
def period_show(code: str) -> Response:
    """One month: how it stands, who closed it, and what waits in it."""
    session, month = db.session(), _month(code)
    is_open = month.stands in (Stands.OPEN, Stands.CLOSING)
    may_see = g.actor.may(Permission.LEDGER_EDIT) or g.actor.may(Permission.LEDGER_PAY) or _confirms(Stands.CLOSING)
    return page(
        "execution/period_show.html", month=month, pill=STANDS[month.stands], kinds=WAITING, address_of=_address_of,
        waiting=queries.waiting_in(session, month.first) if is_open and may_see else [],
        may_ask=g.actor.may(Permission.LEDGER_PAY), may_confirm=_confirms(month.stands),
        is_last=month.first == month.shut_by,
    )  # fmt: skip


@bp.route("/periods/<code>/close", methods=["GET", "POST"])
@guard(Permission.LEDGER_PAY)
def period_close(code: str) -> Response:
    """Ask for the closing of a month."""
    month, form = _month(code), CloseForm()
    act = partial(actions.ask_close, db.session(), g.actor, month.first)
    return _question(
        month, form, act, "close", "The closing is asked for. Somebody else confirms it.",
        hindrances=queries.hindrances(db.session(), month.first) if month.stands == Stands.OPEN else [],
    )  # fmt: skip


@bp.route("/periods/<code>/confirm", methods=["GET", "POST"])
@guard(Permission.BUDGET_REVIEW)
def period_confirm(code: str) -> Response:
    """Close a month, as somebody else asked."""
    month, form = _month(code), PeriodForm()
    act = partial(actions.close, db.session(), g.actor, month.first)
    return _question(
        month, form, act, "confirm", f"{month.name} is closed.",
        hindrances=queries.hindrances(db.session(), month.first) if month.stands == Stands.CLOSING else [],
    )  # fmt: skip


@bp.route("/periods/<code>/reopen", methods=["GET", "POST"])
@guard(Permission.LEDGER_PAY)
def period_reopen(code: str) -> Response:
    """Ask that the last closed month be opened again."""
    month, form = _month(code), ReopenForm()
    act = partial(actions.ask_reopen, db.session(), g.actor, month.first)
    done = "The reopening is asked for. The head of the office confirms it."
    return _question(month, form, lambda: act(form.note.data or ""), "reopen", done)


@bp.route("/periods/<code>/confirm-reopening", methods=["GET", "POST"])
@guard(Permission.BUDGET_APPROVE)
def period_confirm_reopening(code: str) -> Response:
    """Open the last closed month again, as somebody else asked."""
    month, form = _month(code), PeriodForm()
    act = partial(actions.reopen, db.session(), g.actor, month.first)
    return _question(month, form, act, "confirm_reopening", f"{month.name} is open again.")


@bp.route("/periods/<code>/withdraw", methods=["GET", "POST"])
@guard(Permission.LEDGER_PAY)
def period_withdraw(code: str) -> Response:
    """Ask, then take back what was asked for a month."""
    month = _month(code)
    return removal_page(
        partial(actions.withdraw, db.session(), g.actor, month.first), title=month.name,
        what=STANDS[month.stands][0], crumbs=[("Months", _months(month)), (month.name, _url(month))], back=_url(month),
        done="It is taken back.", verb="Take back",
    )  # fmt: skip


@bp.get("/numbers")
@guard(Permission.LEDGER_VIEW)
def number_list() -> Response:
    """The series of a year (`?year=`) with their last numbers."""
    session, year = db.session(), _series_year()
    years = sorted({year, *queries.years_of(session), *accounts.years_of(session)}, reverse=True)
    return page(
        "execution/number_list.html", years=years, year=year, rows=numbers.last_of_all(session, year),
        title_of=numbers.title_of, may_edit=g.actor.may(Permission.LEDGER_EDIT),
    )  # fmt: skip


@bp.route("/numbers/edit", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def number_edit() -> Response:
    """Say where the paper log of a series stopped, in the year `?year=`."""
    session, year, form = db.session(), _series_year(), SeriesForm()
    form.series.choices = [(name, numbers.title_of(name)) for name in numbers.names_of(session, year)]
    act = partial(numbers.begin_after, session, g.actor)
    if form.acts(lambda: act(form.series.data, year, form.last.data)):
        told = f"{numbers.title_of(form.series.data)}: the next number is {(form.last.data or 0) + 1}."
        return see_other(url_for(".number_list", year=year), told)
    rows = {name: last for name, last, demo in numbers.last_of_all(session, year) if not demo}
    return form_page("execution/number_form.html", form, year=year, rows=rows, title_of=numbers.title_of)


def _question(
    month: Month, form: Form, act: Any, name: str, done: str, hindrances: list[str] | None = None
) -> Response:  # fmt: skip
    if form.acts(act):
        return see_other(_url(month), done)
    return form_page(
        f"execution/period_{name}.html", form, month=month, hindrances=hindrances or [], pill=STANDS[month.stands],
    )  # fmt: skip


def _month(code: str) -> Month:
    return queries.get_month(db.session(), code)


def _url(month: Month) -> str:
    return url_for(".period_show", code=month.code)


def _months(month: Month) -> str:
    return url_for(".period_list", year=month.first.year)


def _confirms(stands: Stands) -> bool:
    needs = {Stands.CLOSING: Permission.BUDGET_REVIEW, Stands.REOPENING: Permission.BUDGET_APPROVE}
    return stands in needs and g.actor.may(needs[stands])


def _address_of(kind: str, document_id: int) -> str:
    """The page of a document that waits, empty where it has none."""
    return address_of(DocumentKind(kind), document_id)


def _series_year() -> int:
    """The fiscal year that the address names, or this one."""
    return queries.year_of(request.args.get("year", type=int))
