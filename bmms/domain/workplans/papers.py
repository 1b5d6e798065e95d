"""The work plan as papers: its objectives, quarters and items in words (R-03), and its timeline on A3 (modules 1.6)."""

from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.documents.papers import Paper, Told, declare
from bmms.domain.permissions import Permission
from bmms.domain.planning import labels
from bmms.domain.planning.papers import approved_version, told
from bmms.domain.signatories.kinds import RULES, DocumentKind
from bmms.domain.workplans import charts, queries, snapshots
from bmms.domain.workplans import labels as work_labels
from bmms.models.work import AnnualWorkPlan


def tell_work_plan(session: Session, plan: AnnualWorkPlan) -> Told:
    """The work plan as it stands; from its approval on, what was approved, word for word."""
    version = approved_version(session, plan)
    content = version.payload if version else snapshots.payload_of(session, plan)
    return told(plan, version, content, plan.title, f"Fiscal year {plan.fiscal_year}")


WORK_PLAN = Paper(
    kind=DocumentKind.WORK_PLAN,
    subject="work_plan_id",
    find=queries.get_work_plan,
    tell=tell_work_plan,
    see_drafts=Permission.PLAN_DRAFT_VIEW,
    template="documents/work_plan.html",
    words=labels,
    name=RULES[DocumentKind.WORK_PLAN].label,
    signed=DocumentKind.WORK_PLAN,
)
declare(WORK_PLAN)


def tell_timeline(session: Session, plan: AnnualWorkPlan) -> Told:
    """The work plan over the months of its year, with the progress of today: all rows, in their places."""
    content, title = charts.payload_of(session, plan, clock.today()), f"Timeline: {plan.title}"[:300]
    return told(plan, approved_version(session, plan), content, title, f"Fiscal year {plan.fiscal_year}")


TIMELINE = Paper(
    kind="timeline",
    subject="work_plan_id",
    find=queries.get_work_plan,
    tell=tell_timeline,
    see_drafts=Permission.PLAN_DRAFT_VIEW,
    template="documents/timeline.html",
    words=work_labels,
    name="Timeline",
    button="Timeline as PDF",
)
declare(TIMELINE)
