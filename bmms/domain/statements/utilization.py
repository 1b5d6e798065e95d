"""Utilization: what is appropriated, allotted, obligated and disbursed, the rates between them, what is left."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import CTE, Select, Subquery, case, func, literal, select
from sqlalchemy.orm import Session, aliased

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.ledger.labels import NOT_BROKEN_DOWN
from bmms.domain.proposals.labels import SOURCE
from bmms.domain.statements import rolling
from bmms.domain.statements import sums as ledger
from bmms.domain.statements.shape import Column, Look, Report, Row, completed
from bmms.domain.statements.statement import ALL_CLUSTERS, Statement
from bmms.domain.statements.sums import CLASS_NAME, EXTENDED, Accounts
from bmms.models.authority import BudgetAccount
from bmms.models.ledger import Column as Place
from bmms.models.ledger import LedgerEntry
from bmms.models.obligations import ObligationLine
from bmms.models.programs import CostStructure, Program
from bmms.models.proposals import FundingSource
from bmms.models.reference import ExpenseClass
from bmms.models.reference import Place as Town
from bmms.models.work import WorkItemPlace

FOUR = ("appropriated", "allotted", "obligated", "disbursed")
AMOUNTS, RATES, BALANCES = "Amounts", "Rates", "Balances"
TITLE = Column("title", "Group", Look.TEXT)
COLUMNS = (
    Column("appropriated", "Appropriation (AA)", group=AMOUNTS),
    Column("allotted", "Allotment (AL)", group=AMOUNTS),
    Column("obligated", "Obligations (OB)", group=AMOUNTS),
    Column("disbursed", "Disbursements (DI)", group=AMOUNTS),
    Column("release_rate", "Release AL÷AA", Look.SHARE, RATES, over=("allotted", "appropriated")),
    Column("obligation_rate", "Obligation OB÷AL", Look.SHARE, RATES, over=("obligated", "allotted")),
    Column("utilization_rate", "Utilization OB÷AA", Look.SHARE, RATES, over=("obligated", "appropriated")),
    Column("disbursement_rate", "Disbursement DI÷OB", Look.SHARE, RATES, over=("disbursed", "obligated")),
    Column("cash_rate", "Cash DI÷AL", Look.SHARE, RATES, over=("disbursed", "allotted")),
    Column("unreleased", "Unreleased AA−AL", group=BALANCES, terms=((1, "appropriated"), (-1, "allotted"))),
    Column("unobligated", "Unobligated AL−OB", group=BALANCES, terms=((1, "allotted"), (-1, "obligated"))),
    Column("unpaid", "Unpaid OB−DI", group=BALANCES, terms=((1, "obligated"), (-1, "disbursed"))),
)
BY_PLACE = tuple(
    column for column in COLUMNS if column.key in ("obligated", "disbursed", "disbursement_rate", "unpaid")
)
RATE_NOTE = (
    "Each rate is a sum divided by a sum; the heading names what it is divided by. A rate without a denominator is "
    "shown as —."
)
NO_PLACE, SEVERAL = "No work item with a place", "In several places"


@dataclass(frozen=True, kw_only=True)
class Utilization(Statement):
    """Groups of accounts side by side; by quarter, how it stood at the end of each."""

    kind = "utilization"
    code = "UTIL"
    name = "Utilization"
    title = "Utilization of the budget"
    about = "Rates and balances by class, program, quarter, funding source or place."
    is_wide = has_chart = True
    choices = {
        "cluster": ("Fund cluster", ALL_CLUSTERS),
        "by": (
            "Grouped", {"class": "By class", "program": "By program", "quarter": "By quarter",
                        "source": "By funding source", "place": "By place of the work item"},
        ),
    }  # fmt: skip

    columns: ClassVar[tuple[Column, ...]] = COLUMNS
    note: ClassVar[str] = RATE_NOTE
    by: str = "class"

    def read(self, session: Session, page: int | None = None) -> Report:
        """One read of the ledger; by place a second key of the entries comes along."""
        accounts = ledger.accounts_of(session, self)
        if self.by == "quarter":
            return self._by_quarter(session, accounts)
        columns = [TITLE, *(BY_PLACE if self.by == "place" else self.columns)]
        leaves, proved = self._places(accounts) if self.by == "place" else self._groups(accounts)
        found = rolling.rolled(leaves, [("key", "title", "sort")], (*FOUR, "accounts"))
        query = rolling.in_order(found, ("sort", "title", "key"), self.window(page), proved)
        whole, rows = rolling.split(session, query)
        total = Row(completed(columns, {**rolling.values_of(whole, FOUR), "title": "Total"}), is_sum=True)
        together = sum((whole._mapping[name] for name in FOUR), NONE)
        notes: tuple[str, ...] = (self.note,)
        if self.by == "place":
            notes += ("Appropriations and allotments name no place: an obligation has the places of its work item.",)
            proof = ledger.proof_of_entries(whole.in_all - 1, ("place", "places"), together, whole.entered)
        else:
            proof = ledger.proof_of(self, accounts, int(whole.accounts), together, whole.entered)
        return Report(
            columns,
            [Row(completed(columns, {**rolling.values_of(row, FOUR), "title": self._name(row)})) for row in rows],
            total, whole.in_all - 1, proof, accounts.is_demo, first=self.window(page)[0], notes=notes,
        )  # fmt: skip

    def _groups(self, accounts: Accounts) -> tuple[Subquery, Any]:
        sums, account = ledger.sums_of(self, accounts), BudgetAccount
        ways: dict[str, tuple[Any, Any, Any, list[Any]]] = {
            "class": (
                account.expense_class, literal(""), ledger.placed(ledger.CLASS_ORDER, account.expense_class),
                [account.expense_class],
            ),
            "source": (
                account.source, literal(""), ledger.placed(tuple(FundingSource), account.source), [account.source]
            ),
            "program": (
                func.concat(account.cost_structure, account.program_id), func.coalesce(Program.title, ""),
                ledger.placed(ledger.STRUCTURE_ORDER, account.cost_structure),
                [account.cost_structure, account.program_id, Program.title],
            ),
        }  # fmt: skip
        key, title, sort, grouped = ways[self.by]
        leaves = (
            select(
                key.label("key"), title.label("title"), sort.label("sort"), *ledger.four(sums),
                func.count(sums.c.account_id.distinct()).label("accounts"),
            )
            .select_from(sums)
            .join(account, account.id == sums.c.account_id)
            .outerjoin(Program, Program.id == account.program_id)
            .group_by(*grouped)
            .subquery("leaves")
        )  # fmt: skip
        return leaves, ledger.entered(sums).label("entered")

    def _name(self, row: Any) -> str:
        names: dict[str, Callable[[], str]] = {
            "class": lambda: CLASS_NAME[ExpenseClass(row.key)][0],
            "source": lambda: SOURCE[FundingSource(row.key)],
            "program": lambda: row.title or NOT_BROKEN_DOWN[CostStructure(row.key) if row.key else None],
            "place": lambda: row.title,
        }
        return names[self.by]()

    def _places(self, accounts: Accounts) -> tuple[Subquery, Any]:
        """Obligations and payments by the place of the work item that they are for."""
        only = (
            select(WorkItemPlace.work_item_id, func.min(WorkItemPlace.psgc).label("psgc"),
                   func.count(WorkItemPlace.psgc.distinct()).label("many"))
            .group_by(WorkItemPlace.work_item_id)
            .subquery("places_of_item")
        )  # fmt: skip
        above, entry = aliased(Town), LedgerEntry
        one = only.c.many == 1
        key = case((one, only.c.psgc), (only.c.many > 1, literal("several")), else_=literal("none"))
        title = case(
            (one, func.concat_ws(", ", Town.name, above.name)), (only.c.many > 1, literal(SEVERAL)),
            else_=literal(NO_PLACE),
        )  # fmt: skip
        sort = case((one, 0), (only.c.many > 1, 1), else_=2)
        obligated = func.coalesce(func.sum(entry.amount).filter(entry.statement_column == Place.OBLIGATION), 0)
        disbursed = func.coalesce(func.sum(entry.amount).filter(entry.statement_column == Place.DISBURSEMENT), 0)
        spent = entry.statement_column.in_((Place.OBLIGATION, Place.DISBURSEMENT))
        leaves = (
            select(
                key.label("key"), title.label("title"), sort.label("sort"), literal(0).label("appropriated"),
                literal(0).label("allotted"), obligated.label("obligated"), disbursed.label("disbursed"),
                literal(0).label("accounts"),
            )
            .select_from(entry)
            .outerjoin(ObligationLine, ObligationLine.id == entry.obligation_line_id)
            .outerjoin(only, only.c.work_item_id == ObligationLine.item_id)
            .outerjoin(Town, Town.psgc == only.c.psgc)
            .outerjoin(above, above.psgc == Town.parent_psgc)
            .where(*ledger.among(self, accounts), spent)
            .group_by(only.c.psgc, only.c.many, Town.name, above.name)
            .subquery("leaves")
        )  # fmt: skip
        proved = select(func.coalesce(func.sum(entry.amount), 0)).where(*ledger.among(self, accounts), spent)
        return leaves, proved.scalar_subquery().label("entered")

    def _by_quarter(self, session: Session, accounts: Accounts) -> Report:
        """How it stood at the end of each quarter that has begun, and at the end of the extended period."""
        columns = [TITLE, *self.columns]
        sums = ledger.sums_of(self, accounts)
        query = self._cumulated(sums)
        rows = session.execute(query).all()
        whole = rows[-1]
        together = sum((whole._mapping[name] for name in FOUR), NONE)
        names = {quarter: f"To the end of quarter {quarter}" for quarter in range(1, 5)}
        names[EXTENDED] = "With the extended period"
        if rows[-1].period <= 4:
            names[rows[-1].period] = f"Quarter {rows[-1].period} to {self.as_of.day} {self.as_of:%B %Y}"
        return Report(
            columns,
            [Row(completed(columns, {**rolling.values_of(row, FOUR), "title": names[row.period]})) for row in rows],
            None, len(rows), ledger.proof_of(self, accounts, int(whole.accounts), together, whole.entered),
            accounts.is_demo, notes=(self.note, "Each row holds all from the first day of the year on."),
        )  # fmt: skip

    def _cumulated(self, sums: CTE) -> Select[Any]:
        year = self.fiscal_year
        last = EXTENDED if self.as_of.year > year else (self.as_of.month + 2) // 3 if self.as_of.year == year else 1
        period = func.generate_series(1, last).table_valued("period", name="periods").render_derived()
        own = case((sums.c.is_extended, EXTENDED), else_=sums.c.quarter)
        return (
            select(period.c.period, *ledger.four(sums), func.count(sums.c.account_id.distinct()).label("accounts"),
                   ledger.entered(sums).label("entered"))
            .select_from(period)
            .outerjoin(sums, own <= period.c.period)
            .group_by(period.c.period)
            .order_by(period.c.period)
        )  # fmt: skip
