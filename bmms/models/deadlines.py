"""Days on which reports are due, and what was submitted for them (BAA No. 84 Sec. 61-65; modules 2.10)."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text, func
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Moment, one_of
from bmms.models.keys import member, refers_to
from bmms.tenancy import TenantOwned


class ReportKind(StrEnum):
    """What is reported."""

    FINANCIAL = "financial"  # of a quarter
    PHYSICAL = "physical"  # of a quarter
    MONTHLY = "monthly"  # execution, to MFBM
    ANNUAL = "annual"


class ReportingDeadline(TenantOwned, Identified, Base):
    """One report of one period of a fiscal year. Whether it is late follows from its day: nothing is kept of that."""

    __tablename__ = "reporting_deadlines"
    __constraints__ = (
        member("owner_id"),
        Unique("organization_id", "fiscal_year", "kind", "period"),
        CheckConstraint(
            "period BETWEEN 1 AND CASE kind WHEN 'monthly' THEN 12 WHEN 'annual' THEN 1 ELSE 4 END", name="period"
        ),
        Index("ix_reporting_deadlines_due", "organization_id", "due_on"),
    )

    fiscal_year: Mapped[int] = mapped_column(Integer)
    kind: Mapped[ReportKind] = mapped_column(one_of(ReportKind))
    period: Mapped[int] = mapped_column(Integer)  # the quarter, the month; 1 of a year
    due_on: Mapped[date]
    owner_role: Mapped[str] = mapped_column(String(40))  # whoever has this role or grant, where nobody is named
    owner_id: Mapped[int | None] = mapped_column(BigInteger, index=True)


class ReportSubmission(TenantOwned, Identified, Base):
    """A report as it was submitted; a later one replaces it and leaves it where it is. Never changed."""

    __tablename__ = "report_submissions"
    __constraints__ = (
        refers_to("deadline_id", "reporting_deadlines"),
        refers_to("file_id", "stored_files"),
        Index("ix_report_submissions_deadline", "deadline_id", "id"),
    )

    deadline_id: Mapped[int] = mapped_column(BigInteger)
    file_id: Mapped[int] = mapped_column(BigInteger)
    submitted_on: Mapped[date]  # when it reached whom it is for
    note: Mapped[str] = mapped_column(Text, server_default="")
    submitted_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    submitted_label: Mapped[str] = mapped_column(String(200))
    submitted_at: Mapped[Moment] = mapped_column(server_default=func.now())
