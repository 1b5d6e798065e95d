"""Which reports a fiscal year has, of which period each is, and when it is due (modules 2.10).

30 days after a quarter come to 30 April, 30 July, 30 October and 30 January. No day moves for weekends or holidays.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bmms.config import Reporting
from bmms.domain.deadlines.labels import QUARTERS, REPORT
from bmms.domain.periods.queries import last_day
from bmms.models.deadlines import ReportKind


@dataclass(frozen=True)
class Report:
    """One report of one period of a fiscal year."""

    kind: ReportKind
    fiscal_year: int
    period: int

    @property
    def ends_on(self) -> date:
        """The last day of what it reports."""
        month = {ReportKind.MONTHLY: self.period, ReportKind.ANNUAL: 12}.get(self.kind, self.period * 3)
        return last_day(date(self.fiscal_year, month, 1))

    @property
    def period_name(self) -> str:
        """March 2026; 1st quarter of 2026; 2026."""
        if self.kind == ReportKind.MONTHLY:
            return f"{calendar.month_name[self.period]} {self.fiscal_year}"
        if self.kind == ReportKind.ANNUAL:
            return str(self.fiscal_year)
        return f"{QUARTERS[self.period - 1]} of {self.fiscal_year}"

    def __str__(self) -> str:
        return f"{REPORT[self.kind]}, {self.period_name}"

    def due_on(self, settings: Reporting) -> date:
        """When it is due by these settings."""
        if self.kind == ReportKind.MONTHLY:
            return (self.ends_on + timedelta(days=1)).replace(day=settings.monthly_day)
        return self.ends_on + timedelta(days=settings.quarterly_days)


def reports_of(fiscal_year: int) -> Iterator[Report]:
    """All reports of a fiscal year."""
    for kind, count in (
        (ReportKind.FINANCIAL, 4), (ReportKind.PHYSICAL, 4), (ReportKind.MONTHLY, 12), (ReportKind.ANNUAL, 1),
    ):  # fmt: skip
        for period in range(1, count + 1):
            yield Report(kind, fiscal_year, period)
