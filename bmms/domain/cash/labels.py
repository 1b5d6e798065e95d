"""What screens call the state of a cash authority and of a control."""

from bmms.models.ledger import CashAuthority, CashControl

CONFIRMED, WAITING = ("Confirmed", "ok"), ("Waits for confirmation", "info")
ON, OFF = ("Control on", "ok"), ("Control off", "")


def state_of(authority: CashAuthority) -> tuple[str, str]:
    """Its pill."""
    return CONFIRMED if authority.confirmed_at else WAITING


def control_state(control: CashControl | None) -> tuple[str, str]:
    """The pill of a control."""
    return ON if control is not None and control.enforced_from else OFF
