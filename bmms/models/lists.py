"""Lists that the platform keeps for all organizations: themes, official alignment codes, units of measure (D53)."""

from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, one_of


class AlignmentKind(StrEnum):
    """Which list of the government a code is from."""

    DEVELOPMENT_PLAN = "development_plan"
    PRIORITY_AGENDA = "priority_agenda"
    SDG = "sdg"
    OTHER = "other"


class Theme(Identified, Base):
    """A pillar that plans serve, such as moral governance."""

    __tablename__ = "themes"

    code: Mapped[str] = mapped_column(String(20), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    ordinal: Mapped[int] = mapped_column(Integer)
    is_active: Mapped[bool] = mapped_column(server_default="true")
    source: Mapped[str] = mapped_column(Text, server_default="")  # empty: typed by people


class AlignmentList(Identified, Base):
    """One list of codes for one year. Only an official list makes rules hard (C-04)."""

    __tablename__ = "alignment_lists"
    __table_args__ = (UniqueConstraint("kind", "year"),)

    kind: Mapped[AlignmentKind] = mapped_column(one_of(AlignmentKind))
    year: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    is_official: Mapped[bool] = mapped_column(server_default="false")
    source: Mapped[str] = mapped_column(Text, server_default="")


class AlignmentCode(Identified, Base):
    """One code of a list."""

    __tablename__ = "alignment_codes"
    __table_args__ = (UniqueConstraint("list_id", "code"),)

    list_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("alignment_lists.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(300))


class UnitOfMeasure(Identified, Base):
    """What an indicator counts in: persons, households, km, %."""

    __tablename__ = "units_of_measure"
    __table_args__ = (Index("uq_units_of_measure_name", text("lower(name)"), unique=True),)

    name: Mapped[str] = mapped_column(String(60))
    counts_people: Mapped[bool] = mapped_column(server_default="false")  # then values are broken down by sex
    is_active: Mapped[bool] = mapped_column(server_default="true")
    source: Mapped[str] = mapped_column(Text, server_default="")  # empty: typed by people
