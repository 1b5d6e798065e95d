"""The appropriations acts: what the real ones come to, and what becomes of one that does not add up."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from bmms.config import Config
from bmms.domain.actors import command_actor
from bmms.domain.appropriations import adding_up, loading, reading
from bmms.domain.appropriations.amounts import CLASSES, Amounts, shares, summed
from bmms.domain.errors import RuleBroken
from bmms.domain.installation import Installation
from bmms.domain.reference.rows import FOLDER
from bmms.models.appropriations import ActBody, ActLine, AppropriationAct, LineKind
from bmms.tenancy import bind_platform

REAL = {
    2024: ("98467200000.00", "33370444961.00", "33190131626.00", "31906623413.00", "0.00"),
    2025: ("94411666856.24", "36993557108.00", "36624775203.74", "20793334544.50", "0.00"),
    2026: ("114077644141.90", "34307183252.00", "43120848253.14", "35707154705.76", "942457931.00"),
}
HEAD = "fiscal_year,moa_code,section,program,subprogram,ps_php,mooe_php,co_php,total_php,act,source_path,level,note\n"


def real(year: int) -> Path:
    return FOLDER / f"gaab_{year}.csv"


@pytest.fixture
def operator(session: Session) -> Session:
    session.info["installation"] = Installation(Config(environment="test"))
    bind_platform(session, "tests")
    return session


def load(session: Session, path: Path, **how) -> loading.Loaded:
    return loading.load_act(session, command_actor(), reading.read(path), **how)


def settle(session: Session) -> None:
    """What the database tests when a transaction ends is tested now."""
    session.flush()
    session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    session.execute(text("SET CONSTRAINTS ALL DEFERRED"))


def settle_after(session: Session, statement) -> None:
    session.execute(statement)
    settle(session)


@pytest.fixture
def act_file(tmp_path: Path):
    """A file with these rows, each written short: code, section, program, subprogram, ps, mooe, co, total, level."""

    def write(*rows: str, year: int = 2027, title: str = "BAA No. 99") -> Path:
        path = tmp_path / "act.csv"
        lines = [row.split(",") for row in rows]
        body = "".join(
            f"{year},{','.join(cells[:8])},{title},somewhere#page={n},{cells[8]},\n" for n, cells in enumerate(lines)
        )
        path.write_text(HEAD + body)
        return path

    return write


@pytest.mark.parametrize("year", REAL)
def test_the_real_acts_come_to_their_grand_totals(operator, year) -> None:
    total, ps, mooe, co, unclassed = (Decimal(each) for each in REAL[year])
    loaded = load(operator, real(year), expected=total)
    settle(operator)
    assert (loaded.difference, loaded.is_new) == (0, True)
    assert loaded.amounts == Amounts(ps, mooe, Decimal(0), co, unclassed)
    act = operator.scalars(select(AppropriationAct)).one()
    assert (act.key, act.total, act.unclassed, act.stated_total) == (str(year), total, unclassed, total)
    counted = select(func.sum(ActLine.total)).join(ActBody, ActBody.id == ActLine.body_id).where(ActLine.counts)
    assert operator.scalar(counted) == total


def test_the_act_of_2024_is_told_as_it_is_printed(operator) -> None:
    """Two shortfalls of the act itself, three lines whose parts come on top, nothing else."""
    found = [str(one) for one in load(operator, real(2024)).findings]
    assert sorted(found) == [
        "BPDA, Operations, Socio-Economic Development Planning Program: "
        "the lines below, 113,015,412.00, come on top of what the line states",
        "BYC, Operations: the lines below are 679,000.00 short in MOOE",
        "MIPA, Operations, Indigenous Peoples' Development Initiatives: "
        "the lines below, 9,495,000.00, come on top of what the line states",
        "MOH, Operations, Access to Promotive Health Care Service, Family Health Cluster: "
        "the lines below, 91,801,224.00, come on top of what the line states",
        "MPW, Operations, Road Network and Other Public Infrastructure Facilities Program: "
        "the lines below are 164,320,000.00 short in CO",
    ]
    moh = select(ActBody.id).where(ActBody.code == "MOLE")
    added = operator.scalars(
        select(ActLine).where(ActLine.body_id.in_(moh), ActLine.kind == LineKind.NOT_BROKEN_DOWN)
    ).one()
    assert (added.title, added.ps, added.total) == (
        "Operations, not broken down", Decimal("60289267.00"), Decimal("60289267.00"),
    )  # fmt: skip


def test_loading_again_changes_nothing_and_other_rows_are_refused(operator, act_file) -> None:
    first = load(operator, act_file("MOH,total,,,5,0,0,5,moa_total"))
    assert first.is_new
    assert not load(operator, act_file("MOH,total,,,5,0,0,5,moa_total")).is_new
    with pytest.raises(RuleBroken, match="loaded already, with other rows.*remove_act 2027"):
        load(operator, act_file("MOH,total,,,6,0,0,6,moa_total"))
    assert loading.remove_act(operator, command_actor(), "2027") == "BAA No. 99"
    assert load(operator, act_file("MOH,total,,,6,0,0,6,moa_total")).is_new
    again = load(operator, act_file("MOH,total,,,1,0,0,1,moa_total", title="BAA No. 100"))
    settle(operator)
    keys = operator.scalars(select(AppropriationAct.key).order_by(AppropriationAct.id))
    assert (again.is_new, list(keys)) == (True, ["2027", "2027-2"])
    with pytest.raises(RuleBroken, match="no act '2031'. Known: 2027, 2027-2"):
        loading.remove_act(operator, command_actor(), "2031")


def test_a_dry_run_tells_and_leaves_nothing(operator) -> None:
    assert load(operator, real(2026), dry_run=True).amounts.total == Decimal(REAL[2026][0])
    assert operator.scalar(select(func.count(AppropriationAct.id))) == 0


OVER = (
    "MOH,operations,,,0,70,0,70,section",
    "MOH,operations,Rice,,0,90,0,90,program",
    "MOH,total,,,0,70,0,70,moa_total",
)
ACROSS = ("MOH,gas,,,10,10,0,20,section", "MOH,total,,,10,10,0,25,moa_total")


@pytest.mark.parametrize(
    ("rows", "expected", "reasons"),
    [
        (OVER, None, ["MOH, Operations: the lines below are 20.00 over in MOOE"]),
        (ACROSS, None, ["MOH: the classes differ from the stated total by 5.00"]),
        (ACROSS[:1] + ("MOH,total,,,10,10,0,20,moa_total",), "21", ["The bodies come to 20.00, expected were 21.00"]),
    ],
)
def test_what_does_not_reconcile_is_refused_unless_accepted(operator, act_file, rows, expected, reasons) -> None:
    path = act_file(*rows)
    expected = Decimal(expected) if expected else None
    with pytest.raises(loading.DoesNotReconcile, match="--accept-discrepancies") as refused:
        load(operator, path, expected=expected)
    told = " ".join(refused.value.fields.values())
    assert all(reason in told for reason in reasons), told
    assert operator.scalar(select(func.count(AppropriationAct.id))) == 0
    loaded = load(operator, path, expected=expected, accept=True)
    settle(operator)
    for body in loaded.bodies:
        assert summed(line.amounts for line in body.lines if line.counts) == body.body.amounts


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("MOH,gas,,,1,2,3,x,section", "row 3, column total_php: must be an amount like 1250000.00"),
        ("MOH,gas,,,-1,2,3,4,section", "column ps_php: must be an amount"),
        ("MOH,gas,,,1.005,2,3,6,section", "column ps_php: must be an amount"),
        ("MOH,gas,,,NaN,2,3,6,section", "column ps_php: must be an amount"),
        ("MOH,gas,,,١,2,3,6,section", "column ps_php: must be an amount"),
        ("MOH,gas,,,₱1,2,3,6,section", "column ps_php: must be an amount"),
        ("MOH,gas,,,1,2,3,6,chapter", "column level: must be one of section"),
        ("MOH,capital,,,1,2,3,6,section", "column section: must be gas, sto or operations"),
        ("MOH,gas,,,,,,6,section", "column total_php: states a total without classes"),
        ("MOH,operations,Rice,,1,2,3,6,program", "column level: the line in which it lies does not stand above it"),
        ("MOH,gas,Rice,,1,2,3,6,section", "column level: is section, but section, program and subprogram name 2"),
        ("MOLE,gas,,,1,2,3,6,section", "column moa_code: MOLE has no row with its total"),
        ("MOH,total,,,9,0,0,9,moa_total", "column level: repeats the total of MOH in row 2"),
        (",gas,,,1,2,3,6,section", "column moa_code: is empty"),
    ],
)
def test_each_malformed_row_is_named(act_file, row, words) -> None:
    with pytest.raises(RuleBroken) as refused:
        reading.read(act_file("MOH,total,,,9,0,0,9,moa_total", row))
    assert words in str(refused.value)
    assert "act.csv, row 3" in str(refused.value)


def test_a_file_holds_one_act(tmp_path) -> None:
    path = tmp_path / "two.csv"
    rows = "2027,MOH,total,,,1,0,0,1,BAA No. 99,x,moa_total,\n2028,MOLE,total,,,1,0,0,1,BAA No. 99,x,moa_total,\n"
    path.write_text(HEAD + rows)
    with pytest.raises(RuleBroken, match=r"row 3, column act: must be BAA No. 99, fiscal year 2027.*one act"):
        reading.read(path)
    path.write_text(HEAD)
    with pytest.raises(RuleBroken, match="no rows below the header"):
        reading.read(path)
    path.write_text(HEAD + "1999,MOH,total,,,1,0,0,1,BAA No. 99,x,moa_total,\n")
    with pytest.raises(RuleBroken, match="column fiscal_year: must be a year from 2019"):
        reading.read(path)


def test_the_database_holds_no_act_that_does_not_add_up(operator, act_file) -> None:
    load(operator, act_file("MOH,gas,,,10,10,0,20,section", "MOH,total,,,10,10,0,20,moa_total"))
    settle(operator)
    body = operator.scalars(select(ActBody)).one()
    amounts = Amounts(ps=Decimal("0.01")).columns
    planted = {"section": "gas", "level": "section", "kind": "not_broken_down", "title": "A centavo", "counts": True}
    for statement in (
        insert(ActLine).values(body_id=body.id, ordinal=90, **planted, **amounts),
        insert(ActBody).values(act_id=body.act_id, ordinal=90, code="CF", **amounts),
        insert(ActLine).values(body_id=body.id, ordinal=91, **planted, **{**amounts, "total": Decimal(5)}),
    ):
        with pytest.raises(IntegrityError), operator.begin_nested():
            settle_after(operator, statement)
    for statement in (
        "UPDATE act_lines SET ps = 1",
        "DELETE FROM act_lines",
        "UPDATE appropriation_acts SET total = 1",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), operator.begin_nested():
            operator.execute(text(statement))


amounts = st.integers(0, 10**12).map(lambda centavos: Decimal(centavos) / 100)


@given(st.dictionaries(st.integers(0, 200), amounts, min_size=1), st.integers(0, 2))
def test_shares_add_up_and_stay_within_one_step_of_the_truth(parts, places) -> None:
    found = shares(parts, places)
    whole = sum(parts.values())
    if not whole:
        assert set(found.values()) == {None}
        return
    assert sum(found.values()) == 1
    step = Decimal(1) / (100 * 10**places)
    assert all(abs(found[key] - parts[key] / whole) < step for key in parts)


def lines() -> st.SearchStrategy[reading.Printed]:
    """A line with lines below it, three deep, of any amounts."""
    classes = st.builds(
        Amounts, *(st.one_of(st.just(Decimal(0)), st.integers(0, 999).map(Decimal)) for _ in list(CLASSES)[:-1])
    )
    plain = st.builds(
        lambda one: reading.Printed(2, "operations", "program", "A line", one, one.total), classes
    )  # fmt: skip
    return st.recursive(
        plain,
        lambda below: st.builds(lambda one, parts: replace(one, below=parts), plain, st.lists(below, max_size=3)),
        max_leaves=12,
    )


@given(st.lists(lines(), max_size=4), st.integers(0, 5_000).map(Decimal), st.booleans())
def test_whatever_an_act_prints_the_lines_that_count_reach_the_body(below, stated, classed) -> None:
    whole = Amounts(mooe=stated) if classed else Amounts(unclassed=stated)
    body = reading.Body(2, "MOH", False, whole, stated, "", "", below)
    added = adding_up.add_up(reading.Act(2027, "BAA", [body], 1, ""))[0]
    assert summed(line.amounts for line in added.lines if line.counts) == whole
    for line in added.lines:
        assert line.kind == LineKind.DIFFERENCE or min(line.amounts.columns.values()) >= 0
        assert line.above is None or line.above < line.ordinal
    reached = all(line.kind != LineKind.DIFFERENCE for line in added.lines)
    assert reached == (not any(one.breaks for one in added.findings))
