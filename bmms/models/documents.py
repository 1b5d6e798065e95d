"""Printed documents: the snapshot each is made from, its code and its fingerprint (decisions D33, D41)."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Moment
from bmms.models.keys import part_of, refers_to
from bmms.tenancy import TenantOwned

SUBJECTS = (
    "plan_id", "work_plan_id", "proposal_id", "statement_id", "order_id", "obligation_id", "adjustment_id",
    "disbursement_id",
)  # fmt: skip


class Document(TenantOwned, Identified, Base):
    """One snapshot and the paper made from it. Rendering it again gives the same bytes."""

    __tablename__ = "documents"
    __constraints__ = (
        refers_to("file_id", "stored_files"),
        part_of("plan_id", "strategic_plans"),
        part_of("work_plan_id", "annual_work_plans"),
        part_of("proposal_id", "budget_proposals"),
        part_of("statement_id", "kept_statements"),
        part_of("order_id", "allotment_orders"),
        part_of("obligation_id", "obligations"),
        part_of("adjustment_id", "obligation_adjustments"),
        part_of("disbursement_id", "disbursements"),
        CheckConstraint(f"num_nonnulls({', '.join(SUBJECTS)}) = 1", name="one_subject"),
        Index("uq_documents_code", "code", unique=True),
        Index("ix_documents_plan", "plan_id", "id"),
        Index("ix_documents_work_plan", "work_plan_id", "id"),
        Index("ix_documents_proposal", "proposal_id", "id"),
        Index("ix_documents_statement", "statement_id", "id"),
        Index("ix_documents_order", "order_id", "id"),
        Index("ix_documents_obligation", "obligation_id", "id"),
        Index("ix_documents_adjustment", "adjustment_id", "id"),
        Index("ix_documents_disbursement", "disbursement_id", "id"),
    )

    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(300))
    plan_id: Mapped[int | None] = mapped_column(BigInteger)
    work_plan_id: Mapped[int | None] = mapped_column(BigInteger)
    proposal_id: Mapped[int | None] = mapped_column(BigInteger)
    statement_id: Mapped[int | None] = mapped_column(BigInteger)
    order_id: Mapped[int | None] = mapped_column(BigInteger)
    obligation_id: Mapped[int | None] = mapped_column(BigInteger)
    adjustment_id: Mapped[int | None] = mapped_column(BigInteger)
    disbursement_id: Mapped[int | None] = mapped_column(BigInteger)
    code: Mapped[str] = mapped_column(String(32))  # random, 128 bit: what the QR code leads to
    payload: Mapped[dict] = mapped_column(JSONB)
    sha256: Mapped[str] = mapped_column(String(64))  # of the snapshot; printed for comparison
    made_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    made_by_label: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[Moment] = mapped_column(server_default=func.now())
    file_id: Mapped[int | None] = mapped_column(BigInteger)
    superseded_at: Mapped[Moment | None]
    is_demo: Mapped[bool] = mapped_column(server_default="false")
