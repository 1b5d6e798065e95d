"""What screens call the words of disbursement vouchers."""

from datetime import date

from bmms.models.disbursements import Disbursement, DisbursementStatus, PaymentMode

STATUS = {
    DisbursementStatus.DRAFT: ("Draft", ""),
    DisbursementStatus.FOR_APPROVAL: ("Waits for payment", "info"),
    DisbursementStatus.PAID: ("Paid", "ok"),
    DisbursementStatus.VOID: ("Void", "bad"),
    DisbursementStatus.CANCELLED: ("Cancelled", ""),
}
MODE = {
    PaymentMode.CHECK: "Check",
    PaymentMode.BANK: "Bank advice",
    PaymentMode.CASH_ADVANCE: "Cash advance",
    PaymentMode.TAX_REMITTANCE: "Tax remittance",
    PaymentMode.OTHER: "Other",
}


def called(voucher: Disbursement) -> str:
    """The number; before it is paid a voucher has none."""
    return numbered(voucher.dv_no, voucher.id)


def numbered(dv_no: str, disbursement_id: int) -> str:
    """The same of a row that holds no more than these."""
    return f"DV {dv_no}" if dv_no else f"Voucher without number ({disbursement_id})"


def told(day: date) -> str:
    """A day in a message: 1 March 2026."""
    return f"{day.day} {day:%B %Y}"
