"""Central offices: in which fiscal years they act themselves, and what waits for each of them (decisions D16, D24)."""

from datetime import date
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    select,
    text,
)
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import (
    Mapped,
    MappedSQLExpression,
    column_property,
    mapped_column,
    relationship,
)

from bmms.models.base import Base, Identified, Timestamped, one_of
from bmms.models.organizations import Organization


class Office(StrEnum):
    """Who decides about proposals outside the organization that made them."""

    MFBM = "mfbm"
    BPDA = "bpda"
    MPW = "mpw"
    MENRE = "menre"
    BICTO = "bicto"
    BWC = "bwc"


class ActsMode(StrEnum):
    """Who puts the acts of central offices on record."""

    RECORDED = "recorded"  # the organization, from the instrument
    OPERATED = "operated"  # the office itself


class FiscalYear(Identified, Timestamped, Base):
    """A fiscal year whose central acts are not recorded but operated, or were."""

    __tablename__ = "fiscal_years"
    __table_args__ = (CheckConstraint("year BETWEEN 2020 AND 2100", name="year"),)

    year: Mapped[int] = mapped_column(Integer, unique=True)
    central_acts: Mapped[ActsMode] = mapped_column(one_of(ActsMode), server_default=ActsMode.RECORDED)


def is_operated_in(year: Mapped[int]) -> MappedSQLExpression[bool]:
    """A column of a model that tells whether the central acts of its fiscal year are operated."""
    operated = select(FiscalYear.id).where(FiscalYear.year == year, FiscalYear.central_acts == ActsMode.OPERATED)
    return column_property(operated.correlate_except(FiscalYear).exists())


class OfficeMatter(Identified, Base):
    """What an office was asked about: where it is, its title, and days; no figures (decision D24).

    A proposal; for MFBM also an appropriation, an extension of its validity, an allotment order. Triggers write it
    (migrations 0013, 0024). Its organization and the office read it, nobody else.
    """

    __tablename__ = "office_matters"
    __table_args__ = (
        ForeignKeyConstraint(
            ["proposal_id", "organization_id"],
            ["budget_proposals.id", "budget_proposals.organization_id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["appropriation_id", "organization_id"],
            ["appropriations.id", "appropriations.organization_id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["validity_id", "organization_id"],
            ["validity_extensions.id", "validity_extensions.organization_id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["order_id", "organization_id"],
            ["allotment_orders.id", "allotment_orders.organization_id"],
            ondelete="CASCADE",
        ),
        Unique("proposal_id", "office"),
        Index(
            "uq_office_matters_appropriation",
            "appropriation_id",
            unique=True,
            postgresql_where=text("validity_id IS NULL"),
        ),
        Unique("validity_id"),
        Unique("order_id"),
        CheckConstraint("num_nonnulls(proposal_id, appropriation_id, order_id) = 1", name="one_subject"),
        CheckConstraint("validity_id IS NULL OR appropriation_id IS NOT NULL", name="extension_of_law"),
        Index("ix_office_matters_office", "office", "done_on", "due_on"),
        {"info": {"shared": True}},
    )

    organization_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("organizations.id"), index=True)
    proposal_id: Mapped[int | None] = mapped_column(BigInteger)
    appropriation_id: Mapped[int | None] = mapped_column(BigInteger)
    validity_id: Mapped[int | None] = mapped_column(BigInteger)  # of that appropriation: the extension that waits
    order_id: Mapped[int | None] = mapped_column(BigInteger)
    office: Mapped[Office] = mapped_column(one_of(Office))
    fiscal_year: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    asked_on: Mapped[date]
    due_on: Mapped[date | None]
    entered_on: Mapped[date | None]  # an answer waits for its confirmation since
    done_on: Mapped[date | None]

    is_operated: Mapped[bool] = is_operated_in(fiscal_year)
    organization: Mapped[Organization] = relationship(lazy="raise", viewonly=True)
