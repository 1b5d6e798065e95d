"""What was done to bring the installation back after an accident, and how it went. Written by the owner's commands."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Moment, one_of


class OperationKind(StrEnum):
    """A drill is a restore into a database that nobody uses, and that goes again."""

    BACKUP = "backup"
    DRILL = "drill"
    RESTORE = "restore"


class OperationOutcome(StrEnum):
    """`incomplete`: it stands, but something of it needs a look, such as an upload that was not on the disk."""

    DONE = "done"
    INCOMPLETE = "incomplete"
    FAILED = "failed"


class OperationRun(Identified, Base):
    """One backup, restore drill or restore. Global: it concerns all organizations and holds nothing of theirs."""

    __tablename__ = "operation_runs"
    __table_args__ = (
        CheckConstraint("ended_at >= began_at", name="ended_after_it_began"),
        Index("ix_operation_runs_kind", "kind", "began_at"),
        {"info": {"shared": True}},
    )

    kind: Mapped[OperationKind] = mapped_column(one_of(OperationKind))
    outcome: Mapped[OperationOutcome] = mapped_column(one_of(OperationOutcome))
    began_at: Mapped[Moment]
    ended_at: Mapped[Moment]
    backup: Mapped[str] = mapped_column(String(200), server_default="")  # its name; empty, where none came to be
    size: Mapped[int] = mapped_column(BigInteger, server_default="0")  # bytes
    rows: Mapped[int] = mapped_column(BigInteger, server_default="0")
    message: Mapped[str] = mapped_column(Text, server_default="")  # what needs a look, or why it failed
