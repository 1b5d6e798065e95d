"""The strategic plan as a paper: what it says on the day of the snapshot (R-02)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from bmms.domain.documents.papers import Paper, Told, declare
from bmms.domain.permissions import Permission
from bmms.domain.planning import labels, queries, snapshots, versions
from bmms.domain.planning.decisions import Plan
from bmms.domain.signatories.kinds import RULES, DocumentKind
from bmms.models.planning import PlanStatus, PlanVersion, StrategicPlan

NOT_FINAL = (PlanStatus.DRAFT, PlanStatus.RETURNED, PlanStatus.SUBMITTED)


def tell_plan(session: Session, plan: StrategicPlan) -> Told:
    """The plan as it stands; from its approval on, what was approved, word for word."""
    version = approved_version(session, plan)
    content = version.payload if version else snapshots.payload_of(session, queries.outline(session, plan))
    return told(plan, version, content, plan.title, plan.years)


def told(plan: Plan, version: PlanVersion | None, content: Mapping[str, Any], title: str, period: str) -> Told:
    """A plan or work plan as a paper: its content under a title, how far it is, and who approved it when.

    Args:
        version: what was approved; None: nothing yet.
    """
    return Told(
        content=content,
        title=title,
        period=period,
        status=labels.status_of(plan)[0],
        is_open=plan.is_open or plan.is_given_up,
        is_final=version is not None,
        is_demo=plan.is_demo,
        **_approval(version),
    )


def approved_version(session: Session, plan: Plan) -> PlanVersion | None:
    """The version that holds; a draft has none, nor has a revision that was given up."""
    if plan.status in NOT_FINAL or plan.is_given_up:
        return None
    return next(iter(versions.versions_of(session, plan)), None)


def _approval(version: PlanVersion | None) -> Mapping[str, Any]:
    """Who approved it when, as a paper says it."""
    if version is None:
        return {}
    return {
        "version": version.number,
        "approved_by": version.approved_by_label,
        "approved_at": version.approved_at.isoformat(),
        "instrument": version.instrument,
    }


PLAN = Paper(
    kind=DocumentKind.STRATEGIC_PLAN,
    subject="plan_id",
    find=queries.get_plan,
    tell=tell_plan,
    see_drafts=Permission.PLAN_DRAFT_VIEW,
    template="documents/strategic_plan.html",
    words=labels,
    name=RULES[DocumentKind.STRATEGIC_PLAN].label,
    signed=DocumentKind.STRATEGIC_PLAN,
)
declare(PLAN)
