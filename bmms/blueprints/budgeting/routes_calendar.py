"""The budget calendar of a fiscal year."""

from functools import partial

from flask import Response, g, request, url_for

from bmms.blueprints.budgeting import bp
from bmms.blueprints.budgeting.forms import ItemForm
from bmms.domain import clock
from bmms.domain.calls import actions, queries
from bmms.domain.calls.labels import AUDIENCE
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.budgets import CalendarItem
from bmms.web.filters import write_plural
from bmms.web.guard import guard
from bmms.web.respond import form_page, page, see_other
from bmms.web.step_pages import removal_page


@bp.get("/calendar")
@guard(Permission.BUDGET_VIEW)
def calendar_show() -> Response:
    """The dates of a year (`?year=2027`), with the working days on which they fall due."""
    session, year = db.session(), _year()
    items = queries.with_dues(session, queries.calendar_of(session, year))
    return page("budgeting/calendar_show.html", year=year, items=items, audiences=AUDIENCE, today=clock.today())


@bp.post("/calendar/usual")
@guard(Permission.BUDGET_EDIT)
def calendar_fill() -> Response:
    """Put the usual dates of a year on the calendar."""
    year = _year()
    added = actions.add_usual_items(db.session(), g.actor, year)
    message = f"{write_plural(added, 'date')} added. Check each against the call." if added else "All are there."
    return see_other(url_for(".calendar_show", year=year), message)


@bp.route("/calendar/new", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def calendar_new() -> Response:
    """Add a date."""
    form = ItemForm.about(None, None, fiscal_year=_year())
    if item := form.acts(lambda: actions.add_item(db.session(), g.actor, form.answers())):
        return see_other(_url(item), "The date is added.")
    return form_page("budgeting/calendar_form.html", form, item=None, year=_year())


@bp.route("/calendar/<int:item_id>", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def calendar_edit(item_id: int) -> Response:
    """Change a date."""
    item = queries.get_item(db.session(), item_id)
    form = ItemForm.about(item)
    act = partial(actions.change_item, db.session(), g.actor, item)
    if form.acts(lambda: act(form.answers(), **form.ways)):
        return see_other(_url(item), "The date is saved.")
    return form_page("budgeting/calendar_form.html", form, item=item, year=item.fiscal_year)


@bp.route("/calendar/<int:item_id>/remove", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def calendar_remove(item_id: int) -> Response:
    """Ask, then take a date off the calendar."""
    item = queries.get_item(db.session(), item_id)
    return removal_page(
        partial(actions.remove_item, db.session(), g.actor, item), title=item.name, what=f"FY {item.fiscal_year}",
        crumbs=[("Budget calendar", _url(item))], back=url_for(".calendar_edit", item_id=item.id),
        next_url=_url(item), done="The date is removed.",
    )  # fmt: skip


def _url(item: CalendarItem) -> str:
    return url_for(".calendar_show", year=item.fiscal_year)


def _year() -> int:
    """The year of the address, else the coming one."""
    year = request.args.get("year", clock.today().year + 1, int)
    return year if 2020 <= year <= 2100 else clock.today().year + 1
