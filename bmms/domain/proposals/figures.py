"""What a proposal asks for: sums of its lines by program, class and tier, and how they stand to the ceiling.

All figures come from one statement over the lines; nothing is added up beside them, so totals cannot drift (INV-18).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE, Amounts, known_sum
from bmms.domain.calls.queries import CEILINGS
from bmms.domain.proposals.labels import COLUMNS
from bmms.domain.proposals.queries import Chosen
from bmms.models.budgets import BudgetCall
from bmms.models.proposals import BudgetLine, BudgetProposal, ProposalAmount, Tier
from bmms.models.reference import ExpenseClass


@dataclass
class Asked:
    """The lines of a proposal, or of one program of it, added up; pesos."""

    lines: int = 0
    within: Amounts = Amounts()
    above: Amounts = Amounts()  # lines that are flagged as above the ceiling (BP-07)

    @property
    def amounts(self) -> Amounts:
        """By class, whether within the ceiling or above it."""
        return self.within + self.above

    @property
    def total(self) -> Decimal:
        """All that is asked for."""
        return self.amounts.total

    @property
    def by_class(self) -> dict[str, Decimal]:
        """As pages print it: FinEx only where something is asked for in it."""
        amounts = self.amounts
        always = {"PS": amounts.ps, "MOOE": amounts.mooe, "CO": amounts.co}
        return always | ({"FinEx": amounts.finex} if amounts.finex else {})

    def __add__(self, other: "Asked") -> "Asked":
        return Asked(self.lines + other.lines, self.within + other.within, self.above + other.above)


@dataclass(frozen=True)
class Sums:
    """A proposal added up, as a whole and by program (id of the proposal's program)."""

    by_program: Mapping[int, Asked] = field(default_factory=dict)

    @property
    def whole(self) -> Asked:
        """The proposal."""
        return sum(self.by_program.values(), Asked())

    def of(self, part_id: int) -> Asked:
        """One program; nothing asked for where it has no lines."""
        return self.by_program.get(part_id, Asked())


@dataclass(frozen=True)
class Measure:
    """One class, or all of them, beside its ceiling; None where the call sets none."""

    label: str
    asked: Decimal
    ceiling: Decimal | None

    @property
    def left(self) -> Decimal:
        """What may still be asked for; below zero when it is too much."""
        return (self.ceiling or NONE) - self.asked

    @property
    def is_over(self) -> bool:
        """More than is allowed?"""
        return self.ceiling is not None and self.asked > self.ceiling


@dataclass(frozen=True)
class Meter:
    """A proposal against the ceiling of its call; lines above the ceiling stand apart."""

    whole: Measure
    classes: tuple[Measure, ...]
    above: Decimal

    @property
    def over(self) -> list[Measure]:
        """Where it asks for too much."""
        return [measure for measure in (self.whole, *self.classes) if measure.is_over]


@dataclass(frozen=True)
class Three:
    """One program in one class: what is asked for, what was recommended and approved; None while nobody has said it."""

    title: str
    kind: ExpenseClass
    requested: Decimal
    recommended: Decimal | None = None
    approved: Decimal | None = None


@dataclass(frozen=True)
class SideBySide:
    """The three figures of a proposal by program and class, each added up; none ever stands for another (INV-22)."""

    rows: tuple[Three, ...]
    law: str = ""  # by which amounts are approved
    stated: Decimal | None = None  # what that law gives in all

    @property
    def requested(self) -> Decimal:
        """All that is asked for."""
        return sum((row.requested for row in self.rows), NONE)

    @property
    def recommended(self) -> Decimal | None:
        """All that was recommended; None while nothing was."""
        return known_sum([row.recommended for row in self.rows])

    @property
    def approved(self) -> Decimal | None:
        """All that was approved; None while nothing was."""
        return known_sum([row.approved for row in self.rows])

    @property
    def difference(self) -> Decimal | None:
        """What was approved less what the law states; None before there are both (INV-25)."""
        return None if self.approved is None or self.stated is None else self.approved - self.stated


def sums_of(session: Session, proposal: BudgetProposal) -> Sums:
    """Add up the lines of a proposal, in one statement."""
    return added_up(session.execute(grouped(proposal)).all())


def grouped(proposal: BudgetProposal) -> Select[Any]:
    """Its lines by program, class and tier: how many, and what they come to."""
    keys: Any = (BudgetLine.proposal_program_id, BudgetLine.expense_class, BudgetLine.tier)
    lines, total = func.count().label("lines"), func.sum(BudgetLine.amount).label("total")
    return select(*keys, lines, total).where(BudgetLine.proposal_id == proposal.id).group_by(*keys)


def added_up(rows: Sequence[Any]) -> Sums:
    """The rows of `grouped` as sums."""
    found: dict[int, Asked] = {}
    for row in rows:
        amounts = Amounts(**{COLUMNS[row.expense_class]: row.total})
        one = Asked(row.lines, above=amounts) if row.tier == Tier.ABOVE else Asked(row.lines, within=amounts)
        found[row.proposal_program_id] = found.get(row.proposal_program_id, Asked()) + one
    return Sums(found)


def meter_of(sums: Sums, call: BudgetCall | None) -> Meter | None:
    """How it stands to the ceiling; None where no call sets one."""
    if call is None:
        return None
    whole = sums.whole
    classes = tuple(
        Measure(label, getattr(whole.within, column.removeprefix("ceiling_")), ceiling)
        for column, label in CEILINGS.items()
        if (ceiling := getattr(call, column)) is not None
    )
    return Meter(Measure("All classes", whole.within.total, call.ceiling), classes, whole.above.total)


def side_by_side(
    proposal: BudgetProposal,
    programs: Sequence[Chosen],
    sums: Sums,
    figures: Mapping[int, Mapping[ExpenseClass, ProposalAmount]],
) -> SideBySide:
    """What is asked for in each program and class beside what was recommended and approved; rows that hold anything."""
    rows = []
    for one, kind, asked in _places(programs, sums):
        known = figures.get(one.part.id, {}).get(kind)
        later = (known.recommended, known.approved) if known is not None else (None, None)
        if asked or any(amount is not None for amount in later):
            rows.append(Three(one.program.title, kind, asked, *later))
    return SideBySide(tuple(rows), proposal.law, proposal.enacted_total)


def entered(
    programs: Sequence[Chosen],
    sums: Sums,
    amounts: Mapping[tuple[int, ExpenseClass], Decimal],
    figure: str,
    law: str,
    stated: Decimal | None,
) -> SideBySide:
    """What an act that waits for confirmation would set beside what is asked for.

    Args:
        figure: which of the figures its amounts are: recommended or approved.
    """
    rows = (
        Three(one.program.title, kind, asked, **{figure: amounts[one.part.id, kind]})
        for one, kind, asked in _places(programs, sums)
        if (one.part.id, kind) in amounts
    )
    return SideBySide(tuple(rows), law, stated)


def _places(programs: Sequence[Chosen], sums: Sums) -> Iterator[tuple[Chosen, ExpenseClass, Decimal]]:
    """Each program in each class, with what it asks for there."""
    for one in programs:
        asked = sums.of(one.part.id).amounts
        for kind, column in COLUMNS.items():
            yield one, kind, getattr(asked, column)


def totals_of(session: Session, proposals: Sequence[BudgetProposal]) -> dict[int, Decimal]:
    """What each of several proposals asks for, in one statement; pesos by id."""
    query = (
        select(BudgetLine.proposal_id, func.sum(BudgetLine.amount))
        .where(BudgetLine.proposal_id.in_([one.id for one in proposals]))
        .group_by(BudgetLine.proposal_id)
    )
    found = {row[0]: row[1] for row in session.execute(query)}
    return {one.id: found.get(one.id, NONE) for one in proposals}
