"""What screens call reports, their periods and how they stand."""

from enum import StrEnum

from bmms.models.deadlines import ReportKind

REPORT = {
    ReportKind.FINANCIAL: "Financial report",
    ReportKind.PHYSICAL: "Physical report",
    ReportKind.MONTHLY: "Monthly execution report to MFBM",
    ReportKind.ANNUAL: "Annual report",
}
OWNER = {
    ReportKind.FINANCIAL: "pilot_budget_officer",
    ReportKind.PHYSICAL: "pilot_me_officer",
    ReportKind.MONTHLY: "pilot_budget_officer",
    ReportKind.ANNUAL: "pilot_budget_officer",
}  # the role or grant whose matter it is, unless somebody is named
STATEMENT = {ReportKind.FINANCIAL: "far-1", ReportKind.MONTHLY: "monthly", ReportKind.ANNUAL: "far-1"}
QUARTERS = ("1st quarter", "2nd quarter", "3rd quarter", "4th quarter")


class Stands(StrEnum):
    """How a report stands; what is late follows from the day, in Manila (INV-71)."""

    DUE = "due"
    LATE = "late"
    SUBMITTED = "submitted"
    SUBMITTED_LATE = "submitted_late"


STANDS = {
    Stands.DUE: ("Due", ""),
    Stands.LATE: ("Late", "bad"),
    Stands.SUBMITTED: ("Submitted", "ok"),
    Stands.SUBMITTED_LATE: ("Submitted late", "warn"),
}
