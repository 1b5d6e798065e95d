"""The appropriations acts as printed: published, global data without a tenant (decision D22).

Amounts are pesos. An act is written once, as a whole; that its lines add up is tested when the transaction ends.
"""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Integer, String, Text, func
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from bmms.models.base import Base, Identified, Moment, Money, one_of
from bmms.models.keys import part_of
from bmms.tenancy import TenantOwned


class Section(StrEnum):
    """The part of a body's budget in which a line stands."""

    GAS = "gas"
    STO = "sto"
    OPERATIONS = "operations"
    FUND = "fund"
    NONE = "none"  # of a body of which only the total is known


class LineLevel(StrEnum):
    """How deep a line stands; each holds those of the next."""

    SECTION = "section"
    FUND = "fund"
    PROGRAM = "program"
    SUB_PROGRAM = "subprogram"
    BELOW = "subprogram2"


class LineKind(StrEnum):
    """Where a line comes from."""

    PRINTED = "printed"
    NOT_BROKEN_DOWN = "not_broken_down"  # added by the loader: the part that no line below says
    DIFFERENCE = "difference"  # added by the loader: what the lines below are above what the act states


class FindingKind(StrEnum):
    """What does not add up inside an act."""

    SHORT = "short"
    OVER = "over"
    ACROSS = "across"
    ON_TOP = "on_top"


class Amounts:
    """What an act gives: by class, and what it gives without naming a class."""

    ps: Mapped[Money]
    mooe: Mapped[Money]
    finex: Mapped[Money]
    co: Mapped[Money]
    unclassed: Mapped[Money]
    total: Mapped[Money]


def _adds_up() -> CheckConstraint:
    return CheckConstraint("total = ps + mooe + finex + co + unclassed", name="adds_up")


class AppropriationAct(Amounts, Identified, Base):
    """One act of one fiscal year; its amounts are the sums over its bodies."""

    __tablename__ = "appropriation_acts"
    __table_args__ = (Unique("fiscal_year", "title"), _adds_up())

    key: Mapped[str] = mapped_column(String(20), unique=True)  # in addresses: 2026, or 2026-2 for a further act
    fiscal_year: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))  # BAA No. 56 (FY 2024 GAAB)
    stated_total: Mapped[Money | None]  # what the operator read in the act, where it was given
    row_count: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))  # of what the rows say
    loaded_at: Mapped[Moment] = mapped_column(server_default=func.now())


class ActBody(Amounts, Identified, Base):
    """What an act gives one ministry, office or agency, one fund, or one group of offices."""

    __tablename__ = "act_bodies"
    __table_args__ = (Unique("act_id", "code"), Unique("act_id", "ordinal"), _adds_up())

    act_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("appropriation_acts.id", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(20), index=True)  # of an organization, or of a fund
    name: Mapped[str] = mapped_column(String(200), server_default="")  # of a fund, where the act says it
    is_group: Mapped[bool] = mapped_column(server_default="false")  # several offices under one total
    note: Mapped[str] = mapped_column(Text, server_default="")
    source: Mapped[str] = mapped_column(Text, server_default="")


class ActLine(Amounts, Identified, Base):
    """One line of a body. Those that count add up to the body; the others say what lies in them."""

    __tablename__ = "act_lines"
    __table_args__ = (
        Unique("body_id", "ordinal"),
        ForeignKeyConstraint(["body_id", "above"], ["act_lines.body_id", "act_lines.ordinal"], ondelete="CASCADE"),
        CheckConstraint("above < ordinal", name="below_another"),
        CheckConstraint(
            "kind = 'difference' OR least(ps, mooe, finex, co, unclassed) >= 0", name="negative_differences_only"
        ),
        CheckConstraint("kind <> 'printed' OR row_number IS NOT NULL", name="printed_somewhere"),
        _adds_up(),
    )

    body_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("act_bodies.id", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(Integer)
    above: Mapped[int | None] = mapped_column(Integer)  # the ordinal of the line in which this one lies
    row_number: Mapped[int | None] = mapped_column(Integer)  # in the file, as a spreadsheet counts
    section: Mapped[Section] = mapped_column(one_of(Section))
    level: Mapped[LineLevel] = mapped_column(one_of(LineLevel))
    kind: Mapped[LineKind] = mapped_column(one_of(LineKind))
    title: Mapped[str] = mapped_column(String(300))
    counts: Mapped[bool]
    is_on_top: Mapped[bool] = mapped_column(server_default="false")  # what lies under it is not in its amounts
    note: Mapped[str] = mapped_column(Text, server_default="")
    source: Mapped[str] = mapped_column(Text, server_default="")


class ActFinding(Identified, Base):
    """One place where an act does not add up, and by how much."""

    __tablename__ = "act_findings"

    act_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("appropriation_acts.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(Text)
    kind: Mapped[FindingKind] = mapped_column(one_of(FindingKind))
    expense_class: Mapped[str] = mapped_column(String(10), server_default="")
    difference: Mapped[Money]


class ProgramLine(TenantOwned, Identified, Base):
    """Which program of an organization's register a line of an act gives money to (decision D52)."""

    __tablename__ = "program_lines"
    __constraints__ = (Unique("line_id"), part_of("program_id", "programs"))

    program_id: Mapped[int] = mapped_column(BigInteger, index=True)
    line_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("act_lines.id", ondelete="CASCADE"))
