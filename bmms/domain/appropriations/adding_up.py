"""Do the lines of an act add up? What is not broken down becomes a line of its own, what does not fit is told.

An act prints amounts at several depths. A line's amounts hold those of the lines below it, unless these are more in
some class: then the line states only its own part and the lines below come on top (so the act prints BPDA and MIPA in
FY 2024). What the lines below do not reach is "not broken down": nothing odd where none of them has that class at all
(many acts print PS for all operations together), a shortfall of the act where some have.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from bmms.domain.appropriations.amounts import CLASSES, Amounts, summed
from bmms.domain.appropriations.reading import Act, Body, Printed
from bmms.models.appropriations import FindingKind, LineKind, LineLevel, Section

NOT_BROKEN_DOWN = "not broken down"


@dataclass(frozen=True)
class Finding:
    """One place where the act does not add up; the difference is pesos, of the lines below against what is stated."""

    code: str
    place: str
    kind: FindingKind
    expense_class: str
    difference: Decimal
    breaks: bool = False  # so that the body does not reach its stated total

    def __str__(self) -> str:
        return f"{self.place}: {_WORDS[self.kind].format(one=self.expense_class, by=f'{abs(self.difference):,.2f}')}"


_WORDS = {
    FindingKind.SHORT: "the lines below are {by} short in {one}",
    FindingKind.OVER: "the lines below are {by} over in {one}",
    FindingKind.ACROSS: "the classes differ from the stated total by {by}",
    FindingKind.ON_TOP: "the lines below, {by}, come on top of what the line states",
}


@dataclass
class Line:
    """A line as it is kept: its place among the lines of the body, and whether it counts in the body's sum."""

    ordinal: int
    above: int | None
    section: Section
    level: LineLevel
    kind: LineKind
    title: str
    amounts: Amounts
    counts: bool
    printed: Printed | None = None
    is_on_top: bool = False


@dataclass
class Added:
    """A body whose lines that count add up to its amounts."""

    body: Body
    lines: list[Line] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def add_up(act: Act) -> list[Added]:
    """Every body of an act with the lines that it needs to reach its total, and what was found on the way."""
    return [_Sums(body).added for body in act.bodies]


class _Sums:
    """Works through one body."""

    def __init__(self, body: Body) -> None:
        self.added = Added(body)
        if body.amounts.unclassed and any(getattr(body.amounts, name) for name in list(CLASSES)[:-1]):
            self._find(body.code, FindingKind.ACROSS, "", -body.amounts.unclassed, breaks=True)
        whole = summed(self._take(line, None, body.code) for line in body.below)
        self._complete(body.below, body.amounts, whole, body.code, None, Section.NONE, LineLevel.SECTION)

    def _take(self, printed: Printed, above: int | None, place: str) -> Amounts:
        """Keep a printed line and those below it; returns what it comes to with them."""
        place = f"{place}, {printed.title}"
        line = self._add(
            above, printed.section, printed.level, LineKind.PRINTED, printed.title, printed.amounts, printed
        )
        if printed.stated != printed.amounts.total:
            self._find(place, FindingKind.ACROSS, "", printed.amounts.total - printed.stated)
        if not printed.below:
            return printed.amounts
        below = summed(self._take(one, line.ordinal, place) for one in printed.below)
        if printed.level != LineLevel.SECTION and _exceeds(below, printed.amounts):
            line.is_on_top = True
            self._find(place, FindingKind.ON_TOP, "", below.total)
            return printed.amounts + below
        line.counts = False
        self._complete(printed.below, printed.amounts, below, place, line.ordinal, printed.section, printed.level)
        return printed.amounts

    def _complete(
        self, lines: list[Printed], stated: Amounts, below: Amounts, place: str, above: int | None, section: Section,
        level: LineLevel,
    ) -> None:  # fmt: skip
        """Lines for what those below leave open or are over."""
        rest = stated - below
        more = [name for name in CLASSES if getattr(rest, name) > 0]
        less = [name for name in CLASSES if getattr(rest, name) < 0]
        for name in more if lines else ():
            if getattr(below, name):
                self._find(place, FindingKind.SHORT, CLASSES[name], -getattr(rest, name))
        for name in less:
            self._find(place, FindingKind.OVER, CLASSES[name], -getattr(rest, name), breaks=True)
        if more:
            words = f"{place.rpartition(', ')[2]}, {NOT_BROKEN_DOWN}" if above else NOT_BROKEN_DOWN.capitalize()
            self._add(above, section, level, LineKind.NOT_BROKEN_DOWN, words, rest.only(more))
        if less:
            words = "What the lines above are over the stated total"
            self._add(above, section, level, LineKind.DIFFERENCE, words, rest.only(less))

    def _add(
        self, above: int | None, section: Section, level: LineLevel, kind: LineKind, title: str, amounts: Amounts,
        printed: Printed | None = None,
    ) -> Line:  # fmt: skip
        line = Line(
            len(self.added.lines) + 1, above, section, level, kind, title[:300], amounts, counts=True, printed=printed
        )
        self.added.lines.append(line)
        return line

    def _find(
        self, place: str, kind: FindingKind, expense_class: str, difference: Decimal, *, breaks: bool = False
    ) -> None:
        finding = Finding(self.added.body.code, place, kind, expense_class, difference, breaks)
        self.added.findings.append(finding)


def _exceeds(one: Amounts, other: Amounts) -> bool:
    return any(getattr(one, name) > getattr(other, name) for name in CLASSES)


def findings_of(added: list[Added]) -> Iterator[Finding]:
    """All findings, body by body."""
    for one in added:
        yield from one.findings
