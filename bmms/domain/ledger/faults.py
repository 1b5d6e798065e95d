"""What the database says when a rule of the ledger refuses, in words of the office (migrations 0015 and 0016)."""

from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bmms.domain.errors import RuleBroken
from bmms.domain.ledger import accounts

if TYPE_CHECKING:
    from bmms.domain.ledger.posting import Order

RULES = {
    "ck_budget_accounts_e1_appropriation": "More would be taken from the appropriation than there is (E-1).",
    "ck_budget_accounts_e2_allotment": "The allotment would come to more than the appropriation, or below zero (E-2).",
    "ck_budget_accounts_e3_obligation": "The obligations would come to more than the allotment (E-3).",
    "ck_budget_accounts_e4_disbursement": "The payments would come to more than the obligations (E-4).",
    "ck_budget_account_objects_e6_object": (
        "The allotment of this object of expenditure is not enough. It is controlled by object (E-6): realign, or ask "
        "for an allotment that names it."
    ),
    "ck_budget_account_objects_e4_object": "More would be paid in an object than is obligated in it (E-4).",
    "ck_obligation_lines_e5_line": (
        "A line of the obligation would be paid or due beyond its amount, or fall below what is paid (E-5). Look at "
        "what is unpaid and lower the amount."
    ),
    "e7_lines_of_document": "The lines do not come to the total of the document (E-7). Correct the one or the other.",
    "e8_window": (
        "The day lies outside those in which this account may be charged (E-8). Correct the day, or have the law "
        "recorded that extends them."
    ),
    "e9_order_of_days": (
        "A payment cannot be dated before the obligation, nor before it is due (E-9). Correct the day."
    ),
    "e10_cash": "More would be paid than cash was received for this fund cluster up to that day (E-10).",
    "e12_each_day": "On a later day the account would be overdrawn (E-12). Choose a later day or a lower amount.",
    "e13_closed_month": (
        "The month of this day is closed (E-13). Date the document in an open month and name the original."
    ),
    "e14_order": (
        "A comprehensive order releases PS and MOOE only; all else needs a special order that names its request (E-14)."
    ),
    "inv33_in_force": "The appropriation of this account is not in force yet. Have it confirmed first.",
    "inv34_zero_sum": (
        "A realignment comes to zero, stays in one law and one program, and adds nothing to PS unless a law is cited."
    ),
    "object_of_class": "The object of expenditure belongs to another class than the account. Choose one of its class.",
    "sign_of_change": "The amounts of this kind of change have the other sign.",
    "both_sides": "Both sides of a transfer are posted together and come to zero.",
    "two_persons": "Nobody posts what he or she prepared. Somebody else does it.",
    "not_in_the_future": "The day of the document lies in the future. Correct it.",
    "before_cut_over": (
        "The opening position of this law holds everything up to its cut-over; this would count twice. Date it later, "
        "or leave it out if it is in there."
    ),
    "document_ready": "The document has changed meanwhile. Reload the page.",
    "uq_ledger_postings_organization_id_key": "This was sent before and has been done once. Reload the page.",
}


def explained(session: Session, order: "Order", error: IntegrityError) -> Exception:
    """The rule that refused as something to tell; an unknown fault of the database as it is."""
    found = getattr(error.orig, "diag", None)
    name = getattr(found, "constraint_name", None) or ""
    told = RULES.get(name) or (RULES["two_persons"] if name.endswith("_two_persons") else None)
    if told is None:
        return error
    detail = str(getattr(found, "message_detail", None) or "")
    if detail.isdigit() and name not in ("e9_order_of_days", "e10_cash"):
        told = f"{accounts.named(session, {int(detail)})[int(detail)][1]}: {told[0].lower()}{told[1:]}"
    return RuleBroken(told)
