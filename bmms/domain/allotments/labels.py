"""What screens call the words of allotment orders."""

from bmms.models.allotments import OrderKind, OrderStatus

KIND = {
    OrderKind.COMPREHENSIVE: "Comprehensive (GAAB as allotment order)",
    OrderKind.SPECIAL: "Special, on request (SARO)",
    OrderKind.WITHDRAWAL: "Withdrawal",
    OrderKind.TRANSFER: "Transfer of allotment",
}
STATUS = {
    OrderStatus.DRAFT: ("Waits for release", "info"),
    OrderStatus.RELEASED: ("Released", "ok"),
    OrderStatus.CANCELLED: ("Cancelled", ""),
}
