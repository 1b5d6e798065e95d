"""The lists that all organizations share: themes, alignment codes, units of measure, object codes."""

from dataclasses import dataclass
from typing import Any

from flask import Response, g, request, url_for

from bmms.blueprints.platform import bp
from bmms.blueprints.platform.forms_lists import (
    AlignmentListForm,
    CodeForm,
    EntryForm,
    NewObjectCodeForm,
    ObjectCodeForm,
    ThemeForm,
    UnitOfMeasureForm,
)
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.lists import actions, importing, queries
from bmms.domain.permissions import Permission
from bmms.domain.reference.queries import list_object_codes
from bmms.extensions import db
from bmms.models.lists import AlignmentCode, AlignmentList, Theme, UnitOfMeasure
from bmms.models.reference import ExpenseClass, ObjectCode
from bmms.web.csv_imports import ImportForm
from bmms.web.exports import csv_response
from bmms.web.fields import as_id
from bmms.web.forms import Form
from bmms.web.guard import guard
from bmms.web.paging import paginate
from bmms.web.respond import form_page, page, see_other


@dataclass(frozen=True)
class Shelf:
    """One list, as its pages need it."""

    word: str  # in addresses
    model: type
    form: type[EntryForm]
    title: str
    one: str  # theme
    many: str  # themes
    view: str  # where the list is shown
    columns: str = ""  # of its CSV file, in words
    example: tuple[tuple[str, ...], ...] = ()
    changing: type[EntryForm] | None = None  # where an entry is asked less than a new one


SHELVES = {
    shelf.word: shelf
    for shelf in (
        Shelf(
            "themes", Theme, ThemeForm, "Themes", "theme", "themes", "theme_list",
            "a code and a title", (("MG", "Moral Governance"), ("HD", "Human Development")),
        ),
        Shelf(
            "alignment", AlignmentList, AlignmentListForm, "Alignment lists", "alignment list", "alignment lists",
            "alignment_list",
        ),
        Shelf(
            "codes", AlignmentCode, CodeForm, "Alignment codes", "code", "codes", "alignment_show",
            "a code and a title", (("1.1", "First outcome"), ("1.2", "Second outcome")),
        ),
        Shelf(
            "units-of-measure", UnitOfMeasure, UnitOfMeasureForm, "Units of measure", "unit of measure",
            "units of measure", "measure_list", "a name, and yes or no under counts_people",
            (("households", "no"), ("children", "yes")),
        ),
        Shelf(
            "object-codes", ObjectCode, NewObjectCodeForm, "Object codes", "object code", "object codes",
            "object_code_list", "a code, a title, and the first and last day, each of which may be empty",
            (("5-02-03-010-00", "Office Supplies Expenses", "", ""),
             ("5-02-99-070-99", "Other Subscription Expenses", "2014-01-01", "2026-12-31")),
            ObjectCodeForm,
        ),
    )
}  # fmt: skip
KINDS = f"<any({', '.join(repr(word) for word in SHELVES)}):kind>"
WITH_ROWS = "<any('themes', 'codes', 'units-of-measure', 'object-codes'):kind>"
RETIRABLE = "<any('themes', 'units-of-measure'):kind>"


@bp.get("/lists/themes")
@guard(Permission.LIST_CHANGE)
def theme_list() -> Response:
    """The themes in their order."""
    return _show("themes", queries.list_themes())


@bp.get("/lists/units-of-measure")
@guard(Permission.LIST_CHANGE)
def measure_list() -> Response:
    """What indicators count in."""
    return _show("units-of-measure", queries.list_units_of_measure())


@bp.get("/lists/object-codes")
@guard(Permission.LIST_CHANGE)
def object_code_list() -> Response:
    """The objects of expenditure, by code."""
    words, chosen = request.args.get("q", "").strip()[:100], request.args.get("class", "")
    expense_class = ExpenseClass(chosen) if chosen in tuple(ExpenseClass) else None
    query = list_object_codes(search=words, expense_class=expense_class)
    classes = [("", "any"), *((one, one) for one in ExpenseClass)]
    return _show("object-codes", query, words=words, expense_class=expense_class, classes=classes)


@bp.get("/lists/alignment")
@guard(Permission.LIST_CHANGE)
def alignment_list() -> Response:
    """The lists of alignment codes, by year."""
    return _show("alignment", queries.list_alignment_lists(), labels=queries.KIND_LABELS)


@bp.get("/lists/alignment/<int:list_id>")
@guard(Permission.LIST_CHANGE)
def alignment_show(list_id: int) -> Response:
    """One list with its codes."""
    of = queries.get_entry(db.session(), AlignmentList, list_id)
    return _show("codes", queries.list_codes(of), of=of, kind_label=queries.KIND_LABELS[of.kind])


@bp.route(f"/lists/{KINDS}/new", methods=["GET", "POST"])
@guard(Permission.LIST_CHANGE)
def entry_new(kind: str) -> Response:
    """A new entry; `?list=` says of which list a code is."""
    shelf, of = SHELVES[kind], _list_of(kind)
    form = shelf.form()
    if form.validate_on_submit():
        try:
            entry = shelf.model(**form.answers(), **({"list_id": of.id} if of else {}))
            actions.add(db.session(), g.actor, entry)
            here = url_for(".alignment_show", list_id=entry.id) if kind == "alignment" else _home(shelf, of)
            return see_other(here, f"{actions.called(entry)} is added.")
        except RuleBroken as broken:
            form.show(broken)
    here = url_for(".entry_new", kind=kind, list=of.id if of else None)
    return form_page(
        "platform/entry_form.html", form, shelf=shelf, name=f"New {shelf.one}", here=here, back=_home(shelf, of)
    )


@bp.route(f"/lists/{KINDS}/<int:entry_id>/edit", methods=["GET", "POST"])
@guard(Permission.LIST_CHANGE)
def entry_edit(kind: str, entry_id: int) -> Response:
    """Other words for an entry."""
    shelf, entry, of = _entry(kind, entry_id)
    form = (shelf.changing or shelf.form)(obj=entry)
    if form.validate_on_submit():
        try:
            actions.change(db.session(), g.actor, entry, form.answers(), seen=form.seen.data or "")
            return see_other(_home(shelf, of), f"{actions.called(entry)} is saved.")
        except RuleBroken as broken:
            form.show(broken)
    form.seen.data = form.seen.data or actions.seen_of(entry)
    here = url_for(".entry_edit", kind=kind, entry_id=entry_id)
    return form_page(
        "platform/entry_form.html", form, shelf=shelf, name=actions.called(entry), here=here, back=_home(shelf, of)
    )


@bp.route(f"/lists/{KINDS}/<int:entry_id>/remove", methods=["GET", "POST"])
@guard(Permission.LIST_CHANGE)
def entry_remove(kind: str, entry_id: int) -> Response:
    """Ask, then delete an entry that nothing refers to."""
    (shelf, entry, of), form = _entry(kind, entry_id), Form()
    name, back = actions.called(entry), _home(shelf, of)
    if form.validate_on_submit():
        try:
            actions.remove(db.session(), g.actor, entry)
            return see_other(url_for(".alignment_list") if kind == "alignment" else back, f"{name} is removed.")
        except RuleBroken as broken:
            form.show(broken)
    here = url_for(".entry_remove", kind=kind, entry_id=entry_id)
    return form_page("platform/entry_remove.html", form, fragment="", shelf=shelf, name=name, here=here, back=back)


@bp.post(f"/lists/{RETIRABLE}/<int:entry_id>/switch")
@guard(Permission.LIST_CHANGE)
def entry_switch(kind: str, entry_id: int) -> Response:
    """Offer an entry no longer (`on`: 0), or again (1)."""
    shelf, entry, of = _entry(kind, entry_id)
    offered = request.form.get("on") == "1"
    actions.retire(db.session(), g.actor, entry, not offered)
    return see_other(_home(shelf, of), f"{actions.called(entry)} is offered {'again' if offered else 'no longer'}.")


@bp.post("/lists/themes/<int:entry_id>/move")
@guard(Permission.LIST_CHANGE)
def theme_move(entry_id: int) -> Response:
    """One place up or down (`by`: -1 or 1)."""
    theme = queries.get_entry(db.session(), Theme, entry_id)
    actions.move_theme(db.session(), g.actor, theme, -1 if request.form.get("by") == "-1" else 1)
    return see_other(url_for(".theme_list"))


@bp.route(f"/lists/{WITH_ROWS}/import", methods=["GET", "POST"])
@guard(Permission.LIST_CHANGE)
def entry_import(kind: str) -> Response:
    """Many entries at once from a CSV file: all of them, or none and a list of the cells to correct."""
    shelf, of, form, session = SHELVES[kind], _list_of(kind), ImportForm(), db.session()
    if done := form.take(lambda text: importing.import_list(session, g.actor, shelf.model, text, of)):
        added, changed = done
        return see_other(_home(shelf, of), f"{added} added, {changed} changed.")
    here = url_for(".entry_import", kind=kind, list=of.id if of else None)
    return form_page(
        "platform/entry_import.html", form, shelf=shelf, of=of, here=here, back=_home(shelf, of),
        columns=importing.COLUMNS[shelf.model],
    )  # fmt: skip


@bp.get(f"/lists/{WITH_ROWS}/template")
@guard(Permission.LIST_CHANGE)
def entry_template(kind: str) -> Response:
    """An example to fill in."""
    shelf = SHELVES[kind]
    return csv_response(f"{kind}.csv", importing.COLUMNS[shelf.model], shelf.example)


def _show(kind: str, query: Any, **more: Any) -> Response:
    shelf = SHELVES[kind]
    g.menu = "platform.overview"
    return page(f"platform/{shelf.view}.html", fragment="results", shelf=shelf, found=paginate(query), **more)


def _entry(kind: str, entry_id: int) -> tuple[Shelf, Any, AlignmentList | None]:
    """The list, one entry of it, and the alignment list where the pages lead back to one."""
    shelf, session = SHELVES[kind], db.session()
    entry = queries.get_entry(session, shelf.model, entry_id)
    g.menu = "platform.overview"
    if isinstance(entry, AlignmentCode):
        return shelf, entry, queries.get_entry(session, AlignmentList, entry.list_id)
    return shelf, entry, entry if isinstance(entry, AlignmentList) else None


def _list_of(kind: str) -> AlignmentList | None:
    """The alignment list that `?list=` names, where the kind needs one. Raises NotFound."""
    g.menu = "platform.overview"
    if kind != "codes":
        return None
    if (list_id := as_id(request.args.get("list"))) is None:
        raise NotFound("Codes belong to a list.")
    return queries.get_entry(db.session(), AlignmentList, list_id)


def _home(shelf: Shelf, of: AlignmentList | None) -> str:
    return url_for(".alignment_show", list_id=of.id) if of else url_for(f".{shelf.view}")
