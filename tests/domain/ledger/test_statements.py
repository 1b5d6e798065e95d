"""The other statements against figures that were worked out by hand; rates without a denominator (INV-39)."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from bmms.domain import clock
from bmms.domain.ledger import posting
from bmms.domain.obligations import actions as obligation_actions
from bmms.domain.statements import shape
from bmms.domain.statements.ageing import Ageing
from bmms.domain.statements.bfar import Bfar
from bmms.domain.statements.catalogue import BY_KIND, STATEMENTS
from bmms.domain.statements.extract import Extract
from bmms.domain.statements.far1 import Far1
from bmms.domain.statements.monthly import Monthly
from bmms.domain.statements.objects import ByObject
from bmms.domain.statements.orders import Allotments
from bmms.domain.statements.register import Register
from bmms.domain.statements.shape import Report
from bmms.domain.statements.utilization import Utilization
from bmms.models.ledger import DocumentKind
from bmms.models.obligations import DueNote
from bmms.models.planning import PlanStatus
from bmms.models.reference import Place
from bmms.models.work import ItemStatus, ProgressUpdate, WorkItemPlace
from tests import obligations
from tests.execution import PAPER, TRAVEL, YEAR, Treasury, allot, key, line_of, obligate, on, pay, pesos
from tests.planning import desk_of, make_lists, make_plan
from tests.workplans import add, make_objective, make_places, make_work_plan


@pytest.fixture
def year(treasury):
    """MOOE: 6 M allotted, 3 M and 1.5 M obligated, 1 M and 0.5 M paid; support: 1 M allotted, nothing obligated."""
    allot(treasury, treasury.mooe, "6M", day=on(1, 10))
    allot(treasury, treasury.support, "1M", day=on(4, 2))
    treasury.first = obligate(treasury, treasury.mooe, "3M", day=on(2, 1), object_code=PAPER)
    treasury.second = obligate(treasury, treasury.mooe, "1500000", day=on(5, 5), object_code=TRAVEL)
    pay(treasury, treasury.first, "1M", day=on(3, 31))
    pay(treasury, treasury.second, "500000", day=on(7, 1))
    return treasury


def accept(office: Treasury, obligation, amount: str, day: date) -> None:
    """Goods were accepted: so much is due since a day."""
    rahma = office.rahma
    note = DueNote(
        line_id=line_of(office, obligation).id, dated=day, amount=pesos(amount), entered_by=rahma.actor.user_id
    )
    rahma.session.add(note)
    rahma.session.flush()
    posting.post(rahma.session, rahma.actor, posting.Order(
        DocumentKind.DUE_NOTE, note.id, (), {}, label="Accepted", doc_date=day, key=key()
    ))  # fmt: skip
    rahma.session.commit()


def read(office: Treasury, cls, day: date | None = None, **other) -> Report:
    office.rahma.session.commit()
    return cls(fiscal_year=YEAR, as_of=day or on(12, 31), **other).read(office.rahma.session)


def line(report: Report, title: str) -> dict:
    (found,) = (row.cells for row in report.rows if row.cells["title"] == title)
    return dict(found)


# Utilization.


def test_rates_are_sums_over_sums(year):
    report = read(year, Utilization)
    mooe = line(report, "Maintenance and other operating expenses")
    assert [mooe[name] for name in ("appropriated", "allotted", "obligated", "disbursed")] == [
        pesos("15M"), pesos("7M"), pesos("4500000"), pesos("1500000"),
    ]  # fmt: skip
    assert mooe["release_rate"] == Decimal("0.4667")
    assert mooe["obligation_rate"] == Decimal("0.6429")
    assert mooe["disbursement_rate"] == Decimal("0.3333")
    total = report.total.cells
    assert total["utilization_rate"] == Decimal("0.1286")  # 4.5 of 35, not the mean of 30 %, 0 % and 0 %
    assert (total["unreleased"], total["unobligated"], total["unpaid"]) == (
        pesos("28M"), pesos("2500000"), pesos("3M"),
    )  # fmt: skip
    assert report.proof.difference == 0


def test_the_example_of_the_guide():
    """Accounts of 10, 5 and 15 M with 6, 5 and 0 M spent: 36.67 % (modules 2.9)."""
    assert shape.rate(pesos("11M"), pesos("30M")) == Decimal("0.3667")


def test_no_denominator_no_rate(year):
    ps = line(read(year, Utilization), "Personnel services")
    assert ps["release_rate"] == 0
    assert ps["obligation_rate"] is None
    assert ps["disbursement_rate"] is None
    said = shape.told(read(year, Utilization))
    cells = next(row["cells"] for row in said["rows"] if row["cells"][0] == "Personnel services")
    assert cells[6] == ""


@pytest.mark.parametrize("by", ["class", "program", "source"])
def test_every_way_of_grouping_comes_to_the_same(year, by):
    report = read(year, Utilization, by=by)
    for name in ("appropriated", "allotted", "obligated", "disbursed", "unpaid"):
        assert report.total.cells[name] == sum(row.cells[name] for row in report.rows)
    assert report.total.cells["obligated"] == pesos("4500000")
    assert report.proof.difference == 0
    assert report.proof.rows == 4


def test_by_program_and_source_are_named(year):
    assert [row.cells["title"] for row in read(year, Utilization, by="program").rows] == [
        "General administration and support", "Immunization",
    ]  # fmt: skip
    assert [row.cells["title"] for row in read(year, Utilization, by="source").rows] == ["GAAB, regular"]


def test_quarters_are_cumulative(year):
    report = read(year, Utilization, day=on(8, 15), by="quarter")
    assert [
        (row.cells["title"], row.cells["allotted"], row.cells["obligated"], row.cells["disbursed"])
        for row in report.rows
    ] == [
        ("To the end of quarter 1", pesos("6M"), pesos("3M"), pesos("1M")),
        ("To the end of quarter 2", pesos("7M"), pesos("4500000"), pesos("1M")),
        (f"Quarter 3 to 15 August {YEAR}", pesos("7M"), pesos("4500000"), pesos("1500000")),
    ]
    assert report.total is None
    assert report.proof.difference == 0


def test_by_place(year):
    report = read(year, Utilization, by="place")
    assert line(report, "No work item with a place")["obligated"] == pesos("4500000")
    assert report.total.cells["disbursement_rate"] == Decimal("0.3333")
    assert report.proof.difference == 0


def test_a_work_item_gives_its_obligations_a_place(year, app, engine, cast):
    """One place: that place. Two: neither of them is guessed."""
    badar = desk_of(engine, app, cast, "badar")
    make_places(engine)
    plan = make_plan(badar, *make_lists(engine), cast.memberships["badar"].id)
    plan.status = PlanStatus.APPROVED
    badar.session.flush()
    work_plan = make_work_plan(badar, plan)
    objective = make_objective(badar, work_plan)
    psgc = list(badar.session.scalars(select(Place.psgc).where(Place.level == "municipality").order_by(Place.psgc)))
    here, both = (add(badar, objective, "activity", title=title) for title in ("Here", "In two places"))
    badar.session.add_all(
        WorkItemPlace(work_item_id=item.id, psgc=code)
        for item, codes in ((here, psgc[:1]), (both, psgc[:2]))
        for code in codes
    )
    work_plan.fiscal_year = YEAR
    badar.session.commit()
    town = badar.session.get_one(Place, psgc[0]).name
    for item, amount in ((here, "30000"), (both, "20000")):
        obligations.obligated(year, obligations.line(year.mooe, amount, item_id=item.id), dated=on(6, 1))
    badar.session.close()
    report = read(year, Utilization, by="place")
    assert {row.cells["title"]: row.cells["obligated"] for row in report.rows} == {
        f"{town}, Maguindanao del Norte": pesos("30000"), "In several places": pesos("20000"),
        "No work item with a place": pesos("4500000"),
    }  # fmt: skip
    assert report.proof.difference == 0


# By object, allotments.


def test_by_object(year):
    report = read(year, ByObject)
    titles = [row.cells["title"] for row in report.rows]
    assert titles[0] == "Maintenance and other operating expenses"
    paper = next(row.cells for row in report.rows if row.cells["code"] == "5-02-03-010-00")
    assert (paper["obligated1"], paper["obligated"], paper["disbursed1"], paper["not_yet_due"]) == (
        pesos("3M"), pesos("3M"), pesos("1M"), pesos("2M"),
    )  # fmt: skip
    assert line(report, "Not by object")["allotted"] == pesos("7M")
    assert report.rows[0].cells["obligated"] == pesos("4500000")
    assert report.total.cells["unobligated"] == pesos("2500000")
    assert report.proof.difference == 0


def test_list_of_allotments(year):
    report = read(year, Allotments)
    assert [(row.cells["day"], row.cells["mooe"], row.cells["total"]) for row in report.rows] == [
        (on(1, 10), pesos("6M"), pesos("6M")), (on(4, 2), pesos("1M"), pesos("1M")),
    ]  # fmt: skip
    assert "GAAB" in report.rows[0].cells["basis"]
    assert report.total.cells["total"] == pesos("7M")
    assert report.proof.difference == 0
    assert len(read(year, Allotments, on(2, 1)).rows) == 1


# Ageing.


AGES = ("not_yet_due", "d30", "d60", "d90", "older", "unpaid")


def test_ageing_by_the_day_when_it_fell_due(year):
    accept(year, year.first, "500000", on(4, 1))  # paid 1 M at once; this one is open
    accept(year, year.first, "400000", on(6, 1))
    accept(year, year.first, "300000", on(7, 1))
    accept(year, year.first, "200000", on(7, 31))
    report = read(year, Ageing, on(7, 31))
    depot = line(report, "Regional Medical Supply Depot")
    # 31 July: 0 days; 1 July: 30 days; 1 June: 60 days; 1 April: 121 days
    assert [depot[name] for name in AGES] == [
        pesos("600000") + pesos("1M"), pesos("500000"), pesos("400000"), 0, pesos("500000"), pesos("3M"),
    ]  # fmt: skip
    assert report.proof.difference == 0
    assert [row.level for row in report.rows] == [0, 1, 1]


@pytest.mark.parametrize(
    ("days", "age"), [(0, "d30"), (30, "d30"), (31, "d60"), (60, "d60"), (61, "d90"), (90, "d90"), (91, "older")]
)
def test_ages_have_sharp_edges(year, days, age):
    third = obligate(year, year.mooe, "100000", day=on(5, 20))
    accept(year, third, "100000", on(6, 1))
    report = read(year, Ageing, date.fromordinal(on(6, 1).toordinal() + days))
    assert {name: report.total.cells[name] for name in AGES[1:5] if report.total.cells[name]} == {age: pesos("100000")}


def test_a_payment_settles_the_oldest_first(year):
    third = obligate(year, year.mooe, "700000", day=on(5, 9))
    accept(year, third, "400000", on(5, 10))
    accept(year, third, "300000", on(6, 20))
    pay(year, third, "500000", day=on(7, 1))  # all of the first, a part of the second
    report = read(year, Ageing, on(7, 1))
    assert [report.total.cells[name] for name in AGES[1:5]] == [pesos("200000"), 0, 0, 0]
    before = read(year, Ageing, on(6, 30))
    assert [before.total.cells[name] for name in AGES[1:5]] == [pesos("300000"), pesos("400000"), 0, 0]


def test_ageing_by_the_day_of_the_obligation(year):
    report = read(year, Ageing, on(6, 1), since_when="obligated")
    cells = report.total.cells
    assert (cells["d30"], cells["older"], cells["unpaid"]) == (pesos("1500000"), pesos("2M"), pesos("3500000"))
    assert cells["not_yet_due"] == 0


def test_ageing_agrees_with_far_1(year):
    accept(year, year.first, "500000", on(4, 1))
    for day in (on(3, 1), on(4, 1), on(12, 31)):
        ageing, form = read(year, Ageing, day).total.cells, read(year, Far1, day).total.cells
        assert ageing["aged"] == form["due"]
        assert ageing["not_yet_due"] == form["not_yet_due"]


# The registry, the month, the extract.


def test_registry_runs_on(year):
    report = read(year, Register, account_id=year.mooe)
    assert [(row.cells["day"], row.cells["unobligated"], row.cells["unpaid"]) for row in report.rows] == [
        (on(1, 10), pesos("6M"), 0),
        (on(2, 1), pesos("3M"), pesos("3M")),
        (on(3, 31), pesos("3M"), pesos("2M")),
        (on(5, 5), pesos("1500000"), pesos("3500000")),
        (on(7, 1), pesos("1500000"), pesos("3M")),
    ]
    assert report.rows[1].cells["title"].startswith("ORS 01-")
    assert report.total.cells["unobligated"] == pesos("1500000")
    assert report.proof.difference == 0
    assert read(year, Register, on(6, 30), account_id=year.mooe).proof.difference == 0


def test_a_page_of_the_registry_goes_on_where_the_last_one_ended(year, monkeypatch):
    monkeypatch.setattr(Register, "per_page", 2)
    asked = Register(fiscal_year=YEAR, as_of=on(12, 31), account_id=year.mooe)
    second = asked.read(year.rahma.session, 2)
    assert [row.cells["unobligated"] for row in second.rows] == [pesos("3M"), pesos("1500000")]
    assert second.count == 5


def test_month_against_the_same_share_of_the_year(year):
    report = read(year, Monthly, on(3, 31))
    assert len(report.columns) == 13
    program = line(report, "Immunization")
    assert program["variance"] == pesos("-4500000")  # 3 M of 30 M, of which a quarter is 7.5 M
    assert program["remarks"] == "60.0 % below"
    assert program["moa"] == "MOH"
    assert program["physical"] is None
    assert report.total.cells["variance"] == pesos("3M") - pesos("8750000")
    assert "3 of 12 months" in report.notes[0]
    assert report.proof.difference == 0


def test_physical_progress_is_what_was_reported_up_to_the_day(year, app, engine, cast):
    """Two items of one program, weighed by their days; one is left out of the count when it is deferred."""
    badar = desk_of(engine, app, cast, "badar")
    plan = make_plan(badar, *make_lists(engine), cast.memberships["badar"].id)
    plan.status = PlanStatus.APPROVED
    badar.session.flush()
    work_plan = make_work_plan(badar, plan)
    objective = make_objective(badar, work_plan)
    program_id = year.account(year.mooe).program_id
    items = [add(badar, objective, "activity", title=title) for title in ("One", "Two", "Deferred")]
    for item, said in zip(items, ((on(2, 1), 10), (on(5, 1), 40), (on(2, 1), 90)), strict=True):
        item.program_id = program_id
        badar.session.add(ProgressUpdate(
            work_item_id=item.id, day=said[0], before=0, after=said[1], note="So far", author_label="Badar"
        ))  # fmt: skip
    items[2].status = ItemStatus.DEFERRED
    work_plan.fiscal_year, work_plan.status = YEAR, PlanStatus.ACTIVE
    badar.session.commit()
    assert len({item.ends_on - item.starts_on for item in items}) == 1
    badar.session.close()
    found = [line(read(year, Monthly, day), "Immunization")["physical"] for day in (on(1, 31), on(3, 31), on(12, 31))]
    assert found == [None, Decimal("0.0500"), Decimal("0.2500")]
    assert read(year, Monthly).total.cells["physical"] == Decimal("0.2500")
    assert line(read(year, Monthly), "General administration and support")["physical"] is None


def test_bfar_is_what_stands_and_what_is_left(year):
    cells = line(read(year, Bfar), "Immunization")
    assert [cells[name] for name in ("appropriated", "allotted", "obligated", "disbursed", "unliquidated",
                                     "unexpended")] == [
        pesos("30M"), pesos("6M"), pesos("4500000"), pesos("1500000"), pesos("3M"), pesos("28500000"),
    ]  # fmt: skip
    assert read(year, Bfar, by="quarter").rows[0].cells["unexpended"] == pesos("34M")


def test_variance_of_a_period(year):
    report = read(year, Extract, on(6, 30), since=on(4, 1), part="variance")
    assert len(report.columns) == 11
    mooe = next(row.cells for row in report.rows if row.cells["obligated"])
    assert [mooe[name] for name in ("appropriated", "share", "allotted", "obligated", "disbursed", "variance")] == [
        pesos("10M"), pesos("2500000"), 0, pesos("1500000"), 0, pesos("-1M"),
    ]  # fmt: skip
    assert (mooe["variance_rate"], mooe["remarks"]) == (Decimal("-0.4000"), "critical, over 20 %")
    assert report.proof.difference == 0


def test_activities_of_a_period(year):
    report = read(year, Extract, on(6, 30), since=on(4, 1), part="activities")
    assert len(report.columns) == 9
    assert [(row.cells["title"], row.cells["obligated"]) for row in report.rows] == [("No work item", pesos("1500000"))]
    assert report.proof.difference == 0


def test_trail_has_old_and_new_values(year):
    """One row for each changed field, in whole; dated by the day of the act, which is today."""
    rahma, today = year.rahma, clock.today()
    row = obligations.enter(year, obligations.line(year.mooe, "5000"))
    change = {"particulars": "Bond paper, legal size", "reference": "PO 8"}
    obligation_actions.change(
        rahma.session, rahma.actor, row, obligations.answers(year, **change), [obligations.line(year.mooe, "5000")]
    )
    rahma.session.commit()
    asked = Extract(fiscal_year=YEAR, as_of=today, since=today, part="trail", acts="obligations")
    report = asked.read(rahma.session)
    told = {(one.cells["act"], one.cells["field"]): one.cells for one in report.rows}
    changed = told["change", "particulars"]
    assert (changed["before"], changed["after"]) == ("Bond paper", change["particulars"])
    assert changed["person"] == "Rahma Sample"
    assert told["change", "reference"]["before"] == "PO 7"
    assert report.count == len(report.rows)
    every = Extract(fiscal_year=YEAR, as_of=today, since=today, part="trail").read(rahma.session)
    assert every.count > report.count
    assert {one.cells["object"].split(":")[0] for one in every.rows} >= {"Allotment orders", "Obligations"}
    assert not Extract(fiscal_year=YEAR, as_of=on(12, 31), since=on(1, 1), part="trail").read(rahma.session).rows


def test_extract_has_every_entry_of_the_period(year):
    report = read(year, Extract, since=on(1, 1))
    assert report.count == len(report.rows) == 4 + 2 + 2 + 2 * 2  # a payment that is not yet due makes it due
    assert [row.cells["person"] for row in report.rows if row.cells["disbursement"]] == ["Omar Sample"] * 2
    assert report.total.cells["obligation"] == pesos("4500000")
    assert report.proof.difference == 0
    spring = read(year, Extract, on(5, 31), since=on(4, 1))
    assert [row.cells["day"] for row in spring.rows] == [on(4, 2), on(5, 5)]


def test_no_statement_reads_what_others_have(year, app, engine, cast):
    """Another organization has no accounts: nothing of Health is in its figures."""
    ben = desk_of(engine, app, cast, "ben", cast.mbhte)
    for cls in STATEMENTS:
        if cls is Register:
            continue
        more = {"since": on(1, 1)} if cls is Extract else {}
        report = cls(fiscal_year=YEAR, as_of=on(12, 31), **more).read(ben.session)
        assert not report.is_demo
        cells = report.total.cells.values() if report.total else report.rows
        assert all(value in (0, None, "", "Total", "MBHTE") for value in cells)
    ben.session.close()
    assert set(BY_KIND) == {cls.kind for cls in STATEMENTS}
