"""What people have typed and not yet sent, and which sent forms have been answered (law 3)."""

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Moment
from bmms.tenancy import TenantOwned


class Draft(TenantOwned, Identified, Base):
    """The changed fields of one form of one person, kept while he or she types (decisions D45, D46)."""

    __tablename__ = "drafts"
    __constraints__ = (
        UniqueConstraint("user_id", "organization_id", "form_key"),
        Index("ix_drafts_saved_at", "saved_at"),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id"))
    form_key: Mapped[str] = mapped_column(String(200))  # the path of the form, below the organization
    label: Mapped[str] = mapped_column(String(200), server_default="")
    fields: Mapped[dict] = mapped_column(JSONB)  # name to text, changed fields only
    seen: Mapped[dict] = mapped_column(JSONB, server_default="{}")  # what each field was when typing began (digests)
    devices: Mapped[dict] = mapped_column(JSONB, server_default="{}")  # up to what moment each has sent it
    saved_at: Mapped[Moment] = mapped_column(server_default=func.now())


class SentForm(TenantOwned, Identified, Base):
    """A form that was acted on: sent again, it leads to the same answer and does nothing (INV-31)."""

    __tablename__ = "sent_forms"
    __constraints__ = (
        UniqueConstraint("user_id", "organization_id", "key"),
        Index("ix_sent_forms_sent_at", "sent_at"),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id"))
    key: Mapped[str] = mapped_column(String(40))  # made when the form was shown
    location: Mapped[str] = mapped_column(Text, server_default="")  # where the first answer led
    sent_at: Mapped[Moment] = mapped_column(server_default=func.now())
