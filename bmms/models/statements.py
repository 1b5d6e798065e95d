"""Statements of execution that were put on paper: the question, once for all papers that answer it."""

from sqlalchemy import CheckConstraint, String
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified
from bmms.tenancy import TenantOwned


class KeptStatement(TenantOwned, Identified, Base):
    """A question to the ledger: which statement, of which year, as of which day. Papers hang on it."""

    __tablename__ = "kept_statements"
    __constraints__ = (
        Unique("organization_id", "kind", "asked"),
        CheckConstraint("asked <> ''", name="asked"),
    )

    kind: Mapped[str] = mapped_column(String(40))
    asked: Mapped[str] = mapped_column(String(500))  # as the address says it: fiscal_year=2026&as_of=2026-09-30
