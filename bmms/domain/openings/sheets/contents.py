"""What the workbook is checked against: accounts, objects, payees, the ledger; in few statements whatever its size."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cached_property

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.ledger import accounts
from bmms.domain.ledger.accounts import Shown
from bmms.models.ledger import LedgerEntry, Measure
from bmms.models.obligations import Obligation, ObligationLine
from bmms.models.openings import OpeningLine, OpeningPosition
from bmms.models.payees import Payee
from bmms.models.reference import ObjectCode


class Contents:
    """One opening position with all that its workbook can name; read when first asked for."""

    def __init__(self, session: Session, opening: OpeningPosition) -> None:
        self.session, self.opening = session, opening

    @cached_property
    def accounts(self) -> dict[int, Shown]:
        """The accounts of its year whose law is in force, in the order of their numbers."""
        found = [one for one in accounts.chargeable(self.session) if not one.account.is_demo]
        mine = [one for one in found if one.account.fiscal_year == self.opening.fiscal_year]
        return {one.account.id: one for one in mine}

    @cached_property
    def objects(self) -> dict[str, ObjectCode]:
        """The whole list of objects."""
        return {one.code: one for one in self.session.scalars(select(ObjectCode).order_by(ObjectCode.code))}

    @cached_property
    def appropriated(self) -> dict[int, list[tuple[date, Decimal]]]:
        """By account: the days on which its appropriation moved, and by how much."""
        query = (
            select(LedgerEntry.account_id, LedgerEntry.doc_date, func.sum(LedgerEntry.amount))
            .where(
                LedgerEntry.account_id.in_(self.accounts),
                LedgerEntry.measure.in_([Measure.AUTHORISED, Measure.ADJUSTMENT]),
            )
            .group_by(LedgerEntry.account_id, LedgerEntry.doc_date)
        )
        found: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
        for account_id, day, amount in self.session.execute(query):
            found[account_id].append((day, amount))
        return found

    def appropriated_on(self, account_id: int, day: date) -> Decimal:
        """The appropriation of an account, adjusted, as of a day; pesos."""
        return sum((amount for on, amount in self.appropriated.get(account_id, ()) if on <= day), NONE)

    @cached_property
    def numbers(self) -> set[tuple[str, str]]:
        """(fund cluster, ORS number) of the obligations of its year that do not come from this position."""
        mine = (
            select(ObligationLine.obligation_id)
            .join(OpeningLine, OpeningLine.line_id == ObligationLine.id)
            .where(OpeningLine.opening_id == self.opening.id)
        )
        query = select(Obligation.fund_cluster, Obligation.ors_no).where(
            Obligation.fiscal_year == self.opening.fiscal_year, Obligation.ors_no != "",
            Obligation.is_demo.is_(False), Obligation.id.not_in(mine),
        )  # fmt: skip
        return {(cluster, number) for cluster, number in self.session.execute(query)}

    @cached_property
    def payees(self) -> dict[str, list[int]]:
        """Those of the register by their names (`folded`)."""
        found: dict[str, list[int]] = defaultdict(list)
        query = select(Payee.id, Payee.name).where(Payee.is_demo.is_(False), Payee.is_active).order_by(Payee.id)
        for key, name in self.session.execute(query):
            found[folded(name)].append(key)
        return found


def folded(name: str) -> str:
    """A name as it is compared: capitals and blanks do not matter."""
    return " ".join(name.casefold().split())
