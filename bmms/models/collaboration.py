"""What hangs on the rows of modules: comments, attachments, notifications. Each part adds the columns it needs."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Moment, Timestamped, Versioned, one_of
from bmms.models.keys import member, part_of, refers_to
from bmms.tenancy import TenantOwned

COMMENTED = "num_nonnulls(plan_id, work_plan_id, work_item_id, proposal_id) = 1"
FILED = "num_nonnulls(plan_id, work_plan_id, work_item_id, proposal_id, obligation_id) = 1"


class FileCategory(StrEnum):
    """What an attachment is for."""

    MANDATE = "mandate"
    INSTRUMENT = "instrument"
    TECHNICAL = "technical"
    EVIDENCE = "evidence"
    OTHER = "other"


class Comment(TenantOwned, Identified, Timestamped, Versioned, Base):
    """One remark in the flat thread of a section."""

    __tablename__ = "comments"
    __constraints__ = (
        part_of("plan_id", "strategic_plans"),
        part_of("work_plan_id", "annual_work_plans"),
        part_of("work_item_id", "work_items"),
        part_of("proposal_id", "budget_proposals"),
        CheckConstraint(COMMENTED, name="one_subject"),
        Index("ix_comments_plan", "plan_id", "id"),
        Index("ix_comments_work_plan", "work_plan_id", "id"),
        Index("ix_comments_work_item", "work_item_id", "id"),
        Index("ix_comments_proposal", "proposal_id", "id"),
    )

    plan_id: Mapped[int | None] = mapped_column(BigInteger)
    work_plan_id: Mapped[int | None] = mapped_column(BigInteger)
    work_item_id: Mapped[int | None] = mapped_column(BigInteger)
    proposal_id: Mapped[int | None] = mapped_column(BigInteger)
    section: Mapped[str] = mapped_column(String(40), server_default="")
    body: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    author_label: Mapped[str] = mapped_column(String(200))
    is_demo: Mapped[bool] = mapped_column(server_default="false")


class Attachment(TenantOwned, Identified, Timestamped, Versioned, Base):
    """A stored file that hangs on exactly one thing."""

    __tablename__ = "attachments"
    __constraints__ = (
        refers_to("file_id", "stored_files"),
        part_of("plan_id", "strategic_plans"),
        part_of("work_plan_id", "annual_work_plans"),
        part_of("work_item_id", "work_items"),
        part_of("proposal_id", "budget_proposals"),
        part_of("obligation_id", "obligations"),
        CheckConstraint(FILED, name="one_subject"),
        Index("ix_attachments_plan", "plan_id"),
        Index("ix_attachments_work_plan", "work_plan_id"),
        Index("ix_attachments_work_item", "work_item_id"),
        Index("ix_attachments_proposal", "proposal_id"),
        Index("ix_attachments_obligation", "obligation_id"),
        Index("uq_attachments_file", "file_id", unique=True),
    )

    file_id: Mapped[int] = mapped_column(BigInteger)
    plan_id: Mapped[int | None] = mapped_column(BigInteger)
    work_plan_id: Mapped[int | None] = mapped_column(BigInteger)
    work_item_id: Mapped[int | None] = mapped_column(BigInteger)
    proposal_id: Mapped[int | None] = mapped_column(BigInteger)
    obligation_id: Mapped[int | None] = mapped_column(BigInteger)
    category: Mapped[FileCategory] = mapped_column(one_of(FileCategory), server_default=FileCategory.OTHER)
    note: Mapped[str] = mapped_column(String(300), server_default="")
    uploader_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    uploader_label: Mapped[str] = mapped_column(String(200))


class Notification(TenantOwned, Base):
    """One thing that somebody who works here should know; mailed at once or in a digest, as the person chose."""

    __tablename__ = "notifications"
    __constraints__ = (
        member("membership_id"),
        Index("ix_notifications_unread", "membership_id", "id", postgresql_where="read_at IS NULL"),
        Index("ix_notifications_membership", "membership_id", "id"),
        Index("uq_notifications_once", "membership_id", "once", unique=True, postgresql_where="once <> ''"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    membership_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(String(400))
    endpoint: Mapped[str] = mapped_column(String(80), server_default="")  # where it leads
    values: Mapped[dict] = mapped_column(JSONB, server_default="{}")
    once: Mapped[str] = mapped_column(String(120), server_default="")  # a reminder with this key goes out once
    made_at: Mapped[Moment] = mapped_column(server_default=func.now())
    read_at: Mapped[Moment | None]
    mailed_at: Mapped[Moment | None]
    is_demo: Mapped[bool] = mapped_column(server_default="false")
