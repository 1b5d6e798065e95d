"""Statement of appropriations, allotments, obligations, disbursements and balances, in the style of FAR No. 1."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import CTE, Select, String, Subquery, cast, func, literal_column, null, or_, select
from sqlalchemy import Row as SqlRow
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.ledger.labels import CLUSTERS
from bmms.domain.proposals.labels import SOURCE
from bmms.domain.statements import rolling
from bmms.domain.statements import sums as ledger
from bmms.domain.statements.shape import Column, Look, Report, Row, completed, rate
from bmms.domain.statements.statement import ALL_CLUSTERS, Statement
from bmms.domain.statements.sums import CLASS_NAME, EXTENDED, STRUCTURE_NAME, Accounts
from bmms.models.authority import BudgetAccount
from bmms.models.ledger import Column as Place
from bmms.models.programs import Program
from bmms.models.proposals import FundingSource

APPROPRIATIONS, ALLOTMENTS = "Appropriations", "Allotments"
OBLIGATIONS, DISBURSEMENTS = "Current year obligations", "Current year disbursements"
BALANCES, UNPAID = "Balances", "Unpaid obligations"
QUARTERS = (1, 2, 3, 4)
CLUSTER, SOURCES, STRUCTURE, PROGRAM, CLASS = range(5)  # how deep a row stands; the whole stands at -1
FIGURES = (
    "authorised", "adjustment", "received", "allotment_adjustment", "transfer_from", "transfer_to",
    *(f"{name}{period}" for name in ("obligated", "disbursed") for period in (*QUARTERS, EXTENDED)),
    "due", "extended", "accounts",
)  # fmt: skip
LEVELS = (
    ("cluster",), ("source", "source_place"), ("cost_structure", "structure_place"),
    ("program_id", "program", "program_code"), ("expense_class", "class_place"),
)  # fmt: skip
PROGRAM_WORDS = ("program", "program_code")
NOTES = (
    "Column 15 is the sum of columns 11 to 14 and of the extended period, column 20 likewise; columns 23 and 24 "
    "together are column 15 less column 20.",
)


def _quarters(name: str, first: int, group: str) -> list[Column]:
    return [
        Column(f"{name}{quarter}", f"Quarter {quarter}", group=group, number=str(first + quarter - 1))
        for quarter in QUARTERS
    ]


def _by_quarter(name: str, first: int, group: str, *, extended: bool) -> list[Column]:
    parts = _quarters(name, first, group)
    if extended:
        parts.append(Column(f"{name}{EXTENDED}", "Extended period", group=group))
    terms = tuple((1, each.key) for each in parts)
    return [*parts, Column(name, "Total", group=group, number=str(first + len(QUARTERS)), terms=terms)]


def columns_of(*, extended: bool) -> list[Column]:
    """The columns of the form; those of the extended period only where something stands in them."""
    return [
        Column("title", "Particulars", Look.TEXT, number="1"),
        Column("code", "UACS code", Look.TEXT, number="2"),
        Column("authorised", "Authorized", group=APPROPRIATIONS, number="3"),
        Column("adjustment", "Adjustments", group=APPROPRIATIONS, number="4"),
        Column("appropriated", "Adjusted", group=APPROPRIATIONS, number="5",
               terms=((1, "authorised"), (1, "adjustment"))),
        Column("received", "Received", group=ALLOTMENTS, number="6"),
        Column("allotment_adjustment", "Adjustments", group=ALLOTMENTS, number="7"),
        Column("transfer_to", "Transfer to", group=ALLOTMENTS, number="8"),
        Column("transfer_from", "Transfer from", group=ALLOTMENTS, number="9"),
        Column("allotted", "Adjusted", group=ALLOTMENTS, number="10",
               terms=((1, "received"), (1, "allotment_adjustment"), (-1, "transfer_to"), (1, "transfer_from"))),
        *_by_quarter("obligated", 11, OBLIGATIONS, extended=extended),
        *_by_quarter("disbursed", 16, DISBURSEMENTS, extended=extended),
        Column("unreleased", "Unreleased 5−10", group=BALANCES, number="21",
               terms=((1, "appropriated"), (-1, "allotted"))),
        Column("unobligated", "Unobligated 10−15", group=BALANCES, number="22",
               terms=((1, "allotted"), (-1, "obligated"))),
        Column("due", "Due and demandable", group=UNPAID, number="23"),
        Column("not_yet_due", "Not yet due", group=UNPAID, number="24",
               terms=((1, "obligated"), (-1, "disbursed"), (-1, "due"))),
    ]  # fmt: skip


def _figures(sums: CTE) -> list[Any]:
    """The base figures of one account, as PostgreSQL adds them up."""
    simple = {
        "authorised": Place.AUTHORISED, "adjustment": Place.ADJUSTMENT, "received": Place.RECEIVED,
        "allotment_adjustment": Place.ALLOTMENT_ADJUSTMENT, "transfer_from": Place.TRANSFER_FROM,
    }  # fmt: skip
    return [
        *(ledger.part(sums, place).label(name) for name, place in simple.items()),
        (-ledger.part(sums, Place.TRANSFER_TO)).label("transfer_to"),
        *(
            ledger.part(sums, place, period=period).label(f"{name}{period}")
            for name, place in (("obligated", Place.OBLIGATION), ("disbursed", Place.DISBURSEMENT))
            for period in (*QUARTERS, EXTENDED)
        ),
        ledger.due(sums).label("due"),
        func.count().filter(
            sums.c.is_extended, sums.c.statement_column.in_((Place.OBLIGATION, Place.DISBURSEMENT))
        ).label("extended"),
        func.count(sums.c.account_id.distinct()).label("accounts"),
    ]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Far1(Statement):
    """Fund cluster › funding source › cost structure › program › class, with sub-totals, in 24 columns."""

    kind = "far-1"
    code = "FAR1"
    name = "FAR No. 1"
    title = "Statement of appropriations, allotments, obligations, disbursements and balances"
    about = "Every program and class from its appropriation to its unpaid obligations, quarter by quarter."
    choices = {
        "cluster": ("Fund cluster", ALL_CLUSTERS),
        "detail": ("Detail", {"program": "Program and class", "class": "Class only"}),
    }  # fmt: skip
    is_wide = by_quarter = True
    per_page = 36  # rows of 26 amounts that fit into the first round trip of a page
    style = "FAR No. 1 style"

    detail: str = "program"

    def read(self, session: Session, page: int | None = None) -> Report:
        """The entries are added up once, sub-totals by ROLLUP."""
        accounts = ledger.accounts_of(session, self)
        whole, found = rolling.split(session, self.query(accounts, page))
        columns = columns_of(extended=bool(whole.extended))
        total = Row(
            completed(columns, {**rolling.values_of(whole, FIGURES), "title": "Total", "code": ""}), is_sum=True
        )
        cells: Any = total.cells
        together = sum((cells[name] for name in ("appropriated", "allotted", "obligated", "disbursed")), NONE)
        return Report(
            columns, [self._row(columns, row) for row in found], total, whole.in_all - 1,
            ledger.proof_of(self, accounts, int(whole.accounts), together, whole.entered), accounts.is_demo,
            first=self.window(page)[0], figures=_key_figures(total), notes=NOTES,
        )  # fmt: skip

    def parts(self, session: Session) -> list[tuple[str, Statement]]:
        """All fund clusters together, then each that has accounts (R-10)."""
        if self.cluster:
            return super().parts(session)
        account = BudgetAccount
        query = select(account.fund_cluster).where(account.fiscal_year == self.fiscal_year).distinct()
        clusters = session.scalars(query.order_by(account.fund_cluster)).all()
        return [("Consolidated", self), *((f"Cluster {one}", replace(self, cluster=one)) for one in clusters)]

    def query(self, accounts: Accounts, page: int | None = None) -> Select[Any]:
        """Rows in the order of the form; the whole always among them."""
        sums = ledger.sums_of(self, accounts)
        found = rolling.rolled(self._leaves(sums), LEVELS, FIGURES)
        shown = or_(found.c.depth != PROGRAM, found.c.program_id != 0)
        order = ("cluster", "source_place", "structure_place", "program_code", "program_id", "class_place")
        return rolling.in_order(found, order, self.window(page), ledger.entered(sums).label("entered"), only=shown)

    def _leaves(self, sums: CTE) -> Subquery:
        """One row for each program and class of a fund cluster and source, or for each class alone."""
        account = BudgetAccount
        program: list[Any] = [
            func.coalesce(account.program_id, 0).label("program_id"), Program.title.label("program"),
            func.coalesce(func.nullif(Program.uacs_pap, ""), Program.code).label("program_code"),
        ]  # fmt: skip
        if self.detail == "class":
            program = [literal_column("0").label("program_id"), *(null().label(name) for name in PROGRAM_WORDS)]
        keys = [
            account.fund_cluster.label("cluster"), account.source,
            ledger.placed(tuple(FundingSource), account.source).label("source_place"),
            func.coalesce(cast(account.cost_structure, String), ledger.NO_STRUCTURE).label("cost_structure"),
            func.coalesce(ledger.placed(ledger.STRUCTURE_ORDER, account.cost_structure), 9).label("structure_place"),
            account.expense_class, ledger.placed(ledger.CLASS_ORDER, account.expense_class).label("class_place"),
            *program,
        ]  # fmt: skip
        grouped: list[Any] = [account.fund_cluster, account.source, account.cost_structure, account.expense_class]
        if self.detail == "program":
            grouped += [account.program_id, Program.title, Program.uacs_pap, Program.code]
        return (
            select(*keys, *_figures(sums))
            .select_from(sums)
            .join(account, account.id == sums.c.account_id)
            .outerjoin(Program, Program.id == account.program_id)
            .group_by(*grouped)
            .subquery("leaves")
        )

    def _row(self, columns: list[Column], found: SqlRow[Any]) -> Row:
        names = {
            CLUSTER: (f"Fund cluster {CLUSTERS[found.cluster]}" if found.cluster else "", found.cluster),
            SOURCES: (SOURCE[found.source], "") if found.source else ("", ""),
            STRUCTURE: STRUCTURE_NAME[found.cost_structure] if found.cost_structure else ("", ""),
            PROGRAM: (found.program, found.program_code),
            CLASS: CLASS_NAME[found.expense_class] if found.expense_class else ("", ""),
        }  # fmt: skip
        title, code = names[found.depth]
        cells = completed(columns, {**rolling.values_of(found, FIGURES), "title": title, "code": code})
        level = found.depth - (found.depth == CLASS and not found.program_id)
        return Row(cells, level=level, is_sum=found.depth != CLASS)


def _key_figures(total: Row) -> tuple[tuple[str, Decimal, str, Decimal | None], ...]:
    cells: Any = total.cells
    pairs = (
        ("Adjusted appropriation", "appropriated", "", ""),
        ("Adjusted allotment", "allotted", "appropriated", "of appropriation"),
        ("Obligations", "obligated", "allotted", "of allotment"),
        ("Disbursements", "disbursed", "obligated", "of obligations"),
    )
    return tuple(
        (name, cells[key], remark, rate(cells[key], cells[over]) if over else None) for name, key, over, remark in pairs
    )
