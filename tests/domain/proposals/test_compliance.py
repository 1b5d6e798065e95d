"""Each check of a proposal with a case that passes and one that fails: BP-01 to 14, C-01 to C-32 (INV-21, INV-23)."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.planning.checks import errors_in
from bmms.domain.proposals import checks, compliance, endorsements, lines, programs, queries
from bmms.domain.proposals.facts import facts_of
from bmms.models.budgets import BudgetCall
from bmms.models.compliance import Answer, Desk, ProposalEndorsement
from bmms.models.lists import AlignmentCode, AlignmentKind, AlignmentList
from bmms.models.proposals import BudgetProposal, Tier
from bmms.models.reference import ExpenseClass
from tests.budgets import memorandum
from tests.proposals import ask_for, line_answers, proposal_answers

AUTOMATIC = [
    "C-01", "C-02", "C-03", "C-05", "C-06", "C-07", "C-08", "C-09", "C-12", "C-13", "C-14", "C-15", "C-16", "C-20",
    "C-21", "C-22", "C-23", "C-24", "C-25", "C-27",
]  # fmt: skip


def points(prepared) -> dict[str, compliance.Point]:
    session = prepared.office.rahma.session
    return {one.code: one for one in compliance.checklist(session, facts_of(session, prepared.proposal))}


def rules_broken(prepared) -> list[str]:
    session = prepared.office.rahma.session
    facts = facts_of(session, prepared.proposal)
    return [gap.rule for gap in errors_in(checks.gaps_of(session, facts, compliance.checklist(session, facts)))]


def warnings(prepared) -> list[str]:
    session = prepared.office.rahma.session
    facts = facts_of(session, prepared.proposal)
    gaps = checks.gaps_of(session, facts, compliance.checklist(session, facts))
    return [gap.rule for gap in gaps if not gap.is_error]


def behind_the_rules(prepared, sql: str) -> None:
    """Change rows as no form lets anybody change them: in the database, without its triggers."""
    session = prepared.office.rahma.session
    session.execute(text(sql))
    session.commit()


def test_a_complete_proposal_meets_every_automatic_item(complete):
    found = points(complete)
    assert len(found) == 31, "C-11 asks for nothing in this call"
    assert {code: found[code].message for code in AUTOMATIC if found[code].answer != Answer.MET} == {}
    assert rules_broken(complete) == []
    hard, soft = (compliance.score(list(found.values()), hard=hard) for hard in (True, False))
    assert (hard.satisfied, hard.applicable) == (21, 21)
    assert (soft.satisfied, soft.applicable) == (1, 10), "C-04 is soft without an official list"


BREAKING = {
    "C-01": "UPDATE budget_calls SET status = 'closed'",
    "C-02": "UPDATE budget_proposals SET sources = '{gaab,sdf}'",
    "C-03": "DELETE FROM proposal_indicators",
    "C-05": "DELETE FROM proposal_endorsements WHERE desk = 'bpda'",
    "C-06": "DELETE FROM budget_lines",
    "C-08": "UPDATE proposal_programs SET thrust = ''",
    "C-09": "DELETE FROM budget_lines",
    "C-12": "UPDATE budget_lines SET gad_percent = 4.99",
    "C-13": "UPDATE proposal_indicators SET target = NULL",
    "C-14": "UPDATE budget_lines SET place_psgc = NULL WHERE ordinal = 1",
    "C-15": "UPDATE budget_calls SET ceiling_ps = NULL, ceiling_co = NULL, ceiling = 7191999.99",
    "C-16": "UPDATE budget_lines SET sphere = 'ict' WHERE ordinal = 1",
    "C-20": "UPDATE object_codes SET valid_to = '2026-12-31' WHERE code = '5020201000'",
    "C-21": "DELETE FROM proposal_indicators WHERE id = (SELECT min(id) FROM proposal_indicators)",
    "C-22": "UPDATE budget_lines SET description = 'Various supplies', justification = '' WHERE ordinal = 1",
    "C-23": "UPDATE budget_lines SET source = 'contingent_fund' WHERE ordinal = 1",
    "C-24": "DELETE FROM budget_lines",
    "C-25": "UPDATE budget_lines SET object_code = '5060405002' WHERE ordinal = 1",
    "C-27": "DELETE FROM budget_lines",
}


@pytest.mark.parametrize("code", BREAKING)
def test_each_automatic_item_fails_when_its_ground_is_taken_away(complete, code):
    behind_the_rules(complete, BREAKING[code])
    complete.office.rahma.session.expire_all()
    point = points(complete)[code]
    assert (point.answer, bool(point.message)) == (Answer.NOT_MET, True)
    if point.is_hard:
        assert point.blocks
        assert {"BP-12", "BP-07", "BP-14"} & set(rules_broken(complete)), "a hard item blocks"


def test_c_07_an_act_that_is_not_loaded_is_named(complete, owner):
    with owner.begin() as connection:
        connection.execute(text("DELETE FROM appropriation_acts WHERE fiscal_year = 2025"))
    point = points(complete)["C-07"]
    assert (point.answer, point.message) == (
        Answer.NOT_MET, "No act of FY 2025 with this organization is loaded.",
    )  # fmt: skip


def test_inv_23_the_gender_share_is_that_of_the_whole_to_the_centavo(complete):
    desk = complete.office.rahma
    facts = facts_of(desk.session, complete.proposal)
    assert (facts.lines.gender, facts.gender_share) == (Decimal("719200.00"), Decimal("0.1"))
    ask_for(desk, complete.proposal, complete.support, quantity=Decimal(1), unit_cost=Decimal("7192000.00"))
    assert points(complete)["C-12"].answer == Answer.MET, "5 % exactly is enough"
    ask_for(desk, complete.proposal, complete.support, quantity=Decimal(1), unit_cost=Decimal("0.20"))
    point = points(complete)["C-12"]
    assert point.answer == Answer.NOT_MET
    assert point.message.startswith("4.99% of the total; ₱ 0.01 are missing"), "never rounded up to what is asked for"


def test_c_04_is_hard_while_the_list_of_the_year_is_official(complete, owner):
    desk = complete.office.rahma
    assert (points(complete)["C-04"].answer, points(complete)["C-04"].is_hard) == (Answer.NOT_MET, False)
    with owner.begin() as connection:
        connection.execute(
            text("INSERT INTO alignment_lists (kind, year, title, is_official, source) "
                 "VALUES ('development_plan', 2027, 'BDP', true, 'x')")
        )  # fmt: skip
        connection.execute(
            text("INSERT INTO alignment_codes (list_id, code, title) SELECT id, '1.1', 'Health' FROM alignment_lists")
        )
    assert points(complete)["C-04"].blocks
    code = desk.session.scalars(
        select(AlignmentCode).join(AlignmentList).where(AlignmentList.kind == AlignmentKind.DEVELOPMENT_PLAN)
    ).one()
    for part in (complete.support, complete.immunization):
        part.alignment_code_id = code.id
    desk.session.flush()
    assert points(complete)["C-04"].answer == Answer.MET


def test_c_11_what_the_call_asks_for_beside_is_answered_one_by_one(complete):
    desk = complete.office.rahma
    desk.session.get_one(BudgetCall, complete.call.id).wanted = "List of vehicles\n\nPlan for training\n"
    desk.session.commit()
    found = points(complete)
    assert [(found[code].text, found[code].blocks) for code in ("C-11.1", "C-11.2")] == [
        ("List of vehicles", True), ("Plan for training", True),
    ]  # fmt: skip
    for code in ("C-11.1", "C-11.2"):
        compliance.answer(desk.session, desk.actor, complete.proposal, found[code], said=Answer.MET, note="Annex 3")
    assert not any(points(complete)[code].blocks for code in ("C-11.1", "C-11.2"))
    with pytest.raises(NotFound):
        compliance.get_point(desk.session, facts_of(desk.session, complete.proposal), "C-01")


@pytest.mark.parametrize(
    ("code", "said", "note", "field", "words"),
    [
        ("C-17", Answer.MET, " ", "note", "Say where it is shown"),
        ("C-17", Answer.NOT_APPLICABLE, "No works", "note", "at least 20 characters"),
        ("C-32", Answer.MET, "It was held", "file", "Attach the document"),
        (
            "C-32",
            Answer.NOT_APPLICABLE,
            "There was no time for a consultation.",
            "answer",
            "asks every annual proposal",
        ),
    ],
)
def test_an_answer_without_its_ground_is_refused(prepared, code, said, note, field, words):
    desk = prepared.office.rahma
    with pytest.raises(RuleBroken) as refused:
        compliance.answer(desk.session, desk.actor, prepared.proposal, points(prepared)[code], said=said, note=note)
    assert words in refused.value.fields[field]


def test_an_item_that_does_not_apply_counts_in_no_score(prepared):
    desk = prepared.office.rahma
    before = compliance.score(list(points(prepared).values()), hard=False)
    compliance.answer(
        desk.session, desk.actor, prepared.proposal, points(prepared)["C-26"], said=Answer.NOT_APPLICABLE,
        note="No corporation is attached to this ministry.",
    )  # fmt: skip
    after = compliance.score(list(points(prepared).values()), hard=False)
    assert (after.applicable, after.satisfied) == (before.applicable - 1, before.satisfied)


def test_an_item_of_other_years_is_not_asked(prepared, owner):
    with owner.begin() as connection:
        connection.execute(text("UPDATE compliance_items SET to_year = 2026 WHERE code = 'C-31'"))
    assert "C-31" not in points(prepared)


def test_bp_01_one_annual_proposal_a_year_for_an_open_call(prepared):
    from bmms.domain.proposals import actions

    desk = prepared.office.rahma
    with pytest.raises(RuleBroken, match="has its annual proposal already"):
        actions.create_proposal(desk.session, desk.actor, proposal_answers())
    with pytest.raises(RuleBroken, match="No budget call of FY 2028"):
        actions.create_proposal(desk.session, desk.actor, proposal_answers(fiscal_year=2028))
    with pytest.raises(RuleBroken, match="asked for by a special proposal"):
        actions.create_proposal(desk.session, desk.actor, proposal_answers(sources=["gaab", "contingent_fund"]))


def test_bp_05_programs_and_lines_are_needed(prepared):
    assert rules_broken(prepared).count("BP-05") == 3, "two programs without lines, and too few lines"


def test_bp_06_lines_short_of_the_plan_become_a_line_that_has_to_be_explained(complete):
    desk = complete.office.rahma
    chosen = queries.get_program(desk.session, complete.proposal, complete.support.id)
    names = dict.fromkeys(programs.figure_names())
    answers = names | {"planning_mooe": Decimal("1500000.00")}
    programs.change_figures(desk.session, desk.actor, complete.proposal, chosen, answers)
    assert rules_broken(complete) == ["BP-06"]
    line = lines.itemise_later(desk.session, desk.actor, complete.proposal, complete.support, ExpenseClass.MOOE)
    assert (line.amount, line.is_not_itemised) == (Decimal("61600.00"), True)
    assert "C-22" in {code for code, point in points(complete).items() if point.blocks}
    assert points(complete)["C-09"].answer == Answer.MET, "evidence is pending"
    with pytest.raises(RuleBroken, match="come to the planning figure already"):
        lines.itemise_later(desk.session, desk.actor, complete.proposal, complete.support, ExpenseClass.MOOE)
    programs.change_figures(
        desk.session, desk.actor, complete.proposal, chosen, names | {"planning_mooe": Decimal("1500000.01")}
    )
    assert "BP-06" in rules_broken(complete)


def test_bp_07_lines_above_the_ceiling_count_apart_where_the_call_allows_them(complete):
    desk = complete.office.rahma
    ask_for(
        desk, complete.proposal, complete.support, quantity=Decimal(1), unit_cost=Decimal("50000000.00"),
        gad_percent=Decimal(10), tier=Tier.ABOVE,
    )  # fmt: skip
    assert "which this call does not allow" in points(complete)["C-15"].message
    desk.session.get_one(BudgetCall, complete.call.id).above_ceiling = True
    desk.session.commit()
    assert points(complete)["C-15"].answer == Answer.MET


def test_bp_11_a_large_change_against_last_year_asks_for_a_reason(complete, engine):
    from sqlalchemy.orm import Session

    from bmms.models.appropriations import ActBody, ActLine, AppropriationAct, ProgramLine
    from bmms.tenancy import bind_scope

    with Session(engine) as session:
        bind_scope(session, complete.proposal.organization_id)
        line = session.scalars(
            select(ActLine).join(ActBody, ActBody.id == ActLine.body_id)
            .join(AppropriationAct, AppropriationAct.id == ActBody.act_id)
            .where(ActBody.code == "MOH", AppropriationAct.fiscal_year == 2026, ActLine.counts)
        ).one()  # fmt: skip
        session.add(ProgramLine(program_id=complete.support.program_id, line_id=line.id))
        session.commit()
    assert warnings(complete).count("BP-11") == 1
    complete.support.change_reason = "Most of it moves to other programs."
    complete.office.rahma.session.flush()
    assert "BP-11" not in warnings(complete)


def test_bp_13_without_a_work_plan_a_reason_is_asked_for(complete):
    assert "BP-13" in warnings(complete)
    complete.proposal.no_work_plan_reason = "It follows in March."
    complete.office.rahma.session.flush()
    assert "BP-13" not in warnings(complete)


def test_bp_14_after_the_deadline_the_call_has_to_be_extended(complete):
    desk = complete.office.rahma
    call = desk.session.get_one(BudgetCall, complete.call.id)
    call.opens_on, call.due_on = date(2026, 1, 1), date(2026, 1, 30)
    desk.session.commit()
    assert rules_broken(complete) == ["BP-14"]


def test_capital_outlay_without_its_papers_is_pointed_out(complete):
    desk = complete.office.rahma
    line = ask_for(
        desk, complete.proposal, complete.support, object_code="5060405002", quantity=Decimal(1),
        unit_cost=Decimal("60000.00"), gad_percent=Decimal(10),
    )  # fmt: skip
    assert "2.3" in warnings(complete)
    papers = {"price_references": "Shop A\nShop B\nShop C", "procurement_entry": "APP 2027, item 4"}
    lines.change_line(
        desk.session, desk.actor, complete.proposal, line,
        line_answers(object_code="5060405002", quantity=Decimal(1), unit_cost=Decimal("60000.00"), **papers),
    )  # fmt: skip
    facts = facts_of(desk.session, complete.proposal)
    assert facts.lines.thin_capital == 0


def test_what_lines_are_for_decides_who_endorses_and_more_of_it_is_asked_for_again(complete):
    desk, idris = complete.office.rahma, complete.office.idris
    ask_for(desk, complete.proposal, complete.support, sphere="infrastructure", quantity=Decimal(1))
    facts = facts_of(desk.session, complete.proposal)
    assert facts.desks[Desk.MPW] == Decimal("12400.00")
    assert "Ministry of Public Works" in points(complete)["C-16"].message
    row = endorsements.ask(desk.session, desk.actor, facts, Desk.MPW)
    assert row.due_on == date(2026, 2, 16), "ten working days"
    with pytest.raises(RuleBroken, match="Attach the instrument"):
        endorsements.enter(
            desk.session, desk.actor, complete.proposal, row, reference="7", issued_on=date(2026, 2, 1), file=None
        )
    with pytest.raises(RuleBroken, match="lies in the future"):
        endorsements.enter(
            desk.session, desk.actor, complete.proposal, row, reference="7", issued_on=date(2026, 2, 3),
            file=memorandum(),
        )  # fmt: skip
    endorsements.enter(
        desk.session, desk.actor, complete.proposal, row, reference="7", issued_on=date(2026, 2, 1), file=memorandum()
    )
    desk.session.commit()
    theirs = idris.session.get_one(ProposalEndorsement, row.id)
    proposal = idris.session.get_one(BudgetProposal, complete.proposal.id)
    endorsements.confirm(idris.session, idris.actor, proposal, theirs)
    idris.session.commit()
    desk.session.expire_all()
    assert points(complete)["C-16"].answer == Answer.MET
    with pytest.raises(RuleBroken, match="in force for as much"):
        endorsements.ask(desk.session, desk.actor, facts_of(desk.session, complete.proposal), Desk.MPW)
    ask_for(desk, complete.proposal, complete.support, sphere="infrastructure", quantity=Decimal(2))
    assert "Ministry of Public Works for ₱ 24,800.00 more" in points(complete)["C-16"].message
    assert endorsements.ask(desk.session, desk.actor, facts_of(desk.session, complete.proposal), Desk.MPW)


def test_nobody_confirms_what_he_or_she_entered_and_the_database_agrees(complete):
    nurul = complete.office.nurul
    proposal = nurul.session.get_one(BudgetProposal, complete.proposal.id)
    row = nurul.session.scalars(select(ProposalEndorsement).where(ProposalEndorsement.desk == Desk.BPDA)).one()
    row.confirmed_by, row.confirmed_at = None, None
    nurul.session.flush()
    endorsements.enter(
        nurul.session, nurul.actor, proposal, row, reference="8", issued_on=date(2026, 2, 1), file=memorandum()
    )
    with pytest.raises(RuleBroken, match="You entered this"):
        endorsements.confirm(nurul.session, nurul.actor, proposal, row)
    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError, match="two_persons"):
        nurul.session.execute(text("UPDATE proposal_endorsements SET confirmed_by = entered_by"))
    nurul.session.rollback()
