"""An import and the ceiling (BP-07): a list brings a draft above it only where that is meant, as things stand then."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from bmms.domain.errors import RuleBroken
from bmms.domain.imports import table
from bmms.domain.imports.kept import KeptList
from bmms.domain.imports.texts import PASTED
from bmms.domain.proposals import lines, rules
from bmms.domain.proposals.sheets import checking, columns, steps, writing
from bmms.domain.proposals.sheets.lines import MARKED, Checked
from bmms.models.budgets import BudgetCall
from bmms.models.jobs import Job
from bmms.models.proposals import BudgetLine, BudgetProposal, Tier
from tests.proposals import ask_for, begin_proposal, line_answers, make_register, take_program

HEADINGS = ("Line no.", "Program", "Description", "Object code", "Quantity", "Unit", "Unit cost", "Ceiling")
BUILDING, SALARIES, SUPPLIES = "5060404001", "5010101001", "5020301000"


@pytest.fixture
def desk(prepared):
    """Rahma; the call allows ₱ 50,000,000.00, of it ₱ 20,000,000.00 for PS and ₱ 10,000,000.00 for CO."""
    return prepared.office.rahma


def listed(*rows: dict[str, Any]) -> str:
    """Cells as a spreadsheet copies them: new lines for supplies, unless they say otherwise."""
    usual = {"Program": "MOH-P01", "Description": "Item", "Object code": SUPPLIES, "Quantity": 1, "Unit": "lot"}
    cells = [[str((usual | row).get(heading, "")) for heading in HEADINGS] for row in rows]
    return "\n".join("\t".join(row) for row in [HEADINGS, *cells])


def check(desk, prepared, *rows: dict[str, Any]) -> Checked:
    desk.session.expire_all()
    read = table.read(listed(*rows).encode(), PASTED, columns.LAYOUT)
    return checking.check(desk.session, prepared.proposal, read)


def sent(desk, prepared, *rows: dict[str, Any]) -> KeptList:
    """Pasted and checked."""
    mine = steps.paste(desk.session, desk.actor, prepared.proposal, listed(*rows))
    desk.session.commit()
    steps.check(desk.session, desk.actor, prepared.proposal, mine)
    mine.change(job_id=None)  # the job that would have checked it
    return mine


def runs(desk) -> list[Job]:
    return list(desk.session.scalars(select(Job).where(Job.task == steps.RUN_TASK)))


def raised(checked: Checked) -> dict[str, Decimal]:
    assert checked.is_good, [line.problems for line in checked.lines]
    return {measure.label: -measure.left for measure in checked.raised}


def lines_of(desk) -> int:
    desk.session.rollback()
    return desk.session.scalar(select(func.count()).select_from(BudgetLine))


def test_bp_07_a_list_goes_above_the_ceiling_only_where_that_is_meant(desk, prepared):
    mine = sent(desk, prepared, {"Unit cost": "50,000,000.01"})
    assert mine.check["is_good"], "above the ceiling no cell is wrong"
    assert mine.check["outlook"]["over"] == [["All classes", "0.01"]]
    with pytest.raises(RuleBroken, match=r"All classes: ₱ 0\.01 too much\. Lower the amounts, or tick") as refused:
        steps.ask(desk.session, desk.actor, prepared.proposal, mine)
    assert set(refused.value.fields) == {"above_ceiling"}
    assert runs(desk) == []
    said = steps.run(desk.session, desk.actor, prepared.proposal, mine)
    assert said == (
        "Nothing was imported. With this list the draft would stand above its ceiling. All classes: ₱ 0.01 too much. "
        "Lower the amounts, or tick “Import it although the draft then stands above its ceiling”."
    )
    desk.session.commit()
    assert lines_of(desk) == 0
    steps.ask(desk.session, desk.actor, prepared.proposal, mine, above=True)
    assert [job.arguments["above_ceiling"] for job in runs(desk)] == [True]
    said = steps.run(desk.session, desk.actor, prepared.proposal, mine, above=True)
    assert said == "The lines are imported.", "the list was kept"
    desk.session.commit()
    assert lines_of(desk) == 1


def test_bp_07_to_the_centavo_of_the_ceiling_nothing_is_asked(desk, prepared):
    mine = sent(desk, prepared, {"Unit cost": "50,000,000.00"})
    steps.ask(desk.session, desk.actor, prepared.proposal, mine)
    assert steps.run(desk.session, desk.actor, prepared.proposal, mine) == "The lines are imported."


def test_bp_07_what_stands_at_the_moment_of_writing_decides(desk, prepared):
    mine = sent(desk, prepared, {"Unit cost": "30,000,000"})
    assert not mine.check["outlook"]["raised"]
    nurul = prepared.office.nurul
    theirs = nurul.session.get_one(BudgetProposal, prepared.proposal.id)
    part = nurul.session.get_one(type(prepared.support), prepared.support.id)
    ask_for(nurul, theirs, part, quantity=Decimal(1), unit_cost=Decimal("25000000.00"))
    steps.ask(desk.session, desk.actor, prepared.proposal, mine)
    said = steps.run(desk.session, desk.actor, prepared.proposal, mine)
    assert "All classes: ₱ 5,000,000.00 too much" in said
    assert mine.check["outlook"]["raised"], "the page asks now"
    desk.session.commit()
    assert lines_of(desk) == 1


def test_bp_07_nothing_writes_above_the_ceiling_by_itself(desk, prepared):
    rules.begin(desk.session, desk.actor, prepared.proposal, alone=True)
    checked = check(desk, prepared, {"Unit cost": "50,000,000.01"})
    with pytest.raises(writing.AboveCeiling):
        writing.write(desk.session, desk.actor, prepared.proposal, checked, above=False)
    assert lines_of(desk) == 0


def test_bp_07_a_draft_that_stands_above_already_and_is_not_raised_needs_no_word(desk, prepared):
    line = ask_for(
        desk, prepared.proposal, prepared.immunization, object_code=SUPPLIES, quantity=Decimal(1),
        unit_cost=Decimal("60000000.00"),
    )  # fmt: skip
    own = {"Line no.": line.id, "Description": line.description}
    for cost, found in (
        ("60,000,000.00", {}),
        ("59,999,999.99", {}),
        ("60,000,000.01", {"All classes": Decimal("10000000.01")}),
    ):
        assert raised(check(desk, prepared, own | {"Unit cost": cost})) == found, cost
    lowered = check(desk, prepared, own | {"Unit cost": "30,000,000", "Object code": SALARIES})
    assert [measure.label for measure in lowered.over] == ["PS"]
    assert raised(lowered) == {"PS": Decimal("10000000.00")}, "lower as a whole, and above where it was not"
    mine = sent(desk, prepared, own | {"Unit cost": "59,999,999.99"})
    steps.ask(desk.session, desk.actor, prepared.proposal, mine)
    assert steps.run(desk.session, desk.actor, prepared.proposal, mine) == "The lines are imported."


def test_bp_07_a_class_has_its_own_ceiling(desk, prepared):
    found = raised(check(desk, prepared, {"Object code": BUILDING, "Unit cost": "10,000,000.01"}))
    assert found == {"CO": Decimal("0.01")}


def test_bp_07_lines_marked_as_above_count_where_the_call_does_not_allow_them(desk, prepared):
    row = {"Unit cost": "60,000,000", "Ceiling": "Above the ceiling"}
    assert raised(check(desk, prepared, row)) == {MARKED: Decimal("60000000.00")}
    desk.session.get_one(BudgetCall, prepared.call.id).above_ceiling = True
    desk.session.commit()
    assert raised(check(desk, prepared, row)) == {}


def test_bp_07_where_no_call_sets_a_ceiling_nothing_is_above_it(desk, prepared):
    proposal = begin_proposal(desk, kind="special", reason="Flood", legal_source="Contingent Fund", title="Other")
    take_program(desk, proposal, make_register(desk.session)[1])
    assert proposal.call_id is None
    read = table.read(listed({"Unit cost": "60,000,000"}).encode(), PASTED, columns.LAYOUT)
    assert raised(checking.check(desk.session, proposal, read)) == {}


def test_bp_07_the_form_lets_a_draft_stand_above_and_the_import_does_not_raise_it_further(desk, prepared):
    """Typed one by one the meter says so at once; a list says so before it is written."""
    lines.add_line(
        desk.session, desk.actor, prepared.proposal, prepared.support,
        line_answers(quantity=Decimal(1), unit_cost=Decimal("50000000.00"), tier=Tier.WITHIN),
    )  # fmt: skip
    desk.session.commit()
    assert raised(check(desk, prepared, {"Unit cost": "0.01"})) == {"All classes": Decimal("0.01")}
