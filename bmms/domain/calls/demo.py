"""An invented call for training: next year's, with last year's appropriation as its ceiling; made once (D19)."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.appropriations.amounts import Amounts
from bmms.domain.appropriations.queries import years_of
from bmms.domain.calls import actions, steps
from bmms.domain.files.demo import demo_paper
from bmms.domain.offices import modes
from bmms.domain.planning.demo import somebody
from bmms.models.budgets import BudgetCall, CalendarItem
from bmms.models.offices import ActsMode
from bmms.models.organizations import Organization

INVENTED = Amounts(ps=Decimal(120_000_000), mooe=Decimal(90_000_000), co=Decimal(30_000_000))  # where no act is loaded


def furnish(session: Session, actor: Actor, organization: Organization, fiscal_year: int) -> None:
    """An open call and the usual dates of this fiscal year, both marked as demo, unless a call is there.

    One demo person enters the call with its memorandum, another one opens it; without both there is none, nor in a year
    that MFBM operates itself.
    """
    office = office_of(session, organization)
    if office is None or modes.mode_of(session, fiscal_year) == ActsMode.OPERATED:
        return
    if session.scalar(select(BudgetCall.id).limit(1)):
        return
    given = [year.amounts for year in years_of(session, organization.code) if year.amounts] or [INVENTED]
    answers = _answers(fiscal_year) | {
        "ceiling": given[-1].total, "ceiling_ps": given[-1].ps or None, "ceiling_mooe": given[-1].mooe or None,
        "ceiling_finex": None, "ceiling_co": given[-1].co or None,
    }  # fmt: skip
    paper = demo_paper("Budget memorandum (demo)", str(answers["reference"]), str(answers["title"]))
    officer, reviewer = office
    call = actions.create_call(session, officer, answers, paper)
    steps.take(session, reviewer, call, "open")
    actions.add_usual_items(session, actor, fiscal_year)
    for item in session.scalars(select(CalendarItem).where(CalendarItem.fiscal_year == fiscal_year)):
        item.is_demo = True
    session.flush()


def office_of(session: Session, organization: Organization) -> tuple[Actor, Actor] | None:
    """The demo people who prepare and who review its budgets; None when either is missing."""
    officer = somebody(session, organization, "pilot_budget_officer")
    reviewer = somebody(session, organization, "budget_review")
    return (officer[0], reviewer[0]) if officer and reviewer and officer[1] != reviewer[1] else None


def _answers(fiscal_year: int) -> dict[str, object]:
    before, today = fiscal_year - 1, clock.today()
    return {
        "fiscal_year": fiscal_year, "title": f"Budget call FY {fiscal_year} (demo)", "is_demo": True,
        "reference": f"Demo Memorandum {before}-01", "issued_on": min(date(before, 1, 15), today),
        "opens_on": min(date(before, 2, 1), today), "due_on": date(before, 12, 31), "above_ceiling": True,
        "wanted": "List of vehicles\nPlan for training",
    }  # fmt: skip
