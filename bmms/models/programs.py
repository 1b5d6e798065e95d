"""The register of programs, in the structure of the appropriations acts (PREXC; decision D52)."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Timestamped, Versioned, one_of
from bmms.models.keys import refers_to
from bmms.models.planning import Sector
from bmms.tenancy import TenantOwned


class CostStructure(StrEnum):
    """The three parts of a ministry's budget."""

    GAS = "gas"
    STO = "sto"
    OPERATIONS = "operations"


class ProgramLevel(StrEnum):
    """From an organizational outcome down to a sub-program."""

    OUTCOME = "outcome"
    PROGRAM = "program"
    SUB_PROGRAM = "sub_program"


class Program(TenantOwned, Identified, Timestamped, Versioned, Base):
    """A program of one organization: (organization, cost structure, level, normalised title) names it."""

    __tablename__ = "programs"
    __constraints__ = (
        refers_to("parent_id", "programs"),
        refers_to("same_as_id", "programs"),
        UniqueConstraint("organization_id", "code"),
        Index(
            "uq_programs_title",
            "organization_id",
            "cost_structure",
            "level",
            "parent_id",
            "normal_title",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("cost_structure = 'operations' OR level <> 'outcome'", name="outcomes_in_operations"),
        CheckConstraint("parent_id <> id AND same_as_id <> id", name="not_itself"),
        CheckConstraint("active_to >= active_from", name="years"),
    )

    code: Mapped[str] = mapped_column(String(40))
    uacs_pap: Mapped[str] = mapped_column(String(15), server_default="")
    cost_structure: Mapped[CostStructure] = mapped_column(one_of(CostStructure))
    level: Mapped[ProgramLevel] = mapped_column(one_of(ProgramLevel))
    title: Mapped[str] = mapped_column(String(300))
    normal_title: Mapped[str] = mapped_column(String(300))  # what the loader compares; see domain/programs/titles.py
    outcome: Mapped[str] = mapped_column(Text, server_default="")
    parent_id: Mapped[int | None] = mapped_column(BigInteger)
    sector: Mapped[Sector | None] = mapped_column(one_of(Sector))
    active_from: Mapped[int | None] = mapped_column(Integer)  # fiscal years
    active_to: Mapped[int | None] = mapped_column(Integer)
    same_as_id: Mapped[int | None] = mapped_column(BigInteger)  # the planner's word that two are one
    source: Mapped[str] = mapped_column(Text, server_default="")  # the act that names it
    is_demo: Mapped[bool] = mapped_column(server_default="false")
