"""The kinds of alerts: what each is called, and whom the table of modules 2.9 names for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from bmms.domain.actors import Actor
from bmms.models.alerts import AlertKind as K
from bmms.models.alerts import Severity

BUDGET, CERTIFIER, HEAD = "pilot_budget_officer", "allotment_certify", "budget_approve"
ACCOUNTANT, PLANNER, MONITOR = "accounting", "pilot_planner", "pilot_me_officer"


@dataclass(frozen=True)
class Kind:
    """What people call it, and the roles and grants of those who are told and may acknowledge it."""

    label: str
    audience: frozenset[str]


def _kind(label: str, *audience: str) -> Kind:
    return Kind(label, frozenset(audience))


KINDS: Mapping[K, Kind] = {
    K.NEAR_LIMIT: _kind("Near the limit of the allotment", BUDGET, CERTIFIER),
    K.SLOW: _kind("Slow obligation", BUDGET, HEAD),
    K.IDLE: _kind("Obligation without payment", BUDGET, ACCOUNTANT),
    K.VALIDITY: _kind("Validity ends with a balance", BUDGET, HEAD),
    K.UNRELEASED: _kind("Appropriation not released", BUDGET),
    K.PROGRAM: _kind("Off the monthly program", BUDGET),
    K.RECONCILIATION: _kind("Totals differ from the ledger", HEAD),
    K.GAP: _kind("Payments ahead of the work", PLANNER, MONITOR, BUDGET),
    K.REFUSED: _kind("Refused for lack of room", HEAD),
}
SEVERITY = {
    Severity.INFO: ("For information", "info"),
    Severity.WARNING: ("Warning", "warn"),
    Severity.CRITICAL: ("Critical", "bad"),
}
RANK = {severity: rank for rank, severity in enumerate(Severity)}


def concerns(actor: Actor, kind: K) -> bool:
    """Does the table name this actor, or somebody whom he or she stands in for?"""
    return bool(KINDS[kind].audience & actor.rights)
