"""The audit extract: entries, variance, activities and the trail of acts with old and new values (R-20). No cut."""

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from bmms.domain.permissions import P
from bmms.domain.statements import extract_activities, extract_entries, extract_trail, extract_variance
from bmms.domain.statements.period import Period
from bmms.domain.statements.shape import Report
from bmms.domain.statements.statement import ALL_CLUSTERS, Statement

ENTRIES, VARIANCE, ACTIVITIES, TRAIL = "entries", "variance", "activities", "trail"
PARTS = {
    ENTRIES: "Ledger entries", VARIANCE: "Variance by account", ACTIVITIES: "Activities", TRAIL: "Audit trail",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Extract(Period):
    """Four parts of one period; on a screen and on paper one of them, in a workbook each on its sheet."""

    kind = "audit-extract"
    code = "AUDIT"
    name = "Audit extract"
    title = "Audit extract"
    about = "For auditors: entries, variance, activities and who changed what, with old and new values. Nothing is cut."
    is_wide = True
    needs = frozenset({P.BUDGET_APPROVE, P.AUDIT_VIEW})
    choices = {
        "part": ("Part", PARTS),
        "acts": ("Acts of the trail", extract_trail.OBJECTS),
        "cluster": ("Fund cluster", ALL_CLUSTERS),
    }  # fmt: skip

    part: str = ENTRIES
    acts: str = ""

    def read(self, session: Session, page: int | None = None) -> Report:
        """The part that is asked for."""
        if self.part == TRAIL:
            return extract_trail.read(session, self, self.acts, page)
        parts = {ENTRIES: extract_entries, VARIANCE: extract_variance, ACTIVITIES: extract_activities}
        return parts[self.part].read(session, self, page)

    def parts(self, session: Session) -> list[tuple[str, Statement]]:
        """All four, each on a sheet."""
        return [(name, replace(self, part=part)) for part, name in PARTS.items()]

    def in_words(self, session: Session) -> list[tuple[str, str]]:
        """Only what its part asks."""
        idle = "Fund cluster" if self.part == TRAIL else "Acts of the trail"
        return [(label, value) for label, value in super().in_words(session) if label != idle]
