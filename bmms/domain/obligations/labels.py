"""What screens call the words of obligations, and the words that are certified (form ORS, boxes A and B)."""

from decimal import Decimal
from enum import StrEnum

from bmms.models.obligations import AdjustmentStatus, Obligation, ObligationStatus, ObligationType


class Stage(StrEnum):
    """Where an obligation stands on screens: its status, and how much of it is paid."""

    DRAFT = "draft"
    RETURNED = "returned"
    REQUESTED = "requested"
    OBLIGATED = "obligated"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    CLOSED = "closed"
    CANCELLED = "cancelled"


STAGE = {
    Stage.DRAFT: ("Draft", ""),
    Stage.RETURNED: ("Returned", "warn"),
    Stage.REQUESTED: ("Waits for certification", "info"),
    Stage.OBLIGATED: ("Obligated", "ok"),
    Stage.PARTLY_PAID: ("Partly paid", "ok"),
    Stage.PAID: ("Paid", "ok"),
    Stage.CLOSED: ("Balance cancelled", ""),
    Stage.CANCELLED: ("Cancelled", "bad"),
}
TYPE = {
    ObligationType.PURCHASE_ORDER: "Purchase order",
    ObligationType.CONTRACT: "Contract",
    ObligationType.MOA: "Memorandum of agreement",
    ObligationType.SERVICE_ORDER: "Service order",
    ObligationType.PAYROLL: "Payroll",
    ObligationType.TRAVEL: "Travel",
    ObligationType.OTHER: "Other",
}
ADJUSTMENT = {
    AdjustmentStatus.DRAFT: ("Waits for certification", "info"),
    AdjustmentStatus.POSTED: ("Posted", "ok"),
    AdjustmentStatus.CANCELLED: ("Cancelled", "bad"),
}
BOX_A = (
    "I certify that the charges to the appropriation and allotment are necessary, lawful and under my direct "
    "supervision, and that the supporting documents are valid, proper and legal."
)
BOX_B = "I certify that allotment is available and obligated for the purpose as indicated above."
BOX_B_ADJUSTMENT = "I certify that allotment is available for the adjustment as indicated above."


def stage_of(obligation: Obligation, current: Decimal, paid: Decimal) -> Stage:
    """Where it stands; `current` is its amount with all adjustments, `paid` what of that is paid; pesos."""
    if obligation.status == ObligationStatus.DRAFT:
        return Stage.RETURNED if obligation.remarks else Stage.DRAFT
    if obligation.status == ObligationStatus.OBLIGATED and paid > 0:
        return Stage.PAID if paid >= current else Stage.PARTLY_PAID
    return Stage(obligation.status)
