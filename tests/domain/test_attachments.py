"""Files of records of planning: when they may be added and removed, who reads them, and what is recorded."""

from io import BytesIO

import pytest
from sqlalchemy import select

from bmms.domain.attachments import actions, queries
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken
from bmms.domain.files import store
from bmms.domain.files.store import Upload
from bmms.domain.planning import actions as plan_actions
from bmms.domain.subjects import Subject, get_subject
from bmms.models.audit import AuditEvent
from bmms.models.collaboration import Attachment, FileCategory
from bmms.models.organizations import StoredFile
from bmms.models.planning import StrategicPlan
from tests import uploads
from tests.planning import bring_to


def subject_for(desk, plan) -> Subject:
    return get_subject(desk.session, desk.actor, "plans", plan.id)


def hang(desk, plan, content: bytes = uploads.PDF, name: str = "study.pdf", category=FileCategory.OTHER) -> Attachment:
    upload = Upload(BytesIO(content), name)
    made = actions.attach(desk.session, desk.actor, subject_for(desk, plan), upload, category, "  A  study ")
    desk.session.commit()
    return made


def files(desk, plan) -> list[str]:
    rows = desk.session.execute(queries.list_attachments(subject_for(desk, plan)))
    return [file.name for _, file in rows]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (uploads.PDF, "study.pdf"),
        (uploads.docx(), "study.docx"),
        (uploads.xlsx(), "budget.xlsx"),
        (uploads.picture(), "photo.jpg"),
        (uploads.picture("PNG"), "map.png"),
    ],
)
def test_documents_workbooks_and_pictures_are_taken(desks, plan, content, name) -> None:
    made = hang(desks["badar"], plan, content, name)
    assert (made.note, made.uploader_label) == ("A study", "Badar Lim")
    assert files(desks["badar"], plan) == [name]


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"MZ program", "study.pdf", "is a program"),
        (b"<svg></svg>", "map.png", "web page or a drawing"),
        (uploads.LOCKED_PDF, "study.pdf", "protected by a password"),
        (b"%PDF-1.4 " + bytes(10 * 1024 * 1024), "large.pdf", "larger than 10 MB"),
    ],
)
def test_disguised_locked_and_large_files_are_refused(desks, plan, content, name, why) -> None:
    with pytest.raises(RuleBroken, match=why):
        hang(desks["badar"], plan, content, name)
    desks["badar"].session.rollback()
    assert files(desks["badar"], plan) == []


def test_files_of_a_submitted_plan_are_frozen(desks, plan) -> None:
    badar, amina = desks["badar"], desks["amina"]
    kept = hang(badar, plan)
    bring_to(plan, badar, amina, "submit")
    with pytest.raises(RuleBroken, match="changed no longer"):
        hang(badar, plan, name="late.pdf")
    badar.session.rollback()
    with pytest.raises(RuleBroken, match="removed no longer"):
        actions.remove(badar.session, badar.actor, subject_for(badar, plan), kept)
    badar.session.rollback()
    bring_to(plan, badar, amina, "return")
    actions.remove(badar.session, badar.actor, subject_for(badar, plan), badar.session.get_one(Attachment, kept.id))
    assert files(badar, plan) == []


def test_after_approval_instruments_and_evidence_may_be_added_and_nothing_removed(desks, plan) -> None:
    badar, amina = desks["badar"], desks["amina"]
    bring_to(plan, badar, amina, "submit", "approve")
    with pytest.raises(RuleBroken, match="approval instruments and evidence only"):
        hang(badar, plan)
    badar.session.rollback()
    order = hang(badar, plan, name="order.pdf", category=FileCategory.INSTRUMENT)
    with pytest.raises(RuleBroken, match="removed no longer"):
        actions.remove(badar.session, badar.actor, subject_for(badar, plan), order)


def test_a_file_that_was_removed_is_gone_and_recorded(desks, plan) -> None:
    badar = desks["badar"]
    made = hang(badar, plan)
    actions.remove(badar.session, badar.actor, subject_for(badar, plan), made)
    assert badar.session.scalars(select(StoredFile)).all() == []
    act = badar.session.scalars(select(AuditEvent).where(AuditEvent.action == "attachments:delete")).one()
    assert (act.subject_type, act.subject_id, act.changes["file"]) == ("strategic_plans", plan.id, ["study.pdf", None])


def test_a_deleted_draft_leaves_no_files(desks, plan) -> None:
    badar = desks["badar"]
    hang(badar, plan)
    plan_actions.delete_plan(badar.session, badar.actor, badar.session.get_one(StrategicPlan, plan.id))
    badar.session.commit()
    assert badar.session.scalars(select(StoredFile)).all() == []


def test_who_may_not_edit_the_plan_adds_and_removes_no_files(desks, plan) -> None:
    made = hang(desks["badar"], plan)
    jamila = desks["jamila"]
    with pytest.raises(NotAllowed):
        hang(jamila, plan)
    with pytest.raises(NotAllowed):
        actions.remove(jamila.session, jamila.actor, subject_for(jamila, plan), made)


def test_a_file_is_read_by_who_sees_its_plan_today(desks, plan) -> None:
    badar, amina, yusuf, ben = (desks[name] for name in ("badar", "amina", "yusuf", "ben"))
    file_id = hang(badar, plan).file_id

    def reads(desk) -> bool:
        try:
            store.open_file(desk.session, desk.actor, file_id)[1].close()
        except NotFound:
            return False
        return True

    assert (reads(badar), reads(yusuf), reads(ben)) == (True, False, False), "viewers see no drafts"
    bring_to(plan, badar, amina, "submit")
    yusuf.session.rollback()
    assert (reads(yusuf), reads(ben)) == (True, False)


def test_a_file_that_hangs_on_nothing_is_read_by_nobody(desks, plan) -> None:
    badar = desks["badar"]
    made = hang(badar, plan)
    file_id = made.file_id
    badar.session.delete(made)
    badar.session.commit()
    with pytest.raises(NotFound):
        store.open_file(badar.session, badar.actor, file_id)
