"""Budget execution documents: what of a year's appropriation is meant to be obligated and paid in which month.

BAA No. 84 Sec. 38: financial plan (BED-1), physical plan (BED-2), monthly disbursement program (BED-3). Amounts are
pesos. What is approved stays as it is; reopening makes the next edition (migration 0021).
"""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Moment, Money, Timestamped, Versioned, one_of
from bmms.models.keys import part_of, refers_to
from bmms.models.programs import CostStructure
from bmms.models.reference import ExpenseClass
from bmms.tenancy import TenantOwned


class BedStatus(StrEnum):
    """Written, submitted, approved by somebody else or returned; superseded by the next approved edition."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    SUPERSEDED = "superseded"


class BedProgram(TenantOwned, Identified, Timestamped, Versioned, Base):
    """The program of one fiscal year, in one edition."""

    __tablename__ = "bed_programs"
    __constraints__ = (
        Unique("organization_id", "fiscal_year", "is_demo", "edition"),
        Index(
            "uq_bed_programs_open", "organization_id", "fiscal_year", "is_demo", unique=True,
            postgresql_where="status IN ('draft', 'submitted', 'returned')",
        ),
        Index(
            "uq_bed_programs_approved", "organization_id", "fiscal_year", "is_demo", unique=True,
            postgresql_where="status = 'approved'",
        ),
        CheckConstraint("fiscal_year BETWEEN 2020 AND 2100", name="year"),
        CheckConstraint("edition > 0", name="edition"),
        CheckConstraint("edition = 1 OR char_length(reason) >= 20", name="reason"),
        CheckConstraint("approved_by <> prepared_by AND approved_by <> submitted_by", name="two_persons"),
        CheckConstraint(
            "status NOT IN ('approved', 'superseded') OR (approved_by IS NOT NULL AND submitted_by IS NOT NULL)",
            name="approved",
        ),
    )  # fmt: skip

    fiscal_year: Mapped[int] = mapped_column(Integer)
    edition: Mapped[int] = mapped_column(Integer, server_default="1")
    reason: Mapped[str] = mapped_column(Text, server_default="")  # why the edition before it was reopened
    status: Mapped[BedStatus] = mapped_column(one_of(BedStatus), server_default=BedStatus.DRAFT)
    prepared_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    prepared_label: Mapped[str] = mapped_column(String(200), server_default="")
    submitted_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    submitted_label: Mapped[str] = mapped_column(String(200), server_default="")
    submitted_at: Mapped[Moment | None]
    approved_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    approved_label: Mapped[str] = mapped_column(String(200), server_default="")
    approved_at: Mapped[Moment | None]
    remarks: Mapped[str] = mapped_column(Text, server_default="")  # of whoever returned it
    is_demo: Mapped[bool] = mapped_column(server_default="false")


class BedLine(TenantOwned, Identified, Versioned, Base):
    """One program and class of the year, whatever laws, sources and fund clusters its accounts have."""

    __tablename__ = "bed_lines"
    __constraints__ = (
        part_of("bed_id", "bed_programs"),
        refers_to("program_id", "programs"),
        Index(
            "uq_bed_lines_key", "bed_id", "cost_structure", "program_id", "expense_class", unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )  # fmt: skip

    bed_id: Mapped[int] = mapped_column(BigInteger)
    # No structure: a total by class alone. No program: the act does not break it down (D22).
    cost_structure: Mapped[CostStructure | None] = mapped_column(one_of(CostStructure))
    program_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    expense_class: Mapped[ExpenseClass] = mapped_column(one_of(ExpenseClass))
    edited_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))  # nobody approves own figures


class BedFigure(TenantOwned, Identified, Base):
    """What a line is meant to obligate and to pay in one month."""

    __tablename__ = "bed_figures"
    __constraints__ = (
        part_of("line_id", "bed_lines"),
        Unique("line_id", "month"),
        CheckConstraint("month BETWEEN 1 AND 12", name="month"),
        CheckConstraint("obligation >= 0 AND disbursement >= 0", name="not_negative"),
    )

    line_id: Mapped[int] = mapped_column(BigInteger)
    month: Mapped[int] = mapped_column(Integer)
    obligation: Mapped[Money] = mapped_column(server_default="0")
    disbursement: Mapped[Money] = mapped_column(server_default="0")
