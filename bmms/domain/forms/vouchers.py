"""The disbursement voucher as a paper."""

from sqlalchemy.orm import Session

from bmms.domain.disbursements import labels, queries
from bmms.domain.documents.papers import Paper, Told, declare
from bmms.domain.forms.obligations import moment, pesos
from bmms.domain.ledger.labels import CLUSTERS
from bmms.domain.payees import tins
from bmms.domain.permissions import P
from bmms.domain.signatories.kinds import DocumentKind
from bmms.models.disbursements import Disbursement, DisbursementStatus
from bmms.models.payees import Payee

IN_LEDGER = (DisbursementStatus.PAID, DisbursementStatus.VOID)


def title_of_voucher(_session: Session, voucher: Disbursement) -> str:
    """What a voucher is called."""
    return labels.called(voucher)


def tell_voucher(session: Session, voucher: Disbursement) -> Told:
    """The voucher with the obligations that it pays."""
    payee = session.get_one(Payee, voucher.payee_id)
    lines = queries.lines_of(session, voucher)
    content = {
        "number": voucher.dv_no, "dated": voucher.dated.isoformat(), "cluster": CLUSTERS[voucher.fund_cluster],
        "mode": voucher.mode.value, "instrument": voucher.instrument, "payee": payee.name, "tin": tins.masked(payee),
        "address": payee.address, "particulars": voucher.particulars, "gross": pesos(voucher.gross),
        "tax": pesos(voucher.tax), "net": pesos(voucher.net),
        "requests": sorted({one.obligation.ors_no for one in lines}),
        "lines": [
            {"request": one.obligation.ors_no, "account": one.account_name, "object": one.object_title,
             "amount": pesos(one.amount or voucher.gross)}
            for one in lines
        ],
        "submitted": [voucher.submitted_label, moment(voucher.submitted_at)],
        "paid": [voucher.paid_label, moment(voucher.paid_at)],
        "void": [voucher.voided_on.isoformat() if voucher.voided_on else "", voucher.void_reason],
        "is_void": "yes" if voucher.status == DisbursementStatus.VOID else "",
    }  # fmt: skip
    return Told(
        content=content, title=title_of_voucher(session, voucher), period=f"Fiscal year {voucher.fiscal_year}",
        status=labels.STATUS[voucher.status][0], is_open=voucher.status == DisbursementStatus.DRAFT,
        is_final=voucher.status in IN_LEDGER, is_demo=voucher.is_demo,
    )  # fmt: skip


VOUCHER = Paper(
    kind="disbursement_voucher", subject="disbursement_id", find=queries.get_disbursement, tell=tell_voucher,
    see_drafts=P.LEDGER_PAY, template="documents/disbursement_voucher.html", words=labels,
    name="Disbursement voucher", button="Print the voucher", signed=DocumentKind.VOUCHER,
)  # fmt: skip
declare(VOUCHER)
