"""Monthly execution for MFBM: programs by class against the same share of the year (modules 2.11, R-15)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Numeric, String, cast, func, select
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.ledger.labels import NOT_BROKEN_DOWN
from bmms.domain.planning.labels import SECTOR
from bmms.domain.statements import physical, rolling
from bmms.domain.statements import sums as ledger
from bmms.domain.statements.shape import Column, Look, Report, Row, completed, rate
from bmms.domain.statements.statement import Statement
from bmms.domain.statements.sums import CLASS_NAME
from bmms.models.authority import BudgetAccount
from bmms.models.organizations import Organization
from bmms.models.programs import Program
from bmms.tenancy import scope_of

FIGURES = ("appropriated", "allotted", "obligated", "disbursed", "share", "accounts")
COLUMNS = (
    Column("title", "Program and class", Look.TEXT),
    Column("moa", "MOA", Look.TEXT),
    Column("sector", "Sector", Look.TEXT),
    Column("appropriated", "Approved"),
    Column("allotted", "Allotted"),
    Column("obligated", "Obligated"),
    Column("disbursed", "Disbursed"),
    Column("release_rate", "Allotment rate ÷ approved", Look.SHARE, over=("allotted", "appropriated")),
    Column("obligation_rate", "Obligation rate ÷ allotted", Look.SHARE, over=("obligated", "allotted")),
    Column("disbursement_rate", "Disbursement rate ÷ obligated", Look.SHARE, over=("disbursed", "obligated")),
    Column("physical", "Physical progress", Look.SHARE),
    Column("variance", "Variance to the share of the year"),
    Column("remarks", "Remarks", Look.TEXT),
)


@dataclass(frozen=True, kw_only=True)
class Monthly(Statement):
    """Program and class in 13 columns; the variance measures obligations against twelfths of the appropriation."""

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
                func.concat(account.cost_structure, account.program_id).label("program"), account.program_id,
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
        levels = [
            ("program", "program_id", "structure", "structure_place", "title", "sector"),
            ("expense_class", "class_place"),
        ]
        found = rolling.rolled(leaves, levels, FIGURES)
        order = ("structure_place", "title", "program", "class_place")
        query = rolling.in_order(found, order, self.window(page), ledger.entered(sums).label("entered"))
        whole, rows = rolling.split(session, query)
        reported = physical.of_programs(session, self.fiscal_year, self.as_of)
        moa = (
            session.scalar(select(Organization.code).where(Organization.id == scope_of(session).organization_id)) or ""
        )
        together = sum((whole._mapping[name] for name in FIGURES[:4]), NONE)
        return Report(
            COLUMNS, [_row(row, moa, reported) for row in rows],
            Row(_told(whole, {"title": "Total", "moa": moa, "physical": reported.get(None)}), is_sum=True),
            whole.in_all - 1,
            ledger.proof_of(self, accounts, int(whole.accounts), together, whole.entered), accounts.is_demo,
            first=self.window(page)[0],
            notes=(
                f"The share of the year is {self.months} of 12 months of what is approved. Each rate is a sum "
                "divided by a sum; one without a denominator is shown as —. The variance is what is obligated less "
                "that share; the remarks say how far above or below it that is.", physical.NOTE,
            ),
        )  # fmt: skip


def _row(row: Any, moa: str, reported: Mapping[int | None, Decimal]) -> Row:
    is_program = row.depth == 0
    name = (row.title or NOT_BROKEN_DOWN[row.structure]) if is_program else CLASS_NAME[row.expense_class][0]
    sector = SECTOR[row.sector] if is_program and row.sector else ""
    progress = reported.get(row.program_id) if is_program and (row.program_id or row.structure is None) else None
    told = {"title": name, "moa": moa, "sector": sector, "physical": progress}
    return Row(_told(row, told), level=row.depth, is_sum=is_program)


def _told(row: Any, told: Mapping[str, Any]) -> dict[str, Any]:
    variance = row.obligated - row.share
    words = {"variance": variance, "remarks": remark_of(rate(variance, row.share)), "sector": ""}
    return dict(completed(COLUMNS, {**rolling.values_of(row, FIGURES), **words, **told}))


def remark_of(share: Decimal | None) -> str:
    """How far obligations are from the share of the year, in words; nothing where there is none to measure by."""
    if not share:
        return "" if share is None else "as the share"
    return f"{abs(share) * 100:,.1f} % {'above' if share > 0 else 'below'}"
