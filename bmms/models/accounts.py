"""People and how they sign in. Read by `domain/accounts`, `people` and `platform` alone (decision D39)."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Moment, Timestamped, Versioned, one_of


class UserStatus(StrEnum):
    """A lock after failed sign-ins is no status: it stands in `sign_in_locks` and ends by itself."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DEACTIVATED = "deactivated"


class User(Identified, Timestamped, Versioned, Base):
    """One natural person's account, for ever: departed people are deactivated, never deleted."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("username ~ '^[a-z0-9][a-z0-9._-]{2,149}$'", name="username"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint("phone ~ '^([+]63[0-9]{10})?$'", name="phone"),
    )

    username: Mapped[str] = mapped_column(String(150), unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    first_name: Mapped[str] = mapped_column(String(150), server_default="")
    last_name: Mapped[str] = mapped_column(String(150), server_default="")
    phone: Mapped[str] = mapped_column(String(13), server_default="")
    employee_number: Mapped[str] = mapped_column(String(40), server_default="")
    status: Mapped[UserStatus] = mapped_column(one_of(UserStatus), server_default=UserStatus.ACTIVE)

    password_hash: Mapped[str] = mapped_column(String(200), server_default="")
    password_changed_at: Mapped[Moment | None]
    must_change_password: Mapped[bool] = mapped_column(server_default="true")
    temporary_until: Mapped[Moment | None]  # when a temporary password stops working
    privacy_version: Mapped[str] = mapped_column(String(20), server_default="")  # the notice that was accepted
    privacy_accepted_at: Mapped[Moment | None]
    last_sign_in_at: Mapped[Moment | None]
    onboarded_at: Mapped[Moment | None]
    onboarding_step: Mapped[str] = mapped_column(String(20), server_default="")
    mail_mode: Mapped[str] = mapped_column(String(20), server_default="")  # blank: as the organization says

    created_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    deactivated_at: Mapped[Moment | None]
    deactivation_reason: Mapped[str] = mapped_column(Text, server_default="")
    successor_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    is_demo: Mapped[bool] = mapped_column(server_default="false")

    @property
    def full_name(self) -> str:
        """First and last name, or the username when neither is known."""
        return f"{self.first_name} {self.last_name}".strip() or self.username


class UserSession(Identified, Base):
    """One signed-in browser. The cookie holds the token, the row only its digest (rule S9)."""

    __tablename__ = "user_sessions"
    __table_args__ = (Index("ix_user_sessions_open", "user_id", postgresql_where="ended_at IS NULL"),)

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id"))
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    started_at: Mapped[Moment]
    last_seen_at: Mapped[Moment]
    password_shown_at: Mapped[Moment]  # for step-up: when the password was last given
    ended_at: Mapped[Moment | None]
    end_reason: Mapped[str] = mapped_column(String(40), server_default="")
    ip: Mapped[str | None] = mapped_column(INET)
    user_agent: Mapped[str] = mapped_column(String(300), server_default="")


class OldPassword(Identified, Base):
    """Hashes of earlier passwords, so that the last five are refused (rule S4)."""

    __tablename__ = "old_passwords"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[Moment]


class ResetToken(Identified, Base):
    """A single-use way to a new password, good for 24 hours (rule S6). Only the digest is kept."""

    __tablename__ = "reset_tokens"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id"), index=True)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    made_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]


class PendingCredential(Base):
    """A temporary password, encrypted, until the first sign-in or its expiry (onboarding 3.5)."""

    __tablename__ = "pending_credentials"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id"), primary_key=True)
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[Moment]


class SignInLock(Base):
    """Failed sign-ins of one name from one address, and the lock that five of them bring (rule S5)."""

    __tablename__ = "sign_in_locks"

    login_digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    ip: Mapped[str] = mapped_column(INET, primary_key=True)
    user_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"), index=True)
    failures: Mapped[int]
    last_failure_at: Mapped[Moment]
    locked_until: Mapped[Moment | None]


class CentralRole(Identified, Base):
    """A role above the organizations (decision D10): OCM tiers, MFBM, BPDA, UAT coordinator, developer, superadmin."""

    __tablename__ = "central_roles"
    __table_args__ = (UniqueConstraint("user_id", "role"),)

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id"))
    role: Mapped[str] = mapped_column(String(40), ForeignKey("roles.code"))
    is_active: Mapped[bool] = mapped_column(server_default="true")
    given_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id"))
    given_at: Mapped[Moment]
    note: Mapped[str] = mapped_column(Text, server_default="")
