"""The units of the organization: divisions, sections, provincial offices."""

from flask import Response, g, request, url_for

from bmms.blueprints.admin import bp
from bmms.blueprints.admin.forms_organization import (
    ChangedUnitForm,
    MergeUnitForm,
    MoveUnitForm,
    NewUnitForm,
    unit_choices,
)
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import Permission
from bmms.domain.units import actions, importing, outline, queries
from bmms.extensions import db
from bmms.models.organizations import Unit
from bmms.web.csv_imports import ImportForm
from bmms.web.exports import csv_response
from bmms.web.fields import as_id
from bmms.web.forms import VersionedForm
from bmms.web.guard import guard
from bmms.web.paging import paginate
from bmms.web.respond import form_page, page, see_other

TOP = "At the top"
EXAMPLE = (("Planning Division", "PD", ""), ("Monitoring Section", "PD-MON", "Planning Division"))


@bp.get("/units")
@guard(Permission.UNIT_VIEW)
def unit_list() -> Response:
    """The tree; with words in the search field, the units that fit."""
    words = request.args.get("q", "").strip()[:100]
    if words:
        found = paginate(queries.list_units(search=words))
        return page("admin/unit_list.html", fragment="results", words=words, found=found, tree=[], left_out={})
    tree, left_out = outline.in_brief(queries.unit_tree(db.session()))
    return page("admin/unit_list.html", fragment="results", words="", found=None, tree=tree, left_out=left_out)


@bp.get("/units/<int:unit_id>")
@guard(Permission.UNIT_VIEW)
def unit_show(unit_id: int) -> Response:
    """One unit: where it lies, who belongs to it, what lies under it."""
    unit, tree = queries.get_unit(db.session(), unit_id), queries.unit_tree(db.session())
    under = outline.below(tree, unit.id)
    shown, left_out = outline.in_brief(under)
    members = next(branch.members for branch in tree if branch.unit.id == unit.id)
    return page(
        "admin/unit_show.html",
        unit=unit,
        way=outline.way_to(tree, unit.id),
        members=members,
        members_below=sum(branch.members for branch in under),
        tree=shown,
        left_out=left_out,
    )


@bp.route("/units/new", methods=["GET", "POST"])
@guard(Permission.UNIT_CHANGE)
def unit_new() -> Response:
    """Make a unit; `?parent=` says under which."""
    form = NewUnitForm(parent=as_id(request.args.get("parent")))
    form.parent.choices = unit_choices(queries.unit_tree(db.session()), TOP)
    if form.validate_on_submit():
        try:
            answers = form.answers()
            unit = actions.create_unit(db.session(), g.actor, parent_id=answers.pop("parent"), **answers)
            return see_other(url_for(".unit_show", unit_id=unit.id), f"{unit.name} is made.")
        except RuleBroken as broken:
            form.show(broken)
    return form_page("admin/unit_new.html", form)


@bp.route("/units/<int:unit_id>/edit", methods=["GET", "POST"])
@guard(Permission.UNIT_CHANGE)
def unit_edit(unit_id: int) -> Response:
    """Another name or code."""
    unit = queries.get_unit(db.session(), unit_id)
    form = ChangedUnitForm(obj=unit)
    if form.acts(lambda: actions.rename_unit(db.session(), g.actor, unit, **form.answers())):
        return _to(unit, "Unit saved.")
    return form_page("admin/unit_edit.html", form, unit=unit)


@bp.route("/units/<int:unit_id>/move", methods=["GET", "POST"])
@guard(Permission.UNIT_CHANGE)
def unit_move(unit_id: int) -> Response:
    """Another place in the tree, with everything under it."""
    unit, tree = queries.get_unit(db.session(), unit_id), queries.unit_tree(db.session())
    form = MoveUnitForm(row_version=unit.row_version, parent=unit.parent_id)
    form.parent.choices = unit_choices(_outside(tree, unit), TOP)
    if form.validate_on_submit():
        try:
            version = form.row_version.data
            actions.move_unit(db.session(), g.actor, unit, parent_id=form.parent.data, row_version=version)
            return _to(unit, f"{unit.name} is moved.")
        except RuleBroken as broken:
            form.show(broken)
    return form_page("admin/unit_move.html", form, unit=unit)


@bp.route("/units/<int:unit_id>/merge", methods=["GET", "POST"])
@guard(Permission.UNIT_CHANGE)
def unit_merge(unit_id: int) -> Response:
    """Choose the unit that takes over (`?into=`), see what will happen, then do it."""
    unit, tree = queries.get_unit(db.session(), unit_id), queries.unit_tree(db.session())
    form = MergeUnitForm(row_version=unit.row_version, into=as_id(request.args.get("into")))
    form.into.choices = unit_choices(_outside(tree, unit), "Choose a unit")
    chosen = as_id(form.into.data)
    into = queries.get_unit(db.session(), chosen) if chosen else None
    if form.validate_on_submit() and into:
        try:
            actions.merge_units(db.session(), g.actor, unit, into, row_version=form.row_version.data)
            return _to(into, f"{unit.name} is merged into {into.name}.")
        except RuleBroken as broken:
            form.show(broken)
    under = outline.below(tree, unit.id)
    members = next(branch.members for branch in tree if branch.unit.id == unit.id)
    return form_page(
        "admin/unit_merge.html",
        form,
        fragment="",
        unit=unit,
        into=into,
        members=members,
        units=sum(branch.depth == 1 for branch in under),
    )


@bp.route("/units/<int:unit_id>/close", methods=["GET", "POST"])
@guard(Permission.UNIT_CHANGE)
def unit_close(unit_id: int) -> Response:
    """Ask, then close a unit to which nobody belongs any more."""
    unit = queries.get_unit(db.session(), unit_id)
    form = VersionedForm(obj=unit)
    if form.acts(lambda: actions.deactivate_unit(db.session(), g.actor, unit, row_version=form.row_version.data)):
        return _to(unit, f"{unit.name} is closed.")
    return form_page("admin/unit_close.html", form, fragment="", unit=unit)


@bp.post("/units/<int:unit_id>/open")
@guard(Permission.UNIT_CHANGE)
def unit_open(unit_id: int) -> Response:
    """Open a closed unit again."""
    unit = queries.get_unit(db.session(), unit_id)
    form = VersionedForm()
    if form.validate_on_submit():
        actions.reactivate_unit(db.session(), g.actor, unit, row_version=form.row_version.data)
        return _to(unit, f"{unit.name} is open again.")
    return _to(unit)


@bp.route("/units/import", methods=["GET", "POST"])
@guard(Permission.UNIT_CHANGE)
def unit_import() -> Response:
    """Many units at once from a CSV file: all of them, or none and a list of the cells to correct."""
    form, session = ImportForm(), db.session()
    if made := form.take(lambda text: importing.import_units(session, g.actor, text)):
        return see_other(url_for(".unit_list"), f"{len(made)} units are made.")
    return form_page("admin/unit_import.html", form)


@bp.get("/units/import/template")
@guard(Permission.UNIT_CHANGE)
def unit_template() -> Response:
    """An example to fill in."""
    return csv_response("units.csv", importing.COLUMNS, EXAMPLE)


def _outside(tree: list[queries.Branch], unit: Unit) -> list[queries.Branch]:
    """The tree without a unit and what lies under it."""
    inside = {unit.id, *(branch.unit.id for branch in outline.below(tree, unit.id))}
    return [branch for branch in tree if branch.unit.id not in inside]


def _to(unit: Unit, message: str = "") -> Response:
    return see_other(url_for(".unit_show", unit_id=unit.id), message)
