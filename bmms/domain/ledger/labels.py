"""What screens call the words of execution."""

from bmms.models.authority import AppropriationStatus, LawKind
from bmms.models.ledger import DocumentKind, Measure
from bmms.models.programs import CostStructure
from bmms.models.proposals import FundingSource

LAW_KIND = {
    LawKind.GAAB: "Appropriations act (GAAB)",
    LawKind.SUPPLEMENTAL: "Supplemental appropriations",
    LawKind.CONTINUING: "Continuing appropriations",
    LawKind.AUTOMATIC: "Automatic appropriations",
    LawKind.REENACTED: "Reenacted budget",
}
APPROPRIATION_STATUS = {
    AppropriationStatus.DRAFT: ("Waits for confirmation", "info"),
    AppropriationStatus.IN_FORCE: ("In force", "ok"),
    AppropriationStatus.LAPSED: ("Lapsed", ""),
}
DOCUMENT = {
    DocumentKind.APPROPRIATION: "Appropriation",
    DocumentKind.ALLOTMENT_ORDER: "Allotment order",
    DocumentKind.BUDGET_CHANGE: "Change of the budget",
    DocumentKind.OBLIGATION: "Obligation request",
    DocumentKind.OBLIGATION_ADJUSTMENT: "Notice of adjustment",
    DocumentKind.DUE_NOTE: "Due and demandable",
    DocumentKind.DISBURSEMENT: "Disbursement voucher",
    DocumentKind.OPENING: "Opening position",
}
MEASURE = {
    Measure.AUTHORISED: "Appropriation",
    Measure.ADJUSTMENT: "Adjustment",
    Measure.ALLOTMENT: "Allotment",
    Measure.OBLIGATION: "Obligation",
    Measure.DUE: "Due and demandable",
    Measure.DISBURSEMENT: "Disbursement",
}
SPECIAL_PURPOSE = (
    FundingSource.CONTINGENT_FUND, FundingSource.SDF, FundingSource.TDIF, FundingSource.MP_ALLOCATION,
)  # fmt: skip  # controlled by object (E-6), each release names its special proposal
NOT_BROKEN_DOWN = {
    None: "All programs, not broken down",
    CostStructure.GAS: "General administration and support",
    CostStructure.STO: "Support to operations",
    CostStructure.OPERATIONS: "Operations, not broken down",
}
CLUSTERS = {
    "01": "01 Regular agency fund",
    "02": "02 Foreign assisted projects fund",
    "03": "03 Special account, locally funded",
    "04": "04 Special account, foreign assisted",
    "05": "05 Internally generated funds",
    "06": "06 Business related funds",
    "07": "07 Trust receipts",
}
