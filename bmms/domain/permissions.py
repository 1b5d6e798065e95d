"""Who may do what: the permissions, the seven roles, the grants and the central roles (decision D10).

Names are `module:thing:verb`, alphabetical. Each is needed by a view or a step and held by some role (census).
Where a view lies outside an organization, the same permission must come from a central role.
"""

from dataclasses import dataclass
from enum import StrEnum

from bmms.models.memberships import RoleKind


class Permission(StrEnum):
    """What a view or a step can need."""

    ACT_VIEW = "budgeting:act:view"
    AUDIT_EXPORT = "audit:event:export"
    AUDIT_VIEW = "audit:event:view"
    BUDGET_APPROVE = "budgeting:proposal:approve"
    BUDGET_DECIDE = "budgeting:central:decide"
    BUDGET_DRAFT_VIEW = "budgeting:draft:view"
    BUDGET_EDIT = "budgeting:proposal:edit"
    BUDGET_ENDORSE = "budgeting:central:endorse"
    BUDGET_REVIEW = "budgeting:proposal:review"
    BUDGET_VIEW = "budgeting:proposal:view"
    DESIGNATION_CHANGE = "organization:designation:change"
    DESIGNATION_VIEW = "organization:designation:view"
    HOME_VIEW = "organization:home:view"
    IMPORT_RUN = "people:import:run"
    JOB_VIEW = "platform:job:view"
    LEDGER_CERTIFY = "execution:obligation:certify"
    LEDGER_EDIT = "execution:document:edit"
    LEDGER_PAY = "execution:disbursement:post"
    LEDGER_VIEW = "execution:ledger:view"
    LIST_CHANGE = "platform:list:change"
    MAIL_RESEND = "mail:message:resend"
    MAIL_VIEW = "mail:message:view"
    MEMBER_VIEW = "organization:member:view"
    ORGANIZATION_CREATE = "platform:organization:create"
    ORGANIZATION_VIEW = "platform:organization:view"
    PLAN_APPROVE = "planning:plan:approve"
    PLAN_DRAFT_VIEW = "planning:draft:view"
    PLAN_EDIT = "planning:plan:edit"
    PLAN_REMARK = "planning:plan:remark"
    PLAN_VIEW = "planning:plan:view"
    PROGRAM_CHANGE = "planning:program:change"
    PROGRESS_REPORT = "planning:progress:report"
    RIGHT_ASSIGN = "people:right:assign"
    SETTINGS_CHANGE = "organization:settings:change"
    SETTINGS_VIEW = "organization:settings:view"
    SIGNATORY_CHANGE = "organization:signatory:change"
    UNIT_CHANGE = "organization:unit:change"
    UNIT_VIEW = "organization:unit:view"
    USER_CHANGE = "people:user:change"
    USER_CREATE = "people:user:create"
    USER_VIEW = "people:user:view"


ALL_PERMISSIONS = frozenset(Permission)
P = Permission

_EVERYBODY = frozenset(
    {
        P.ACT_VIEW, P.BUDGET_VIEW, P.DESIGNATION_VIEW, P.HOME_VIEW, P.LEDGER_VIEW, P.PLAN_VIEW, P.SETTINGS_VIEW,
        P.UNIT_VIEW,
    }
)  # fmt: skip
# Viewers read what has left the draft, and fill in no form that names people.
_AT_WORK = frozenset({P.MEMBER_VIEW, P.PLAN_DRAFT_VIEW, P.PLAN_REMARK, P.PROGRESS_REPORT})
_ADMINISTRATION = frozenset(
    {
        P.AUDIT_EXPORT,
        P.AUDIT_VIEW,
        P.DESIGNATION_CHANGE,
        P.IMPORT_RUN,
        P.JOB_VIEW,
        P.MAIL_RESEND,
        P.MAIL_VIEW,
        P.RIGHT_ASSIGN,
        P.SETTINGS_CHANGE,
        P.SIGNATORY_CHANGE,
        P.UNIT_CHANGE,
        P.USER_CHANGE,
        P.USER_CREATE,
        P.USER_VIEW,
    }
)


@dataclass(frozen=True)
class RoleRule:
    """One role, grant or central role: its stored name, what people call it, and what it carries."""

    code: str
    kind: RoleKind
    label: str
    purpose: str
    permissions: frozenset[Permission] = frozenset()
    aliases: tuple[str, ...] = ()
    carries: tuple[str, ...] = ()  # grants that come with the role


def _role(code: str, label: str, purpose: str, *aliases: str, more: frozenset = frozenset(), carries: tuple = ()):
    return RoleRule(code, RoleKind.ROLE, label, purpose, _EVERYBODY | more, aliases, carries)


def _grant(code: str, label: str, purpose: str, permissions: frozenset = frozenset()) -> RoleRule:
    return RoleRule(code, RoleKind.GRANT, label, purpose, permissions)


def _central(code: str, label: str, purpose: str, permissions: frozenset = frozenset()) -> RoleRule:
    return RoleRule(code, RoleKind.CENTRAL, label, purpose, permissions)


RULES: dict[str, RoleRule] = {
    rule.code: rule
    for rule in (
        _role(
            "pilot_admin", "MOA Administrator", "Administers one MOA", "admin", "administrator", "moa_admin",
            more=_ADMINISTRATION | _AT_WORK | {P.BUDGET_DRAFT_VIEW},
        ),
        _role(
            "pilot_planner", "Planning Officer", "Plans and work plans", "planner", "planning_officer",
            more=_AT_WORK | {P.BUDGET_DRAFT_VIEW, P.PLAN_EDIT, P.PROGRAM_CHANGE},
        ),
        _role(
            "pilot_budget_officer", "Budget Officer", "Proposals and execution", "budget_officer",
            more=_AT_WORK | {P.BUDGET_DRAFT_VIEW, P.BUDGET_EDIT, P.LEDGER_EDIT},
        ),
        _role(
            "pilot_me_officer", "M&E Officer", "Monitoring and evaluation", "me_officer", "m&e_officer",
            more=_AT_WORK,
        ),
        _role(
            "pilot_coordinator", "Coordination Officer", "Partnerships", "coordinator", "coordination_officer",
            more=_AT_WORK | {P.BUDGET_DRAFT_VIEW},
        ),
        _role("pilot_viewer", "Viewer", "Reads the records of one MOA", "viewer", "staff"),
        _role(
            "pilot_approver", "Department Head", "Approves plans, budgets and reports", "approver", "department_head",
            more=_AT_WORK | {P.USER_VIEW}, carries=("plan_approve", "budget_approve", "report_approve"),
        ),
        _grant(
            "plan_approve", "Approves plans", "Approves strategic and annual plans",
            frozenset({P.MEMBER_VIEW, P.PLAN_APPROVE, P.PLAN_DRAFT_VIEW, P.PLAN_REMARK}),  # comments, too (modules 1.4)
        ),
        _grant(
            "budget_review", "Reviews budgets", "Internal finance review of proposals",
            frozenset({P.BUDGET_DRAFT_VIEW, P.BUDGET_REVIEW, P.BUDGET_VIEW, P.LEDGER_VIEW}),
        ),
        _grant(
            "budget_approve", "Signs budgets", "Signs the proposal, approves realignments",
            frozenset({P.BUDGET_APPROVE, P.BUDGET_DRAFT_VIEW, P.BUDGET_VIEW, P.LEDGER_VIEW}),
        ),
        _grant(
            "allotment_certify", "Certifies allotments", "Certifies that allotment is available",
            frozenset({P.LEDGER_CERTIFY, P.LEDGER_VIEW}),
        ),
        _grant(
            "accounting", "Accountant", "Certifies and posts disbursements", frozenset({P.LEDGER_PAY, P.LEDGER_VIEW})
        ),
        _grant("me_verify", "Verifies values", "Verifies indicator values and visits"),
        _grant("report_approve", "Approves reports", "Approves performance and accountability reports"),
        _grant(
            "endorse", "Endorses for its desk", "Endorses proposals that name the desk",
            frozenset({P.BUDGET_ENDORSE, P.BUDGET_VIEW}),
        ),
        _central("ocm_viewer", "OCM viewer", "Reads the oversight pages"),
        _central("ocm_analyst", "OCM analyst", "Reads and makes oversight reports"),
        _central("ocm_executive", "OCM executive", "Reads, reports and exports"),
        _central(
            "mfbm", "MFBM budget desk", "Budget acts in all MOAs",
            frozenset({P.ACT_VIEW, P.BUDGET_DECIDE, P.BUDGET_VIEW, P.LEDGER_VIEW}),
        ),
        _central(
            "bpda", "BPDA planning desk", "Certifies alignment with the development plan",
            frozenset({P.ACT_VIEW, P.BUDGET_ENDORSE, P.BUDGET_VIEW}),
        ),
        _central("uat_coordinator", "UAT coordinator", "Runs the acceptance test"),
        _central("developer", "Developer", "Handles bugs"),
        _central(
            "superadmin", "Platform administrator", "Administers the platform, no tenant pages",
            _ADMINISTRATION - {P.DESIGNATION_CHANGE, P.SIGNATORY_CHANGE, P.UNIT_CHANGE}
            | {P.LIST_CHANGE, P.ORGANIZATION_CREATE, P.ORGANIZATION_VIEW, P.SETTINGS_VIEW},
        ),
    )
}  # fmt: skip

ROLES = tuple(code for code, rule in RULES.items() if rule.kind == RoleKind.ROLE)
GRANTS = tuple(code for code, rule in RULES.items() if rule.kind == RoleKind.GRANT)
CENTRAL_ROLES = tuple(code for code, rule in RULES.items() if rule.kind == RoleKind.CENTRAL)
_BY_NAME = {name: rule.code for rule in RULES.values() for name in (rule.code, *rule.aliases)}


def canonical(name: str, kind: RoleKind = RoleKind.ROLE) -> str | None:
    """The stored name for what somebody typed (any case, blank or hyphen for underscore), or None."""
    code = _BY_NAME.get(name.strip().lower().replace(" ", "_").replace("-", "_"))
    return code if code and RULES[code].kind == kind else None


def permissions_of(codes: frozenset[str] | set[str]) -> frozenset[Permission]:
    """The union of what these roles and grants allow."""
    return frozenset().union(*(RULES[code].permissions for code in codes if code in RULES))


def with_carried(codes: frozenset[str] | set[str]) -> frozenset[str]:
    """The codes together with the grants that the roles among them carry."""
    return frozenset(codes).union(*(RULES[code].carries for code in codes if code in RULES))
