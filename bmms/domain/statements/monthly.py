"""Monthly execution for MFBM: programs by class against the same share of the year (modules 2.11, R-15)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Numeric, String, cast, func, select
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.ledger.labels import NOT_BROKEN_DOWN
from bmms.domain.planning.labels import SECTOR
from bmms.domain.statements import rolling
from bmms.domain.statements import sums as ledger
from bmms.domain.statements.shape import Column, Look, Report, Row, completed
from bmms.domain.statements.statement import Statement
from bmms.domain.statements.sums import CLASS_NAME
from bmms.models.authority import BudgetAccount
from bmms.models.programs import Program

FIGURES = ("appropriated", "allotted", "obligated", "disbursed", "share", "accounts")
COLUMNS = (
    Column("title", "Program and class", Look.TEXT),
    Column("sector", "Sector", Look.TEXT),
    Column("appropriated", "Approved"),
    Column("allotted", "Allotted"),
    Column("obligated", "Obligated"),
    Column("disbursed", "Disbursed"),
    Column("release_rate", "Allotment rate ÷ approved", Look.SHARE, over=("allotted", "appropriated")),
    Column("obligation_rate", "Obligation rate ÷ allotted", Look.SHARE, over=("obligated", "allotted")),
    Column("disbursement_rate", "Disbursement rate ÷ obligated", Look.SHARE, over=("disbursed", "obligated")),
    Column("share", "Approved, same share of the year"),
    Column("variance", "Variance: obligated less that share", terms=((1, "obligated"), (-1, "share"))),
    Column("variance_rate", "Variance ÷ that share", Look.SHARE, over=("variance", "share")),
)


@dataclass(frozen=True, kw_only=True)
class Monthly(Statement):
    """Program and class with sub-totals; the variance measures obligations against twelfths of the appropriation."""

    kind = "monthly"
    code = "MFBM"
    name = "Monthly execution"
    title = "Monthly budget execution report"
    is_wide = True
    about = "Programs against the same share of the year, for MFBM."

    @property
    def months(self) -> int:
        """Months of the fiscal year that have begun up to the day asked for."""
        behind = self.as_of.year - self.fiscal_year
        return 12 if behind > 0 else 0 if behind < 0 else self.as_of.month

    def read(self, session: Session, page: int | None = None) -> Report:
        """Sub-totals by ROLLUP."""
        accounts = ledger.accounts_of(session, self)
        sums, account = ledger.sums_of(self, accounts), BudgetAccount
        approved = ledger.part(sums, *ledger.APPROPRIATED)
        share = func.round(cast(approved * self.months / 12, Numeric), 2).label("share")
        title, sector = func.coalesce(Program.title, ""), func.coalesce(cast(Program.sector, String), "")
        structure = ledger.placed(ledger.STRUCTURE_ORDER, account.cost_structure)
        leaves = (
            select(
                func.concat(account.cost_structure, account.program_id).label("program"),
                account.cost_structure.label("structure"), structure.label("structure_place"), title.label("title"),
                sector.label("sector"), account.expense_class,
                ledger.placed(ledger.CLASS_ORDER, account.expense_class).label("class_place"), *ledger.four(sums),
                share,
                func.count(sums.c.account_id.distinct()).label("accounts"),
            )
            .select_from(sums)
            .join(account, account.id == sums.c.account_id)
            .outerjoin(Program, Program.id == account.program_id)
            .group_by(account.cost_structure, account.program_id, Program.title, Program.sector, account.expense_class)
            .subquery("leaves")
        )  # fmt: skip
        levels = [("program", "structure", "structure_place", "title", "sector"), ("expense_class", "class_place")]
        found = rolling.rolled(leaves, levels, FIGURES)
        order = ("structure_place", "title", "program", "class_place")
        query = rolling.in_order(found, order, self.window(page), ledger.entered(sums).label("entered"))
        whole, rows = rolling.split(session, query)
        total = completed(COLUMNS, {**rolling.values_of(whole, FIGURES), "title": "Total", "sector": ""})
        together = sum((whole._mapping[name] for name in FIGURES[:4]), NONE)
        return Report(
            COLUMNS, [_row(row) for row in rows], Row(total, is_sum=True), whole.in_all - 1,
            ledger.proof_of(self, accounts, int(whole.accounts), together, whole.entered), accounts.is_demo,
            first=self.window(page)[0],
            notes=(
                f"The same share of the year is {self.months} of 12 months of what is approved. Each rate is a sum "
                "divided by a sum; one without a denominator is shown as —.",
            ),
        )  # fmt: skip


def _row(row: Any) -> Row:
    is_program = row.depth == 0
    name = (row.title or NOT_BROKEN_DOWN[row.structure]) if is_program else CLASS_NAME[row.expense_class][0]
    told = {"title": name, "sector": SECTOR[row.sector] if is_program and row.sector else ""}
    return Row(completed(COLUMNS, {**rolling.values_of(row, FIGURES), **told}), level=row.depth, is_sum=is_program)
