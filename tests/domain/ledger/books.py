"""Every kind of document put into the ledger by few words, and a clerk's own books of Decimals beside them."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from bmms.domain.ledger import posting
from bmms.models.allotments import AllotmentLine, AllotmentOrder, OrderKind, OrderStatus
from bmms.models.changes import BudgetChange, BudgetChangeLine, ChangeKind, ChangeStatus
from bmms.models.disbursements import Disbursement, DisbursementLine, DisbursementStatus, PaymentMode
from bmms.models.ledger import DocumentKind, PostingVerb
from bmms.models.obligations import (
    AdjustmentStatus,
    DueNote,
    Obligation,
    ObligationAdjustment,
    ObligationAdjustmentLine,
    ObligationLine,
    ObligationStatus,
    ObligationType,
)
from tests.execution import MACHINE, PAPER, YEAR, Treasury, key
from tests.planning import Desk

NOTHING = Decimal(0)
CHAIN = ("appropriation", "allotment", "obligation", "disbursement")


@dataclass(frozen=True)
class Move:
    """One amount of one measure in one account (and line) on one day."""

    account: int
    measure: str
    amount: Decimal
    day: date
    line: int | None = None


@dataclass
class Books:
    """What a careful clerk would have: all moves, and whether the chain holds on every day."""

    moves: list[Move] = field(default_factory=list)
    closed: set[int] = field(default_factory=set)  # months

    def would_take(self, moves: list[Move]) -> bool:
        """Could these be added? Not into a closed month or before one, nor against the chain on any day."""
        if any(move.day.month <= max(self.closed, default=0) for move in moves):
            return False
        accounts, lines = {move.account for move in moves}, {move.line for move in moves if move.line}
        books = [*self.moves, *moves]
        return all(self._holds(books, "account", one, CHAIN) for one in accounts) and all(
            self._holds(books, "line", one, ("obligation", "due", "disbursement")) for one in lines
        )

    @staticmethod
    def _holds(moves: list[Move], owner: str, its_id: int, chain: tuple[str, ...]) -> bool:
        days = sorted({move.day for move in moves if getattr(move, owner) == its_id})
        mine = [move for move in moves if getattr(move, owner) == its_id]
        for day in days:
            sums = [sum((m.amount for m in mine if m.measure == one and m.day <= day), NOTHING) for one in chain]
            if sums != sorted(sums, reverse=True) or sums[-1] < 0:
                return False
        return True

    def total(self, measure: str, **owner: int) -> Decimal:
        """The sum of a measure in an account or a line."""
        ((name, its_id),) = owner.items()
        return sum((m.amount for m in self.moves if m.measure == measure and getattr(m, name) == its_id), NOTHING)


class Clerk:
    """Prepares documents as Rahma and has them posted by those whose turn it is."""

    def __init__(self, office: Treasury) -> None:
        self.office = office
        self._numbers = 0

    @property
    def _session(self) -> Session:
        return self.office.rahma.session

    def _number(self) -> str:
        self._numbers += 1
        return f"B-{self._numbers}"

    def _object(self, account_id: int) -> str:
        return MACHINE if account_id == self.office.co else PAPER

    def _save(self, row: Any) -> Any:
        self._session.add(row)
        self._session.flush()
        return row

    def _post(self, desk: Desk, order: posting.Order) -> None:
        self._session.commit()
        try:
            posting.post(desk.session, desk.actor, order)
            desk.session.commit()
        except Exception:
            desk.session.rollback()
            raise

    def order(self, kind: OrderKind, day: date, *lines: tuple[int, Decimal]) -> None:
        """An allotment order; amounts below zero go away."""
        total = abs(sum(amount for _, amount in lines)) if kind == OrderKind.TRANSFER else sum(abs(a) for _, a in lines)
        row = self._save(AllotmentOrder(
            fiscal_year=YEAR, number=self._number(), kind=kind, dated=day, request="SBR", counterpart="Region",
            total=total, entered_by=self.office.rahma.actor.user_id,
        ))  # fmt: skip
        for account_id, amount in lines:
            sign = -1 if amount < 0 else 1
            self._save(AllotmentLine(order_id=row.id, account_id=account_id, amount=abs(amount), direction=sign))
        idris = self.office.idris
        self._post(idris, posting.Order(
            DocumentKind.ALLOTMENT_ORDER, row.id, {OrderStatus.DRAFT},
            {"status": OrderStatus.RELEASED, "released_by": idris.actor.user_id}, f"Order {row.number}", day, key(),
        ))  # fmt: skip

    def obligation(self, day: date, *lines: tuple[int, Decimal]) -> list[int]:
        """A certified obligation; returns the ids of its lines."""
        by = self.office.rahma.actor.user_id
        row = self._save(Obligation(
            fiscal_year=YEAR, dated=day, payee_id=self.office.payee, kind=ObligationType.OTHER, particulars="x",
            total=sum(amount for _, amount in lines), requested_by=by, entered_by=by, ors_no=self._number(),
        ))  # fmt: skip
        parts = [
            self._save(
                ObligationLine(obligation_id=row.id, account_id=one, object_code=self._object(one), amount=amount)
            )
            for one, amount in lines
        ]
        ids = [part.id for part in parts]
        salma = self.office.salma
        self._post(salma, posting.Order(
            DocumentKind.OBLIGATION, row.id, {ObligationStatus.DRAFT},
            {"status": ObligationStatus.OBLIGATED, "certified_by": salma.actor.user_id}, f"ORS {row.ors_no}", day,
            key(),
        ))  # fmt: skip
        return ids

    def adjustment(self, line_id: int, day: date, amount: Decimal) -> None:
        """More or less of a line."""
        line = self._session.get_one(ObligationLine, line_id)
        row = self._save(ObligationAdjustment(
            obligation_id=line.obligation_id, fiscal_year=YEAR, dated=day, reason="x", norsa_no=self._number(),
            entered_by=self.office.rahma.actor.user_id,
        ))  # fmt: skip
        self._save(ObligationAdjustmentLine(adjustment_id=row.id, line_id=line_id, amount=amount))
        salma = self.office.salma
        self._post(salma, posting.Order(
            DocumentKind.OBLIGATION_ADJUSTMENT, row.id, {AdjustmentStatus.DRAFT},
            {"status": AdjustmentStatus.POSTED, "certified_by": salma.actor.user_id}, "NORSA", day, key(),
        ))  # fmt: skip

    def due(self, line_id: int, day: date, amount: Decimal) -> None:
        """So much of a line is due and demandable."""
        omar = self.office.omar
        row = DueNote(line_id=line_id, dated=day, amount=amount, entered_by=omar.actor.user_id)
        self._session.commit()
        omar.session.add(row)
        omar.session.flush()
        self._post(omar, posting.Order(DocumentKind.DUE_NOTE, row.id, (), {}, "Due", day, key()))

    def voucher(self, day: date, *lines: tuple[int, Decimal]) -> int:
        """A paid voucher; returns its id."""
        gross = sum((amount for _, amount in lines), NOTHING)
        row = self._save(Disbursement(
            fiscal_year=YEAR, dated=day, payee_id=self.office.payee, mode=PaymentMode.CHECK, gross=gross, tax=0,
            net=gross, dv_no=self._number(), submitted_by=self.office.rahma.actor.user_id,
        ))  # fmt: skip
        for line_id, amount in lines:
            self._save(DisbursementLine(disbursement_id=row.id, line_id=line_id, amount=amount))
        omar, its_id = self.office.omar, row.id
        self._post(omar, posting.Order(
            DocumentKind.DISBURSEMENT, row.id, {DisbursementStatus.DRAFT},
            {"status": DisbursementStatus.PAID, "paid_by": omar.actor.user_id}, f"DV {row.dv_no}", day, key(),
        ))  # fmt: skip
        return its_id

    def void(self, voucher_id: int, day: date) -> None:
        """Take a payment back."""
        idris = self.office.idris
        becomes = {
            "status": DisbursementStatus.VOID, "voided_on": day, "voided_by": idris.actor.user_id,
            "void_asked_by": self.office.omar.actor.user_id,
        }  # fmt: skip
        self._post(idris, posting.Order(
            DocumentKind.DISBURSEMENT, voucher_id, {DisbursementStatus.PAID}, becomes, "Void", day, key(),
            verb=PostingVerb.REVERSE,
        ))  # fmt: skip

    def change(self, kind: ChangeKind, day: date, *lines: tuple[int, Decimal, Decimal], law: str = "") -> int:
        """A change of the budget: (account, appropriation, allotment). Returns its id."""
        row = self._save(BudgetChange(
            fiscal_year=YEAR, kind=kind, reference=self._number(), dated=day, reason="x" * 100, cited_law=law,
            requested_by=self.office.rahma.actor.user_id, approved_by=self.office.hadji.actor.user_id,
            savings="finished", declared_by="Head",
        ))  # fmt: skip
        for account_id, appropriation, allotment in lines:
            self._save(BudgetChangeLine(
                change_id=row.id, account_id=account_id, appropriation=appropriation, allotment=allotment
            ))  # fmt: skip
        idris, its_id = self.office.idris, row.id
        self._post(idris, posting.Order(
            DocumentKind.BUDGET_CHANGE, row.id, {ChangeStatus.DRAFT}, {"status": ChangeStatus.POSTED}, "Change", day,
            key(),
        ))  # fmt: skip
        return its_id

    def reverse(self, change_id: int, day: date) -> None:
        """Take a change back."""
        self._post(self.office.idris, posting.Order(
            DocumentKind.BUDGET_CHANGE, change_id, {ChangeStatus.POSTED},
            {"status": ChangeStatus.REVERSED, "reversed_on": day}, "Reversal", day, key(), verb=PostingVerb.REVERSE,
        ))  # fmt: skip
