"""Step 4 of the wizard: the line items of a program, edited in their table; and what their fields look up."""

from functools import partial
from typing import Any

from flask import Response, abort, g, request, url_for

from bmms.blueprints.budgeting import bp
from bmms.blueprints.budgeting.forms_proposals import LineForm
from bmms.blueprints.budgeting.wizard import proposal_of, wizard
from bmms.domain import merging
from bmms.domain.permissions import Permission
from bmms.domain.proofs import Proof
from bmms.domain.proposals import entries, figures, line_rows, lines, proving, queries
from bmms.extensions import db
from bmms.models.proposals import BudgetLine, BudgetProposal
from bmms.web.fields import as_id
from bmms.web.guard import guard
from bmms.web.look_up_pages import look_up_page
from bmms.web.paging import PER_PAGE, paginate
from bmms.web.respond import form_page, page, see_other, wants_fragment
from bmms.web.step_pages import removal_page


@bp.get("/proposals/<int:proposal_id>/lines")
@guard(Permission.BUDGET_VIEW, central=Permission.BUDGET_VIEW)
def proposal_lines(proposal_id: int) -> Response:
    """Step 4: the lines of one program (`?program=`, else the first), the other programs beside them."""
    session, proposal = db.session(), proposal_of(proposal_id)
    programs = queries.programs_of(session, proposal)
    wanted = as_id(request.args.get("program"))
    chosen = next((one for one in programs if one.part.id == wanted), programs[0] if programs else None)
    if wanted and (chosen is None or chosen.part.id != wanted):
        abort(404)
    way, found, shown, proof = wizard(proposal, 4), None, [], None
    if chosen is not None:
        found = paginate(queries.lines_of(chosen.part.id))
        shown = line_rows.rows_of(found.items, entries.Known(session, proposal))
        proof = proving.of_lines(session, chosen.part.id, shown, way.sums.of(chosen.part.id))
    return page(
        "budgeting/proposal_lines.html",
        fragment="lines",
        proposal=proposal,
        programs=programs,
        chosen=chosen,
        lines=found,
        shown=shown,
        proof=proof,
        wizard=way,
    )


@bp.route("/proposals/<int:proposal_id>/programs/<int:part_id>/lines/new", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def line_new(proposal_id: int, part_id: int) -> Response:
    """Add a line, on a page of its own."""
    session, proposal = db.session(), proposal_of(proposal_id)
    chosen = queries.get_program(session, proposal, part_id)
    form = _new_form(proposal, entries.Known(session, proposal))
    if line := form.acts(lambda: lines.add_line(session, g.actor, proposal, chosen.part, form.answers())):
        return see_other(_lines_url(line), "The line is added.")
    return form_page("budgeting/line_form.html", form, proposal=proposal, chosen=chosen, line=None)


@bp.route("/proposals/<int:proposal_id>/programs/<int:part_id>/lines/add", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def line_add(proposal_id: int, part_id: int) -> Response:
    """Add a line above the table; the form stays for the next one, and table, total and meter follow."""
    session, proposal = db.session(), proposal_of(proposal_id)
    chosen, known = queries.get_program(session, proposal, part_id), entries.Known(session, proposal)
    if not wants_fragment():
        return see_other(url_for(".line_new", proposal_id=proposal_id, part_id=part_id))
    form = _new_form(proposal, known)
    context: dict[str, Any] = {"proposal": proposal, "chosen": chosen, "line": None}
    line = form.acts(lambda: lines.add_line(session, g.actor, proposal, chosen.part, form.answers()))
    if line is None:
        return form_page("budgeting/line_form.html", form, fragment="new_line", **context)
    afresh = LineForm.afresh()
    afresh.source.data, afresh.place_psgc.data = line.source, line.place_psgc
    _offer(afresh, proposal, known)
    way = wizard(proposal, 4)
    last = line_rows.rows_of(queries.last_page(session, part_id, way.sums.of(part_id).lines, PER_PAGE), known)
    return page(
        "budgeting/line_form.html", fragment="new_line", form=afresh, added=line, shown=last, wizard=way,
        proof=proving.of_lines(session, part_id, last, way.sums.of(part_id)), **context,
    )  # fmt: skip


@bp.route("/proposals/<int:proposal_id>/lines/<int:line_id>", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def line_edit(proposal_id: int, line_id: int) -> Response:
    """Change a line, on a page of its own."""
    session, proposal = db.session(), proposal_of(proposal_id)
    line = queries.get_line(session, proposal, line_id)
    form = _form_of(line, proposal, entries.Known(session, proposal))
    act = partial(lines.change_line, session, g.actor, proposal, line)
    if form.acts(lambda: act(form.answers(), **form.ways)):
        return see_other(_lines_url(line), "The line is saved.")
    chosen = queries.get_program(session, proposal, line.proposal_program_id)
    return form_page("budgeting/line_form.html", form, proposal=proposal, chosen=chosen, line=line)


@bp.route("/proposals/<int:proposal_id>/lines/<int:line_id>/in-row", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def line_in_row(proposal_id: int, line_id: int) -> Response:
    """Change a line in its row; total and meter follow."""
    session, proposal = db.session(), proposal_of(proposal_id)
    line, known = queries.get_line(session, proposal, line_id), entries.Known(session, proposal)
    if not wants_fragment():
        return see_other(url_for(".line_edit", proposal_id=proposal_id, line_id=line_id))
    form = _form_of(line, proposal, known)
    form.set_apart(line.id)
    act = partial(lines.change_line, session, g.actor, proposal, line)
    if form.acts(lambda: act(form.answers(), **form.ways)):
        return _row(proposal, line, known, with_sums=True)
    return form_page("budgeting/line_form.html", form, fragment="edit_row", proposal=proposal, line=line)


@bp.get("/proposals/<int:proposal_id>/lines/<int:line_id>/row")
@guard(Permission.BUDGET_EDIT)
def line_row(proposal_id: int, line_id: int) -> Response:
    """The row of a line as it stands: what Cancel puts back. Without htmx: the page on which it stands."""
    proposal = proposal_of(proposal_id)
    line = queries.get_line(db.session(), proposal, line_id)
    known = entries.Known(db.session(), proposal)
    return _row(proposal, line, known) if wants_fragment() else see_other(_lines_url(line))


@bp.route("/proposals/<int:proposal_id>/lines/<int:line_id>/remove", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def line_remove(proposal_id: int, line_id: int) -> Response:
    """Ask, then strike a line."""
    session, proposal = db.session(), proposal_of(proposal_id)
    line = queries.get_line(session, proposal, line_id)
    back = _lines_url(line)
    crumbs = [("Budgeting", url_for(".proposal_list")), (proposal.title, back)]
    return removal_page(
        partial(lines.remove_line, session, g.actor, proposal, line), title=line.description, what=proposal.title,
        crumbs=crumbs, back=back, done="The line is struck.", consequence=f"₱ {line.amount:,.2f} less is asked for.",
    )  # fmt: skip


@bp.get("/proposals/<int:proposal_id>/look-up/<any(objects, places, 'work-items'):kind>")
@guard(Permission.BUDGET_EDIT)
def look_up(proposal_id: int, kind: str) -> Response:
    """Rows that a line can name, looked up by their names."""
    proposal = proposal_of(proposal_id)
    way = (proposal.title, url_for(".proposal_show", proposal_id=proposal_id))
    known = entries.Known(db.session(), proposal).of_kind(kind)
    return look_up_page(kind, known, ("Budgeting", url_for(".proposal_list")), way)


def _row(proposal: BudgetProposal, line: BudgetLine, known: entries.Known, *, with_sums: bool = False) -> Response:
    way = wizard(proposal, 4) if with_sums else None
    return page(
        "budgeting/line_form.html", fragment="row", proposal=proposal, shown=line_rows.row_of(line, known), wizard=way,
        proof=_proof(line, way.sums) if way else None,
    )  # fmt: skip


def _proof(line: BudgetLine, sums: figures.Sums) -> Proof:
    """That of the page on which a line stands."""
    session, part_id = db.session(), line.proposal_program_id
    return proving.of_lines(session, part_id, queries.page_with(session, line, PER_PAGE), sums.of(part_id))


def _lines_url(line: BudgetLine) -> str:
    """The page of the list on which a line stands."""
    number = queries.page_number(db.session(), line, PER_PAGE)
    return url_for(
        ".proposal_lines", proposal_id=line.proposal_id, program=line.proposal_program_id,
        page=number if number > 1 else None, _anchor=f"line-{line.id}",
    )  # fmt: skip


def _new_form(proposal: BudgetProposal, known: entries.Known) -> LineForm:
    form = LineForm.about(None, None, source=proposal.sources[0], place_psgc=entries.REGION)
    _offer(form, proposal, known)
    return form


def _form_of(line: BudgetLine, proposal: BudgetProposal, known: entries.Known) -> LineForm:
    typed = lines.quarters_typed(line)
    form = LineForm.about(line, {name: merging.digest(value) for name, value in typed.items()}, **typed)
    _offer(form, proposal, known)
    return form


def _offer(form: LineForm, proposal: BudgetProposal, known: entries.Known) -> None:
    place = {"proposal_id": proposal.id}
    form.object_code.offer(known.object_codes(), **place)
    form.place_psgc.offer(known.places(), **place)
    form.work_item_id.offer(known.work_items(), **place)
    form.source.choices = [one for one in form.source.choices if one.value in proposal.sources]
