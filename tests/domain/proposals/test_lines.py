"""Line items: what the form refuses the database refuses too, and totals are the sums of the lines."""

from decimal import Decimal

import pytest
from sqlalchemy import literal, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from bmms.domain.errors import NotAllowed, RuleBroken
from bmms.domain.proposals import actions, entries, figures, line_rows, line_rules, lines, proving
from bmms.models.proposals import BudgetLine, BudgetProposal, Tier
from bmms.models.reference import ExpenseClass
from tests.proposals import ask_for, line_answers


def test_inv_18_19_amounts_are_computed_by_the_database_and_add_up(prepared):
    desk = prepared.office.rahma
    line = ask_for(desk, prepared.proposal, prepared.support, quantity=Decimal("3.3333"), unit_cost=Decimal("0.15"))
    assert (line.amount, line.expense_class) == (Decimal("0.50"), ExpenseClass.MOOE), "half a centavo goes up"
    assert [line.q1, line.q2, line.q3, line.q4] == [Decimal("0.13"), Decimal("0.13"), Decimal("0.12"), Decimal("0.12")]
    ask_for(desk, prepared.proposal, prepared.immunization)
    ask_for(desk, prepared.proposal, prepared.immunization, object_code="5010101001", unit_cost=Decimal("1000.01"))
    sums = figures.sums_of(desk.session, prepared.proposal)
    assert sums.of(prepared.support.id).total == Decimal("0.50")
    assert sums.whole.amounts.columns["ps"] == Decimal("116001.16")
    assert sums.whole.total == Decimal("1554401.66")
    assert sums.whole.total == proving.stated_of(desk.session, prepared.proposal).requested


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"quantity": Decimal(0)}, "quantity", "above zero"),
        ({"quantity": Decimal("0.00001")}, "quantity", "four decimals"),
        ({"unit_cost": Decimal(0)}, "unit_cost", "one centavo or more"),
        ({"unit_cost": Decimal("0.005")}, "unit_cost", "centavo or more"),
        ({"unit_cost": Decimal("1.005")}, "unit_cost", "two decimals"),
        ({"unit_cost": Decimal("-1")}, "unit_cost", "centavo or more"),
        ({"quantity": Decimal(10), "unit_cost": Decimal("100000000000000.00")}, "unit_cost", "999,999,999,999,999.99"),
        ({"quantity": Decimal("0.0001"), "unit_cost": Decimal("0.01")}, "quantity", "less than a centavo"),
        ({"object_code": "5029907099"}, "object_code", "not in force on 01 January 2027"),
        ({"object_code": "5029999999"}, "object_code", "no such object code"),
        ({"object_code": "5060405002"}, "unit_cost", "not capital outlay"),
        ({"source": "sdf"}, "source", "not among the sources"),
        ({"gad_percent": Decimal("100.01")}, "gad_percent", "between 0 and 100"),
        ({"place_psgc": "1999999999"}, "place_psgc", "no such place"),
        ({"work_item_id": 7}, "work_item_id", "not in the work plan"),
        ({"quarter1": Decimal("1438399.99")}, "quarter1", "₱ 0.01 short of the amount of ₱ 1,438,400.00"),
        ({"quarter1": Decimal(1), "quarter2": Decimal("1438400.00")}, "quarter1", "₱ 1.00 above the amount"),
        ({"quarter3": Decimal(-1)}, "quarter3", "not below zero"),
        ({"quarter4": Decimal("1438400.001")}, "quarter4", "two decimals"),
    ],
)
def test_bp_02_03_04_08_10_what_is_wrong_is_told_at_its_field(prepared, wrong, field, words):
    with pytest.raises(RuleBroken) as refused:
        ask_for(prepared.office.rahma, prepared.proposal, prepared.support, **wrong)
    assert words in refused.value.fields[field]


def test_the_largest_amount_is_kept_to_the_centavo(prepared):
    largest = Decimal("999999999999999.99")
    line = ask_for(prepared.office.rahma, prepared.proposal, prepared.support, quantity=Decimal(1), unit_cost=largest)
    assert line.amount == largest
    assert line.q1 + line.q2 + line.q3 + line.q4 == largest


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE budget_lines SET q1 = q1 + 0.01",
        "UPDATE budget_lines SET q1 = q1 - 1000000, q2 = q2 + 1000000",
        "UPDATE budget_lines SET quantity = 0",
        "UPDATE budget_lines SET quantity = 'NaN'",
        "UPDATE budget_lines SET unit_cost = 'NaN'",
        "UPDATE budget_lines SET unit_cost = 0",
        "UPDATE budget_lines SET amount = 1",
        "UPDATE budget_lines SET expense_class = 'CO'",
        "UPDATE budget_lines SET object_code = '5040101000'",
        "UPDATE budget_lines SET gad_percent = 101",
        "UPDATE budget_lines SET proposal_program_id = proposal_program_id + 100",
        "UPDATE budget_proposals SET status = 'nonsense'",
    ],
)
def test_inv_19_20_raw_sql_is_refused(prepared, attack):
    desk = prepared.office.rahma
    ask_for(desk, prepared.proposal, prepared.support)
    with pytest.raises(DBAPIError):
        desk.session.execute(text(attack))
    desk.session.rollback()


def test_a_changed_amount_asks_for_its_quarters_or_is_spread_again(prepared):
    desk = prepared.office.rahma
    line = ask_for(desk, prepared.proposal, prepared.support)
    lines.change_line(desk.session, desk.actor, prepared.proposal, line, line_answers(quantity=Decimal(117)))
    desk.session.commit()
    assert (line.amount, line.q1) == (Decimal("1450800.00"), Decimal("362700.00"))
    own = {"quarter1": Decimal("1450800.00")}
    lines.change_line(desk.session, desk.actor, prepared.proposal, line, line_answers(quantity=Decimal(117), **own))
    desk.session.commit()
    assert (line.q1, line.q2) == (Decimal("1450800.00"), 0)
    with pytest.raises(RuleBroken, match="12,400.00 short of"):
        lines.change_line(desk.session, desk.actor, prepared.proposal, line, line_answers(quantity=Decimal(118), **own))
    assert line.quantity == 117, "what was refused is not written by the next flush"


def test_two_people_change_one_line_and_nothing_is_lost(prepared):
    from bmms.domain import merging

    rahma, nurul = prepared.office.rahma, prepared.office.nurul
    line = ask_for(rahma, prepared.proposal, prepared.support)
    names = line_answers()
    seen = {
        **merging.seen_of(line, [name for name in names if name not in lines.QUARTERS]),
        **{name: merging.digest(value) for name, value in lines.quarters_typed(line).items()},
    }
    theirs = nurul.session.get_one(BudgetLine, line.id)
    proposal = nurul.session.get_one(BudgetProposal, prepared.proposal.id)
    lines.change_line(
        nurul.session, nurul.actor, proposal, theirs, line_answers(unit_cost=Decimal("20000.00")), seen=seen
    )
    nurul.session.commit()
    lines.change_line(
        rahma.session, rahma.actor, prepared.proposal, line, line_answers(quantity=Decimal(100)), seen=seen
    )
    rahma.session.commit()
    assert (line.quantity, line.unit_cost, line.amount) == (100, Decimal("20000.00"), Decimal("2000000.00"))
    with pytest.raises(merging.Conflicts):
        lines.change_line(nurul.session, nurul.actor, proposal, theirs, line_answers(quantity=Decimal(7)), seen=seen)
    nurul.session.rollback()
    own = line_answers(quantity=Decimal(100), unit_cost=Decimal("20000.00"), quarter1=Decimal("1.00"))
    with pytest.raises(RuleBroken, match="short of the amount"):
        lines.change_line(rahma.session, rahma.actor, prepared.proposal, line, own, seen=seen)


def test_only_those_who_prepare_budgets_write_lines(prepared):
    desk = prepared.office.idris
    proposal = desk.session.get_one(BudgetProposal, prepared.proposal.id)
    with pytest.raises(NotAllowed):
        lines.add_line(desk.session, desk.actor, proposal, prepared.support, line_answers())
    desk.session.rollback()


def test_inv_24_a_submitted_proposal_stays_as_it_is_for_the_form_and_for_sql(prepared):
    desk = prepared.office.rahma
    line = ask_for(desk, prepared.proposal, prepared.support)
    desk.session.execute(text("UPDATE budget_proposals SET status = 'submitted'"))
    desk.session.commit()
    for act in (
        lambda: lines.add_line(desk.session, desk.actor, prepared.proposal, prepared.support, line_answers()),
        lambda: lines.change_line(desk.session, desk.actor, prepared.proposal, line, line_answers()),
        lambda: lines.remove_line(desk.session, desk.actor, prepared.proposal, line),
        lambda: actions.change_proposal(desk.session, desk.actor, prepared.proposal, {}),
    ):
        with pytest.raises(RuleBroken, match="is submitted and stays"):
            act()
        desk.session.rollback()
    for attack in (
        "UPDATE budget_lines SET description = 'x'",
        "DELETE FROM budget_lines",
        "UPDATE proposal_programs SET thrust = 'x'",
        "INSERT INTO proposal_amounts (organization_id, proposal_program_id, expense_class, planning_figure) "
        f"VALUES ({desk.actor.organization_id}, {prepared.support.id}, 'PS', 1)",
    ):
        with pytest.raises(IntegrityError, match="stays as it is"):
            desk.session.execute(text(attack))
        desk.session.rollback()


def test_inv_21_raw_sql_cannot_submit_above_the_ceiling(prepared):
    desk = prepared.office.rahma
    submit = text("UPDATE budget_proposals SET status = 'submitted'")
    with pytest.raises(IntegrityError, match="without lines"):
        desk.session.execute(submit)
    desk.session.rollback()
    line = ask_for(
        desk, prepared.proposal, prepared.support, object_code="5020301000", quantity=Decimal(1),
        unit_cost=Decimal("50000000.01"),
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="above its ceiling"):
        desk.session.execute(submit)
    desk.session.rollback()
    desk.session.execute(text("UPDATE budget_lines SET tier = 'above'"))
    with pytest.raises(IntegrityError, match="allows no lines above"):
        desk.session.execute(submit)
    desk.session.rollback()
    building = {"object_code": "5060404001", "quantity": Decimal(1), "unit_cost": Decimal("10000000.01")}
    lines.remove_line(desk.session, desk.actor, prepared.proposal, line)
    ask_for(desk, prepared.proposal, prepared.support, **building)
    with pytest.raises(IntegrityError, match="above its ceiling"):
        desk.session.execute(submit)
    desk.session.rollback()


def test_shown_shares_of_the_quarters_come_to_a_hundred_percent(prepared):
    desk, third = prepared.office.rahma, Decimal("0.01")
    own = {"quarter1": third, "quarter2": third, "quarter4": third}
    line = ask_for(
        desk, prepared.proposal, prepared.support, quantity=Decimal(1), unit_cost=Decimal("0.03"), quarter3=None, **own
    )
    found = line_rows.quarter_shares(line)
    assert [name for name, _ in found] == ["Q1", "Q2", "Q4"], "a quarter in which nothing falls is left out"
    assert sorted(share for _, share in found) == [Decimal("0.333"), Decimal("0.333"), Decimal("0.334")]


def test_bp_08_a_thing_of_fifty_thousand_pesos_is_capital_and_a_centavo_less_is_not(prepared):
    desk, server = prepared.office.rahma, {"object_code": "5060405002", "quantity": Decimal(1)}
    with pytest.raises(RuleBroken) as refused:
        ask_for(desk, prepared.proposal, prepared.support, unit_cost=Decimal("49999.99"), **server)
    assert "Below ₱ 50,000.00" in refused.value.fields["unit_cost"]
    line = ask_for(desk, prepared.proposal, prepared.support, unit_cost=Decimal("50000.00"), **server)
    too_cheap = line_rules.is_too_cheap(BudgetLine.object_code, BudgetLine.unit_cost)
    cheap = select(BudgetLine.id).where(BudgetLine.id == line.id, too_cheap)
    assert desk.session.scalar(cheap) is None, "the checklist says the same as the form"


@pytest.mark.parametrize("code", [f"{stem}002" for stem in line_rules.TANGIBLE] + [line_rules.SOFTWARE, "5060404001"])
def test_bp_08_the_database_answers_as_the_form_does(prepared, code):
    session, centavo = prepared.office.rahma.session, Decimal("0.01")
    for cost in (line_rules.LEAST_OF_CAPITAL - centavo, line_rules.LEAST_OF_CAPITAL, centavo):
        asked = session.scalar(select(line_rules.is_too_cheap(literal(code), literal(cost))))
        assert asked is line_rules.is_too_cheap(code, cost), cost
    assert line_rules.is_too_cheap(code, centavo) is (code not in (line_rules.SOFTWARE, "5060404001"))


def test_a_line_as_a_row_says_names_and_leaves_out_what_nobody_has_said(prepared):
    desk, proposal = prepared.office.rahma, prepared.proposal
    prepared.call.above_ceiling = True
    line = ask_for(desk, proposal, prepared.support, gad_percent=Decimal("12.50"), tier=Tier.ABOVE)
    bare = ask_for(desk, proposal, prepared.support, place_psgc=None)
    known = entries.Known(desk.session, proposal)
    row, other = line_rows.rows_of([line, bare], known)
    assert (row.object, row.kind, row.place, row.source) == (
        "5-02-02-010-00 Training Expenses", ExpenseClass.MOOE, "Region-wide", "GAAB, regular",
    )  # fmt: skip
    assert (row.is_above, row.gender, row.amount) == (True, Decimal("0.125"), Decimal("1438400.00"))
    assert [name for name, _ in row.quarters] == ["Q1", "Q2", "Q3", "Q4"]
    assert (other.is_above, other.gender, other.place) == (False, None, "")
