"""Steps 2 and 3 of the wizard: the programs of a proposal with their targets, and the figures beside their lines."""

from functools import partial

from flask import Response, g, request, url_for

from bmms.blueprints.budgeting import bp
from bmms.blueprints.budgeting.forms_proposals import ProgramForm, TargetForm, allocation_form
from bmms.blueprints.budgeting.wizard import proposal_of, wizard
from bmms.domain import merging
from bmms.domain.permissions import Permission
from bmms.domain.planning.queries import code_choices, unit_of_measure_choices
from bmms.domain.programs.queries import program_choices
from bmms.domain.proposals import comparatives, labels, programs, proving, queries, targets
from bmms.domain.proposals.grid import grid_of
from bmms.extensions import db
from bmms.models.proposals import BudgetProposal
from bmms.web.guard import guard
from bmms.web.respond import form_page, page, see_other
from bmms.web.step_pages import Way, removal_page


@bp.get("/proposals/<int:proposal_id>/programs")
@guard(Permission.BUDGET_VIEW, central=Permission.BUDGET_VIEW)
def proposal_programs(proposal_id: int) -> Response:
    """Step 2: the programs in their rank."""
    session, proposal = db.session(), proposal_of(proposal_id)
    chosen, way = queries.programs_of(session, proposal), wizard(proposal, 2)
    return page(
        "budgeting/proposal_programs.html",
        proposal=proposal,
        programs=chosen,
        proof=proving.of_programs(proving.stated_of(session, proposal), chosen, way.sums),
        indicators=programs.indicators_of(session, proposal),
        goals=dict(queries.goal_choices(session, proposal)),
        wizard=way,
    )


@bp.route("/proposals/<int:proposal_id>/programs/new", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def proposal_program_new(proposal_id: int) -> Response:
    """Take a program into the proposal."""
    proposal, form = proposal_of(proposal_id), ProgramForm.about(None)
    _offer(form, proposal)
    if part := form.acts(lambda: programs.add_program(db.session(), g.actor, proposal, form.answers())):
        where = url_for(".proposal_program_edit", proposal_id=proposal.id, part_id=part.id)
        return see_other(where, "The program is in the proposal. Add what it is to reach.")
    return form_page("budgeting/proposal_program.html", form, proposal=proposal, chosen=None, reached=[])


@bp.route("/proposals/<int:proposal_id>/programs/<int:part_id>", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def proposal_program_edit(proposal_id: int, part_id: int) -> Response:
    """What a program is for, and its targets."""
    session, proposal = db.session(), proposal_of(proposal_id)
    chosen = queries.get_program(session, proposal, part_id)
    form = ProgramForm.about(chosen.part)
    _offer(form, proposal)
    act = partial(programs.change_program, session, g.actor, proposal, chosen)
    if form.acts(lambda: act(form.answers(), **form.ways)):
        return see_other(url_for(".proposal_programs", proposal_id=proposal.id), "The program is saved.")
    reached = programs.indicators_of(session, proposal).get(part_id, [])
    return form_page("budgeting/proposal_program.html", form, proposal=proposal, chosen=chosen, reached=reached)


@bp.route("/proposals/<int:proposal_id>/programs/<int:part_id>/remove", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def proposal_program_remove(proposal_id: int, part_id: int) -> Response:
    """Ask, then take a program without lines out."""
    proposal = proposal_of(proposal_id)
    chosen = queries.get_program(db.session(), proposal, part_id)
    back = url_for(".proposal_programs", proposal_id=proposal_id)
    return removal_page(
        partial(programs.remove_program, db.session(), g.actor, proposal, chosen), title=chosen.program.title,
        what=proposal.title, crumbs=_crumbs(proposal), back=back, done="The program is out of the proposal.",
    )  # fmt: skip


@bp.post("/proposals/<int:proposal_id>/programs/<int:part_id>/move")
@guard(Permission.BUDGET_EDIT)
def proposal_program_move(proposal_id: int, part_id: int) -> Response:
    """One rank up or down (`by`: -1 or 1)."""
    proposal = proposal_of(proposal_id)
    chosen = queries.get_program(db.session(), proposal, part_id)
    programs.move_program(db.session(), g.actor, proposal, chosen, -1 if request.form.get("by") == "-1" else 1)
    return see_other(url_for(".proposal_programs", proposal_id=proposal_id))


@bp.route("/proposals/<int:proposal_id>/programs/<int:part_id>/targets/new", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def target_new(proposal_id: int, part_id: int) -> Response:
    """Add an indicator with its target."""
    session, proposal = db.session(), proposal_of(proposal_id)
    chosen, form = queries.get_program(session, proposal, part_id), TargetForm.about(None)
    form.indicator_id.offer(targets.indicator_choices(session, proposal, chosen), "A new one")
    units = unit_of_measure_choices(session, [form.unit_of_measure_id.data or 0])
    form.unit_of_measure_id.offer([(unit.id, unit.name) for unit in units], "Choose a unit")
    if form.acts(lambda: targets.add_target(session, g.actor, proposal, chosen, form.answers())):
        return see_other(_program(proposal, part_id), "The target is added.")
    return form_page("budgeting/target_form.html", form, proposal=proposal, chosen=chosen)


@bp.route("/proposals/<int:proposal_id>/programs/<int:part_id>/targets/<int:target_id>/remove", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def target_remove(proposal_id: int, part_id: int, target_id: int) -> Response:
    """Ask, then strike a target."""
    session, proposal = db.session(), proposal_of(proposal_id)
    chosen = queries.get_program(session, proposal, part_id)
    row, indicator = targets.get_target(session, chosen, target_id)
    return removal_page(
        partial(targets.remove_target, session, g.actor, proposal, row, indicator), title=indicator.name,
        what=chosen.program.title, crumbs=_crumbs(proposal), back=_program(proposal, part_id),
        done="The target is struck. The indicator stays in the register.",
    )  # fmt: skip


@bp.get("/proposals/<int:proposal_id>/allocation")
@guard(Permission.BUDGET_VIEW, central=Permission.BUDGET_VIEW)
def proposal_allocation(proposal_id: int) -> Response:
    """Step 3: program by class over three years, with what was planned and what the lines ask for."""
    session, proposal = db.session(), proposal_of(proposal_id)
    register, way = queries.register_of(session, proposal), wizard(proposal, 3)
    years = comparatives.before(session, proposal, register, g.organization.code)
    return page(
        "budgeting/proposal_allocation.html",
        proposal=proposal,
        programs=register.chosen,
        years=years,
        grid=grid_of(register.chosen, years, way.sums, programs.figures_of(session, proposal)),
        proof=proving.of_programs(proving.stated_of(session, proposal), register.chosen, way.sums),
        wizard=way,
    )


@bp.route("/proposals/<int:proposal_id>/allocation/<int:part_id>", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def allocation_edit(proposal_id: int, part_id: int) -> Response:
    """Planning figures of one program, and what was obligated two years before."""
    session, proposal = db.session(), proposal_of(proposal_id)
    chosen = queries.get_program(session, proposal, part_id)
    now = programs.figures_now(programs.figures_of(session, proposal).get(part_id, {}))
    form = allocation_form().about(None, {name: merging.digest(value) for name, value in now.items()}, **now)
    act = partial(programs.change_figures, session, g.actor, proposal, chosen)
    if form.acts(lambda: act(form.answers(), **form.ways)):
        return see_other(url_for(".proposal_allocation", proposal_id=proposal_id), "The figures are saved.")
    return form_page("budgeting/allocation_form.html", form, proposal=proposal, chosen=chosen, labels=labels)


def _offer(form: ProgramForm, proposal: BudgetProposal) -> None:
    session = db.session()
    form.program_id.offer(program_choices(session), "Choose a program")
    form.goal_id.offer(queries.goal_choices(session, proposal), "None")
    codes = code_choices(session, [form.alignment_code_id.data or 0])
    form.alignment_code_id.offer([(code.id, f"{code.code} {code.title}") for code, _ in codes], "None")


def _program(proposal: BudgetProposal, part_id: int) -> str:
    return url_for(".proposal_program_edit", proposal_id=proposal.id, part_id=part_id)


def _crumbs(proposal: BudgetProposal) -> list[Way]:
    here = url_for(".proposal_programs", proposal_id=proposal.id)
    return [("Budgeting", url_for(".proposal_list")), (proposal.title, here)]
