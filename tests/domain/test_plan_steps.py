"""The diagram of the strategic plan: every status, verb and role (modules 8.10, INV-7, INV-72)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bmms.domain import clock, workflow
from bmms.domain.canonical import fingerprint
from bmms.domain.documents import actions as documents
from bmms.domain.errors import NotAllowed, RuleBroken
from bmms.domain.permissions import GRANTS, ROLES, permissions_of, with_carried
from bmms.domain.planning import actions, checks, kpis, papers, queries, revising, revisions, snapshots, steps
from bmms.domain.planning.steps import PLAN_STEPS
from bmms.models.indicators import Indicator, IndicatorStatus, IndicatorTarget
from bmms.models.planning import (
    ObjectiveStatus,
    PlanDecision,
    PlanStatus,
    PlanVersion,
    StrategicObjective,
    StrategicPlan,
)
from tests.planning import Desk, desk_of, kpi_answers, make_lists, make_plan

REMARKS = "Twenty characters and a few more."
S = PlanStatus
ALLOWED = {
    ("submit", S.DRAFT), ("submit", S.RETURNED), ("withdraw", S.SUBMITTED), ("approve", S.SUBMITTED),
    ("return", S.SUBMITTED), ("activate", S.APPROVED), ("complete", S.ACTIVE), ("archive", S.COMPLETED),
    ("archive", S.APPROVED), ("drop", S.DRAFT), ("drop", S.RETURNED),
}  # fmt: skip
OF_APPROVERS = {"approve", "return", "complete"}


@pytest.fixture
def badar(engine, app, cast) -> Iterator[Desk]:
    desk = desk_of(engine, app, cast, "badar")
    yield desk
    desk.session.close()


@pytest.fixture
def plan(badar: Desk, engine, cast) -> StrategicPlan:
    """A complete draft, not committed; its objectives are closed, so that nothing but the table decides."""
    theme_id, hours_id = make_lists(engine)
    return make_plan(badar, theme_id, hours_id, cast.memberships["badar"].id)


def somebody_else(desk: Desk, *codes: str):
    """Another person of Health with these roles and grants."""
    rights = with_carried(frozenset(codes))
    return replace(desk.actor, user_id=999_999, rights=rights, permissions=permissions_of(rights), principals=())


@pytest.mark.parametrize("status", PlanStatus)
def test_every_verb_and_role(badar: Desk, status: PlanStatus) -> None:
    """What the table refuses is refused before any rule is asked; what it allows is tried for real below."""
    for verb, step in PLAN_STEPS.items():
        for role in (*ROLES, *GRANTS):
            actor = somebody_else(badar, role)
            who_may = "plan_approve" in actor.rights if verb in OF_APPROVERS else role == "pilot_planner"
            try:
                done = workflow.require(actor, PLAN_STEPS, verb, status, REMARKS, "that") == step
            except (NotAllowed, RuleBroken):
                done = False
            assert done == ((verb, status) in ALLOWED and who_may), (status, verb, role)


@pytest.mark.parametrize(("verb", "status"), sorted(ALLOWED))
def test_every_allowed_step_leads_where_the_table_says(badar: Desk, plan: StrategicPlan, verb, status) -> None:
    for objective in badar.session.query(StrategicObjective):
        objective.status = ObjectiveStatus.COMPLETED
    plan.status, plan.submitted_by, plan.submitted_at = status, plan.created_by, clock.now()
    if verb == "drop":  # nothing but a revision is given up
        with pytest.raises(RuleBroken, match="Only a revision is given up"):
            steps.take(badar.session, badar.actor, plan, verb, note=REMARKS)
        first = StrategicPlan(title="In force", start_year=2026, end_year=2028, status=S.ACTIVE)
        badar.session.add(first)
        badar.session.flush()
        plan.revises_id = first.id
    badar.session.flush()
    actor = _known(somebody_else(badar, "pilot_approver"), badar) if verb in OF_APPROVERS else badar.actor
    steps.take(badar.session, actor, plan, verb, note=REMARKS)
    assert plan.status == PLAN_STEPS[verb].target
    decision = badar.session.query(PlanDecision).one()
    assert (decision.verb, decision.before, decision.after) == (verb, status, plan.status)


def _known(actor, desk: Desk):
    """The database wants a person who exists; the rule about the own work asks `persons`, which stays empty."""
    return actor if actor.user_id == desk.actor.user_id else replace(actor, user_id=None)


def test_the_submitter_alone_withdraws_and_never_decides(badar: Desk, plan: StrategicPlan, engine, app, cast) -> None:
    steps.take(badar.session, badar.actor, plan, "submit")
    with pytest.raises(RuleBroken, match="Only the person who submitted"):
        steps.take(badar.session, _known(somebody_else(badar, "pilot_planner"), badar), plan, "withdraw")
    both = replace(badar.actor, permissions=permissions_of({"pilot_planner", "plan_approve"}))
    for verb in ("approve", "return"):
        with pytest.raises(RuleBroken, match="You submitted this plan yourself"):
            steps.take(badar.session, both, plan, verb, note=REMARKS)
    deputy = replace(both, user_id=None, principals=(badar.actor.user_id,))
    with pytest.raises(RuleBroken, match="You submitted this plan yourself"):
        steps.take(badar.session, deputy, plan, "approve")
    steps.take(badar.session, badar.actor, plan, "withdraw")
    assert plan.status == S.DRAFT


def test_a_return_says_why_in_twenty_characters(badar: Desk, plan: StrategicPlan) -> None:
    steps.take(badar.session, badar.actor, plan, "submit", note="Please")
    approver = _known(somebody_else(badar, "pilot_approver"), badar)
    with pytest.raises(RuleBroken, match="at least 20 characters") as refused:
        steps.take(badar.session, approver, plan, "return", note="  too   short ")
    assert refused.value.field == "note"
    steps.take(badar.session, approver, plan, "return", note=REMARKS)
    found = badar.session.query(PlanDecision).order_by(PlanDecision.id).all()
    assert [(one.verb, one.before, one.after, one.note) for one in found] == [
        ("submit", S.DRAFT, S.SUBMITTED, "Please"), ("return", S.SUBMITTED, S.RETURNED, REMARKS),
    ]  # fmt: skip


def test_what_is_approved_is_kept_word_for_word(badar: Desk, plan: StrategicPlan) -> None:
    session = badar.session
    approver = _known(somebody_else(badar, "pilot_approver"), badar)
    steps.take(session, badar.actor, plan, "submit")
    steps.take(session, approver, plan, "approve", note="Order 7")
    version = session.query(PlanVersion).one()
    now = snapshots.payload_of(session, queries.outline(session, plan))
    assert (version.number, version.instrument, version.payload) == (1, "Order 7", now)
    assert version.sha256 == fingerprint(now)
    with pytest.raises(RuleBroken, match="submitted and cannot be changed"):
        actions.change_plan(session, badar.actor, plan, {"vision": "Other"})


def test_two_active_plans_never_share_a_year(badar: Desk, plan: StrategicPlan) -> None:
    session = badar.session
    plan.status = S.ACTIVE
    other = StrategicPlan(title="Other", start_year=2028, end_year=2030, status=S.APPROVED)
    session.add(other)
    session.flush()
    with pytest.raises(RuleBroken, match="Another active plan covers one of these years"), session.begin_nested():
        steps.take(session, badar.actor, other, "activate")


def test_a_plan_with_open_objectives_is_not_completed(badar: Desk, plan: StrategicPlan) -> None:
    plan.status, plan.submitted_by = S.ACTIVE, plan.created_by
    badar.session.flush()
    approver = _known(somebody_else(badar, "pilot_approver"), badar)
    with pytest.raises(RuleBroken, match="6 objectives are still open"):
        steps.take(badar.session, approver, plan, "complete")
    first = badar.session.query(StrategicObjective).first()
    with pytest.raises(NotAllowed):
        steps.close_objective(badar.session, badar.actor, plan, first, ObjectiveStatus.CANCELLED, REMARKS)
    steps.close_objective(badar.session, badar.actor, plan, first, ObjectiveStatus.COMPLETED, REMARKS)
    with pytest.raises(RuleBroken, match="5 objectives are still open"):
        steps.take(badar.session, approver, plan, "complete")


def test_a_revision_supersedes_targets_and_keeps_the_indicator(badar: Desk, plan: StrategicPlan) -> None:
    session = badar.session
    approver = _known(somebody_else(badar, "pilot_approver"), badar)
    for who, verb in ((badar.actor, "submit"), (approver, "approve"), (badar.actor, "activate")):
        steps.take(session, who, plan, verb)
    before = {kpi.code: kpi.id for kpi in session.query(Indicator)}
    draft = revisions.open_revision(
        session, badar.actor, plan, {"revision_reason": "Mandate", "revision_summary": "Targets"}
    )
    for target in session.query(IndicatorTarget).join(Indicator).where(Indicator.revises_id.is_not(None)):
        target.target = 12
    session.flush()
    for who, verb in ((badar.actor, "submit"), (approver, "approve")):
        steps.take(session, who, draft, verb)
    session.expire_all()
    assert (plan.status, draft.status) == (S.ARCHIVED, S.ACTIVE)
    assert {kpi.code: kpi.id for kpi in session.query(Indicator)} == before, "values hang on these rows"
    assert {kpi.status for kpi in session.query(Indicator)} == {IndicatorStatus.ACTIVE}
    targets = [(one.target, one.superseded_at is None) for one in session.query(IndicatorTarget)]
    assert sorted(targets) == [(12, True)] * 6 + [(24, False)] * 6
    assert len(queries.outline(session, draft).kpis) == 6


def test_a_revision_that_is_given_up_leaves_no_trace_in_what_is_in_force(badar: Desk, plan: StrategicPlan) -> None:
    session = badar.session
    approver, viewer = _known(somebody_else(badar, "pilot_approver"), badar), somebody_else(badar, "pilot_viewer")
    for who, verb in ((badar.actor, "submit"), (approver, "approve"), (badar.actor, "activate")):
        steps.take(session, who, plan, verb)
    answers = {"revision_reason": "Mandate", "revision_summary": "Targets"}
    draft = revisions.open_revision(session, badar.actor, plan, answers)
    objective = queries.outline(session, draft).objectives[0].objective
    codes = {kpi.code for kpi in queries.outline(session, plan).kpis}
    new = kpis.add_kpi(session, badar.actor, draft, objective, kpi_answers(None, None, name="Calls answered"), {})
    assert new.code == f"MOH-KPI-{int(max(codes)[-5:]) + 1:05d}"
    session.delete(new)
    steps.take(session, badar.actor, draft, "submit")
    steps.take(session, approver, draft, "return", note=REMARKS)
    with pytest.raises(RuleBroken, match="at least 20 characters"):
        steps.take(session, badar.actor, draft, "drop", note="Too short")
    paper = documents.make(session, badar.actor, papers.PLAN, draft.id)
    steps.take(session, badar.actor, draft, "drop", note=REMARKS)
    assert (plan.status, draft.status, draft.is_given_up, plan.is_given_up) == (S.ACTIVE, S.ARCHIVED, True, False)
    assert paper.superseded_at is not None
    assert (revising.open_revision_of(session, plan), revising.successor_of(session, plan)) == (None, None)
    told = papers.tell_plan(session, draft)
    assert (told.status, told.is_final, told.is_open) == ("Given up", False, True), "never approved, and for no viewer"
    assert {
        kpi["code"] for goal in told.content["goals"] for each in goal["objectives"] for kpi in each["kpis"]
    } == codes
    assert session.scalars(queries.list_plans(viewer)).all() == [plan]
    again = revisions.open_revision(session, badar.actor, plan, answers)
    assert len(queries.outline(session, again).kpis) == 6, "the codes of the copies are free again"
    steps.take(session, badar.actor, again, "drop", note=REMARKS)
    for one in session.query(StrategicObjective):
        one.status = ObjectiveStatus.COMPLETED
    steps.take(session, approver, plan, "complete")
    assert plan.status == S.COMPLETED


def test_each_missing_thing_is_named(badar: Desk, plan: StrategicPlan) -> None:
    session = badar.session
    assert checks.errors_in(checks.gaps_of(session, queries.outline(session, plan))) == []
    outline = queries.outline(session, plan)
    outline.goals[0].goal.weight = 40
    outline.objectives[0].objective.owner_id = None
    outline.kpis[0].source = ""
    outline.kpis[1].baseline_year = None
    session.flush()
    found = {
        (gap.rule, gap.message) for gap in checks.errors_in(checks.gaps_of(session, queries.outline(session, plan)))
    }
    name = outline.objectives[0].objective.title
    assert found == {
        ("PL-08", "The weights of the goals add up to 40, not 100. Mend or clear them."),
        ("PL-09", f"“{name}” needs a responsible unit and a responsible officer."),
        ("PL-06", "The KPI “Average response time” lacks a source."),
        ("PL-06", "The KPI “Average response time” lacks a baseline with its year."),
    }
