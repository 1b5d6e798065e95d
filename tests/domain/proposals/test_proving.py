"""Each page with money proves its sum: what it shows comes to what the database says, and a shortfall is told."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from bmms.domain.appropriations import queries as acts
from bmms.domain.permissions import Permission
from bmms.domain.proofs import Proof
from bmms.domain.proposals import facts, figures, proving, queries
from bmms.models.compliance import Desk
from bmms.models.proposals import BudgetLine, CentralAct, ProposalAmount, Sphere
from bmms.models.reference import ExpenseClass
from tests.proposals import ask_for

MOOE = ExpenseClass.MOOE
WHOLE, SUPPORT, REST = Decimal("7192000.00"), Decimal("1438400.00"), Decimal("5753600.00")


def told(proof: Proof) -> tuple[int, Decimal, Decimal, Decimal]:
    return proof.rows, proof.total, proof.source_total, proof.difference


def test_programs_a_page_that_leaves_one_out_is_short_by_it(complete):
    session, proposal = complete.office.rahma.session, complete.proposal
    programs, sums = queries.programs_of(session, proposal), figures.sums_of(session, proposal)
    stated = proving.stated_of(session, proposal)
    assert told(proving.of_programs(stated, programs, sums)) == (2, WHOLE, WHOLE, 0)
    assert told(proving.of_programs(stated, programs[1:], sums)) == (1, REST, WHOLE, -SUPPORT)
    part_id = complete.support.id
    thinner = figures.Sums(dict(sums.by_program) | {part_id: figures.Asked()})
    assert proving.of_programs(stated, programs, thinner).difference == -SUPPORT


def test_the_list_a_proposal_that_is_left_out_or_not_to_be_seen(complete):
    desk, proposal = complete.office.rahma, complete.proposal
    totals = figures.totals_of(desk.session, [proposal])
    assert told(proving.of_list(desk.session, desk.actor, totals)) == (1, WHOLE, WHOLE, 0)
    assert told(proving.of_list(desk.session, desk.actor, {})) == (0, 0, WHOLE, -WHOLE)
    viewer = replace(desk.actor, permissions=desk.actor.permissions - {Permission.BUDGET_DRAFT_VIEW})
    assert told(proving.of_list(desk.session, viewer, {})) == (0, 0, 0, 0), "drafts are not in the sum of a viewer"


def test_lines_rows_and_further_pages_come_to_the_sum_of_the_program(complete):
    session, part = complete.office.rahma.session, complete.immunization
    asked = figures.sums_of(session, complete.proposal).of(part.id)
    rows = session.scalars(queries.lines_of(part.id)).all()
    proof = proving.of_lines(session, part.id, rows, asked)
    assert (told(proof), proof.here) == ((4, REST, REST, 0), None)
    proof = proving.of_lines(session, part.id, rows[:3], asked)
    assert (told(proof), proof.here) == ((4, REST, REST, 0), 3)
    proof = proving.of_lines(session, part.id, [], asked)
    assert (told(proof), proof.here) == ((4, REST, REST, 0), 0), "a page beyond the end"
    shown = [BudgetLine(id=rows[0].id, amount=rows[0].amount - Decimal("0.01")), *rows[1:]]
    assert proving.of_lines(session, part.id, shown, asked).difference == Decimal("-0.01")
    assert proving.of_lines(session, part.id, shown[:2], asked).difference == Decimal("-0.01")
    assert proving.of_lines(session, part.id, [*rows, rows[0]], asked).difference == rows[0].amount, "a row twice"


def test_compliance_an_office_that_is_forgotten_is_missed(complete, monkeypatch):
    desk, proposal = complete.office.rahma, complete.proposal
    for sphere in (Sphere.ICT, Sphere.ICT, Sphere.ENVIRONMENT):
        ask_for(desk, proposal, complete.support, sphere=sphere, gad_percent=Decimal("0.01"))
    looked = facts.facts_of(desk.session, proposal)
    assert looked.desks == {
        Desk.BPDA: WHOLE + 3 * SUPPORT, Desk.BICTO: 2 * SUPPORT, Desk.MENRE: SUPPORT, Desk.BWC: WHOLE + 3 * SUPPORT,
    }  # fmt: skip
    assert told(proving.of_desks(looked))[::3] == (4, 0)
    monkeypatch.delitem(facts.DESK_OF, Sphere.ICT)
    assert proving.of_desks(facts.facts_of(desk.session, proposal)).difference == -2 * SUPPORT


def test_review_a_class_that_is_not_shown_is_missed(complete):
    desk, proposal = complete.office.rahma, complete.proposal
    ask_for(desk, proposal, complete.support, object_code="5030104000", quantity=Decimal(1), unit_cost=Decimal("7.07"))
    looked = facts.facts_of(desk.session, proposal)
    assert told(proving.of_classes(looked)) == (4, WHOLE + Decimal("7.07"), WHOLE + Decimal("7.07"), 0)
    asked = looked.sums.whole.within
    without = figures.Sums({0: figures.Asked(6, replace(asked, finex=Decimal(0), unclassed=asked.finex))})
    proof = proving.of_classes(replace(looked, sums=without))
    assert (proof.rows, proof.difference) == (3, Decimal("-7.07"))


def test_a_proposal_without_lines_proves_nothing_wrong(prepared):
    desk, proposal = prepared.office.rahma, prepared.proposal
    looked, stated = facts.facts_of(desk.session, proposal), proving.stated_of(desk.session, proposal)
    assert told(proving.of_classes(looked)) == (3, 0, 0, 0)
    assert told(proving.of_desks(looked)) == (0, 0, 0, 0)
    assert told(proving.of_programs(stated, looked.programs, looked.sums)) == (2, 0, 0, 0)


def test_three_figures_each_is_proved_that_anybody_has_said(complete, owner):
    session, proposal = complete.office.rahma.session, complete.proposal
    programs, sums = queries.programs_of(session, proposal), figures.sums_of(session, proposal)

    def proofs(rows: dict) -> list[tuple]:
        side = figures.side_by_side(proposal, programs, sums, rows)
        return [(one.nouns[1], *told(one)) for one in proving.of_figures(stated, side)]

    stated = proving.stated_of(session, proposal)
    assert proofs({}) == [("amounts requested", 2, WHOLE, WHOLE, 0)]
    with owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE proposal_amounts DISABLE TRIGGER USER")
        connection.exec_driver_sql(
            "INSERT INTO proposal_amounts (organization_id, proposal_program_id, expense_class, recommended) "
            "SELECT organization_id, id, 'MOOE', id * 100.01 FROM proposal_programs"
        )
        connection.exec_driver_sql("ALTER TABLE proposal_amounts ENABLE TRIGGER USER")
    session.rollback()
    stated = proving.stated_of(session, proposal)
    ids = [complete.support.id, complete.immunization.id]
    amounts = {part_id: part_id * Decimal("100.01") for part_id in ids}
    rows = {part_id: {MOOE: ProposalAmount(recommended=amount)} for part_id, amount in amounts.items()}
    total = sum(amounts.values())
    assert proofs(rows)[1:] == [("amounts recommended", 2, total, total, 0)]
    del rows[complete.support.id]
    short = amounts[complete.support.id]
    assert proofs(rows)[1:] == [("amounts recommended", 1, total - short, total, -short)]
    assert proofs({})[1:] == [("amounts recommended", 0, 0, total, -total)], "none shown, though they are kept"


@pytest.fixture
def act(complete) -> CentralAct:
    """An evaluation with three amounts."""
    session, parts = complete.office.rahma.session, (complete.support, complete.immunization)
    amounts = {str(part.id): {"MOOE": "1000.10", **({"PS": "0.90"} if part is parts[0] else {})} for part in parts}
    act = CentralAct(
        proposal_id=complete.proposal.id, verb="evaluate", reference="Memo 12", issued_on=date(2026, 2, 1),
        file_id=complete.call.file_id, amounts=amounts, entered_label="Rahma",
    )  # fmt: skip
    session.add(act)
    session.flush()
    return act


def test_confirmation_the_rows_come_to_what_was_entered(complete, act):
    session, proposal = complete.office.rahma.session, complete.proposal
    programs, sums = queries.programs_of(session, proposal), figures.sums_of(session, proposal)
    kept = {(complete.support.id, MOOE): Decimal("1000.10"), (complete.support.id, ExpenseClass.PS): Decimal("0.90")}
    kept |= {(complete.immunization.id, MOOE): Decimal("1000.10")}
    side = figures.entered(programs, sums, kept, "recommended", "", None)
    assert told(proving.of_act(session, act, side, "recommended"))[::3] == (3, 0)
    gone = figures.entered(programs[:1], sums, kept, "recommended", "", None)
    proof = proving.of_act(session, act, gone, "recommended")
    assert (proof.rows, proof.difference) == (2, Decimal("-1000.10")), "a program that has left the proposal since"


def test_entry_amounts_against_the_total_of_the_law():
    amounts = {"a1_ps": Decimal("1.10"), "a1_mooe": None, "a2_ps": Decimal("2.20")}
    assert proving.of_entry(amounts, None) is None
    assert told(proving.of_entry(amounts, Decimal("3.31"))) == (
        2, Decimal("3.30"), Decimal("3.31"), Decimal("-0.01"),
    )  # fmt: skip


def test_a_sheet_that_leaves_a_line_out_is_short_by_it(complete):
    session, proposal = complete.office.rahma.session, complete.proposal
    stated = proving.stated_of(session, proposal)
    rows = session.scalars(select(BudgetLine).where(BudgetLine.proposal_id == proposal.id)).all()
    assert told(proving.of_sheet(stated, rows)) == (5, WHOLE, WHOLE, 0)
    assert proving.of_sheet(stated, rows[1:]).difference == -rows[0].amount


def test_the_outlook_of_an_import_is_told_when_the_lines_do_not_come_to_now_and_the_changes():
    amounts = {"before": REST, "changes": SUPPORT, "after": WHOLE}
    assert told(proving.of_outlook(5, amounts)) == (5, WHOLE, WHOLE, 0)
    assert proving.of_outlook(5, amounts | {"after": WHOLE + Decimal("0.01")}).difference == Decimal("0.01")


def test_years_side_by_side_come_to_the_lines_of_the_acts_and_one_that_is_left_out_is_missed(complete):
    session = complete.office.rahma.session
    years = acts.years_of(session)
    given = Decimal("94411666856.24"), Decimal("114077644141.90")
    assert told(acts.proof_of_years(session, years)) == (2, sum(given), sum(given), 0)
    assert acts.proof_of_years(session, years[1:]).difference == -given[0]
    own = acts.years_of(session, "MOH")
    assert acts.proof_of_years(session, own, "MOH").difference == 0
    assert acts.proof_of_years(session, [], "MOH").difference < 0
