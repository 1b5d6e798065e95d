"""The lines of a proposal from the command line: what is printed, which exit code, and all or nothing."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update

from bmms.domain import clock
from bmms.domain.proposals.sheets import export
from bmms.models.proposals import BudgetProposal, ProposalStatus
from tests import proposals as drafted
from tests.budgets import enter, memorandum, step
from tests.planning import desk_of, looked_up

HEADINGS = ("Line no.", "Program", "Description", "Object code", "Quantity", "Unit", "Unit cost")
ROW = {
    "Program": "MOH-P01", "Description": "Bond paper", "Object code": "5-02-03-010-00", "Quantity": 100,
    "Unit": "ream", "Unit cost": "1,250.50",
}  # fmt: skip
TEXT = """\
lines.csv {state}: 1 new, 1 changed, 0 as before
Total before             2,876,800.00
Total after              3,014,250.00
Ceiling                 50,000,000.00
Left                    46,985,750.00
"""


@pytest.fixture
def desk(engine, app, cast, ground):
    """Rahma, who prepares the budget of Health."""
    drafted.set_up_office(engine, cast, ground)
    found = desk_of(engine, app, cast, "rahma")
    yield found
    found.session.close()


@pytest.fixture
def proposal(engine, app, cast, desk) -> BudgetProposal:
    """A draft with two programs and a line in each: ₱ 1,438,400.00 twice."""
    idris = desk_of(engine, app, cast, "idris")
    with clock.stopped_at(datetime(2026, 2, 2, 1, tzinfo=UTC)):
        step(idris, enter(desk, memorandum()), "open")
        desk.session.expire_all()
        made = drafted.begin_proposal(desk)
        for program in drafted.make_register(desk.session):
            drafted.ask_for(desk, made, drafted.take_program(desk, made, program))
    idris.session.close()
    return looked_up(desk.session, BudgetProposal, made.id)


@pytest.fixture
def file(tmp_path):
    """`file(row, …)` writes a list; its name."""

    def write(*rows: dict[str, Any], name: str = "lines.csv") -> str:
        cells = [[f'"{row.get(heading, "")}"' for heading in HEADINGS] for row in rows]
        (tmp_path / name).write_text("\n".join(",".join(row) for row in [HEADINGS, *cells]))
        return str(tmp_path / name)

    return write


@pytest.fixture
def run(runner, proposal):
    """`run(file, …)` imports into the proposal."""

    def invoke(path: str, *more: str, organization: str = "MOH", number: int = 0):
        where = ["--organization", organization, "--proposal", str(number or proposal.id)]
        return runner.invoke(args=["import_lines", path, *where, *more])

    return invoke


def stored(owner) -> list[tuple[str, Decimal]]:
    with owner.connect() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT unit, amount FROM budget_lines ORDER BY id"))]


BEFORE = [("person", Decimal("1438400.00"))] * 2


def test_lines_are_checked_imported_and_recorded(run, owner, file):
    with owner.connect() as connection:
        second = connection.execute(text("SELECT max(id) FROM budget_lines")).scalar_one()
    changed = {"Line no.": second, "Description": "Training of vaccinators", "Object code": "5020201000"}
    path = file(ROW, changed | {"Quantity": 117, "Unit": "person", "Unit cost": "12,400.00"})
    dry = run(path, "--dry-run")
    assert (dry.exit_code, dry.stdout) == (0, TEXT.format(state="would be imported")), dry.stderr
    assert stored(owner) == BEFORE
    ran = run(path, organization="moh")
    assert (ran.exit_code, ran.stdout) == (0, TEXT.format(state="imported")), ran.stderr
    assert stored(owner) == [BEFORE[0], ("person", Decimal("1450800.00")), ("ream", Decimal("125050.00"))]
    with owner.connect() as connection:
        query = "SELECT actor_id, actor_label, changes FROM audit_events WHERE action = 'budget_proposals:import'"
        actor_id, label, changes = connection.execute(text(query)).one()
    assert (actor_id, label.startswith("cli:"), changes["total"]) == (None, True, ["2876800.00", "3014250.00"])


def test_each_wrong_cell_is_named_and_nothing_is_imported(run, owner, file):
    path = file(ROW, ROW | {"Unit cost": "₱5", "Quantity": "many"})
    ran = run(path)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr.splitlines()[-3:] == [
        "Nothing was imported: 1 row is to be corrected.",
        "E3 Quantity: “many” is no figure. Type it like 1,250.50, without words or signs.",
        "G3 Unit cost: “₱5” holds a currency sign. Type the plain figure, such as 1,250.50.",
    ]
    told = json.loads(run(path, "--format", "json").stdout)
    assert told["refused"] is True
    assert set(told["fields"]) == {"E3 Quantity", "G3 Unit cost"}
    assert stored(owner) == BEFORE


def test_bp_07_above_the_ceiling_only_with_the_word_for_it(run, owner, file):
    path = file(ROW | {"Object code": "5060404001", "Quantity": 1, "Unit cost": "60,000,000"})
    for more in ((), ("--dry-run",)):
        ran = run(path, *more)
        assert (ran.exit_code, ran.stdout) == (1, "")
        assert (
            "Nothing was imported. With this list the draft would stand above its ceiling. "
            "All classes: ₱ 12,876,800.00 too much; CO: ₱ 50,000,000.00 too much. "
            "Lower the amounts, or add --above-ceiling."
        ) in ran.stderr
    assert stored(owner) == BEFORE
    ran = run(path, "--above-ceiling")
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.splitlines()[3:] == [
        "Ceiling                 50,000,000.00", "Above                   12,876,800.00",
        "Too much: All classes, 12,876,800.00", "Too much: CO, 50,000,000.00",
    ]  # fmt: skip
    assert stored(owner)[2:] == [("ream", Decimal("60000000.00"))]
    data = json.loads(run(file(ROW | {"Unit cost": "0.01"}), "--above-ceiling", "--format", "json").stdout)
    assert (data["created"], data["left"], data["total_before"]) == (1, "-12876801.00", "62876800.00")


def test_what_was_exported_changes_nothing(run, owner, desk, proposal, tmp_path: Path):
    path = tmp_path / "lines.xlsx"
    path.write_bytes(export.workbook_of(desk.session, proposal, "Rahma"))
    desk.session.commit()
    ran = run(str(path))
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.startswith("lines.xlsx changes nothing: 0 new, 0 changed, 2 as before\n")
    with owner.connect() as connection:
        query = "SELECT count(*) FROM audit_events WHERE action = 'budget_proposals:import'"
        assert connection.execute(text(query)).scalar_one() == 0


@pytest.mark.parametrize(
    ("how", "code", "words"),
    [
        ({"organization": "NONE"}, 1, "Organization 'NONE' not found"),
        ({"organization": "MBHTE"}, 1, "There is no such proposal."),
        ({"number": 4711}, 1, "There is no such proposal."),
    ],
)
def test_a_proposal_is_named_in_its_organization(run, owner, file, how, code, words):
    ran = run(file(ROW), **how)
    assert (ran.exit_code, words in ran.stderr) == (code, True), ran.stderr
    assert stored(owner) == BEFORE


def test_wrong_usage_and_files_that_cannot_be_read(run, runner, owner, file, tmp_path: Path):
    assert runner.invoke(args=["import_lines", file(ROW), "--organization", "MOH"]).exit_code == 2
    assert run(str(tmp_path / "missing.csv")).exit_code == 2
    (tmp_path / "a.xlsx").write_bytes(b"x")
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\xff")
    (tmp_path / "c.csv").write_text("Program,Quantity\nMOH-P01,1\n")
    for name, words in (("a.xlsx", "a.xlsx"), ("b.csv", "UTF-8"), ("c.csv", "no column “Description”")):
        ran = run(str(tmp_path / name))
        assert (ran.exit_code, words in ran.stderr) == (1, True), ran.stderr
    assert stored(owner) == BEFORE


def test_a_submitted_proposal_stays_as_it_is(run, owner, desk, file):
    desk.session.execute(update(BudgetProposal).values(status=ProposalStatus.SUBMITTED))
    desk.session.commit()
    ran = run(file(ROW))
    assert (ran.exit_code, "is submitted and stays as it is" in ran.stderr) == (1, True)
    assert stored(owner) == BEFORE
