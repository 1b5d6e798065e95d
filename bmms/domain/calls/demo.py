"""An invented call for training: next year's, with last year's appropriation as its ceiling; made once (D19)."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.appropriations.queries import years_of
from bmms.domain.calls import actions
from bmms.models.budgets import BudgetCall, CalendarItem
from bmms.models.organizations import Organization


def furnish(session: Session, actor: Actor, organization: Organization, fiscal_year: int) -> None:
    """A planned call and the usual dates of this fiscal year, both marked as demo, unless a call is there.

    Its memorandum is not attached: to attach one and to let somebody open the call is a part of the training.
    """
    given = [year.amounts for year in years_of(session, organization.code) if year.amounts]
    if not given or session.scalar(select(BudgetCall.id).limit(1)):
        return
    call = actions.create_call(session, actor, _answers(fiscal_year) | {
        "ceiling": given[-1].total, "ceiling_ps": given[-1].ps, "ceiling_mooe": given[-1].mooe,
        "ceiling_finex": None, "ceiling_co": given[-1].co,
    })  # fmt: skip
    call.is_demo, call.entered_label = True, "Demo"
    actions.add_usual_items(session, actor, fiscal_year)
    for item in session.scalars(select(CalendarItem).where(CalendarItem.fiscal_year == fiscal_year)):
        item.is_demo = True
    session.flush()


def _answers(fiscal_year: int) -> dict[str, object]:
    before = fiscal_year - 1
    return {
        "fiscal_year": fiscal_year, "title": f"Budget call FY {fiscal_year} (demo)",
        "reference": f"Demo Memorandum {before}-01", "issued_on": date(before, 1, 15), "opens_on": date(before, 2, 1),
        "due_on": date(before, 12, 31), "above_ceiling": True, "wanted": "List of vehicles\nPlan for training",
    }  # fmt: skip
