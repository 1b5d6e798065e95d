"""What screens call the words of the register of payees."""

from bmms.models.payees import PayeeKind

PAYEE_KIND = {
    PayeeKind.SUPPLIER: "Supplier",
    PayeeKind.EMPLOYEE: "Employee",
    PayeeKind.AGENCY: "Government agency",
    PayeeKind.BENEFICIARY: "Beneficiary",
    PayeeKind.OTHER: "Other",
}
