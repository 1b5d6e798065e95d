"""What of vouchers waits for a person: to be paid, to be confirmed as void, own ones that came back."""

from sqlalchemy import ColumnElement, and_, case, false, or_, select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.disbursements.labels import called
from bmms.domain.disbursements.queries import may_prepare
from bmms.domain.permissions import P
from bmms.domain.workplace import Waiting
from bmms.models.disbursements import Disbursement
from bmms.models.disbursements import DisbursementStatus as S
from bmms.models.memberships import Membership
from bmms.models.payees import Payee

MOST = 20
SAID = {
    "pay": ("Waits for your payment", "info"),
    "void": ("Waits for your confirmation that it is void", "info"),
    "returned": ("Returned to you", "warn"),
}


def matters_of(session: Session, actor: Actor, membership: Membership) -> list[Waiting]:
    """In one statement, or none for those who do nothing with vouchers; nobody pays what he or she submitted."""
    row, persons = Disbursement, actor.persons
    when: dict[str, ColumnElement[bool]] = {}
    if actor.may(P.LEDGER_PAY):
        when["pay"] = and_(row.status == S.FOR_APPROVAL, row.submitted_by.not_in(persons))
    if actor.may(P.BUDGET_REVIEW):
        when["void"] = and_(row.status == S.PAID, row.void_asked_by.not_in(persons))
    if may_prepare(actor):
        when["returned"] = and_(row.status == S.DRAFT, row.remarks != "", row.submitted_by.in_(persons))
    if not when:
        return []
    what = case(*((condition, word) for word, condition in when.items()))
    query = (
        select(row, Payee.name, what)
        .join(Payee, Payee.id == row.payee_id)
        .where(or_(false(), *when.values()))
        .order_by(row.updated_at)
        .limit(MOST)
    )
    return [
        Waiting(
            called(one), f"{payee}, FY {one.fiscal_year}", *SAID[word], "execution.disbursement_show",
            {"disbursement_id": one.id},
        )
        for one, payee, word in session.execute(query)
    ]  # fmt: skip
