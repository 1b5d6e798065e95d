"""The obligation request and status, the notice of its adjustment, the certificate of funds (BAA No. 84 Sec. 43)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.documents.papers import Paper, Told, declare
from bmms.domain.errors import NotFound
from bmms.domain.ledger import accounts
from bmms.domain.ledger.labels import CLUSTERS
from bmms.domain.obligations import adjustments, labels, queries
from bmms.domain.obligations.queries import ShownLine
from bmms.domain.payees import tins
from bmms.domain.permissions import P
from bmms.domain.signatories.kinds import DocumentKind
from bmms.models.ledger import LedgerEntry, LedgerPosting, Measure
from bmms.models.obligations import AdjustmentStatus, Obligation, ObligationAdjustment, ObligationLine
from bmms.models.payees import Payee

MOVES = {Measure.OBLIGATION: "obligation", Measure.DUE: "due", Measure.DISBURSEMENT: "payment"}


def pesos(amount: Decimal) -> str:
    """An amount as snapshots keep it."""
    return f"{amount:.2f}"


def moment(at: datetime | None) -> str:
    """A point in time as snapshots keep it."""
    return at.isoformat() if at else ""


def title_of_request(_session: Session, obligation: Obligation) -> str:
    """What a request is called."""
    return obligation.title


def title_of_notice(session: Session, adjustment: ObligationAdjustment) -> str:
    """What a notice is called: by its number once it is posted, until then by its obligation."""
    if adjustment.status == AdjustmentStatus.POSTED:
        return f"NORSA {adjustment.norsa_no}".strip()
    return f"Adjustment of {session.get_one(Obligation, adjustment.obligation_id).title}"


def tell_request(session: Session, obligation: Obligation) -> Told:
    """The request with its boxes, and what has become of it (box C)."""
    lines = queries.lines_of(session, obligation)
    return _told(obligation, {
        **_head(session, obligation), "lines": _lines(lines), "box_a": labels.BOX_A, "box_b": labels.BOX_B,
        "requested": [obligation.requested_label, moment(obligation.requested_at)],
        "certified": [obligation.certified_label, moment(obligation.certified_at)],
        "status": _status(session, obligation),
    })  # fmt: skip


def tell_certificate(session: Session, obligation: Obligation) -> Told:
    """That allotment is there for a contract and kept for it: amount, accounts, and what each had before."""
    lines = queries.lines_of(session, obligation)
    named = accounts.named(session, {int(key) for key in obligation.balances_seen})
    seen = [[named[int(key)][1], amount] for key, amount in obligation.balances_seen.items() if int(key) in named]
    return _told(obligation, {
        **_head(session, obligation), "lines": _lines(lines), "seen": seen,
        "certified": [obligation.certified_label, moment(obligation.certified_at)],
    })  # fmt: skip


def tell_notice(session: Session, adjustment: ObligationAdjustment) -> Told:
    """What an obligation was, by how much each line changes, and why."""
    obligation = session.get_one(Obligation, adjustment.obligation_id)
    changes = adjustments.changes_of(session, adjustment)
    lines = [one for one in queries.lines_of(session, obligation) if one.id in changes]
    rows = [{**told, "amount": pesos(changes[one.id])} for one, told in zip(lines, _lines(lines), strict=True)]
    content = {
        **_head(session, obligation), "number": adjustment.norsa_no, "request": obligation.ors_no, "lines": rows,
        "dated": adjustment.dated.isoformat(), "reason": adjustment.reason,
        "total": pesos(sum(changes.values(), NONE)), "box_b": labels.BOX_B_ADJUSTMENT,
        "requested": [adjustment.entered_label, moment(adjustment.created_at)],
        "certified": [adjustment.certified_label, moment(adjustment.certified_at)],
    }  # fmt: skip
    posted = adjustment.status == AdjustmentStatus.POSTED
    return Told(
        content=content, title=title_of_notice(session, adjustment), period=f"Fiscal year {adjustment.fiscal_year}",
        status=labels.ADJUSTMENT[adjustment.status][0], is_open=False, is_final=posted, is_demo=adjustment.is_demo,
    )  # fmt: skip


def find_adjustment(session: Session, actor: Actor, adjustment_id: int) -> ObligationAdjustment:
    """One notice, of an obligation that this actor may see. Raises NotFound."""
    found = session.get(ObligationAdjustment, adjustment_id)
    if found is None:
        raise NotFound("There is no such adjustment.")
    queries.get_obligation(session, actor, found.obligation_id)
    return found


def _told(obligation: Obligation, content: dict[str, Any]) -> Told:
    stage = labels.stage_of(obligation, NONE, NONE)
    return Told(
        content=content, title=obligation.title, period=f"Fiscal year {obligation.fiscal_year}",
        status=labels.STAGE[stage][0], is_open=obligation.requested_at is None,
        is_final=obligation.status in queries.POSTED, is_demo=obligation.is_demo,
    )  # fmt: skip


def _head(session: Session, obligation: Obligation) -> dict[str, Any]:
    payee = session.get_one(Payee, obligation.payee_id)
    return {
        "number": obligation.ors_no, "dated": obligation.dated.isoformat(),
        "cluster": CLUSTERS[obligation.fund_cluster], "payee": payee.name, "address": payee.address,
        "tin": tins.masked(payee), "office": obligation.office, "kind": obligation.kind.value,
        "reference": obligation.reference,
        "reference_on": obligation.reference_on.isoformat() if obligation.reference_on else "",
        "particulars": obligation.particulars, "total": pesos(obligation.total),
    }  # fmt: skip


def _lines(lines: Sequence[ShownLine]) -> list[dict[str, str]]:
    return [
        {"number": str(one.number), "account": one.account, "object": one.object, "item": one.item,
         "amount": pesos(one.line.amount)}
        for one in lines
    ]  # fmt: skip


def _status(session: Session, obligation: Obligation) -> list[dict[str, str]]:
    """Box C: each posting with what it moved, and what is not yet due and due and demandable after it; pesos."""
    moved = {
        name: func.coalesce(func.sum(LedgerEntry.amount).filter(LedgerEntry.measure == measure), 0).label(name)
        for measure, name in MOVES.items()
    }
    query = (
        select(LedgerPosting.label, LedgerEntry.doc_date, *moved.values())
        .join(LedgerPosting, LedgerPosting.id == LedgerEntry.posting_id)
        .join(ObligationLine, ObligationLine.id == LedgerEntry.obligation_line_id)
        .where(ObligationLine.obligation_id == obligation.id)
        .group_by(LedgerPosting.id, LedgerEntry.doc_date)
        .order_by(LedgerEntry.doc_date, LedgerPosting.id)
    )
    rows, obligated, due, paid = [], NONE, NONE, NONE
    for row in session.execute(query):
        obligated, due, paid = obligated + row.obligation, due + row.due, paid + row.payment
        rows.append({
            "day": row.doc_date.isoformat(), "label": row.label, "obligation": pesos(row.obligation),
            "due": pesos(row.due), "payment": pesos(row.payment), "not_yet_due": pesos(obligated - due),
            "demandable": pesos(due - paid),
        })  # fmt: skip
    return rows


REQUEST = Paper(
    kind="obligation_request", subject="obligation_id", find=queries.get_obligation, tell=tell_request,
    see_drafts=P.LEDGER_EDIT, template="documents/obligation_request.html", words=labels,
    name="Obligation request and status", button="Print the request", signed=DocumentKind.OBLIGATION_REQUEST,
)  # fmt: skip
CERTIFICATE = Paper(
    kind="funds_certificate", subject="obligation_id", find=queries.get_obligation, tell=tell_certificate,
    see_drafts=P.LEDGER_EDIT, template="documents/funds_certificate.html", words=labels,
    name="Certificate of availability of funds", button="Print the certificate",
    signed=DocumentKind.OBLIGATION_REQUEST,
)  # fmt: skip
NOTICE = Paper(
    kind="obligation_notice", subject="adjustment_id", find=find_adjustment, tell=tell_notice,
    see_drafts=P.LEDGER_EDIT, template="documents/obligation_notice.html", words=labels,
    name="Notice of adjustment", button="Print the notice", signed=DocumentKind.OBLIGATION_REQUEST,
)  # fmt: skip
for _paper in (REQUEST, CERTIFICATE, NOTICE):
    declare(_paper)
