"""The budget office of Health, and a call as it would enter it."""

import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bmms.domain.calls import actions, steps
from bmms.domain.files.store import Upload
from bmms.models.budgets import BudgetCall
from bmms.tenancy import bind_platform
from tests import uploads
from tests.cast import Cast
from tests.factories import make_membership, make_user
from tests.planning import Desk

OFFICE = {
    "rahma": ("pilot_budget_officer",),
    "idris": ("pilot_viewer", "budget_review"),
    "nurul": ("pilot_budget_officer", "budget_review"),
}  # who prepares, who reviews, and who may do both, though never with the same call


def hire_office(engine: Engine, cast: Cast) -> None:
    """Rahma, Idris and Nurul work in Health from now on; they are attributes of the cast too."""
    with Session(engine, expire_on_commit=False) as session:
        bind_platform(session, "tests")
        for name, rights in OFFICE.items():
            setattr(cast, name, make_user(session, name))
            cast.memberships[name] = make_membership(session, getattr(cast, name), cast.moh, *rights)
        session.commit()


def call_answers(**other: Any) -> dict[str, Any]:
    """A call that lacks nothing."""
    return {
        "fiscal_year": 2027, "title": "Budget call FY 2027", "reference": "Budget Memorandum 2026-01",
        "issued_on": date(2026, 1, 5), "opens_on": date(2026, 1, 15), "due_on": date(2026, 3, 31),
        "ceiling": Decimal("50000000.00"), "ceiling_ps": Decimal("20000000.00"), "ceiling_mooe": None,
        "ceiling_finex": None, "ceiling_co": Decimal("10000000.00"), "above_ceiling": False, "wanted": "", **other,
    }  # fmt: skip


def memorandum() -> Upload:
    """A scan."""
    return Upload(io.BytesIO(uploads.PDF), "memorandum.pdf")


@dataclass
class Office:
    """The desks of the office by name."""

    rahma: Desk
    idris: Desk
    nurul: Desk


def enter(desk: Desk, file: Upload | None = None, **other: Any) -> BudgetCall:
    """Enter a call and commit it."""
    call = actions.create_call(desk.session, desk.actor, call_answers(**other), file)
    desk.session.commit()
    return call


def step(desk: Desk, call: BudgetCall, verb: str, note: str = "Twenty characters and more.") -> BudgetCall:
    """Take a step with a call, as the person of this desk; committed."""
    theirs = desk.session.get_one(BudgetCall, call.id)
    desk.session.refresh(theirs)
    steps.take(desk.session, desk.actor, theirs, verb, note=note)
    desk.session.commit()
    return theirs
