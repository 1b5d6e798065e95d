"""Papers as snapshots: what they keep, who may see them, when they no longer hold."""

import re

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bmms.domain.canonical import canonical, fingerprint
from bmms.domain.documents import actions as documents
from bmms.domain.documents import queries
from bmms.domain.documents.papers import declare, paper_of
from bmms.domain.errors import NotFound
from bmms.domain.files import kinds, rights, store
from bmms.domain.organizations import logo
from bmms.domain.planning import actions, papers, revisions
from bmms.domain.signatories.actions import Line, change_block
from bmms.domain.signatories.kinds import DocumentKind
from bmms.models.audit import AuditEvent
from bmms.models.documents import Document
from bmms.models.jobs import Job, JobStatus
from bmms.models.organizations import Organization, StoredFile
from bmms.models.planning import StrategicPlan
from tests import uploads
from tests.cast import Cast
from tests.planning import Desk, bring_to, desk_of, make_lists, make_plan


@pytest.fixture
def desks(engine, app, cast: Cast):
    """Desks by name; all of them are closed afterwards."""
    opened: list[Desk] = []

    def sit(name: str, organization: Organization | None = None) -> Desk:
        opened.append(desk_of(engine, app, cast, name, organization))
        return opened[-1]

    yield sit
    for desk in opened:
        desk.session.close()


@pytest.fixture
def badar(desks) -> Desk:
    return desks("badar")


@pytest.fixture
def amina(desks) -> Desk:
    return desks("amina")


@pytest.fixture
def plan(engine, badar: Desk, cast: Cast) -> StrategicPlan:
    """A complete draft of Health."""
    made = make_plan(badar, *make_lists(engine), cast.memberships["badar"].id)
    badar.session.commit()
    return made


def make(desk: Desk, plan_id: int) -> Document:
    """Have the plan printed, as the button does."""
    document = documents.make(desk.session, desk.actor, papers.PLAN, plan_id)
    desk.session.commit()
    return document


def standing(desk: Desk, document: Document) -> str:
    return queries.standing(desk.session, document.code)


def printing(desk: Desk) -> list[Job]:
    return list(desk.session.scalars(select(Job).where(Job.task == queries.TASK).order_by(Job.id)))


def printed(desk: Desk, document: Document) -> StoredFile:
    """Do what the worker does, without the printing."""
    file = documents.finish(desk.session, desk.actor, document, uploads.PDF, "plan.pdf")
    desk.session.commit()
    return file


def test_a_paper_keeps_what_the_plan_says_and_what_stands_around_it(badar: Desk, plan, cast) -> None:
    document = make(badar, plan.id)
    said, about = document.payload["content"], document.payload["paper"]
    assert (said["title"], len(said["goals"])) == (plan.title, 3)
    assert said["goals"][0]["objectives"][0]["kpis"][0]["end_target"] == "24"
    assert about["organization"] == {"code": "MOH", "name": "Ministry of Health", "logo": ""}
    assert (about["status"], about["is_open"], about["is_final"], about["version"]) == ("Draft", True, False, None)
    assert about["signatories"] == [
        ["Prepared by", "", "Planning officer"],
        ["Reviewed by", "", "Head of planning"],
        ["Approved by", "", "Head of the MOA"],
    ]
    assert (document.made_by, document.made_by_label) == (cast.badar.id, "Badar Lim")
    assert document.sha256 == fingerprint(document.payload)
    assert re.fullmatch(r"[0-9a-f]{32}", document.code)
    assert [job.arguments for job in printing(badar)] == [{"document_id": document.id}]
    recorded = badar.session.scalars(select(AuditEvent.action).where(AuditEvent.subject_type == "documents")).all()
    assert recorded == ["documents:make"]


def test_the_same_content_has_the_same_fingerprint_whatever_the_order() -> None:
    assert canonical({"b": "₱", "a": [1, 2]}) == '{"a":[1,2],"b":"₱"}'
    assert fingerprint({"b": 1, "a": 2}) == fingerprint({"a": 2, "b": 1}) != fingerprint({"a": 1, "b": 2})


def test_who_signs_is_printed_as_named(desks, badar: Desk, plan) -> None:
    jamila = desks("jamila")
    minister = Line("Approved by", name="Maria Santos", title="Minister")
    change_block(jamila.session, jamila.actor, DocumentKind.STRATEGIC_PLAN, [minister])
    jamila.session.commit()
    assert make(badar, plan.id).payload["paper"]["signatories"] == [["Approved by", "Maria Santos", "Minister"]]


def test_nothing_new_is_printed_while_nothing_has_changed(badar: Desk, amina: Desk, plan) -> None:
    first = make(badar, plan.id)
    assert make(amina, plan.id).id == first.id
    assert len(printing(badar)) == 1, "it is being printed already"
    for job in printing(badar):
        job.status = JobStatus.FAILED
    badar.session.commit()
    assert make(amina, plan.id).id == first.id
    assert len(printing(badar)) == 2, "it was never finished"
    printed(badar, first)
    for job in printing(badar):
        job.status = JobStatus.DONE
    badar.session.commit()
    assert make(badar, plan.id).id == first.id
    assert len(printing(badar)) == 2


def test_a_newer_paper_supersedes_the_earlier_one(badar: Desk, plan) -> None:
    first = make(badar, plan.id)
    assert standing(badar, first) == "genuine"
    plan.narrative = "Said otherwise. " * 20
    second = make(badar, plan.id)
    assert (standing(badar, first), standing(badar, second)) == ("superseded", "genuine")
    assert first.sha256 != second.sha256
    label = select(AuditEvent.subject_id).where(AuditEvent.action == "documents:supersede")
    assert badar.session.scalars(label).all() == [first.id]


def test_the_approval_of_a_version_supersedes_what_was_printed_before(badar: Desk, amina: Desk, plan) -> None:
    draft = make(badar, plan.id)
    bring_to(plan, badar, amina, "submit", "approve")
    badar.session.refresh(draft)
    assert standing(badar, draft) == "superseded"
    approved = make(badar, plan.id)
    about = approved.payload["paper"]
    assert (about["status"], about["version"], about["is_final"]) == ("Approved", 1, True)
    assert (about["approved_by"], about["instrument"]) == ("Amina Salik", "Twenty characters and more.")


def test_a_revision_leaves_the_paper_in_force_until_it_is_approved(badar: Desk, amina: Desk, plan) -> None:
    bring_to(plan, badar, amina, "submit", "approve", "activate")
    badar.session.refresh(plan)
    in_force = make(badar, plan.id)
    answers = {
        "revision_reason": "New funds", "revision_summary": "One more", "revision_impact": "", "effective_on": None,
    }  # fmt: skip
    draft = revisions.open_revision(badar.session, badar.actor, plan, answers)
    badar.session.commit()
    preview = make(badar, draft.id)
    assert (standing(badar, in_force), standing(badar, preview)) == ("genuine", "genuine")
    bring_to(draft, badar, amina, "submit", "approve")
    assert (standing(badar, in_force), standing(badar, preview)) == ("superseded", "superseded")


def test_an_archived_plan_prints_what_was_approved_not_what_is_left(badar: Desk, amina: Desk, plan) -> None:
    """A revision takes over the rows of the KPIs; the first version's paper still names them."""
    bring_to(plan, badar, amina, "submit", "approve", "activate")
    badar.session.refresh(plan)
    answers = {"revision_reason": "New", "revision_summary": "More", "revision_impact": "", "effective_on": None}
    draft = revisions.open_revision(badar.session, badar.actor, plan, answers)
    bring_to(draft, badar, amina, "submit", "approve")
    badar.session.refresh(plan)
    assert plan.status == "archived"
    said = make(badar, plan.id).payload["content"]
    named = [kpi["name"] for goal in said["goals"] for each in goal["objectives"] for kpi in each["kpis"]]
    assert named == ["Average response time"] * 6


def test_papers_of_drafts_are_for_those_who_see_drafts(desks, badar: Desk, amina: Desk, plan) -> None:
    draft = make(badar, plan.id)
    file = printed(badar, draft)
    yusuf = desks("yusuf")
    with pytest.raises(NotFound):
        documents.make(yusuf.session, yusuf.actor, papers.PLAN, plan.id)
    assert not rights.may_read(yusuf.session, yusuf.actor, file)
    bring_to(plan, badar, amina, "submit", "approve")
    approved = make(badar, plan.id)
    seen = yusuf.session.scalars(queries.documents_of(yusuf.actor, papers.PLAN, plan.id)).all()
    assert [one.id for one in seen] == [approved.id]
    with pytest.raises(NotFound):
        queries.get_document(yusuf.session, yusuf.actor, papers.PLAN, plan.id, draft.id)
    assert not rights.may_read(yusuf.session, yusuf.actor, file)
    assert rights.may_read(yusuf.session, yusuf.actor, printed(badar, approved))


def test_another_ministry_has_neither_plan_nor_paper(desks, badar: Desk, cast, plan) -> None:
    document = make(badar, plan.id)
    file = printed(badar, document)
    ben = desks("ben", cast.mbhte)
    with pytest.raises(NotFound):
        documents.make(ben.session, ben.actor, papers.PLAN, plan.id)
    assert ben.session.scalars(queries.documents_of(ben.actor, papers.PLAN, plan.id)).all() == []
    with pytest.raises(NotFound):
        store.open_file(ben.session, ben.actor, file.id)
    assert standing(ben, document) == "genuine", "the code is for everybody who holds the paper"


@pytest.mark.parametrize("code", ["", "0" * 32, "x", "' OR true --", "a\0b", "9" * 5000])
def test_a_code_of_nobody_is_unknown(badar: Desk, code: str) -> None:
    assert queries.standing(badar.session, code) == "unknown"


def test_the_file_of_no_paper_is_read_by_nobody(badar: Desk) -> None:
    file = store.keep_made(badar.session, badar.actor, uploads.PDF, "plan", kinds.PDF, queries.FILE)
    assert file.name == "plan.pdf"
    assert not rights.may_read(badar.session, badar.actor, file)
    with pytest.raises(LookupError):
        store.keep_made(badar.session, badar.actor, uploads.PDF, "plan", kinds.PDF, "nothing known")


def test_printed_twice_the_first_file_stays(badar: Desk, plan) -> None:
    document = make(badar, plan.id)
    first = printed(badar, document)
    assert printed(badar, document).id == first.id
    assert badar.session.scalars(select(StoredFile.id)).all() == [first.id]


def test_a_deleted_draft_takes_its_papers_along(badar: Desk, plan, app) -> None:
    document = make(badar, plan.id)
    code = document.code
    printed(badar, document)
    actions.delete_plan(badar.session, badar.actor, plan)
    badar.session.commit()
    assert badar.session.scalars(select(Document.id)).all() == []
    assert badar.session.scalars(select(StoredFile.id)).all() == []
    assert queries.standing(badar.session, code) == "unknown"


def test_a_logo_that_stands_on_a_paper_stays_in_the_store(desks, badar: Desk, plan, cast) -> None:
    jamila = desks("jamila")
    session = jamila.session

    def change(size: tuple[int, int]) -> StoredFile:
        organization = session.get_one(Organization, cast.moh.id)
        session.refresh(organization)
        upload = store.Upload(uploads.BytesIO(uploads.picture("PNG", size)), "logo.png")
        logo.change_logo(session, jamila.actor, organization, upload, row_version=organization.row_version)
        session.commit()
        return session.get_one(StoredFile, organization.logo_file_id)

    first = change((200, 200))
    document = make(badar, plan.id)
    assert document.payload["paper"]["organization"]["logo"] == first.sha256
    second = change((300, 200))
    assert session.scalar(select(StoredFile.id).where(StoredFile.id == first.id)) == first.id
    change((100, 200))
    assert session.scalar(select(StoredFile.id).where(StoredFile.id == second.id)) is None, "no paper shows it"


def test_a_kind_is_declared_once_and_known_by_its_name() -> None:
    assert paper_of("strategic_plan") is papers.PLAN
    assert papers.PLAN.name == "Strategic plan"
    with pytest.raises(ValueError, match="declared already"):
        declare(papers.PLAN)


def test_a_paper_of_a_demo_plan_says_so(badar: Desk, plan) -> None:
    plan.is_demo = True
    document = make(badar, plan.id)
    assert (document.is_demo, document.payload["paper"]["is_demo"]) == (True, True)


def test_a_reported_value_does_not_change_the_paper(badar: Desk, amina: Desk, plan, engine) -> None:
    """Only what the plan says counts, not what is computed from the work."""
    bring_to(plan, badar, amina, "submit", "approve", "activate")
    first = make(badar, plan.id)
    plan = badar.session.get_one(StrategicPlan, plan.id)
    badar.session.refresh(plan)
    plan.progress = 40
    badar.session.commit()
    assert make(badar, plan.id).id == first.id


def test_the_database_keeps_papers_apart(badar: Desk, plan, engine, cast) -> None:
    make(badar, plan.id)
    with Session(engine) as session:
        assert session.execute(text("SELECT count(*) FROM documents")).scalar_one() == 0
        session.execute(text("SELECT set_config('bmms.organization_id', :id, true)"), {"id": str(cast.mbhte.id)})
        assert session.execute(text("SELECT count(*) FROM documents")).scalar_one() == 0
