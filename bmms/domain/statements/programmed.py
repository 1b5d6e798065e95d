"""What statements of the program of a year have in common: which edition is asked for, and what it is called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from bmms.domain.bed import queries as bed
from bmms.domain.errors import RuleBroken
from bmms.domain.ledger.labels import NOT_BROKEN_DOWN
from bmms.domain.statements import rolling
from bmms.domain.statements.shape import Column, Row, completed
from bmms.domain.statements.statement import Choices, Statement
from bmms.domain.statements.sums import CLASS_NAME
from bmms.models.bed import BedProgram

NONE, NONE_YET = "0", "None is submitted yet"


@dataclass(frozen=True, kw_only=True)
class OfProgram(Statement):
    """A statement of one edition of the program of a year; of none, it shows what is not programmed yet.

    Attributes:
        bed_id: the program; 0 for none.
    """

    choices: ClassVar[Mapping[str, tuple[str, Choices]]] = {}
    style: ClassVar[str] = "BAA No. 84 Sec. 38"

    bed_id: int = 0

    def program(self, session: Session) -> BedProgram | None:
        """The program that is asked for."""
        return session.get(BedProgram, self.bed_id) if self.bed_id else None

    def in_words(self, session: Session) -> list[tuple[str, str]]:
        """With the edition."""
        found = self.program(session)
        return [*super().in_words(session), ("Program", bed.called(found) if found else NONE_YET)]

    @classmethod
    def field_of(cls, session: Session, name: str, asked: Statement | None) -> tuple[str, Choices]:
        """The editions of the year that are submitted or approved."""
        if name != "bed_id":
            return super().field_of(session, name, asked)
        rows = bed.shown_in(session, asked.fiscal_year) if asked else ()
        return "Program", {str(row.id): bed.called(row) for row in rows} or {NONE: NONE_YET}

    @classmethod
    def refine(cls, session: Session, given: dict[str, str]) -> None:
        """The approved edition unless another one is asked for. Raises RuleBroken."""
        rows = bed.shown_in(session, int(given["fiscal_year"]))
        if given["bed_id"] in ("", NONE):
            given["bed_id"] = str(rows[0].id) if rows else NONE
        elif given["bed_id"] not in {str(row.id) for row in rows}:
            raise RuleBroken("Choose a program of this year from the list.", field="bed_id")


def row_of(columns: Sequence[Column], found: Any, figures: Sequence[str]) -> Row:
    """A program with the sum of its classes, or one of them."""
    is_program = found.depth == 0
    title = (found.title or NOT_BROKEN_DOWN[found.structure]) if is_program else CLASS_NAME[found.expense_class][0]
    cells = completed(columns, {**rolling.values_of(found, figures), "title": title})
    return Row({**cells, "line_id": found.line_id}, level=found.depth, is_sum=is_program)
