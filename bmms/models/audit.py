"""What happened (audit_events) and what each row was before and after (row_history). Both append-only."""

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, Text, func
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Moment


class AuditEvent(Base):
    """One act of a person or a command (rule S17). The application may add and read, never change or remove."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_organization_at", "organization_id", "id"),
        Index("ix_audit_events_subject", "subject_type", "subject_id"),
        {"info": {"shared": True}},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[Moment] = mapped_column(server_default=func.now(), index=True)
    organization_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("organizations.id"))
    acting_organization_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("organizations.id"))
    actor_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"), index=True)
    actor_label: Mapped[str] = mapped_column(String(200), server_default="")  # name at that time, or cli:<os user>
    action: Mapped[str] = mapped_column(String(80), index=True)
    subject_type: Mapped[str] = mapped_column(String(60), server_default="")
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    subject_label: Mapped[str] = mapped_column(String(300), server_default="")
    changes: Mapped[dict] = mapped_column(JSONB, server_default="{}")  # {"field": [before, after], …}
    note: Mapped[str] = mapped_column(Text, server_default="")
    ip: Mapped[str | None] = mapped_column(INET)
    request_id: Mapped[str] = mapped_column(String(40), server_default="")
    user_agent: Mapped[str] = mapped_column(String(300), server_default="")


class RowHistory(Base):
    """Old and new values of each changed row, written by a trigger, bulk SQL included."""

    __tablename__ = "row_history"
    __table_args__ = (Index("ix_row_history_row", "table_name", "row_id"), {"info": {"shared": True}})

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())
    transaction_id: Mapped[int] = mapped_column(BigInteger)
    table_name: Mapped[str] = mapped_column(String(63))
    operation: Mapped[str] = mapped_column(String(6))
    row_id: Mapped[int | None] = mapped_column(BigInteger)
    organization_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    request_id: Mapped[str] = mapped_column(String(40), server_default="")
    old: Mapped[dict | None] = mapped_column(JSONB)  # on update: the changed columns only
    new: Mapped[dict | None] = mapped_column(JSONB)
