"""The one function that posts documents of money (modules 2.7, decision D43).

In one transaction: the document is locked and ready, it changes its status, its entries go in by one INSERT. The
trigger of the ledger locks the accounts in the order of their ids and looks at every rule. What it refuses is looked at
again to say why: a shortfall names what was asked for, what there is on every day from that of the document on, and
which documents took it.
No ORM flush happens here: what was changed before is flushed by the caller.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.ledger import faults, numbers, room
from bmms.models.allotments import AllotmentOrder
from bmms.models.audit import AuditEvent
from bmms.models.authority import Appropriation
from bmms.models.base import Base
from bmms.models.changes import BudgetChange
from bmms.models.disbursements import Disbursement
from bmms.models.ledger import DocumentKind, PostingVerb
from bmms.models.obligations import DueNote, Obligation, ObligationAdjustment
from bmms.models.openings import OpeningPosition

MODELS: Mapping[DocumentKind, type[Base]] = {
    DocumentKind.APPROPRIATION: Appropriation,
    DocumentKind.ALLOTMENT_ORDER: AllotmentOrder,
    DocumentKind.BUDGET_CHANGE: BudgetChange,
    DocumentKind.OBLIGATION: Obligation,
    DocumentKind.OBLIGATION_ADJUSTMENT: ObligationAdjustment,
    DocumentKind.DUE_NOTE: DueNote,
    DocumentKind.DISBURSEMENT: Disbursement,
    DocumentKind.OPENING: OpeningPosition,
}


def _found(kind: DocumentKind, table: Any) -> Any:
    """A document by id, locked. What has no status is written once, with its posting: there is nothing to lock."""
    query = select(table).where(table.c.id == bindparam("id"))
    return query if kind == DocumentKind.DUE_NOTE else query.with_for_update()


_DOCUMENTS = {kind: _found(kind, model.__table__) for kind, model in MODELS.items()}
_BEFORE = text("SELECT 1 FROM ledger_postings WHERE key = :key AND document_kind = :kind AND document_id = :id")
_POSTING = text(
    "INSERT INTO ledger_postings (organization_id, key, document_kind, document_id, verb, reverses_id, doc_date, label,"
    " posted_by, posted_label, is_demo) VALUES (:organization_id, :key, CAST(:kind AS varchar), :document_id,"
    " CAST(:verb AS varchar),"
    " (SELECT id FROM ledger_postings WHERE CAST(:verb AS varchar) = 'reverse'"
    " AND document_kind = CAST(:kind AS varchar)"
    " AND document_id = :document_id AND verb = 'post'), :doc_date, :label, :posted_by, :posted_label, :is_demo)"
    " RETURNING id"
)
_AUDIT = insert(AuditEvent.__table__).inline()  # type: ignore[arg-type]
_ENTRIES = text(
    "INSERT INTO ledger_entries (organization_id, posting_id, account_id, object_code, obligation_line_id, measure,"
    " statement_column, amount, doc_date, is_demo)"
    " SELECT :organization_id, :posting_id, account_id, object_code, obligation_line_id, measure, statement_column,"
    " amount, doc_date, :is_demo FROM entries_of(:kind, :document_id, :verb)"
    " ORDER BY obligation_line_id, account_id, object_code, measure"  # registers show them in the order of their ids
)


@dataclass(frozen=True)
class Order:
    """What is to be posted.

    Args:
        ready: the statuses from which it may be.
        becomes: columns of the document afterwards; its status among them.
        label: as registers name it; `{number}` stands for the number that the series gives.
        doc_date: its day in the ledger.
        key: of the button that was pressed: pressed twice, it posts once (INV-31).
        series: which series gives the document its number, and the column that takes it.
    """

    kind: DocumentKind
    document_id: int
    ready: Collection[str]
    becomes: Mapping[str, Any]
    label: str
    doc_date: date
    key: str
    called: str = "posted"
    series: numbers.Series | None = None
    verb: PostingVerb = PostingVerb.POST
    note: str = ""


def post(session: Session, actor: Actor, order: Order) -> int | None:
    """Post one document.

    Returns:
        the id of the posting; None when this very button has posted it before.

    Raises:
        RuleBroken: the document is not ready (any more), a rule of the ledger refuses.
        Shortfall: there is not enough room, with all accounts that lack it.
    """
    session.flush()
    connection = session.connection()
    document = _lock(connection, order)
    if document is None:
        return None
    becomes, label = dict(order.becomes), order.label
    if order.series:
        given = numbers.next_of(connection, document.organization_id, order.series, demo=document.is_demo)
        becomes[order.series.column], label = given, label.replace("{number}", given)
    posted = {
        "organization_id": document.organization_id, "key": order.key, "kind": order.kind.value,
        "document_id": order.document_id, "verb": order.verb.value, "doc_date": order.doc_date, "label": label,
        "posted_by": actor.user_id, "posted_label": actor.signature, "is_demo": document.is_demo,
    }  # fmt: skip
    try:
        with connection.begin_nested():
            _change(connection, order, document, becomes)
            posting_id = connection.execute(_POSTING, posted).scalar_one()
            connection.execute(_ENTRIES, {**posted, "posting_id": posting_id})
    except IntegrityError as error:
        room.require(session, order)
        raise faults.explained(session, order, error) from error
    connection.execute(_AUDIT, _told(actor, order, document, becomes, label))
    session.info["wrote"] = True
    return posting_id


def _lock(connection: Connection, order: Order) -> Any:
    """The columns of the document, locked; None when the same button has posted it already."""
    row = connection.execute(_DOCUMENTS[order.kind], {"id": order.document_id}).one()
    if not order.ready or row.status in order.ready:
        return row
    if connection.execute(_BEFORE, {"key": order.key, "kind": order.kind.value, "id": order.document_id}).first():
        return None
    raise RuleBroken(f"This is already {order.called}. Look at it again before you go on.")


def _change(connection: Connection, order: Order, document: Any, becomes: Mapping[str, Any]) -> None:
    if not becomes:
        return
    table: Any = MODELS[order.kind].__table__
    values = {**becomes, "row_version": document.row_version + 1} if "row_version" in table.c else becomes
    connection.execute(update(table).where(table.c.id == order.document_id).values(**values))


def _told(actor: Actor, order: Order, document: Any, becomes: Mapping[str, Any], label: str) -> dict[str, Any]:
    """The audit row."""
    name = MODELS[order.kind].__tablename__
    changes = {"status": (document.status, becomes["status"])} if "status" in becomes else {}
    row = audit.describe(
        actor, f"{name}:{order.verb}", None, organization_id=document.organization_id, label=label, note=order.note,
        changes=changes,
    )  # fmt: skip
    return {**row, "subject_type": name, "subject_id": order.document_id}
