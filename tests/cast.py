"""The people of the tests. Each feature gets a Ben test: somebody from another ministry tries it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.models.accounts import User
from bmms.models.appropriations import (
    ActBody,
    ActLine,
    AppropriationAct,
    LineKind,
    LineLevel,
    ProgramLine,
    Section,
)
from bmms.models.audit import AuditEvent
from bmms.models.budgets import Audience, BudgetCall, CalendarItem, CallExtension
from bmms.models.collaboration import Attachment, Comment, Notification
from bmms.models.compliance import ComplianceAnswer, ComplianceItem, Desk, ProposalEndorsement
from bmms.models.documents import Document
from bmms.models.drafts import Draft, SentForm
from bmms.models.indicators import Indicator, IndicatorLevel, IndicatorTarget
from bmms.models.jobs import Job
from bmms.models.lists import AlignmentCode, AlignmentKind, AlignmentList, Theme
from bmms.models.memberships import Designation, DesignationKind, Membership
from bmms.models.organizations import Organization, SignatoryBlock, StoredFile, Unit
from bmms.models.outbox import OutboxMessage
from bmms.models.planning import (
    Level,
    ObjectiveRisk,
    PlanAlignment,
    PlanDecision,
    PlanStatus,
    PlanTheme,
    PlanVersion,
    StrategicGoal,
    StrategicObjective,
    StrategicPlan,
)
from bmms.models.programs import CostStructure, Program, ProgramLevel
from bmms.models.proposals import (
    BudgetLine,
    BudgetProposal,
    CentralAct,
    ProposalAmount,
    ProposalDecision,
    ProposalIndicator,
    ProposalProgram,
    ProposalStatus,
    ProposalVersion,
)
from bmms.models.reference import ExpenseClass, ObjectCode, Place
from bmms.models.work import (
    AnnualObjective,
    AnnualWorkPlan,
    ItemKind,
    ProgressUpdate,
    WorkItem,
    WorkItemPerson,
    WorkItemPlace,
    WorkItemPredecessor,
)
from bmms.tenancy import bind_platform, bind_scope
from tests.cast_execution import execution_rows
from tests.factories import make_central, make_membership, make_organization, make_roles, make_user


@dataclass
class Cast:
    """Two ministries and those who work in, between and above them."""

    moh: Organization
    mbhte: Organization
    amina: User  # heads planning in Health
    badar: User  # her encoder
    jamila: User  # administers Health
    ben: User  # plans in Education
    bai: User  # administers Education
    carla: User  # reads for OCM
    dan: User  # his membership in Health is suspended
    sitti: User  # administers the platform
    yusuf: User  # works in both ministries
    memberships: dict[str, Membership]


def make_cast(session: Session) -> Cast:
    """Write the cast through a platform-bound session."""
    make_roles(session)
    moh = make_organization(session, "MOH", "Ministry of Health")
    mbhte = make_organization(session, "MBHTE", "Ministry of Basic, Higher and Technical Education")
    people = {
        name: make_user(session, name, first, last)
        for name, first, last in (
            ("amina", "Amina", "Salik"),
            ("badar", "Badar", "Lim"),
            ("jamila", "Jamila", "Usop"),
            ("ben", "Ben", "Cruz"),
            ("bai", "Bai", "Santos"),
            ("carla", "Carla", "Reyes"),
            ("dan", "Dan", "Omar"),
            ("sitti", "Sitti", "Musa"),
            ("yusuf", "Yusuf", "Karim"),
        )
    }
    memberships = {
        "amina": make_membership(session, people["amina"], moh, "pilot_approver", "pilot_planner"),
        "badar": make_membership(session, people["badar"], moh, "pilot_planner"),
        "jamila": make_membership(session, people["jamila"], moh, "pilot_admin"),
        "ben": make_membership(session, people["ben"], mbhte, "pilot_planner"),
        "bai": make_membership(
            session,
            people["bai"],
            mbhte,
            "pilot_admin",
            "pilot_planner",
            "plan_approve",
            "pilot_budget_officer",
            "budget_review",
            "budget_approve",
            "allotment_certify",
            "accounting",
        ),
        "dan": make_membership(session, people["dan"], moh, "pilot_planner", is_active=False),
        "yusuf": make_membership(session, people["yusuf"], moh, "pilot_viewer"),
        "yusuf_mbhte": make_membership(session, people["yusuf"], mbhte, "pilot_viewer", primary=False),
    }
    make_central(session, people["carla"], "ocm_viewer")
    make_central(session, people["sitti"], "superadmin")
    return Cast(moh=moh, mbhte=mbhte, memberships=memberships, **people)


def many_rows(engine: Engine, cast: Cast, count: int, first: int = 0) -> None:
    """As many more rows of Health of each kind that a page lists."""
    with Session(engine) as session:
        bind_platform(session, "tests")
        bind_scope(session, cast.moh.id)
        for n in range(first, first + count):
            user = make_user(session, f"person_{n}", "Person", f"Number {n}")
            membership = make_membership(session, user, cast.moh, "pilot_planner", "pilot_viewer")
            kind = {"organization_id": cast.moh.id}
            session.add_all(
                [
                    Unit(name=f"Unit {n}"),
                    SignatoryBlock(document_kind=f"planted {n}", lines=[]),
                    Designation(
                        deputy_id=membership.id,
                        principal_id=cast.memberships["amina"].id,
                        kind=DesignationKind.DEPUTY,
                        starts_on=clock.today(),
                        ends_on=clock.today(),
                        instrument_number=f"SO {n}",
                    ),
                    Job(task="tests", owner_id=user.id, **kind),
                    OutboxMessage(kind="welcome", user_id=user.id, message_id=f"planted {n}", **kind),
                ]
            )
            planted = {"action": "tests:plant", "actor_id": user.id, **kind}
            session.execute(insert(AuditEvent.__table__).inline(), planted)
        session.commit()


def foreign_rows(engine: Engine, cast: Cast) -> dict[str, int | UUID]:
    """One row of Health for each id that a route may ask for, under the name that routes use."""
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        unit = Unit(name="Planning Division")
        file = StoredFile(
            name="order.pdf",
            media_type="application/pdf",
            size=1,
            sha256="",
            storage_key="planted",
            purpose="designation",
        )
        designation = Designation(
            deputy_id=cast.memberships["badar"].id,
            principal_id=cast.memberships["amina"].id,
            kind=DesignationKind.OIC,
            starts_on=clock.today(),
            ends_on=clock.today(),
            instrument_number="SO 1",
        )
        block = SignatoryBlock(document_kind="planted", lines=[])
        session.add_all([unit, file, designation, block])
        session.execute(
            insert(AuditEvent.__table__).inline(), {"action": "tests:plant", "organization_id": cast.moh.id}
        )
        ids = _plan_rows(session, cast)
        job = Job(task="tests", organization_id=cast.moh.id, owner_id=cast.jamila.id)
        mail = OutboxMessage(kind="welcome", user_id=cast.badar.id, organization_id=cast.moh.id, message_id="planted")
        session.add_all([job, mail])
        session.flush()
        found = {
            **ids,
            **(budget := _budget_rows(session, cast, file)),
            **_proposal_rows(session, cast, budget["call_id"], ids, file),
            **execution_rows(session, cast, ids, file),
            "job_id": job.id,
            "message_id": mail.id,
            "membership_id": cast.memberships["badar"].id,
            "unit_id": unit.id,
            "file_id": file.id,
            "designation_id": designation.id,
            "user_id": cast.badar.id,
            "organization_id": cast.moh.id,
            "import_id": UUID(int=7),  # lists of people have no rows: test_import.py keeps a real one
            "event_id": session.scalars(select(AuditEvent.id).where(AuditEvent.action == "tests:plant")).one(),
        }
        session.commit()
    return found


def _budget_rows(session: Session, cast: Cast, file: StoredFile) -> dict[str, int]:
    """One row of each part of a budget call, and a date of the calendar."""
    day = clock.today()
    call = BudgetCall(
        fiscal_year=2027, title="A call", reference="Memo 1", issued_on=day, opens_on=day, due_on=day, ceiling=5,
        entered_by=cast.badar.id,
    )  # fmt: skip
    item = CalendarItem(fiscal_year=2027, name="A date", due_on=day, audience=Audience.EVERYBODY)
    session.add_all([call, item])
    session.flush()
    extension = CallExtension(
        call_id=call.id, extended_to=day, reference="Memo 2", file_id=file.id, entered_label="Badar Lim"
    )
    session.add(extension)
    session.flush()
    return {"call_id": call.id, "item_id": item.id, "extension_id": extension.id}


def _proposal_rows(
    session: Session, cast: Cast, call_id: int, ids: dict[str, int], file: StoredFile
) -> dict[str, int]:  # fmt: skip
    """One row of each part of a proposal."""
    session.add(ObjectCode(code="5020201000", title="Training", expense_class=ExpenseClass.MOOE, level="account"))
    proposal = BudgetProposal(fiscal_year=2027, call_id=call_id, title="A proposal", created_by=cast.badar.id)
    session.add(proposal)
    session.flush()
    part = ProposalProgram(proposal_id=proposal.id, program_id=ids["program_id"], ordinal=1)
    session.add(part)
    session.flush()
    line = BudgetLine(
        proposal_id=proposal.id, proposal_program_id=part.id, ordinal=1, object_code="5020201000", description="A line",
        quantity=1, unit="lot", unit_cost=4, q1=1, q2=1, q3=1, q4=1,
    )  # fmt: skip
    target = ProposalIndicator(proposal_program_id=part.id, indicator_id=ids["kpi_id"], target=1)
    version = ProposalVersion(
        proposal_id=proposal.id,
        number=1,
        sha256="",
        payload=dict.fromkeys(("title", "ceiling", "call", "plan"), "") | {"total": "4.00", "programs": []},
    )
    act = CentralAct(
        proposal_id=proposal.id, verb="include", reference="Memo 3", issued_on=clock.today(), file_id=file.id,
        entered_label="Badar Lim",
    )  # fmt: skip
    session.add_all([line, target, version, act])
    session.flush()
    status, day = ProposalStatus.DRAFT, clock.today()
    session.add_all(
        [
            ProposalAmount(proposal_program_id=part.id, expense_class=ExpenseClass.MOOE, planning_figure=4),
            ProposalEndorsement(proposal_id=proposal.id, desk=Desk.BPDA, asked_on=day, due_on=day, amount=4),
            ComplianceItem(
                code="C-10", ordinal=1, text="An item", is_automatic=False, is_hard=True, needs_file=True
            ),
            ComplianceAnswer(proposal_id=proposal.id, code="C-10", note="See there"),
            ProposalDecision(
                proposal_id=proposal.id, version_id=version.id, verb="submit", before=status, after=status,
                actor_label="Badar Lim",
            ),
        ]
    )  # fmt: skip
    session.flush()
    return {
        "proposal_id": proposal.id,
        "part_id": part.id,
        "line_id": line.id,
        "target_id": target.id,
        "act_id": act.id,
    }


def _plan_rows(session: Session, cast: Cast) -> dict[str, int]:
    """One row of each part of a plan."""
    plan = StrategicPlan(title="Health plan", start_year=2026, end_year=2028, created_by=cast.badar.id)
    session.add(plan)
    session.flush()
    goal = StrategicGoal(plan_id=plan.id, ordinal=1, title="A goal")
    session.add(goal)
    session.flush()
    objective = StrategicObjective(plan_id=plan.id, goal_id=goal.id, ordinal=1, title="An objective")
    session.add(objective)
    session.flush()
    kpi = Indicator(objective_id=objective.id, code="MOH-KPI-00001", name="A KPI", level=IndicatorLevel.OUTCOME)
    risk = ObjectiveRisk(objective_id=objective.id, description="Rain", likelihood=Level.LOW, impact=Level.HIGH)
    said = {
        "title": "Health plan",
        "start_year": "2026",
        "end_year": "2028",
        "narrative": "",
        "goals": [],
        "themes": [],
    }
    version = PlanVersion(
        plan_id=plan.id, number=1, payload=said, sha256="", approved_by_label="Amina Salik", approved_at=clock.now()
    )
    program = Program(
        code="MOH-P01", cost_structure=CostStructure.OPERATIONS, level=ProgramLevel.PROGRAM, title="Health for all",
        normal_title="health for all",
    )  # fmt: skip
    comment = Comment(plan_id=plan.id, section="general", body="Well done.", author_label="Badar Lim")
    comment.author_id = cast.badar.id
    paper = StoredFile(
        name="study.pdf", media_type="application/pdf", size=1, sha256="", storage_key="study", purpose="attachment"
    )
    notice = Notification(membership_id=cast.memberships["badar"].id, kind="plan_return", text="Returned.")
    printed = Document(
        kind="strategic_plan", title=plan.title, plan_id=plan.id, code="0" * 32, sha256="", made_by_label="Badar Lim",
        payload={"content": said, "paper": {"is_open": False, "status": "Draft", "version": None}},
    )  # fmt: skip
    session.add_all([kpi, risk, version, program, comment, paper, notice, printed])
    session.flush()
    attachment = Attachment(plan_id=plan.id, file_id=paper.id, uploader_label="Badar Lim")
    session.add(attachment)
    session.flush()
    work = _work_rows(session, cast, objective)
    return work | _plant_small_rows(session, cast, plan.id, kpi.id, work) | {
        "plan_id": plan.id, "goal_id": goal.id, "objective_id": objective.id, "kpi_id": kpi.id, "risk_id": risk.id,
        "version_id": version.id, "program_id": program.id,
        "subject_id": plan.id, "comment_id": comment.id, "attachment_id": attachment.id,
        "notice_id": notice.id, "document_id": printed.id,
    }  # fmt: skip


def _work_rows(session: Session, cast: Cast, objective: StrategicObjective) -> dict[str, int]:
    """One row of each part of a work plan."""
    plan = AnnualWorkPlan(plan_id=objective.plan_id, fiscal_year=2026, title="Work plan", created_by=cast.badar.id)
    session.add(plan)
    session.flush()
    annual = AnnualObjective(work_plan_id=plan.id, objective_id=objective.id, ordinal=1, statement="This year")
    session.add(annual)
    session.flush()
    item = WorkItem(
        work_plan_id=plan.id, annual_objective_id=annual.id, ordinal=1, code="MOH-2026-PPA-0001",
        kind=ItemKind.ACTIVITY, title="An activity", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31),
        officer_id=cast.memberships["badar"].id,
    )  # fmt: skip
    session.add(item)
    session.flush()
    return {"work_plan_id": plan.id, "annual_objective_id": annual.id, "work_item_id": item.id}


def _plant_act(session: Session) -> None:
    """An act of one line, and the program to which it gives money."""
    amounts = {"ps": 5, "mooe": 0, "finex": 0, "co": 0, "unclassed": 0, "total": 5}
    act = AppropriationAct(key="2027", fiscal_year=2027, title="An act", row_count=1, sha256="", **amounts)
    session.add(act)
    session.flush()
    body = ActBody(act_id=act.id, ordinal=1, code="MOH", **amounts)
    session.add(body)
    session.flush()
    line = ActLine(
        body_id=body.id, ordinal=1, row_number=2, section=Section.GAS, level=LineLevel.SECTION, kind=LineKind.PRINTED,
        title="Support", counts=True, **amounts,
    )  # fmt: skip
    session.add(line)
    session.flush()
    program_id = session.scalars(select(Program.id)).first()
    session.add(ProgramLine(program_id=program_id, line_id=line.id))


def _plant_small_rows(session: Session, cast: Cast, plan_id: int, kpi_id: int, work: dict[str, int]) -> dict[str, int]:
    """One row of each tenant table that no address names, and of the lists that all organizations share."""
    theme = Theme(code="X", title="A theme", ordinal=9)
    official = AlignmentList(kind=AlignmentKind.OTHER, year=2026, title="A list")
    place = Place(psgc="1900000000", name="A place", level="province", in_barmm=True)
    first = session.get_one(WorkItem, work["work_item_id"])
    before = WorkItem(
        work_plan_id=first.work_plan_id, annual_objective_id=first.annual_objective_id, ordinal=2,
        code="MOH-2026-PPA-0002", kind=ItemKind.ACTIVITY, title="One before", starts_on=first.starts_on,
        ends_on=first.ends_on,
    )  # fmt: skip
    session.add_all([theme, official, place, before])
    session.flush()
    _plant_act(session)
    code = AlignmentCode(list_id=official.id, code="1", title="A code")
    session.add(code)
    session.flush()
    item_id, status = first.id, PlanStatus.DRAFT
    session.add_all(
        [
            PlanTheme(plan_id=plan_id, theme_id=theme.id),
            PlanAlignment(plan_id=plan_id, code_id=code.id),
            PlanDecision(plan_id=plan_id, verb="submit", before=status, after=status, actor_label="Badar Lim"),
            IndicatorTarget(
                indicator_id=kpi_id, starts_on=first.starts_on, ends_on=first.ends_on, label="2026", target=1
            ),
            Draft(user_id=cast.badar.id, form_key="planning/plans/new", fields={"title": "Half"}),
            SentForm(user_id=cast.badar.id, key="sent once"),
            WorkItemPerson(work_item_id=item_id, membership_id=cast.memberships["amina"].id),
            WorkItemPlace(work_item_id=item_id, psgc=place.psgc),
            WorkItemPredecessor(work_item_id=item_id, predecessor_id=before.id),
            ProgressUpdate(
                work_item_id=item_id, day=first.starts_on, before=0, after=0, note="Begun.", author_label="Badar Lim"
            ),
        ]
    )
    session.flush()
    return {"list_id": official.id, "entry_id": theme.id}
