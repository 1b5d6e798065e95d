"""The program of a year: laid over months to the centavo, approved by somebody else, and then as it is."""

from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from bmms.domain.bed import actions, patterns, queries, steps
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken, Stale
from bmms.domain.statements import shape
from bmms.domain.statements.bed import Bed1, Bed3, Schedule
from bmms.domain.statements.bed2 import Bed2
from bmms.models.audit import AuditEvent
from bmms.models.bed import BedProgram, BedStatus
from bmms.models.collaboration import Notification
from bmms.models.indicators import Accumulation, Indicator, IndicatorLevel, IndicatorStatus, IndicatorTarget
from tests.bed import NOTHING, approved, begun, line_in, programmed_to, take, write
from tests.execution import YEAR, allot, appropriate, obligate, on, pay, pesos

WHY = "The second quarter was planned too high."
END = date(YEAR, 12, 31)


def months(*given: str | int) -> tuple[Decimal, ...]:
    """These first, then nothing."""
    return tuple(pesos(one) for one in given) + NOTHING[len(given) :]


# Patterns.


@pytest.mark.parametrize("name", patterns.SHARES)
@pytest.mark.parametrize("amount", ["0.01", "100.01", "999999999999999.99", "0"])
def test_every_pattern_comes_to_the_centavo(name, amount):
    found = patterns.over_months(Decimal(amount), patterns.SHARES[name])
    assert (len(found), sum(found)) == (12, Decimal(amount))
    assert min(found) >= 0


def test_quarters_of_the_proposal_stay_what_they_are():
    quarters = [Decimal("987654321098.77"), Decimal("0.01"), Decimal(0), Decimal("12.34")]
    found = patterns.over_months(sum(quarters, Decimal(0)), quarters)
    assert [sum(found[at : at + 3]) for at in (0, 3, 6, 9)] == quarters


def test_payments_follow_and_the_rest_is_left_for_the_next_year():
    obligations = [Decimal(n) for n in range(1, 13)]
    assert patterns.paid_later(obligations, 2) == [0, 0, *obligations[:10]]
    assert patterns.paid_later(obligations, 0) == obligations
    assert patterns.first_unpaid_month(obligations, patterns.paid_later(obligations, 0)) is None
    assert patterns.first_unpaid_month([Decimal(5)] * 12, [Decimal(5), Decimal(6), *[Decimal(0)] * 10]) == 2


# Writing.


def test_a_program_is_begun_with_every_account_and_filled(treasury):
    bed = begun(treasury, "rising")
    rows = queries.rows_of(treasury.rahma.session, bed)
    assert [one.title for one in rows] == [
        "General administration and support, MOOE", "Immunization, PS", "Immunization, MOOE", "Immunization, CO",
    ]  # fmt: skip
    assert {one.left for one in rows} == {Decimal(0)}
    support = rows[0]
    assert [sum(support.obligations[at : at + 3]) for at in (0, 3, 6, 9)] == [
        pesos("1M"), pesos("1500000"), pesos("1500000"), pesos("1M"),
    ]  # fmt: skip
    assert sum(support.disbursements) == pesos("5M") - support.obligations[-1]


def test_only_empty_rows_are_filled_and_new_accounts_are_taken_up(treasury):
    bed = begun(treasury)
    write(treasury, bed, treasury.mooe, months("1M"))
    appropriate(
        treasury.rahma, treasury.idris, {(None, None, "FinEx"): pesos("2M")}, law="BAA No. 100"
    )  # fmt: skip
    rahma = treasury.rahma
    assert actions.propose(rahma.session, rahma.actor, bed, pattern="front", lag=0) == 4
    rows = {one.key[2]: one for one in queries.rows_of(rahma.session, bed) if one.title.startswith(("Imm", "All"))}
    assert (rows["MOOE"].programmed, rows["FinEx"].programmed) == (pesos("1M"), pesos("2M"))
    with pytest.raises(RuleBroken, match="no enacted proposal") as refused:
        actions.propose(rahma.session, rahma.actor, bed, pattern="proposal", lag=0)
    assert "pattern" in refused.value.fields


@pytest.mark.parametrize(
    ("obligations", "paid", "field", "said"),
    [
        (months("6M", "5M"), NOTHING, "total", "₱ 1,000,000.00 more than the appropriation"),
        (months("1M", "1M"), months("0", "3M"), "d2", "By the end of February, ₱ 1,000,000.00 more"),
        (months("1M", -5), NOTHING, "o2", "zero or more"),
    ],
)
def test_a_row_that_cannot_be_is_refused_and_named(treasury, obligations, paid, field, said):
    bed = begun(treasury)
    with pytest.raises(RuleBroken, match=said) as refused:
        write(treasury, bed, treasury.mooe, obligations, paid)
    assert field in refused.value.fields


def test_two_who_write_the_same_row(treasury):
    bed, rahma = begun(treasury), treasury.rahma
    line = line_in(treasury, bed, treasury.mooe)
    seen = line.row_version
    write(treasury, bed, treasury.mooe, months("1M"))
    write(treasury, bed, treasury.mooe, months("2M"))
    with pytest.raises(Stale):
        actions.change_line(rahma.session, rahma.actor, bed, line, NOTHING, NOTHING, row_version=seen)


# Submitted, approved, reopened.


def test_approved_by_somebody_else_and_read_by_month(treasury):
    assert programmed_to(treasury.rahma.session, 12) == {}
    bed = begun(treasury, "equal")
    take(treasury.rahma, bed, "submit")
    assert programmed_to(treasury.rahma.session, 12) == {}
    take(treasury.idris, bed, "approve")
    session = treasury.rahma.session
    session.commit()
    found = programmed_to(session, 3)[treasury.account(treasury.mooe).program_id, "MOOE"]
    assert found == (pesos("2500000"), Decimal("1666666.66"))  # paid: of January and February, a month later
    assert sum(one[0] for one in programmed_to(session, 12).values()) == pesos("35M")
    acts = set(session.scalars(select(AuditEvent.action).where(AuditEvent.subject_type == "bed_programs")))
    assert acts == {"bed_programs:create", "bed_programs:propose", "bed_programs:submit", "bed_programs:approve"}
    assert session.scalar(select(Notification.text).where(Notification.kind == "bed_submit")).endswith("your approval.")


def test_nobody_approves_what_he_or_she_prepared_submitted_or_wrote(treasury):
    nurul, rahma = treasury.nurul, treasury.rahma
    bed = begun(treasury, "equal")
    theirs = nurul.session.get_one(BedProgram, bed.id)
    line = line_in(treasury, bed, treasury.mooe)
    mine = nurul.session.merge(line, load=True)
    actions.change_line(nurul.session, nurul.actor, theirs, mine, months("1M"), NOTHING)
    nurul.session.commit()
    take(rahma, bed, "submit")
    with pytest.raises(RuleBroken, match="You wrote figures"):
        take(nurul, bed, "approve")
    nurul.session.rollback()
    take(treasury.idris, bed, "return", WHY)
    take(nurul, bed, "submit")
    with pytest.raises(RuleBroken, match="You submitted this program"):
        take(nurul, bed, "approve")


def test_reopening_makes_an_edition_and_the_approved_one_counts_meanwhile(treasury):
    bed, rahma = approved(treasury), treasury.rahma
    with pytest.raises(RuleBroken, match="at least 20"):
        actions.reopen(rahma.session, rahma.actor, bed, note="Short")
    second = actions.reopen(rahma.session, rahma.actor, bed, note=WHY)
    rahma.session.commit()
    assert (second.edition, second.status) == (2, BedStatus.DRAFT)
    with pytest.raises(RuleBroken, match="begun already"):
        actions.reopen(rahma.session, rahma.actor, bed, note=WHY)
    write(treasury, second, treasury.support, NOTHING)
    assert sum(one[0] for one in programmed_to(rahma.session, 12).values()) == pesos("35M")
    take(rahma, second, "submit")
    take(treasury.idris, second, "approve")
    rahma.session.commit()
    assert sum(one[0] for one in programmed_to(rahma.session, 12).values()) == pesos("30M")
    assert rahma.session.get_one(BedProgram, bed.id, populate_existing=True).status == BedStatus.SUPERSEDED


def test_what_is_cut_after_programming_is_found_at_submission(treasury):
    """The appropriation of a row may fall; nothing empty goes out either."""
    bed = begun(treasury)
    with pytest.raises(RuleBroken, match="Nothing is programmed yet"):
        take(treasury.rahma, bed, "submit")


STATES = {  # how one gets there
    BedStatus.DRAFT: [],
    BedStatus.SUBMITTED: [("rahma", "submit")],
    BedStatus.RETURNED: [("rahma", "submit"), ("idris", "return")],
    BedStatus.APPROVED: [("rahma", "submit"), ("idris", "approve")],
}
MAY = {
    "rahma": {"submit", "reopen"},
    "nurul": {"submit", "return", "approve", "reopen"},
    "idris": {"return", "approve"},
}


@pytest.mark.parametrize("status", STATES)
def test_every_verb_of_every_role_in_every_state(treasury, status):
    bed = begun(treasury, "equal")
    for name, verb in STATES[status]:
        take(getattr(treasury, name), bed, verb, WHY)
    for name, verb in product(("rahma", "idris", "nurul", "salma", "omar", "hadji"), steps.STEPS):
        desk = getattr(treasury, name)
        step, may = steps.STEPS[verb], verb in MAY.get(name, ())
        row = desk.session.get(BedProgram, bed.id, populate_existing=True)
        refusal = None
        try:
            if verb == "reopen":
                actions.reopen(desk.session, desk.actor, row, note=WHY)
            else:
                steps.take(desk.session, desk.actor, row, verb, note=WHY)
        except (NotAllowed, RuleBroken) as error:
            refusal = error
        desk.session.rollback()
        expected = NotAllowed if not may else None if status in step.sources else RuleBroken
        assert type(refusal) is (expected or type(None)), (name, verb, status, refusal)


def test_drafts_are_seen_by_those_who_work_on_them(treasury, app, engine, cast):
    bed = begun(treasury, "equal")
    salma = treasury.salma
    with pytest.raises(NotFound):
        queries.get_program(salma.session, salma.actor, bed.id)
    take(treasury.rahma, bed, "submit")
    salma.session.rollback()
    assert queries.get_program(salma.session, salma.actor, bed.id).id == bed.id


# The database itself.


OFFENDERS = {
    "approved at once": "UPDATE bed_programs SET status = 'approved', approved_by = {idris}, submitted_by = {rahma}"
    " WHERE id = {draft}",
    "by its preparer": "UPDATE bed_programs SET status = 'approved', approved_by = {rahma} WHERE id = {waiting}",
    "by nobody": "UPDATE bed_programs SET status = 'approved' WHERE id = {waiting}",
    "an approved figure": "UPDATE bed_figures SET obligation = 1 WHERE line_id = {line}",
    "an approved figure gone": "DELETE FROM bed_figures WHERE line_id = {line}",
    "a figure more": "INSERT INTO bed_figures (organization_id, line_id, month, obligation)"
    " SELECT organization_id, {line}, 1, 1 FROM bed_programs LIMIT 1",
    "an approved row gone": "DELETE FROM bed_lines WHERE id = {line}",
    "a row moved away": "UPDATE bed_lines SET bed_id = {waiting} WHERE id = {line}",
    "an approved program gone": "DELETE FROM bed_programs WHERE id = {approved}",
    "an approved program reopened": "UPDATE bed_programs SET status = 'draft' WHERE id = {approved}",
    "another approver": "UPDATE bed_programs SET approved_label = 'x' WHERE id = {approved}",
    "superseded and changed": "UPDATE bed_programs SET status = 'superseded', remarks = 'x' WHERE id = {approved}",
    "born approved": "INSERT INTO bed_programs (organization_id, fiscal_year, status, submitted_by, approved_by)"
    " VALUES ({moh}, 2031, 'approved', {rahma}, {idris})",
}


@pytest.fixture
def three(treasury, cast):
    """An approved program, and the next edition that waits."""
    first, rahma = approved(treasury), treasury.rahma
    line = line_in(treasury, first, treasury.mooe).id
    second = actions.reopen(rahma.session, rahma.actor, first, note=WHY)
    rahma.session.commit()
    take(rahma, second, "submit")
    rahma.session.commit()
    ids = {name: getattr(treasury, name).actor.user_id for name in ("rahma", "idris")}
    return {"approved": first.id, "waiting": second.id, "draft": second.id, "line": line, "moh": cast.moh.id, **ids}


@pytest.mark.parametrize("name", [name for name in OFFENDERS if "{draft}" not in OFFENDERS[name]])
def test_what_is_approved_stays_as_it_is_also_by_raw_sql(treasury, three, name):
    session = treasury.rahma.session
    with pytest.raises(DBAPIError, match=r"bed_stays|two_persons|stays? as|approved|nobody"):
        session.execute(text(OFFENDERS[name].format(**three)))
    session.rollback()


def test_nothing_is_submitted_or_written_past_the_rules_by_raw_sql(treasury):
    bed, session = begun(treasury, "equal"), treasury.rahma.session
    ids = {name: getattr(treasury, name).actor.user_id for name in ("rahma", "idris")}
    line = line_in(treasury, bed, treasury.mooe).id
    for wrong in (OFFENDERS["approved at once"].format(draft=bed.id, **ids),
                  f"UPDATE bed_figures SET obligation = -1 WHERE line_id = {line}",
                  f"UPDATE bed_figures SET month = 13 WHERE line_id = {line} AND month = 12"):  # fmt: skip
        with pytest.raises(DBAPIError):
            session.execute(text(wrong))
        session.rollback()
    session.execute(text(f"UPDATE bed_figures SET disbursement = 9000000 WHERE line_id = {line} AND month = 2"))
    with pytest.raises(DBAPIError, match="more is programmed to be paid"):
        session.execute(text(f"UPDATE bed_programs SET status = 'submitted' WHERE id = {bed.id}"))


# Statements.


def read(office, cls, bed=None, **other):
    office.rahma.session.commit()
    asked = {"fiscal_year": YEAR, "as_of": END, **other}
    return cls(**asked, bed_id=bed.id if bed else 0).read(office.rahma.session)


def line(report, title: str, at: int = 0) -> dict:
    return dict([row.cells for row in report.rows if row.cells["title"] == title][at])


def test_bed1_with_a_planted_shortfall(treasury):
    bed = begun(treasury, "rising")
    write(treasury, bed, treasury.support, months("1M", "0", "0", "500000"))
    report = read(treasury, Bed1, bed)
    total = report.total.cells
    assert [total[name] for name in ("appropriated", "programmed", "unprogrammed")] == [
        pesos("35M"), pesos("31500000"), pesos("3500000"),
    ]  # fmt: skip
    support = line(report, "General administration and support")
    assert [support[f"q{quarter}"] for quarter in range(1, 5)] == [pesos("1M"), pesos("500000"), 0, 0]
    assert support["unprogrammed"] == pesos("3500000")
    assert "₱ 3,500,000.00 of the appropriation is not programmed" in report.notes[0]
    assert (report.proof.total, report.proof.source_total) == (pesos("35M"), pesos("35M"))
    monthly = read(treasury, Bed1, bed, by="month")
    assert line(monthly, "General administration and support")["o4"] == pesos("500000")
    assert monthly.total.cells["programmed"] == total["programmed"]


def test_bed1_pages_and_no_program_at_all(treasury):
    report = read(treasury, Bed1)
    assert (report.total.cells["programmed"], report.total.cells["unprogrammed"]) == (0, pesos("35M"))
    assert report.proof.difference == 0
    session = treasury.rahma.session
    asked = Bed1.ask(session, {"fiscal_year": str(YEAR)})
    assert asked.bed_id == 0
    with pytest.raises(RuleBroken, match="from the list"):
        Bed1.ask(session, {"fiscal_year": str(YEAR), "bed_id": "99999"})
    bed = approved(treasury)
    session.commit()
    assert Bed1.ask(session, {"fiscal_year": str(YEAR)}).bed_id == bed.id


def test_bed3_is_cash(treasury):
    bed = approved(treasury, "equal", lag=1)
    report = read(treasury, Bed3, bed)
    support = line(report, "General administration and support")
    assert support["d1"] == 0
    assert support["paid"] + support["later"] == pesos("5M")
    assert report.total.cells["paid"] + report.total.cells["later"] == pesos("35M")
    assert report.proof.difference == 0
    assert shape.told(report)["total"]


def test_schedule_by_quarter_and_its_variance(treasury):
    bed = approved(treasury, "rising", lag=0)
    allot(treasury, treasury.mooe, "6M", day=on(1, 10))
    first = obligate(treasury, treasury.mooe, "3M", day=on(2, 1))
    pay(treasury, first, "1M", day=on(4, 1))
    report = read(treasury, Schedule, bed)
    one, two = line(report, "Quarter 1"), line(report, "Quarter 2")
    assert [one[name] for name in ("obligation", "allotted", "obligated", "disbursed")] == [
        pesos("7M"), pesos("6M"), pesos("3M"), 0,
    ]  # fmt: skip
    assert (one["variance"], one["variance_rate"]) == (-pesos("4M"), Decimal("-0.5714"))
    assert (two["disbursed"], two["cash_variance"]) == (pesos("1M"), pesos("1M") - pesos("10500000"))
    assert report.total.cells["obligated"] == pesos("3M")
    assert report.proof.difference == 0
    before = read(treasury, Schedule, bed, as_of=on(1, 31))
    assert before.total.cells["obligated"] == 0
    assert before.proof.difference == 0


def test_schedule_without_a_program_has_no_rates(treasury):
    report = read(treasury, Schedule)
    assert [row.cells["variance_rate"] for row in report.rows] == [None] * 4


def test_bed2_is_derived(treasury):
    session = treasury.rahma.session
    program_id = treasury.account(treasury.mooe).program_id
    kpi = Indicator(
        code="MOH-PI-1", name="Children immunized", level=IndicatorLevel.OUTPUT, program_id=program_id,
        status=IndicatorStatus.ACTIVE, accumulation=Accumulation.ADDITIVE,
    )  # fmt: skip
    session.add(kpi)
    session.flush()
    for start, end, target in ((on(1, 1), on(3, 31), 100), (on(4, 1), on(6, 30), "250.5")):
        session.add(
            IndicatorTarget(indicator_id=kpi.id, starts_on=start, ends_on=end, label="x", target=Decimal(target))
        )
    session.commit()
    report = read(treasury, Bed2)
    assert [(row.cells["title"], row.cells["unit"]) for row in report.rows] == [
        ("General administration and support", "No indicator yet"), ("Immunization", ""), ("Children immunized", ""),
    ]  # fmt: skip
    row = line(report, "Children immunized")
    assert [row[name] for name in ("annual", "q1", "q2", "q3")] == ["350.5", "100", "250.5", ""]
