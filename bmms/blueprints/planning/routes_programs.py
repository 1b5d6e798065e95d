"""The register of programs: what the acts name, and what the planner adds."""

from flask import Response, g, request, url_for

from bmms.blueprints.planning import bp
from bmms.blueprints.planning.forms import ProgramForm, SameProgramForm
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import Permission
from bmms.domain.planning import labels
from bmms.domain.programs import actions, queries
from bmms.domain.workplans.queries import items_of_program
from bmms.extensions import db
from bmms.models.programs import Program
from bmms.web.guard import guard
from bmms.web.paging import paginate
from bmms.web.respond import form_page, page, see_other

MOST_SHOWN = 150


@bp.get("/programs")
@guard(Permission.PLAN_VIEW)
def program_list() -> Response:
    """The tree of programs; `?q=` finds by title. Long registers show programs first, sub-programs on their pages."""
    search = request.args.get("q", "").strip()
    branches = queries.tree(db.session(), search=search)
    deepest = 1 if len(branches) > MOST_SHOWN and not search else 9
    return page(
        "planning/program_list.html",
        fragment="results",
        branches=[branch for branch in branches if branch.depth <= deepest][:MOST_SHOWN],
        total=len(branches),
        near=queries.near_matches([branch.program for branch in branches])[:10],
        search=search,
        structures=queries.STRUCTURES,
    )


@bp.get("/programs/<int:program_id>")
@guard(Permission.PLAN_VIEW)
def program_show(program_id: int) -> Response:
    """One program, where it lies, what lies in it, and the work that is done for it."""
    program = queries.get_program(db.session(), program_id)
    branches = queries.tree(db.session())
    programs = {branch.program.id: branch.program for branch in branches}
    return page(
        "planning/program_show.html",
        fragment="results",
        program=program,
        parent=programs.get(program.parent_id or 0),
        same_as=programs.get(program.same_as_id or 0),
        below=[one for one in programs.values() if one.parent_id == program.id],
        structures=queries.STRUCTURES,
        items=paginate(items_of_program(program.id)),
        labels=labels,
    )


@bp.route("/programs/new", methods=["GET", "POST"])
@guard(Permission.PROGRAM_CHANGE)
def program_new() -> Response:
    """Add a program that no act has named yet."""
    form = ProgramForm.about(None)
    _offer(form)
    if program := form.acts(lambda: actions.create_program(db.session(), g.actor, form.answers())):
        return _to(program, "The program is added.")
    return form_page("planning/program_form.html", form, program=None)


@bp.route("/programs/<int:program_id>/edit", methods=["GET", "POST"])
@guard(Permission.PROGRAM_CHANGE)
def program_edit(program_id: int) -> Response:
    """Change a program."""
    program = queries.get_program(db.session(), program_id)
    form = ProgramForm.about(program)
    _offer(form)
    if form.acts(lambda: actions.change_program(db.session(), g.actor, program, form.answers(), **form.ways)):
        return _to(program, "The program is saved.")
    return form_page("planning/program_form.html", form, program=program)


@bp.route("/programs/<int:program_id>/same", methods=["GET", "POST"])
@guard(Permission.PROGRAM_CHANGE)
def program_same(program_id: int) -> Response:
    """Say that this entry is the same program as another one (`?as=` proposes it)."""
    program = queries.get_program(db.session(), program_id)
    form = SameProgramForm(same_as_id=program.same_as_id or request.args.get("as", type=int))
    form.same_as_id.offer(
        [row for row in queries.program_choices(db.session()) if row[0] != program.id], "Not the same"
    )
    if form.validate_on_submit():
        try:
            other = queries.get_program(db.session(), form.same_as_id.data) if form.same_as_id.data else None
            actions.declare_same(db.session(), g.actor, program, other)
            return _to(program, "This is noted.")
        except RuleBroken as broken:
            form.show(broken)
    return form_page("planning/program_same.html", form, program=program)


def _offer(form: ProgramForm) -> None:
    form.parent_id.offer(queries.program_choices(db.session()), "At the top")


def _to(program: Program, message: str) -> Response:
    return see_other(url_for(".program_show", program_id=program.id), message)
