"""Who is paid: one register for each organization. Tax numbers are encrypted, and found again by a keyed digest."""

from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, Index, LargeBinary, String, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Timestamped, Versioned, one_of
from bmms.tenancy import TenantOwned


class PayeeKind(StrEnum):
    """What a payee is."""

    SUPPLIER = "supplier"
    EMPLOYEE = "employee"
    AGENCY = "agency"
    BENEFICIARY = "beneficiary"
    OTHER = "other"


class Payee(TenantOwned, Identified, Timestamped, Versioned, Base):
    """Somebody whom the organization owes or pays."""

    __tablename__ = "payees"
    __constraints__ = (
        Unique("organization_id", "name", "tin_digest", postgresql_nulls_not_distinct=True),
        CheckConstraint("name <> ''", name="name"),
        CheckConstraint("(tin_sealed IS NULL) = (tin_digest IS NULL)", name="tin"),
        Index("ix_payees_tin", "organization_id", "tin_digest"),
    )

    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[PayeeKind] = mapped_column(one_of(PayeeKind), server_default=PayeeKind.SUPPLIER)
    tin_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    tin_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    tin_end: Mapped[str] = mapped_column(String(3), server_default="")  # the last digits, for the masked form
    address: Mapped[str] = mapped_column(String(300), server_default="")
    is_active: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    is_demo: Mapped[bool] = mapped_column(server_default="false")
