"""The three figures side by side, as the page of a proposal and the confirmation print them (INV-22, INV-25)."""

from decimal import Decimal

from bmms.domain.proposals import comparatives, figures, grid, queries, snapshots
from bmms.models.proposals import ProposalAmount
from bmms.models.reference import ExpenseClass

MOOE, CO = ExpenseClass.MOOE, ExpenseClass.CO


def side(prepared, said: dict | None = None) -> figures.SideBySide:
    session, proposal = prepared.office.rahma.session, prepared.proposal
    programs, sums = queries.programs_of(session, proposal), figures.sums_of(session, proposal)
    return figures.side_by_side(proposal, programs, sums, said or {})


def said(**amounts: str) -> ProposalAmount:
    return ProposalAmount(**{name: Decimal(amount) for name, amount in amounts.items()})


def test_what_nobody_has_said_is_no_zero(complete):
    found = side(complete)
    assert [(row.kind, row.requested) for row in found.rows] == [
        (MOOE, Decimal("1438400.00")), (MOOE, Decimal("5753600.00")),
    ]  # fmt: skip
    assert (found.requested, found.recommended, found.approved) == (Decimal("7192000.00"), None, None)
    assert found.difference is None
    complete.proposal.law, complete.proposal.enacted_total = "BAA No. 99", Decimal("1.00")
    assert (side(complete).law, side(complete).difference) == ("BAA No. 99", None), "nothing to set beside the law yet"


def test_each_figure_is_added_up_by_itself(complete):
    rows = {
        MOOE: said(recommended="0.00", approved="0.00", planning_figure="9.00"), CO: said(recommended="500000.01"),
        ExpenseClass.PS: said(planning_figure="3.00"),
    }  # fmt: skip
    found = side(complete, {complete.support.id: rows})
    support = [row for row in found.rows if row.title == "General administration and support"]
    assert [(row.kind, row.requested, row.recommended, row.approved) for row in support] == [
        (MOOE, Decimal("1438400.00"), Decimal("0.00"), Decimal("0.00")),
        (CO, Decimal("0.00"), Decimal("500000.01"), None),
    ], "a class in which nothing was asked for is a row as soon as something is recommended in it"  # fmt: skip
    assert len(found.rows) == 3
    assert (found.recommended, found.approved) == (Decimal("500000.01"), Decimal("0.00"))


def test_the_difference_to_the_law_is_that_of_what_was_approved(complete):
    approved = {complete.support: "1000000.00", complete.immunization: "5753600.00"}
    complete.proposal.law, complete.proposal.enacted_total = "BAA No. 99", Decimal("6753600.01")
    rows = {part.id: {MOOE: said(approved=amount)} for part, amount in approved.items()}
    assert side(complete, rows).difference == Decimal("-0.01")


def test_an_act_that_waits_stands_beside_what_is_asked_for(complete):
    session, proposal = complete.office.rahma.session, complete.proposal
    programs, sums = queries.programs_of(session, proposal), figures.sums_of(session, proposal)
    amounts = {(complete.immunization.id, MOOE): Decimal("5.00"), (complete.support.id, CO): Decimal("7.25")}
    found = figures.entered(programs, sums, amounts, "approved", "BAA No. 99", Decimal("12.50"))
    assert [(row.title, row.kind, row.requested, row.approved) for row in found.rows] == [
        ("General administration and support", CO, Decimal("0.00"), Decimal("7.25")),
        ("Immunization", MOOE, Decimal("5753600.00"), Decimal("5.00")),
    ]  # fmt: skip
    assert (found.approved, found.recommended, found.difference) == (Decimal("12.25"), None, Decimal("-0.25"))
    assert figures.entered(programs, sums, amounts, "recommended", "", None).difference is None


def test_the_table_of_a_proposal_is_each_program_what_lies_outside_and_all_of_it(complete):
    session, proposal = complete.office.rahma.session, complete.proposal
    register, sums = queries.register_of(session, proposal), figures.sums_of(session, proposal)
    years = comparatives.before(session, proposal, register, "MOH")
    planned = {MOOE: said(planning_figure="2.00"), CO: said(planning_figure="0.50", recommended="9.00")}
    found = grid.grid_of(register.chosen, years, sums, {complete.support.id: planned})
    assert [(row.program.program.code if row.program else "", row.planned, row.asked.total) for row in found.rows] == [
        ("MOH-GAS", Decimal("2.50"), Decimal("1438400.00")), ("MOH-P01", None, Decimal("5753600.00")),
        ("", None, Decimal("0.00")),
    ]  # fmt: skip
    assert [row.change for row in found.rows] == [None, None, Decimal(-1)], "no act has given these programs anything"
    assert (found.whole.planned, found.whole.asked.total) == (Decimal("2.50"), Decimal("7192000.00"))
    assert [sum(column) for column in zip(*(row.before for row in found.rows), strict=True)] == list(found.whole.before)
    assert grid.change_of(Decimal("110.00"), Decimal("100.00")) == Decimal("0.1")


def test_a_version_says_a_figure_over_all_classes_and_none_where_there_is_none():
    kept = {"recommended": {"PS": "0.00", "MOOE": "0.00"}, "approved": {"PS": "1.10", "CO": "2.20"}}
    assert [snapshots.over_classes(kept, name) for name in ("planning_figure", "recommended", "approved")] == [
        None, Decimal("0.00"), Decimal("3.30"),
    ]  # fmt: skip
