"""Budget accounts as screens name and list them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.errors import NotFound
from bmms.domain.ledger.labels import NOT_BROKEN_DOWN
from bmms.domain.proofs import Proof
from bmms.models.authority import Appropriation, AppropriationStatus, BudgetAccount
from bmms.models.ledger import LedgerEntry, Measure
from bmms.models.organizations import Organization
from bmms.models.programs import Program
from bmms.models.reference import ExpenseClass


@dataclass(frozen=True)
class Shown:
    """An account with its number as printed, what it is for, and its law."""

    account: BudgetAccount
    number: str  # MOH-2026-118
    title: str  # Immunization Program, MOOE
    law: str

    @property
    def name(self) -> str:
        """Number and title in one line."""
        return f"{self.number} {self.title}"


def _query():  # type: ignore[no-untyped-def]
    return (
        select(BudgetAccount, Organization.code, Program.title, Appropriation.reference)
        .join(Organization, Organization.id == BudgetAccount.organization_id)
        .join(Appropriation, Appropriation.id == BudgetAccount.appropriation_id)
        .outerjoin(Program, Program.id == BudgetAccount.program_id)
        .order_by(BudgetAccount.fiscal_year.desc(), BudgetAccount.number)
    )


def _shown(account: BudgetAccount, code: str, program: str | None, law: str) -> Shown:
    title = program or NOT_BROKEN_DOWN[account.cost_structure]
    demo = " (demo)" if account.is_demo else ""
    return Shown(
        account, f"{code}-{account.fiscal_year}-{account.number:03d}", f"{title}, {account.expense_class}{demo}", law
    )


def get_account(session: Session, account_id: int) -> Shown:
    """One account. Raises NotFound."""
    row = session.execute(_query().where(BudgetAccount.id == account_id)).first()
    if row is None:
        raise NotFound("There is no such budget account.")
    return _shown(*row)


def named(session: Session, ids: Iterable[int]) -> dict[int, tuple[BudgetAccount, str]]:
    """Accounts by id, each with its full name; freshly read."""
    rows = session.execute(_query().where(BudgetAccount.id.in_(ids)).execution_options(populate_existing=True))
    return {row[0].id: (row[0], _shown(*row).name) for row in rows}


def shown_by_id(session: Session, ids: Iterable[int]) -> dict[int, Shown]:
    """Accounts by id, as lists show them."""
    return {row[0].id: _shown(*row) for row in session.execute(_query().where(BudgetAccount.id.in_(ids)))}


def years_of(session: Session) -> Sequence[int]:
    """The fiscal years in which there are accounts, the latest first."""
    years = select(BudgetAccount.fiscal_year).distinct().order_by(BudgetAccount.fiscal_year.desc())
    return session.scalars(years).all()


def list_accounts(
    session: Session, fiscal_year: int, *, search: str = "", kind: ExpenseClass | None = None
) -> list[Shown]:
    """The accounts of a year in the order of their numbers; the money of all laws of that year."""
    query = _query().where(BudgetAccount.fiscal_year == fiscal_year)
    if search:
        query = query.where(Program.title.icontains(search, autoescape=True))
    if kind:
        query = query.where(BudgetAccount.expense_class == kind)
    return [_shown(*row) for row in session.execute(query)]


def chargeable(session: Session, *, or_lapsed: bool = False) -> list[Shown]:
    """All accounts whose law is in force, of whatever year: what a document can name.

    Args:
        or_lapsed: also those whose law was in force.
    """
    law = Appropriation.status
    is_in_force = law != AppropriationStatus.DRAFT if or_lapsed else law == AppropriationStatus.IN_FORCE
    return [_shown(*row) for row in session.execute(_query().where(is_in_force))]


@dataclass(frozen=True)
class Totals:
    """Sums over accounts; pesos."""

    appropriated: Decimal = NONE
    allotted: Decimal = NONE
    obligated: Decimal = NONE
    disbursed: Decimal = NONE

    def rate(self, part: str, whole: str) -> Decimal | None:
        """The sum of one over the sum of the other; None where there is no whole to divide by (INV-39)."""
        return getattr(self, part) / getattr(self, whole) if getattr(self, whole) else None


def totals_of(shown: Iterable[Shown]) -> Totals:
    """What these accounts come to."""
    rows = [one.account for one in shown]
    return Totals(
        *(
            sum((getattr(row, name) for row in rows), NONE)
            for name in ("appropriated", "allotted", "obligated", "disbursed")
        )
    )


def proof_of_list(session: Session, shown: Sequence[Shown]) -> Proof:
    """What the list says is obligated against the entries of the ledger (INV-28)."""
    ids = [one.account.id for one in shown]
    entries = session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.amount), 0)).where(
            LedgerEntry.account_id.in_(ids), LedgerEntry.measure == Measure.OBLIGATION
        )
    )
    return Proof(
        len(ids), ("account", "accounts"), totals_of(shown).obligated, entries or NONE, "obligations in the ledger"
    )
