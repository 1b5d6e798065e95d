"""Organizations (the tenants), their units and the blocks that sign their documents."""

from datetime import date
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Timestamped, Versioned, one_of
from bmms.tenancy import TenantOwned


class OrganizationKind(StrEnum):
    """The kinds that the list of the 44 MOAs uses (decision D51)."""

    MINISTRY = "ministry"
    OFFICE = "office"
    AGENCY = "agency"
    COMMISSION = "commission"
    COUNCIL = "council"
    BOARD = "board"
    PARLIAMENT = "parliament"


class Module(StrEnum):
    """What an organization can switch on or off. Calendar and reports are always on."""

    PLANNING = "planning"
    BUDGETING = "budgeting"
    MONITORING = "monitoring"
    COORDINATION = "coordination"
    POLICIES = "policies"
    MANA = "mana"


class MailMode(StrEnum):
    """When people of an organization get their notifications by mail, unless they choose themselves."""

    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"


class Organization(Identified, Timestamped, Versioned, Base):
    """A ministry, office or agency. Never deleted: tenant rows refer to it; it is made inactive instead."""

    __tablename__ = "organizations"
    __table_args__ = (
        CheckConstraint("code ~ '^[A-Z0-9][A-Z0-9-]{0,19}$'", name="code"),
        CheckConstraint("pilot_ends_on >= pilot_starts_on", name="pilot_dates"),
        CheckConstraint("go_live_on >= onboarded_on", name="go_live_date"),
        Index("ix_organizations_kind_active", "kind", "is_active"),
    )

    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[OrganizationKind] = mapped_column(one_of(OrganizationKind))
    cluster: Mapped[str] = mapped_column(String(100), server_default="")
    parent_code: Mapped[str] = mapped_column(String(20), server_default="")
    acronym: Mapped[str] = mapped_column(String(20), server_default="")
    mandate: Mapped[str] = mapped_column(Text, server_default="")
    head_official: Mapped[str] = mapped_column(String(200), server_default="")
    head_title: Mapped[str] = mapped_column(String(100), server_default="")
    email: Mapped[str] = mapped_column(String(254), server_default="")
    website: Mapped[str] = mapped_column(String(200), server_default="")
    phone: Mapped[str] = mapped_column(String(40), server_default="")
    address: Mapped[str] = mapped_column(Text, server_default="")
    reply_to: Mapped[str] = mapped_column(String(254), server_default="")
    training_note: Mapped[str] = mapped_column(Text, server_default="")  # printed in the welcome mail
    mail_mode: Mapped[MailMode] = mapped_column(one_of(MailMode), server_default=MailMode.IMMEDIATE)
    logo_file_id: Mapped[int | None] = mapped_column(BigInteger)

    enable_planning: Mapped[bool] = mapped_column(server_default="true")
    enable_budgeting: Mapped[bool] = mapped_column(server_default="true")
    enable_monitoring: Mapped[bool] = mapped_column(server_default="true")
    enable_coordination: Mapped[bool] = mapped_column(server_default="true")
    enable_policies: Mapped[bool] = mapped_column(server_default="true")
    enable_mana: Mapped[bool] = mapped_column(server_default="true")

    is_active: Mapped[bool] = mapped_column(server_default="true")
    is_pilot: Mapped[bool] = mapped_column(server_default="false")
    counts_as_moa: Mapped[bool] = mapped_column(server_default="true")  # the Parliament does not
    central_oversight: Mapped[bool] = mapped_column(server_default="false")
    pilot_starts_on: Mapped[date | None]
    pilot_ends_on: Mapped[date | None]
    onboarded_on: Mapped[date | None]
    go_live_on: Mapped[date | None]

    def has(self, module: Module) -> bool:
        """Is this module switched on here?"""
        return bool(getattr(self, f"enable_{module}"))

    @property
    def enabled_modules(self) -> list[Module]:
        """The modules that are switched on, in the order of the menu."""
        return [module for module in Module if self.has(module)]

    def __str__(self) -> str:
        return f"{self.code} - {self.name}"


class Unit(TenantOwned, Identified, Timestamped, Versioned, Base):
    """A division, section or provincial office of an organization; a tree."""

    __tablename__ = "units"
    __constraints__ = (
        UniqueConstraint("organization_id", "name"),
        ForeignKeyConstraint(["parent_id", "organization_id"], ["units.id", "units.organization_id"]),
        CheckConstraint("parent_id <> id", name="own_parent"),
    )

    name: Mapped[str] = mapped_column(String(200))
    code: Mapped[str] = mapped_column(String(30), server_default="")
    parent_id: Mapped[int | None] = mapped_column(BigInteger)
    is_active: Mapped[bool] = mapped_column(server_default="true")


class SignatoryBlock(TenantOwned, Identified, Timestamped, Versioned, Base):
    """Who signs one kind of document of an organization, in which order and under which words."""

    __tablename__ = "signatory_blocks"
    __constraints__ = (UniqueConstraint("organization_id", "document_kind"),)

    document_kind: Mapped[str] = mapped_column(String(40))
    lines: Mapped[list] = mapped_column(JSONB)  # [{"caption", "membership_id" or "name", "title"}, …] in printing order


class StoredFile(TenantOwned, Identified, Timestamped, Base):
    """One upload or produced file (decision D44). The name lives here only; on disk it is a random word."""

    __tablename__ = "stored_files"

    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(40))
    created_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
