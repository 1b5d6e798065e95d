"""A question about a period of a fiscal year: from a day on, as of another."""

from abc import ABC
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bmms.domain.errors import RuleBroken
from bmms.domain.statements.statement import Statement, day_in_words


@dataclass(frozen=True, kw_only=True)
class Period(Statement, ABC):
    """What happened from `since` up to the day asked for."""

    since: date = date.min

    @property
    def months(self) -> int:
        """Months of the fiscal year that have begun in the period."""
        first = max(self.since, date(self.fiscal_year, 1, 1))
        last = min(self.as_of, date(self.fiscal_year, 12, 31))
        return max(last.month - first.month + 1, 0) if last >= first else 0

    def in_words(self, session: Session) -> list[tuple[str, str]]:
        """With the first day."""
        told = super().in_words(session)
        return [told[0], ("From", day_in_words(self.since)), *told[1:]]

    @classmethod
    def refine(cls, session: Session, given: dict[str, str]) -> None:
        """From the first day of the year unless another is given; not after its last. Raises RuleBroken."""
        year = int(given["fiscal_year"])
        text = given["since"] or date(year, 1, 1).isoformat()
        try:
            since = date.fromisoformat(text)
        except ValueError as error:
            raise RuleBroken("Give a day that there is, for example 2026-01-01.", field="since") from error
        if since > date.fromisoformat(given["as_of"]):
            raise RuleBroken("The period begins after its last day. Choose an earlier day.", field="since")
        given["since"] = since.isoformat()
