"""A peso from its payment to obligation, work item, program, objective and indicator, and back: one click a step."""

import pytest

from bmms.models.obligations import Obligation
from bmms.models.planning import PlanStatus
from tests.execution import YEAR, Treasury, allot, on, opened, pay, set_up_treasury
from tests.obligations import line, obligated
from tests.planning import desk_of, make_lists, make_plan
from tests.workplans import add, make_objective, make_work_plan


@pytest.fixture
def walk(engine, app, cast, ground, reader):
    """An activity of a work plan in force, paid for by an obligation with one payment; a browser of an officer."""
    ids = set_up_treasury(engine, app, cast, ground)
    with opened(engine, app, cast) as desks:
        treasury = Treasury(**desks, **ids)
        allot(treasury, treasury.mooe, "5M", day=on(1, 10))
        badar = desk_of(engine, app, cast, "badar")
        plan = make_plan(badar, *make_lists(engine), cast.memberships["badar"].id)
        plan.status = PlanStatus.APPROVED
        badar.session.flush()
        work_plan = make_work_plan(badar, plan)
        item = add(badar, make_objective(badar, work_plan), "activity", title="Cold chain")
        item.program_id = treasury.account(treasury.mooe).program_id
        work_plan.fiscal_year, work_plan.status, plan.status = YEAR, PlanStatus.ACTIVE, PlanStatus.ACTIVE
        badar.session.commit()
        row = obligated(treasury, line(treasury.mooe, "30000", item_id=item.id))
        voucher = pay(treasury, treasury.rahma.session.get_one(Obligation, row.id), "12000", day=on(3, 1))
        found = {"voucher": voucher.id, "ors": row.title, "plan": plan.id}
        badar.session.close()
        yield reader("rahma"), found


def follow(browser, page, words: str):
    """The page to which the one link with these words leads."""
    links = {a["href"] for a in page.select("#main a, .crumbs a, nav a") if words in a.get_text()}
    assert len(links) == 1, (words, links)
    return browser.get(links.pop().split("#")[0])


def test_from_the_payment_to_the_indicator(walk):
    rahma, found = walk
    page = rahma.get("execution.disbursement_show", org="MOH", disbursement_id=found["voucher"])
    page = follow(rahma, page, found["ors"])
    page = follow(rahma, page, "Cold chain")
    assert "30,000.00" in page.get_text()
    assert "12,000.00" in page.get_text()
    program = follow(rahma, page, "Immunization")
    assert "Cold chain" in program.select_one("#results").get_text()
    page = follow(rahma, page, "Objective 1")
    link = page.find("a", string="The strategic objective that it serves, with its KPIs")["href"]
    page = rahma.get(link.split("#")[0])
    objective = page.select_one(f"#{link.split('#')[1]}")
    assert "Average response time" in objective.get_text()


def test_from_the_indicator_to_the_payment(walk):
    rahma, found = walk
    page = rahma.get("planning.plan_show", org="MOH", plan_id=found["plan"])
    served = [one for one in page.select("article[id^=objective-]") if "Work for it" in one.get_text()]
    assert len(served) == 1
    assert "Average response time" in served[0].get_text()
    page = follow(rahma, page, f"FY {YEAR}, Answer calls")
    page = follow(rahma, page, "Cold chain")
    page = follow(rahma, page, "The obligations that pay for it")
    page = follow(rahma, page, found["ors"].removeprefix("ORS "))
    page = follow(rahma, page, f"DV {YEAR}-03-")
    assert "12,000.00" in page.get_text()


def test_a_program_leads_to_its_work(walk):
    rahma, _ = walk
    page = rahma.get("planning.program_list", org="MOH")
    page = follow(rahma, page, "Immunization")
    page = follow(rahma, page, "Cold chain")
    assert "The obligations that pay for it" in page.get_text()
