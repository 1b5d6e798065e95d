"""Words of the screen for proposals (decision D50); codes stay in the database."""

from bmms.models.compliance import Answer, Desk
from bmms.models.proposals import ClimateTag, FundingSource, Procurement, ProposalKind, ProposalStatus, Sphere, Tier
from bmms.models.reference import ExpenseClass

PROPOSAL_STATUS = {
    ProposalStatus.DRAFT: ("Draft", ""),
    ProposalStatus.SUBMITTED: ("Under review", "info"),
    ProposalStatus.UNDER_REVIEW: ("Under review", "info"),
    ProposalStatus.FOR_SIGNATURE: ("For signature", "info"),
    ProposalStatus.APPROVED: ("Approved", "ok"),
    ProposalStatus.TRANSMITTED: ("Transmitted to MFBM", "info"),
    ProposalStatus.ENDORSED: ("In the Chief Minister's budget", "ok"),
    ProposalStatus.ENACTED: ("Enacted", "ok"),
    ProposalStatus.RETURNED: ("Returned", "warn"),
    ProposalStatus.REJECTED: ("Rejected", "bad"),
    ProposalStatus.CANCELLED: ("Cancelled", ""),
}  # words and tone
KIND = {
    ProposalKind.ANNUAL: "Annual",
    ProposalKind.SUPPLEMENTAL: "Supplemental",
    ProposalKind.SPECIAL: "Special purpose fund",
}
SOURCE = {
    FundingSource.GAAB: "GAAB, regular",
    FundingSource.SUPPLEMENTAL: "Supplemental act",
    FundingSource.CONTINGENT_FUND: "Contingent Fund",
    FundingSource.SDF: "Special Development Fund",
    FundingSource.TDIF: "TDIF",
    FundingSource.MP_ALLOCATION: "MP allocation",
    FundingSource.NATIONAL: "National allocation",
    FundingSource.LOCAL: "Local funds",
    FundingSource.GRANT: "Grant or assistance",
    FundingSource.OTHER: "Other",
}
CLIMATE = {ClimateTag.ADAPTATION: "Adaptation", ClimateTag.MITIGATION: "Mitigation"}
SPHERE = {
    Sphere.INFRASTRUCTURE: "Infrastructure (MPW)",
    Sphere.ENVIRONMENT: "Environment (MENRE)",
    Sphere.ICT: "ICT (BICTO)",
}
TIER = {Tier.WITHIN: "Within the ceiling", Tier.ABOVE: "Above the ceiling"}
PROCUREMENT = {
    Procurement.COMPETITIVE_BIDDING: "Competitive bidding",
    Procurement.LIMITED_SOURCE: "Limited source bidding",
    Procurement.DIRECT_CONTRACTING: "Direct contracting",
    Procurement.REPEAT_ORDER: "Repeat order",
    Procurement.SMALL_VALUE: "Small value procurement",
    Procurement.NEGOTIATED: "Negotiated procurement",
    Procurement.BY_ADMINISTRATION: "By administration",
}
DESK = {
    Desk.BPDA: "BPDA: certification against the priority agenda",
    Desk.MPW: "Ministry of Public Works: infrastructure",
    Desk.MENRE: "MENRE: environment",
    Desk.BICTO: "BICTO: information and communications technology",
    Desk.BWC: "Bangsamoro Women Commission: gender and development",
}
ANSWER = {Answer.MET: "Met", Answer.NOT_MET: "Not met", Answer.NOT_APPLICABLE: "Not applicable"}
COLUMNS = {
    ExpenseClass.PS: "ps",
    ExpenseClass.MOOE: "mooe",
    ExpenseClass.FINEX: "finex",
    ExpenseClass.CO: "co",
}  # the columns of tables of amounts (domain/appropriations/amounts.py)
