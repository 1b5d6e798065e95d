"""The work plan as a paper: objectives of the year, milestones of its quarters, the tree of items (R-03)."""

from sqlalchemy.orm import Session

from bmms.domain.documents.papers import Paper, Told, declare
from bmms.domain.permissions import Permission
from bmms.domain.planning import labels
from bmms.domain.planning.papers import NOT_FINAL, approval
from bmms.domain.planning.versions import versions_of
from bmms.domain.signatories.kinds import DocumentKind
from bmms.domain.workplans import queries, snapshots
from bmms.models.work import AnnualWorkPlan


def tell_work_plan(session: Session, plan: AnnualWorkPlan) -> Told:
    """The work plan as it stands; from its approval on, what was approved, word for word."""
    version = None if plan.status in NOT_FINAL else next(iter(versions_of(session, plan)), None)
    return Told(
        content=version.payload if version else snapshots.payload_of(session, plan),
        title=plan.title,
        period=f"Fiscal year {plan.fiscal_year}",
        status=labels.PLAN_STATUS[plan.status][0],
        is_open=plan.is_open,
        is_final=version is not None,
        is_demo=plan.is_demo,
        **approval(version),
    )


WORK_PLAN = Paper(
    kind=DocumentKind.WORK_PLAN,
    subject="work_plan_id",
    find=queries.get_work_plan,
    tell=tell_work_plan,
    see_drafts=Permission.PLAN_DRAFT_VIEW,
    template="documents/work_plan.html",
    words=labels,
)
declare(WORK_PLAN)
