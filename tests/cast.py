"""The people of the tests. Each feature gets a Ben test: somebody from another ministry tries it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.models.accounts import User
from bmms.models.audit import AuditEvent
from bmms.models.collaboration import Attachment, Comment, Notification
from bmms.models.documents import Document
from bmms.models.indicators import Indicator, IndicatorLevel
from bmms.models.jobs import Job
from bmms.models.memberships import Designation, DesignationKind, Membership
from bmms.models.organizations import Organization, SignatoryBlock, StoredFile, Unit
from bmms.models.outbox import OutboxMessage
from bmms.models.planning import (
    Level,
    ObjectiveRisk,
    PlanVersion,
    StrategicGoal,
    StrategicObjective,
    StrategicPlan,
)
from bmms.models.programs import CostStructure, Program, ProgramLevel
from bmms.tenancy import bind_platform, bind_scope
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
        "bai": make_membership(session, people["bai"], mbhte, "pilot_admin", "pilot_planner", "plan_approve"),
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
    return {
        "plan_id": plan.id, "goal_id": goal.id, "objective_id": objective.id, "kpi_id": kpi.id, "risk_id": risk.id,
        "version_id": version.id, "program_id": program.id,
        "subject_id": plan.id, "comment_id": comment.id, "attachment_id": attachment.id,
        "notice_id": notice.id, "document_id": printed.id,
    }  # fmt: skip
