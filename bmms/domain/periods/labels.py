"""What screens call the state of a month, and the documents that keep it open."""

from enum import StrEnum


class Stands(StrEnum):
    """How a month stands."""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"
    REOPENING = "reopening"
    SHUT = "shut"  # never closed itself, but a later month is


STANDS = {
    Stands.OPEN: ("Open", ""),
    Stands.CLOSING: ("Closing waits for confirmation", "info"),
    Stands.CLOSED: ("Closed", "ok"),
    Stands.REOPENING: ("Reopening waits for confirmation", "warn"),
    Stands.SHUT: ("Closed with a later month", "ok"),
}
WAITING = {
    "obligation": "Obligation request",
    "disbursement": "Voucher for approval",
    "allotment_order": "Allotment order, not released",
    "obligation_adjustment": "Adjustment of an obligation, not certified",
    "budget_change": "Change of the budget, not posted",
    "opening": "Opening position, not confirmed",
}
