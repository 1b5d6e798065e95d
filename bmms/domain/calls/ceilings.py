"""The ceiling of a call by class, what it leaves undivided, and the proof that the one comes to the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain.calls.queries import CEILINGS
from bmms.domain.proofs import Proof
from bmms.models.budgets import BudgetCall

NONE = Decimal("0.00")
UNDIVIDED = "Not divided by class"


@dataclass(frozen=True)
class Ceilings:
    """The rows of the table, None for a class that the call leaves open; pesos."""

    rows: tuple[tuple[str, Decimal | None], ...]
    ceiling: Decimal

    @property
    def proof(self) -> Proof:
        """The rows against the ceiling."""
        known = [amount for _, amount in self.rows if amount is not None]
        return Proof(len(known), ("amount", "amounts"), sum(known, NONE), self.ceiling, "the ceiling of the call")


def ceilings_of(session: Session, call: BudgetCall) -> Ceilings:
    """Each class, and in the end what the database finds left of the ceiling."""
    columns = (BudgetCall.ceiling_ps, BudgetCall.ceiling_mooe, BudgetCall.ceiling_finex, BudgetCall.ceiling_co)
    divided = sum((func.coalesce(one, NONE) for one in columns[1:]), func.coalesce(columns[0], NONE))
    left = session.scalar(select(BudgetCall.ceiling - divided).where(BudgetCall.id == call.id))
    rows = [(label, getattr(call, name)) for name, label in CEILINGS.items()]
    return Ceilings((*rows, *([(UNDIVIDED, left)] if left else [])), call.ceiling)


def proof_of_list(session: Session, calls: Sequence[BudgetCall]) -> Proof:
    """The ceilings that the list shows, against those of all calls."""
    total = session.scalar(select(func.sum(BudgetCall.ceiling)))
    shown = sum((call.ceiling for call in calls), NONE)
    return Proof(len(calls), ("call", "calls"), shown, total or NONE, "the ceilings of all calls")
