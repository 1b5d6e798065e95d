"""The appropriations acts as pages: every peso of the act is there, and the sum is proved."""

from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bmms.domain.actors import command_actor
from bmms.domain.appropriations.loading import load_act
from bmms.domain.appropriations.reading import read
from bmms.domain.reference.rows import FOLDER
from bmms.models.organizations import Organization
from bmms.tenancy import bind_platform
from tests.factories import make_organization


@pytest.fixture
def acts(app, engine: Engine, cast, ground) -> None:
    """The three acts, and an office whose budget another body carries."""

    def make() -> None:
        with Session(engine, info={"installation": app.extensions["installation"]}) as session:
            bind_platform(session, "tests")
            office = make_organization(session, "BDRRMC", "Disaster Council")
            office.parent_code = "OCM"
            make_organization(session, "OOBC", "Communities Outside")
            for year in (2024, 2025, 2026):
                load_act(session, command_actor(), read(FOLDER / f"gaab_{year}.csv"))
            session.commit()

    ground.stage("acts", make)


def pesos(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace("–", "0") or 0)


def column(page, caption: str, heading: str) -> list[Decimal]:
    """The figures of one column of a table, its total last."""
    table = next(one for one in page.find_all("table") if one.caption.get_text() == caption)
    return [pesos(cell.get_text().strip()) for cell in table.select(f'td[data-label="{heading}"]')]


def test_all_acts_side_by_side(reader, acts):
    page = reader("yusuf").get("budgeting.act_list", org="MOH")
    assert column(page, "The whole region", "Total") == [
        Decimal("98467200000.00"), Decimal("94411666856.24"), Decimal("114077644141.90"),
    ]  # fmt: skip
    assert column(page, "Ministry of Health", "Total")[0] == Decimal("6657091430.00")
    assert page.get_text().count("difference ₱\N{NO-BREAK SPACE}0.00") == 2, "the region's proof, and the ministry's"
    assert page.select_one("nav.nav a[aria-current]").get_text().strip() == "Budgeting"


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_the_rows_of_an_act_come_to_its_total(reader, acts, year):
    page = reader("yusuf").get("budgeting.act_show", org="MOH", act=str(year))
    for heading in ("PS", "MOOE", "CO", "Total"):
        *parts, whole = column(page, "What each body gets", heading)
        assert sum(parts) == whole
        assert len(parts) >= 39
    table = page.find("table")
    shares = [pesos(cell.get_text().split()[0]) for cell in table.select('td[data-label="Share"]')]
    assert sum(shares[:-1]) == shares[-1] == 100
    assert "difference ₱\N{NO-BREAK SPACE}0.00" in page.get_text()
    headings = [one.get_text() for one in table.select("th[scope=col]")]
    assert ("Class not stated" in headings) == (year == 2026)


def test_an_act_tells_what_it_does_not_add_up_and_who_has_no_line(reader, acts):
    page = reader("yusuf").get("budgeting.act_show", org="MOH", act="2024")
    found = page.find("section", attrs={"aria-labelledby": "findings"}).get_text()
    assert "MPW, Operations, Road Network" in found
    assert "short in CO: −₱\N{NO-BREAK SPACE}164,320,000.00" in found
    assert "BYC, Operations" in found
    absent = page.find("section", attrs={"aria-labelledby": "absent"}).get_text()
    assert "The budget is carried by OCMBDRRMC Disaster Council" in absent
    assert "No own line in this act" in absent
    assert "OOBC Communities Outside" in absent
    assert "Contingent Fund" in page.get_text()


def test_the_lines_of_a_body_come_to_its_total(reader, acts):
    page = reader("yusuf").get("budgeting.body_show", org="MOH", act="2024", body="MOH")
    table = page.find("table")
    rows = [row for row in table.select("tbody tr") if "holds the lines below" not in row.get_text()]
    total = sum(pesos(row.select_one('td[data-label="Total"]').get_text().strip()) for row in rows)
    assert total == Decimal("6657091430.00")
    assert "own part; the lines below come on top" in page.get_text()
    assert "added, so that the sum is that of the act" in page.get_text()
    region = reader("yusuf").get("budgeting.act_show", org="MOH", act="2024")
    row = next(row for row in region.select("tbody tr") if row.th.a and row.th.a.get_text() == "MOH")
    assert page.find("dt", string="Share in the act").find_next("dd").get_text() == row.select("td")[-1].get_text()
    page = reader("yusuf").get("budgeting.body_show", org="MOH", act="2026", body="OCM-SUB")
    assert page.h1.get_text() == "Offices under OCM, together"
    assert "no own line" in page.get_text()


@pytest.mark.parametrize(("act", "body"), [("1999", None), ("2024", "NONE"), ("x", "MOH")])
def test_what_is_not_there_is_404(reader, acts, act, body):
    yusuf = reader("yusuf")
    view, more = ("budgeting.body_show", {"body": body}) if body else ("budgeting.act_show", {})
    yusuf.get(view, 404, org="MOH", act=act, **more)


def test_with_budgeting_switched_off_there_is_nothing(reader, acts, platform, cast):
    platform.get(Organization, cast.moh.id).enable_budgeting = False
    platform.commit()
    yusuf = reader("yusuf")
    for view, more in (("act_list", {}), ("act_show", {"act": "2024"}), ("body_show", {"act": "2024", "body": "MOH"})):
        yusuf.get(f"budgeting.{view}", 404, org="MOH", **more)
    assert "Budgeting" not in yusuf.get("/moa/MOH/").select_one("nav.nav").get_text()


def test_without_acts_the_page_says_how_they_come(reader, cast):
    assert "import_appropriations" in reader("yusuf").get("budgeting.act_list", org="MOH").get_text()
