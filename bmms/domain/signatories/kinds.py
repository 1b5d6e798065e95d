"""The kinds of documents that are signed, and who usually signs them."""

from dataclasses import dataclass
from enum import StrEnum


class DocumentKind(StrEnum):
    """A kind of document with a signatory block of its own."""

    STRATEGIC_PLAN = "strategic_plan"
    WORK_PLAN = "work_plan"
    PROPOSAL = "proposal"
    OBLIGATION_REQUEST = "obligation_request"
    REPORT = "report"
    ALLOTMENT_ORDER = "allotment_order"
    VOUCHER = "voucher"
    FINANCIAL_STATEMENT = "financial_statement"

    @property
    def in_address(self) -> str:
        """As addresses write it: `work-plan`."""
        return self.value.replace("_", "-")


@dataclass(frozen=True)
class DocumentRule:
    """What people call a kind of document, and the captions of those who usually sign it, in printing order."""

    label: str
    usual: tuple[tuple[str, str], ...]  # (caption, who)


RULES: dict[DocumentKind, DocumentRule] = {
    DocumentKind.STRATEGIC_PLAN: DocumentRule(
        "Strategic plan",
        (("Prepared by", "planning officer"), ("Reviewed by", "head of planning"), ("Approved by", "head of the MOA")),
    ),
    DocumentKind.WORK_PLAN: DocumentRule(
        "Work plan",
        (("Prepared by", "planning officer"), ("Reviewed by", "head of planning"), ("Approved by", "head of the MOA")),
    ),
    DocumentKind.PROPOSAL: DocumentRule(
        "Budget proposal",
        (("Prepared by", "budget officer"), ("Reviewed by", "head of finance"), ("Approved by", "head of the MOA")),
    ),
    DocumentKind.OBLIGATION_REQUEST: DocumentRule(
        "Obligation request",
        (("Requested by", "head of the requesting unit"), ("Availability certified by", "head of the budget unit")),
    ),
    DocumentKind.ALLOTMENT_ORDER: DocumentRule(
        "Allotment order", (("Recommended by", "budget officer"), ("Approved by", "head of the releasing office"))
    ),
    DocumentKind.VOUCHER: DocumentRule(
        "Disbursement voucher",
        (
            ("Expenses certified by", "head of the requesting unit"),
            ("Cash available, documents complete", "accountant"),
            ("Approved for payment", "head of the MOA"),
        ),
    ),
    DocumentKind.REPORT: DocumentRule(
        "Report",
        (("Prepared by", "M&E officer"), ("Certified correct by", "accountant"), ("Approved by", "head of the MOA")),
    ),
    DocumentKind.FINANCIAL_STATEMENT: DocumentRule(
        "Statement of execution",
        (
            ("Certified correct by", "budget officer"),
            ("Certified correct by", "chief accountant"),
            ("Approved by", "head of the MOA"),
        ),
    ),
}


def kind_at(address: str) -> DocumentKind | None:
    """The kind that an address names, or None."""
    return next((kind for kind in DocumentKind if kind.in_address == address), None)
