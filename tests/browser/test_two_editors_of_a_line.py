"""Two people of one budget office edit the same line at the same time, in two browsers: nothing typed is lost."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import Engine, text

from bmms.domain import clock
from tests.browser.walks import WAYS, Walk
from tests.budgets import enter, memorandum, step
from tests.planning import desk_of
from tests.proposals import ask_for, begin_proposal, make_register, set_up_office, take_program

pytestmark = pytest.mark.browser
WHAT = "Training of vaccinators"


@pytest.fixture
def lines_url(engine: Engine, app, cast, ground) -> str:
    """The page of a draft with one line: 116 persons at ₱ 12,400.00."""
    set_up_office(engine, cast, ground)
    rahma, idris = (desk_of(engine, app, cast, name) for name in ("rahma", "idris"))
    today = clock.today()
    call = enter(
        rahma, memorandum(), fiscal_year=today.year + 1, issued_on=today, opens_on=today,
        due_on=today + timedelta(days=60),
    )  # fmt: skip
    step(idris, call, "open")
    rahma.session.expire_all()
    proposal = begin_proposal(rahma, fiscal_year=today.year + 1)
    ask_for(rahma, proposal, take_program(rahma, proposal, make_register(rahma.session)[1]))
    proposal_id = proposal.id
    for desk in (rahma, idris):
        desk.session.close()
    return f"/moa/MOH/budgeting/proposals/{proposal_id}/lines"


@pytest.fixture
def stored(owner: Engine) -> Callable[[], tuple]:
    """What the line says now."""

    def read() -> tuple:
        with owner.connect() as connection:
            query = "SELECT description, quantity, unit, unit_cost, amount FROM budget_lines"
            return tuple(connection.execute(text(query)).one())

    return read


class Editor:
    """One of the two, with the line open: in its row, or on a page of its own where there is no JavaScript."""

    def __init__(self, walk: Walk, username: str, lines_url: str, *, javascript: bool) -> None:
        self.walk, self.lines_url, self.javascript = walk, lines_url, javascript
        walk.sign_in(username)

    def open(self) -> None:
        self.walk.open(self.lines_url)
        self.walk.look("Lines")
        self.walk.page.get_by_role("link", name="Edit line: ").click()
        expect(self.field("What")).to_be_visible()
        self.look()

    def look(self) -> None:
        """The form is there, as pages should be."""
        self.walk.look("Lines" if self.javascript else "Change a line")

    def field(self, label: str) -> Locator:
        return self.walk.page.get_by_label(label, exact=True)

    def save(self) -> None:
        self.walk.press("Save line")

    def see_done(self) -> None:
        """The list is there again, with the line as it stands."""
        expect(self.walk.page.locator("form[data-draft]")).to_have_count(0)
        self.walk.look("Lines")

    def asked(self, label: str) -> Locator:
        """The question which of two answers stays."""
        question = self.walk.page.get_by_role("group", name=f"{label}: which answer stays?")
        expect(question).to_be_visible()
        self.look()
        return question

    def row(self) -> Locator:
        return self.walk.page.locator("tr[id^=line-]")


@pytest.fixture
def editors(walk, lines_url) -> Callable[..., tuple[Editor, Editor]]:
    """Rahma and Nurul, each in a browser of her own."""

    def begin(width: int, javascript: bool) -> tuple[Editor, Editor]:
        rahma, nurul = (
            Editor(walk(width, javascript), name, lines_url, javascript=javascript) for name in ("rahma", "nurul")
        )
        return rahma, nurul

    return begin


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_different_answers_of_a_line_both_stand(editors, stored, width, javascript):
    rahma, nurul = editors(width, javascript)
    for each in (rahma, nurul):
        each.open()
    rahma.field("Quantity").fill("200")
    rahma.save()
    rahma.see_done()
    nurul.field("What").fill("Training of nurses")
    nurul.field("Unit").fill("nurse")
    nurul.save()
    nurul.see_done()
    expect(nurul.row()).to_contain_text("Training of nurses")
    expect(nurul.row()).to_contain_text("200 nurse")
    expect(nurul.row()).to_contain_text("2,480,000.00")
    expect(nurul.walk.page.locator("#lines-total")).to_contain_text("2,480,000.00")
    assert stored() == (
        "Training of nurses", Decimal(200), "nurse", Decimal("12400.00"), Decimal("2480000.00"),
    )  # fmt: skip


@pytest.mark.parametrize(("width", "javascript"), WAYS)
@pytest.mark.parametrize("stays", ["mine", "theirs"])
def test_over_the_same_answer_of_a_line_the_second_chooses_and_loses_nothing(
    editors, stored, width, javascript, stays
):  # fmt: skip
    rahma, nurul = editors(width, javascript)
    for each in (rahma, nurul):
        each.open()
    rahma.field("Quantity").fill("150")
    rahma.field("Unit cost").fill("12,500.00")
    rahma.save()
    rahma.see_done()
    typed = {"What": "Training of nurses", "Quantity": "175.5", "Unit": "nurse", "Unit cost": "12,400.00"}
    for label, value in typed.items():
        nurul.field(label).fill(value)
    nurul.save()
    question = nurul.asked("Quantity")
    hers = (WHAT, Decimal(150), "person", Decimal("12500.00"), Decimal("1875000.00"))
    assert stored() == hers, "nothing is saved yet"
    for label, value in typed.items():
        expect(nurul.field(label)).to_have_value(value)
    nurul.walk.says("Choose which answer stays.")
    expect(question).to_contain_text("175.5")
    expect(question.get_by_text("150", exact=True)).to_be_visible()
    expect(nurul.walk.page.get_by_role("group", name=": which answer stays?")).to_have_count(1)
    question.get_by_role("radio").nth(["mine", "theirs"].index(stays)).check()
    nurul.save()
    nurul.see_done()
    quantity = {"mine": Decimal("175.5"), "theirs": Decimal(150)}[stays]
    expect(nurul.row()).to_contain_text(f"{quantity} nurse")
    amount = quantity * Decimal("12500.00")
    assert stored() == ("Training of nurses", quantity, "nurse", Decimal("12500.00"), amount)
    expect(nurul.walk.page.locator("#lines-total")).to_contain_text(f"{amount:,.2f}")
    nurul.open()
    expect(nurul.field("What")).to_have_value("Training of nurses")
    expect(nurul.walk.page.locator("body")).not_to_contain_text("unsent changes")
