"""The only ledger of money: postings with their entries, never changed; months that close; series of numbers.

Amounts are pesos. What a document says becomes entries by ONE statement; its trigger compares them with the document,
keeps the totals and tests E-1 to E-14 (migration 0016, decision D43).
"""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Index, Integer, String, Text, func
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Moment, Money, one_of
from bmms.models.keys import refers_to
from bmms.tenancy import TenantOwned


class DocumentKind(StrEnum):
    """What can be posted."""

    APPROPRIATION = "appropriation"
    ALLOTMENT_ORDER = "allotment_order"
    BUDGET_CHANGE = "budget_change"
    OBLIGATION = "obligation"
    OBLIGATION_ADJUSTMENT = "obligation_adjustment"
    DUE_NOTE = "due_note"
    DISBURSEMENT = "disbursement"
    OPENING = "opening"


class PostingVerb(StrEnum):
    """A document is posted once, and taken back at most once."""

    POST = "post"
    REVERSE = "reverse"


class Measure(StrEnum):
    """Which total of an account, or of a line of an obligation, an entry moves."""

    AUTHORISED = "authorised"
    ADJUSTMENT = "adjustment"
    ALLOTMENT = "allotment"
    OBLIGATION = "obligation"
    DUE = "due"  # due and demandable; of a line only
    DISBURSEMENT = "disbursement"


class Column(StrEnum):
    """Where an entry stands in the statement of appropriations to balances (FAR No. 1)."""

    AUTHORISED = "authorised"  # 3
    ADJUSTMENT = "adjustment"  # 4
    RECEIVED = "received"  # 6
    ALLOTMENT_ADJUSTMENT = "allotment_adjustment"  # 7
    TRANSFER_TO = "transfer_to"  # 8
    TRANSFER_FROM = "transfer_from"  # 9
    OBLIGATION = "obligation"  # 11 to 15
    DISBURSEMENT = "disbursement"  # 16 to 20
    DUE = "due"  # 23


class LedgerPosting(TenantOwned, Identified, Base):
    """One document put into the ledger, or taken out of it again; with the button that did it (INV-31)."""

    __tablename__ = "ledger_postings"
    __constraints__ = (
        refers_to("reverses_id", "ledger_postings"),
        Unique("organization_id", "key"),
        Unique("organization_id", "document_kind", "document_id", "verb"),
        CheckConstraint("(verb = 'reverse') = (reverses_id IS NOT NULL)", name="reversal"),
    )

    key: Mapped[str] = mapped_column(String(60))  # of the form that was sent; sent again, it has no second effect
    document_kind: Mapped[DocumentKind] = mapped_column(one_of(DocumentKind))
    document_id: Mapped[int] = mapped_column(BigInteger)
    verb: Mapped[PostingVerb] = mapped_column(one_of(PostingVerb), server_default=PostingVerb.POST)
    reverses_id: Mapped[int | None] = mapped_column(BigInteger)
    doc_date: Mapped[date]
    label: Mapped[str] = mapped_column(String(200))  # ORS 01-2026-03-0031, cold boxes
    posted_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    posted_label: Mapped[str] = mapped_column(String(200))
    posted_at: Mapped[Moment] = mapped_column(server_default=func.now())
    is_demo: Mapped[bool] = mapped_column(server_default="false")


class LedgerEntry(TenantOwned, Identified, Base):
    """One signed amount in one account; the order of ids is the order of posting. Never changed (INV-29)."""

    __tablename__ = "ledger_entries"
    __constraints__ = (
        refers_to("posting_id", "ledger_postings"),
        refers_to("account_id", "budget_accounts"),
        refers_to("obligation_line_id", "obligation_lines"),
        CheckConstraint("amount <> 0", name="not_zero"),
        CheckConstraint("measure <> 'due' OR obligation_line_id IS NOT NULL", name="due_of_a_line"),
        Index("ix_ledger_entries_account", "account_id", "doc_date", "id"),
        Index("ix_ledger_entries_posting", "posting_id"),
        Index(
            "ix_ledger_entries_line", "obligation_line_id", postgresql_where="obligation_line_id IS NOT NULL"
        ),
    )  # fmt: skip

    posting_id: Mapped[int] = mapped_column(BigInteger)
    account_id: Mapped[int] = mapped_column(BigInteger)
    object_code: Mapped[str | None] = mapped_column(String(10), ForeignKey("object_codes.code"))
    obligation_line_id: Mapped[int | None] = mapped_column(BigInteger)
    measure: Mapped[Measure] = mapped_column(one_of(Measure))
    statement_column: Mapped[Column] = mapped_column(one_of(Column, "statement_column"))
    amount: Mapped[Money]
    doc_date: Mapped[date]
    quarter: Mapped[int] = mapped_column(Integer, Computed("extract(quarter FROM doc_date)::integer", persisted=True))
    is_demo: Mapped[bool] = mapped_column(server_default="false")


class AccountingPeriod(TenantOwned, Identified, Base):
    """A month that was closed, or is asked to be closed or opened again; a month without a row is open (E-13)."""

    __tablename__ = "accounting_periods"
    __constraints__ = (
        Unique("organization_id", "month"),
        CheckConstraint("extract(day FROM month) = 1", name="first_day"),
        CheckConstraint("confirmed_by <> asked_by", name="two_persons"),
    )

    month: Mapped[date]  # its first day
    is_closed: Mapped[bool] = mapped_column(server_default="false")
    asked: Mapped[str] = mapped_column(String(20), server_default="")  # close or reopen, while somebody else confirms
    reason: Mapped[str] = mapped_column(Text, server_default="")
    asked_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    asked_label: Mapped[str] = mapped_column(String(200), server_default="")
    asked_at: Mapped[Moment | None]
    confirmed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    confirmed_label: Mapped[str] = mapped_column(String(200), server_default="")
    confirmed_at: Mapped[Moment | None]
    is_demo: Mapped[bool] = mapped_column(server_default="false")  # closed by the demo, and gone with it


class NumberSeries(TenantOwned, Identified, Base):
    """The last number given out in a series of a fiscal year: none is given twice (INV-41)."""

    __tablename__ = "number_series"
    __constraints__ = (
        Unique("organization_id", "fiscal_year", "series", "is_demo"),
        CheckConstraint("last >= 0", name="not_negative"),
    )

    fiscal_year: Mapped[int] = mapped_column(Integer)
    series: Mapped[str] = mapped_column(String(20))  # ors-01, norsa, dv
    last: Mapped[int] = mapped_column(Integer, server_default="0")
    is_demo: Mapped[bool] = mapped_column(server_default="false")


class CashAuthority(TenantOwned, Identified, Base):
    """Cash that may be paid out from a day on (NCA or its Bangsamoro equivalent, BAA No. 84 Sec. 40); for E-10."""

    __tablename__ = "cash_authorities"
    __constraints__ = (
        Unique("organization_id", "number", "is_demo"),
        refers_to("file_id", "stored_files"),
        CheckConstraint("amount > 0", name="positive"),
        CheckConstraint("confirmed_by <> entered_by", name="two_persons"),
        CheckConstraint(
            "num_nonnulls(confirmed_by, confirmed_at) = 0 OR num_nonnulls(confirmed_by, confirmed_at, entered_by) = 3",
            name="confirmed",
        ),
        Index("ix_cash_authorities_cluster", "organization_id", "fund_cluster", "received_on"),
    )

    fund_cluster: Mapped[str] = mapped_column(String(2))
    number: Mapped[str] = mapped_column(String(60))
    received_on: Mapped[date]  # from this day on it may be paid out
    amount: Mapped[Money]
    file_id: Mapped[int | None] = mapped_column(BigInteger)
    entered_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    entered_label: Mapped[str] = mapped_column(String(200), server_default="")
    confirmed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    confirmed_label: Mapped[str] = mapped_column(String(200), server_default="")
    confirmed_at: Mapped[Moment | None]
    is_demo: Mapped[bool] = mapped_column(server_default="false")


class CashControl(TenantOwned, Identified, Base):
    """Since when payments of a fund cluster keep within its cash authority; off where there is no row (E-10)."""

    __tablename__ = "cash_controls"
    __constraints__ = (Unique("organization_id", "fund_cluster"),)

    fund_cluster: Mapped[str] = mapped_column(String(2))
    enforced_from: Mapped[date | None]  # none: off again
    reason: Mapped[str] = mapped_column(Text, server_default="")
    set_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    set_label: Mapped[str] = mapped_column(String(200), server_default="")
    set_at: Mapped[Moment | None]
