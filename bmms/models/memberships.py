"""Who works where, with which roles and grants, and who stands in for whom."""

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
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bmms.models.accounts import User
from bmms.models.base import Base, Identified, Moment, Timestamped, Versioned, one_of
from bmms.models.organizations import Organization
from bmms.tenancy import TenantOwned


class RoleKind(StrEnum):
    """Roles and grants belong to a membership, central roles to a person."""

    ROLE = "role"
    GRANT = "grant"
    CENTRAL = "central"


class Role(Base):
    """The mirror of `domain/permissions.py` in the database, so that a name which is no role cannot be stored."""

    __tablename__ = "roles"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[RoleKind] = mapped_column(one_of(RoleKind))
    label: Mapped[str] = mapped_column(String(80))
    purpose: Mapped[str] = mapped_column(String(200))
    permissions: Mapped[list[str]] = mapped_column(ARRAY(String(80)))


class Membership(Identified, Timestamped, Versioned, Base):
    """A person in an organization. Shared on purpose: people see their own rows everywhere (decision D39)."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("user_id", "organization_id"),
        UniqueConstraint("id", "organization_id"),
        Index("uq_memberships_primary", "user_id", unique=True, postgresql_where="is_primary"),
        ForeignKeyConstraint(["unit_id", "organization_id"], ["units.id", "units.organization_id"]),
        {"info": {"shared": True}},
    )

    organization_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("organizations.id"), index=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id"))
    unit_id: Mapped[int | None] = mapped_column(BigInteger)
    position: Mapped[str] = mapped_column(String(200), server_default="")
    department: Mapped[str] = mapped_column(String(200), server_default="")
    is_primary: Mapped[bool] = mapped_column(server_default="false")
    is_active: Mapped[bool] = mapped_column(server_default="true")
    joined_on: Mapped[date | None]

    user: Mapped[User] = relationship(lazy="raise")
    organization: Mapped[Organization] = relationship(lazy="raise")
    rights: Mapped[list["MembershipRight"]] = relationship(
        back_populates="membership", lazy="raise", order_by="MembershipRight.code", cascade="all, delete-orphan"
    )


class MembershipRight(Identified, Base):
    """One role or grant, for ever or from a day to a day. Expiry needs no job: the guard reads the dates."""

    __tablename__ = "membership_rights"
    __table_args__ = (
        UniqueConstraint("membership_id", "code"),
        ForeignKeyConstraint(
            ["membership_id", "organization_id"], ["memberships.id", "memberships.organization_id"], ondelete="CASCADE"
        ),
        CheckConstraint("ends_on >= starts_on", name="dates"),
        {"info": {"shared": True}},
    )

    organization_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("organizations.id"), index=True)
    membership_id: Mapped[int] = mapped_column(BigInteger)
    code: Mapped[str] = mapped_column(String(40), ForeignKey("roles.code"))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]  # the last day on which it holds
    given_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    given_at: Mapped[Moment]
    reason: Mapped[str] = mapped_column(Text, server_default="")

    membership: Mapped[Membership] = relationship(back_populates="rights", lazy="raise")

    def holds_on(self, day: date) -> bool:
        """Is this right in force on that day?"""
        return (self.starts_on is None or self.starts_on <= day) and (self.ends_on is None or day <= self.ends_on)


class DesignationKind(StrEnum):
    """How somebody stands in for a principal."""

    OIC = "oic"
    DEPUTY = "deputy"


class Designation(TenantOwned, Identified, Timestamped, Versioned, Base):
    """An officer-in-charge or deputy: acts print "for", and self-approval rules count the principal too."""

    __tablename__ = "designations"
    __constraints__ = (
        ForeignKeyConstraint(["deputy_id", "organization_id"], ["memberships.id", "memberships.organization_id"]),
        ForeignKeyConstraint(["principal_id", "organization_id"], ["memberships.id", "memberships.organization_id"]),
        ForeignKeyConstraint(["file_id", "organization_id"], ["stored_files.id", "stored_files.organization_id"]),
        CheckConstraint("deputy_id <> principal_id", name="two_people"),
        CheckConstraint("ends_on >= starts_on", name="dates"),
        CheckConstraint("instrument_number <> ''", name="instrument"),
    )

    deputy_id: Mapped[int] = mapped_column(BigInteger)
    principal_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[DesignationKind] = mapped_column(one_of(DesignationKind))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    instrument_number: Mapped[str] = mapped_column(String(80))
    file_id: Mapped[int | None] = mapped_column(BigInteger)
    revoked_at: Mapped[Moment | None]
    created_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
