"""Mails that are to be sent: written in the transaction of their reason, sent afterwards (law 3)."""

from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Moment, one_of


class MailStatus(StrEnum):
    """`failed` means that all tries are used up; `skipped` that the mail had lost its reason when its turn came."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"


class OutboxMessage(Identified, Base):
    """One mail to one person. Holds ids; subject and body are rendered at sending (decision D39)."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "next_try_at", postgresql_where="status = 'queued'"),
        Index("ix_outbox_user", "user_id", "id"),
        {"info": {"shared": True}},
    )

    kind: Mapped[str] = mapped_column(String(40))  # the folder under templates/emails/
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id"))
    organization_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("organizations.id"), index=True)
    arguments: Mapped[dict] = mapped_column(JSONB, server_default="{}")
    status: Mapped[MailStatus] = mapped_column(one_of(MailStatus), server_default=MailStatus.QUEUED)
    attempts: Mapped[int] = mapped_column(server_default="0")
    made_at: Mapped[Moment] = mapped_column(server_default=func.now())
    next_try_at: Mapped[Moment] = mapped_column(server_default=func.now())
    lease_until: Mapped[Moment | None]
    sent_at: Mapped[Moment | None]
    message_id: Mapped[str] = mapped_column(String(120), unique=True)  # the same at each try, so receivers can tell
    error: Mapped[str] = mapped_column(Text, server_default="")
