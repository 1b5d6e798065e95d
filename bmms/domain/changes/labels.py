"""What screens call the words of changes of the budget."""

from bmms.domain.changes.rules import Way
from bmms.models.changes import ChangeKind, ChangeStatus, Savings

WAY = {
    Way.CLASSES: "Realignment between classes",
    Way.OBJECTS: "Realignment between objects of an account",
    Way.AUGMENTATION: "Augmentation from savings",
    Way.TRANSFER: "Transfer to another organization",
    Way.SUPPLEMENT: "Supplement from a special purpose fund",
    Way.REDUCTION: "Reduction",
    Way.CARRY_OVER: "Carry-over of a continuing balance",
}
KIND = {
    ChangeKind.REALIGNMENT: "Realignment",
    ChangeKind.AUGMENTATION: "Augmentation from savings",
    ChangeKind.TRANSFER_OUT: "Transfer to another organization",
    ChangeKind.TRANSFER_IN: "Transfer from another organization",
    ChangeKind.SUPPLEMENT: "Supplement from a special purpose fund",
    ChangeKind.REDUCTION: "Reduction",
    ChangeKind.REVERSION: "Reversion",
    ChangeKind.CARRY_OVER: "Carry-over of a continuing balance",
}
STATUS = {
    ChangeStatus.DRAFT: ("Draft", ""),
    ChangeStatus.REQUESTED: ("Waits for approval", "info"),
    ChangeStatus.APPROVED: ("Approved, not posted", "warn"),
    ChangeStatus.POSTED: ("Posted", "ok"),
    ChangeStatus.REJECTED: ("Rejected", "bad"),
    ChangeStatus.REVERSED: ("Reversed", ""),
    ChangeStatus.CANCELLED: ("Cancelled", ""),
}
SAVINGS = {
    Savings.FINISHED: "The work is finished, discontinued or abandoned",
    Savings.VACANT: "Positions are vacant, or leave is without pay",
    Savings.EFFICIENCY: "The same is reached at less cost",
}
