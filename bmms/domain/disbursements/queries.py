"""Reads of disbursement vouchers, and of what can be paid."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from bmms.domain.activity import events
from bmms.domain.actors import Actor
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.errors import NotFound
from bmms.domain.ledger import accounts
from bmms.domain.permissions import P
from bmms.domain.proofs import Proof
from bmms.models.audit import AuditEvent
from bmms.models.authority import BudgetAccount
from bmms.models.disbursements import Disbursement, DisbursementLine, DisbursementStatus
from bmms.models.ledger import DocumentKind, LedgerEntry, LedgerPosting, Measure
from bmms.models.obligations import Obligation, ObligationLine, ObligationStatus
from bmms.models.payees import Payee
from bmms.models.reference import ObjectCode

PREPARING = ("create", "change", "submit")  # acts after which one does not pay the voucher


@dataclass(frozen=True)
class Payable:
    """A line of an obligation, and what it has to do with one voucher; pesos."""

    line: ObligationLine
    obligation: Obligation
    account: BudgetAccount
    account_name: str
    object_title: str
    amount: Decimal | None = None  # of the voucher
    waiting: Decimal = NONE  # in other vouchers that wait for payment

    @property
    def field(self) -> str:
        """The name of its amount in forms and messages."""
        return field_of(self.line.id)

    @property
    def called(self) -> str:
        """The obligation and the object."""
        return f"ORS {self.obligation.ors_no or 'without number'}, {self.object_title}"

    @property
    def left(self) -> Decimal:
        """Unpaid once the voucher is paid; below zero: too much."""
        return self.line.unpaid - (self.amount or NONE)


def field_of(line_id: int) -> str:
    """The name of the amount for a line of an obligation."""
    return f"amount_{line_id}"


def may_prepare(actor: Actor) -> bool:
    """Does this actor write vouchers? Budget officers and accountants do; others read what has left the draft."""
    return actor.may(P.LEDGER_EDIT) or actor.may(P.LEDGER_PAY)


def status_of(word: str) -> DisbursementStatus | None:
    """The status that a filter names, or any."""
    return DisbursementStatus(word) if word in set(DisbursementStatus) else None


def list_disbursements(
    actor: Actor, *, status: DisbursementStatus | None = None, number: str = "", payee: str = ""
) -> Select[Disbursement, str]:
    """(voucher, name of the payee), the latest first.

    Args:
        number: a part of the number of the voucher, or of its check or advice.
        payee: words of the payee's name.
    """
    query = select(Disbursement, Payee.name).join(Payee, Payee.id == Disbursement.payee_id)
    query = query.order_by(Disbursement.dated.desc(), Disbursement.id.desc())
    if not may_prepare(actor):
        query = query.where(Disbursement.status != DisbursementStatus.DRAFT)
    if status:
        query = query.where(Disbursement.status == status)
    if number:
        query = query.where(
            Disbursement.dv_no.icontains(number, autoescape=True)
            | Disbursement.instrument.icontains(number, autoescape=True)
        )
    return query.where(*(Payee.name.icontains(word, autoescape=True) for word in payee.split()))


def proof_of_list(session: Session, query: Select[Disbursement, str], here: int) -> Proof:
    """What is paid by all vouchers of a list against the entries of the ledger (INV-28, INV-42).

    Args:
        here: how many of the paid ones are on this page.
    """
    listed = query.order_by(None).with_only_columns(Disbursement.id, Disbursement.status, Disbursement.gross).subquery()
    paid = listed.c.status == DisbursementStatus.PAID
    count, total = session.execute(
        select(func.count().filter(paid), func.coalesce(func.sum(listed.c.gross).filter(paid), 0)).select_from(listed)
    ).one()
    entries = session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.amount), 0))
        .join(LedgerPosting, LedgerPosting.id == LedgerEntry.posting_id)
        .where(
            LedgerPosting.document_kind == DocumentKind.DISBURSEMENT, LedgerEntry.measure == Measure.DISBURSEMENT,
            LedgerPosting.document_id.in_(select(listed.c.id)),
        )
    )  # fmt: skip
    nouns = ("paid voucher", "paid vouchers")
    return Proof(count, nouns, total, entries or NONE, "payments in the ledger", here if here != count else None)


def get_disbursement(session: Session, actor: Actor, disbursement_id: int) -> Disbursement:
    """One voucher; a draft only for those who write vouchers. Raises NotFound."""
    voucher = session.scalar(select(Disbursement).where(Disbursement.id == disbursement_id))
    if voucher is None or (voucher.status == DisbursementStatus.DRAFT and not may_prepare(actor)):
        raise NotFound("There is no such voucher.")
    return voucher


def proof_of(session: Session, voucher: Disbursement, lines: Sequence[Payable]) -> Proof:
    """The lines of a voucher against its gross amount or, once it is in the ledger, against the entries there."""
    total = sum((one.amount or NONE for one in lines), NONE)
    posted = voucher.status in (DisbursementStatus.PAID, DisbursementStatus.VOID)
    if not posted:
        return Proof(len(lines), ("line", "lines"), total, voucher.gross, "gross amount of the voucher")
    entries = session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.amount), 0))
        .join(LedgerPosting, LedgerPosting.id == LedgerEntry.posting_id)
        .where(
            LedgerPosting.document_kind == DocumentKind.DISBURSEMENT, LedgerPosting.document_id == voucher.id,
            LedgerPosting.reverses_id.is_(None), LedgerEntry.measure == Measure.DISBURSEMENT,
        )
    )  # fmt: skip
    return Proof(len(lines), ("line", "lines"), total, entries or NONE, "payment in the ledger")


def payable_obligations(search: str = "") -> Select[Obligation, str, Decimal]:
    """(obligation, name of the payee, unpaid) of all that are certified and not fully paid, the oldest first.

    Args:
        search: a part of the number, or words of the payee's name.
    """
    unpaid = func.sum(ObligationLine.unpaid)
    query = (
        select(Obligation, Payee.name, unpaid.label("unpaid"))
        .join(Payee, Payee.id == Obligation.payee_id)
        .join(ObligationLine, ObligationLine.obligation_id == Obligation.id)
        .where(Obligation.status == ObligationStatus.OBLIGATED)
        .group_by(Obligation.id, Payee.name)
        .having(unpaid > 0)
        .order_by(Obligation.dated, Obligation.id)
    )
    if search:
        named = and_(*(Payee.name.icontains(word, autoescape=True) for word in search.split()))
        query = query.where(or_(Obligation.ors_no.icontains(search, autoescape=True), named))
    return query


def others_of(session: Session, obligation: Obligation, but: Collection[int]) -> Sequence[Obligation]:
    """Other obligations of the same payee that could be paid by the same voucher; ten at most."""
    query = payable_obligations().where(
        Obligation.payee_id == obligation.payee_id, Obligation.fund_cluster == obligation.fund_cluster,
        Obligation.is_demo == obligation.is_demo, Obligation.id.not_in(but),
    )  # fmt: skip
    return [row[0] for row in session.execute(query.limit(10))]


def get_payable(session: Session, obligation_id: int) -> Obligation:
    """A certified obligation. Raises NotFound."""
    query = select(Obligation).where(Obligation.id == obligation_id, Obligation.status == ObligationStatus.OBLIGATED)
    found = session.scalar(query)
    if found is None:
        raise NotFound("There is no such certified obligation.")
    return found


def also_payable(session: Session, obligation: Obligation, ids: Collection[int]) -> list[Obligation]:
    """Those of these obligations that the same voucher may pay."""
    if not ids:
        return []
    query = payable_obligations().where(
        Obligation.id.in_(ids), Obligation.payee_id == obligation.payee_id,
        Obligation.fund_cluster == obligation.fund_cluster, Obligation.is_demo == obligation.is_demo,
    )  # fmt: skip
    return [row[0] for row in session.execute(query)]


def first_obligation(session: Session, voucher: Disbursement) -> tuple[Obligation, set[int]]:
    """One of the obligations of a voucher, and the ids of all."""
    query = (
        select(Obligation)
        .join(ObligationLine, ObligationLine.obligation_id == Obligation.id)
        .join(DisbursementLine, DisbursementLine.line_id == ObligationLine.id)
        .where(DisbursementLine.disbursement_id == voucher.id)
        .order_by(Obligation.dated, Obligation.id)
    )
    found = session.scalars(query).unique().all()
    return found[0], {one.id for one in found}


def lines_of(session: Session, voucher: Disbursement) -> list[Payable]:
    """What a voucher pays, in the order of its obligations."""
    return payable_lines(session, of=voucher)


def payable_lines(
    session: Session, *, of: Disbursement | None = None, obligation_ids: Iterable[int] = (),
    amounts: Mapping[int, Decimal] | None = None,
) -> list[Payable]:  # fmt: skip
    """The lines of a voucher, those with one of these amounts, and the unpaid lines of these obligations; freshly read.

    Args:
        amounts: line to what is paid of it, instead of what the voucher says.
    """
    part, mine = DisbursementLine, of.id if of else 0
    unpaid = ObligationLine.obligation_id.in_(set(obligation_ids)) & (ObligationLine.unpaid > 0)
    wanted = ObligationLine.id.in_(amounts) if amounts is not None else part.id.is_not(None)
    query = (
        select(ObligationLine, Obligation, ObjectCode.title, part.amount, _waiting(mine))
        .join(Obligation, Obligation.id == ObligationLine.obligation_id)
        .join(ObjectCode, ObjectCode.code == ObligationLine.object_code)
        .outerjoin(part, (part.line_id == ObligationLine.id) & (part.disbursement_id == mine))
        .where(wanted | unpaid)
        .order_by(Obligation.dated, Obligation.id, ObligationLine.id)
        .execution_options(populate_existing=True)
    )
    rows = session.execute(query).all()
    named = accounts.named(session, {row[0].account_id for row in rows})
    return [
        Payable(
            line, obligation, *named[line.account_id], title, amount if amounts is None else amounts.get(line.id), waits
        )
        for line, obligation, title, amount, waits in rows
    ]  # fmt: skip


def _waiting(but: int) -> ScalarSelect[Decimal]:
    """What other vouchers that wait for payment take of a line."""
    query = (
        select(func.coalesce(func.sum(DisbursementLine.amount), 0))
        .join(Disbursement, Disbursement.id == DisbursementLine.disbursement_id)
        .where(
            DisbursementLine.line_id == ObligationLine.id, Disbursement.id != but,
            Disbursement.status == DisbursementStatus.FOR_APPROVAL,
        )
    )  # fmt: skip
    return query.correlate(ObligationLine).scalar_subquery()


def get_line(session: Session, line_id: int) -> ObligationLine:
    """A line of an obligation. Raises NotFound."""
    line = session.scalar(select(ObligationLine).where(ObligationLine.id == line_id))
    if line is None:
        raise NotFound("There is no such line.")
    return line


def payments_of_line(session: Session, line_ids: Collection[int]) -> dict[int, list[tuple[Disbursement, Decimal]]]:
    """Paid vouchers of each line with what they took, the latest first."""
    query = (
        select(DisbursementLine.line_id, Disbursement, DisbursementLine.amount)
        .join(Disbursement, Disbursement.id == DisbursementLine.disbursement_id)
        .where(DisbursementLine.line_id.in_(line_ids), Disbursement.status == DisbursementStatus.PAID)
        .order_by(Disbursement.paid_at.desc(), Disbursement.id.desc())
    )
    found: dict[int, list[tuple[Disbursement, Decimal]]] = {}
    for line_id, voucher, amount in session.execute(query):
        found.setdefault(line_id, []).append((voucher, amount))
    return found


def vouchers_of(session: Session, obligation: Obligation) -> Sequence[Any]:
    """(voucher, pesos that it takes of an obligation): those sent for payment, paid and void, by their days."""
    own = select(ObligationLine.id).where(ObligationLine.obligation_id == obligation.id)
    shown = (DisbursementStatus.FOR_APPROVAL, DisbursementStatus.PAID, DisbursementStatus.VOID)
    return session.execute(
        select(Disbursement, func.sum(DisbursementLine.amount))
        .join(DisbursementLine, DisbursementLine.disbursement_id == Disbursement.id)
        .where(DisbursementLine.line_id.in_(own), Disbursement.status.in_(shown))
        .group_by(Disbursement.id)
        .order_by(Disbursement.dated, Disbursement.id)
    ).all()


def preparers_of(session: Session, voucher: Disbursement) -> set[int]:
    """Everybody who has written or submitted it: none of them pays it."""
    query = select(AuditEvent.actor_id).where(
        AuditEvent.subject_type == Disbursement.__tablename__, AuditEvent.subject_id == voucher.id,
        AuditEvent.action.in_([f"{Disbursement.__tablename__}:{verb}" for verb in PREPARING]),
    )  # fmt: skip
    found = {actor_id for actor_id in session.scalars(query.distinct()) if actor_id}
    return found | ({voucher.submitted_by} if voucher.submitted_by else set())


def history_of(session: Session, actor: Actor, voucher: Disbursement) -> Sequence:  # type: ignore[type-arg]
    """Who did what and when, the latest first."""
    query = events(actor, Disbursement.__tablename__, voucher.id)
    return session.execute(query.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(30)).all()


def balances_of(lines: Sequence[Payable]) -> list[tuple[str, BudgetAccount, Decimal]]:
    """(name, account, what these lines pay out of it) of each account, in the order of the lines."""
    found: dict[int, tuple[str, BudgetAccount, Decimal]] = {}
    for one in lines:
        _, _, before = found.get(one.account.id, ("", None, NONE))
        found[one.account.id] = (one.account_name, one.account, before + (one.amount or NONE))
    return list(found.values())


def payee_of(session: Session, voucher: Disbursement) -> Payee:
    """Who is paid."""
    return session.scalars(select(Payee).where(Payee.id == voucher.payee_id)).one()
