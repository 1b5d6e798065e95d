"""What the law asks of a budget proposal: the checklist, its answers, the word of other offices (modules 2.5, 8.3)."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, String, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Moment, Money, Timestamped, Versioned, one_of
from bmms.models.keys import part_of, refers_to
from bmms.tenancy import TenantOwned


class Desk(StrEnum):
    """Offices whose word a proposal needs: the certification of BPDA, and endorsements (C-05, C-16)."""

    BPDA = "bpda"
    MPW = "mpw"
    MENRE = "menre"
    BICTO = "bicto"
    BWC = "bwc"


class Answer(StrEnum):
    """What is said of an item of the compliance checklist."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"


class ProposalEndorsement(TenantOwned, Identified, Timestamped, Versioned, Base):
    """The word of another office: asked for, due by a day, entered by one person and confirmed by another (D16)."""

    __tablename__ = "proposal_endorsements"
    __constraints__ = (
        part_of("proposal_id", "budget_proposals"),
        refers_to("file_id", "stored_files"),
        Unique("proposal_id", "desk"),
        CheckConstraint("due_on >= asked_on", name="days"),
        CheckConstraint("confirmed_by <> entered_by", name="two_persons"),
        CheckConstraint(
            "confirmed_at IS NULL OR (reference <> '' AND issued_on IS NOT NULL AND file_id IS NOT NULL)",
            name="confirmed_with_instrument",
        ),
        CheckConstraint(
            "declined_at IS NULL OR (declined_for <> '' AND confirmed_at IS NULL)", name="declined_with_reason"
        ),
    )

    proposal_id: Mapped[int] = mapped_column(BigInteger)
    desk: Mapped[Desk] = mapped_column(one_of(Desk))
    asked_on: Mapped[date]
    due_on: Mapped[date]
    amount: Mapped[Money]  # what the lines that concern this office come to when it was asked
    reference: Mapped[str] = mapped_column(String(100), server_default="")
    issued_on: Mapped[date | None]
    file_id: Mapped[int | None] = mapped_column(BigInteger)
    entered_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    entered_label: Mapped[str] = mapped_column(String(200), server_default="")
    confirmed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    confirmed_label: Mapped[str] = mapped_column(String(200), server_default="")
    confirmed_at: Mapped[Moment | None]
    declined_for: Mapped[str] = mapped_column(Text, server_default="")  # why the office does not endorse
    declined_label: Mapped[str] = mapped_column(String(200), server_default="")
    declined_at: Mapped[Moment | None]


class ComplianceItem(Identified, Base):
    """One item of the compliance checklist: published, global data; its sections are those of the act (D12)."""

    __tablename__ = "compliance_items"
    __table_args__ = (CheckConstraint("to_year >= from_year", name="years"),)

    code: Mapped[str] = mapped_column(String(20), unique=True)  # C-01
    ordinal: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    citation: Mapped[str] = mapped_column(String(200), server_default="")
    is_automatic: Mapped[bool]
    is_hard: Mapped[bool]
    needs_file: Mapped[bool]  # a manual one that is met only with its evidence attached
    from_year: Mapped[int | None] = mapped_column(Integer)  # fiscal years
    to_year: Mapped[int | None] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(Text, server_default="")


class ComplianceAnswer(TenantOwned, Identified, Timestamped, Versioned, Base):
    """What the office says of an item, with its evidence; C-11.1, C-11.2 … are what the call asks for beside."""

    __tablename__ = "compliance_answers"
    __constraints__ = (
        part_of("proposal_id", "budget_proposals"),
        refers_to("file_id", "stored_files"),
        Unique("proposal_id", "code"),
        CheckConstraint("answer <> 'not_applicable' OR note <> ''", name="reason_why_not"),
    )

    proposal_id: Mapped[int] = mapped_column(BigInteger)
    code: Mapped[str] = mapped_column(String(20))
    answer: Mapped[Answer | None] = mapped_column(one_of(Answer))
    note: Mapped[str] = mapped_column(Text, server_default="")
    file_id: Mapped[int | None] = mapped_column(BigInteger)
