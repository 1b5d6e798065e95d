"""Central offices: in which fiscal years they act themselves, and what waits for each of them (decisions D16, D24)."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Integer, String, select
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
    """A proposal that an office was asked about: where it is, its title, and days; no figures (decision D24).

    Triggers write it (migration 0013). Its organization and the office read it, nobody else.
    """

    __tablename__ = "office_matters"
    __table_args__ = (
        ForeignKeyConstraint(
            ["proposal_id", "organization_id"],
            ["budget_proposals.id", "budget_proposals.organization_id"],
            ondelete="CASCADE",
        ),
        Unique("proposal_id", "office"),
        Index("ix_office_matters_office", "office", "done_on", "due_on"),
        {"info": {"shared": True}},
    )

    organization_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("organizations.id"), index=True)
    proposal_id: Mapped[int] = mapped_column(BigInteger)
    office: Mapped[Office] = mapped_column(one_of(Office))
    fiscal_year: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    asked_on: Mapped[date]
    due_on: Mapped[date | None]
    entered_on: Mapped[date | None]  # an answer waits for its confirmation since
    done_on: Mapped[date | None]

    organization: Mapped[Organization] = relationship(lazy="raise", viewonly=True)
