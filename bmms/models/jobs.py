"""Work that the worker does. Global, and carrying ids only (decision D39)."""

from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Moment, one_of


class JobStatus(StrEnum):
    """The life of a job. `running` with a lease that has passed is taken up again by the sweeper."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Identified, Base):
    """One run of one task; the row, not the queue, is the truth about it (decision D5)."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_open", "status", "lease_until", postgresql_where="status IN ('queued', 'running')"),
        Index("ix_jobs_owner", "owner_id", "id"),
        {"info": {"shared": True}},
    )

    task: Mapped[str] = mapped_column(String(80))
    organization_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("organizations.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    arguments: Mapped[dict] = mapped_column(JSONB, server_default="{}")  # ids and switches, never personal data
    status: Mapped[JobStatus] = mapped_column(one_of(JobStatus), server_default=JobStatus.QUEUED)
    done: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int] = mapped_column(server_default="0")
    attempts: Mapped[int] = mapped_column(server_default="0")
    queued_at: Mapped[Moment] = mapped_column(server_default=func.now())
    not_before: Mapped[Moment | None]
    started_at: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]
    lease_until: Mapped[Moment | None]
    cancel_asked_at: Mapped[Moment | None]
    message: Mapped[str] = mapped_column(Text, server_default="")  # for the person who waits
    error: Mapped[str] = mapped_column(Text, server_default="")  # for the platform team
    result: Mapped[dict] = mapped_column(JSONB, server_default="{}")  # ids and counts

    @property
    def active(self) -> bool:
        """Is there still something to wait for?"""
        return self.status in (JobStatus.QUEUED, JobStatus.RUNNING)

    @property
    def percent(self) -> int:
        """How far, 0 to 100."""
        return 100 if self.status == JobStatus.DONE else (100 * self.done // self.total if self.total else 0)
