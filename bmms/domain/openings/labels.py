"""What screens call the state of an opening position, and its three totals."""

from bmms.models.openings import OpeningStatus

STATUS = {
    OpeningStatus.DRAFT: ("Waits for confirmation", "info"),
    OpeningStatus.POSTED: ("In the ledger", "ok"),
    OpeningStatus.CANCELLED: ("Cancelled", ""),
}
TOTALS = {"allotted": "Allotments", "obligated": "Obligations", "disbursed": "Payments"}
