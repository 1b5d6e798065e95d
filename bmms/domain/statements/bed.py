"""BED-1 and BED-3: what is programmed to be obligated and paid, against what is appropriated (modules 2.11, R-14)."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import ARRAY, BigInteger, any_, case, func, literal, select
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.bed import figures
from bmms.domain.bed.labels import MONTHS
from bmms.domain.proofs import Proof
from bmms.domain.statements import rolling
from bmms.domain.statements import sums as ledger
from bmms.domain.statements.programmed import OfProgram, row_of
from bmms.domain.statements.shape import Column, Look, Report, Row, completed
from bmms.domain.statements.sums import Accounts
from bmms.models.authority import BudgetAccount

TITLE = Column("title", "Program and class", Look.TEXT)
APPROPRIATED = Column("appropriated", "Appropriation")
QUARTERS = tuple(f"q{quarter}" for quarter in range(1, 5))
SOURCE = "the appropriations in the ledger"


def _sum(name: str, heading: str, parts: Sequence[str], group: str = "") -> Column:
    return Column(name, heading, group=group, terms=tuple((1, part) for part in parts))


@dataclass(frozen=True, kw_only=True)
class _Money(OfProgram):
    """Programs with their classes, with sub-totals; what is left without a program is named."""

    is_wide: ClassVar[bool] = True
    per_page: ClassVar[int] = 25

    @property
    @abstractmethod
    def columns(self) -> Sequence[Column]:
        """The columns; the sums among them come after what they are sums of."""

    @abstractmethod
    def shares(self) -> Sequence[str]:
        """The columns that together are the appropriation."""

    def read(self, session: Session, page: int | None = None) -> Report:
        """The program and the ledger side by side, sub-totals by ROLLUP."""
        row = self.program(session)
        accounts = ledger.accounts_of(session, self, is_demo=row.is_demo if row else None)
        leaves = self._leaves(accounts)
        names = [column.key for column in leaves.c if column.key in {*figures.FIGURES, *QUARTERS, "obligated"}]
        levels = [
            ("program", "structure", "structure_place", "title"), ("expense_class", "class_place", "line_id"),
        ]  # fmt: skip
        order = ("structure_place", "title", "program", "class_place")
        account_ids = any_(literal(list(accounts.ids), ARRAY(BigInteger)))
        kept = select(func.coalesce(func.sum(BudgetAccount.appropriated), 0)).where(BudgetAccount.id == account_ids)
        query = rolling.in_order(
            rolling.rolled(leaves, levels, names), order, self.window(page), kept.scalar_subquery().label("kept")
        )
        whole, rows = rolling.split(session, query)
        total: Any = completed(self.columns, {**rolling.values_of(whole, names), "title": "Total"})
        together = sum((total[name] for name in self.shares()), NONE)
        is_last = accounts.last_on is None or accounts.last_on <= self.as_of
        proof = Proof(
            whole.in_all - 1, ("row", "rows"), together, whole.kept if is_last else total["appropriated"], SOURCE,
        )  # fmt: skip
        return Report(
            self.columns, [row_of(self.columns, found, names) for found in rows], Row(total, is_sum=True),
            whole.in_all - 1, proof, row.is_demo if row else accounts.is_demo, first=self.window(page)[0],
            notes=self.notes(total["unprogrammed"]),
        )  # fmt: skip

    def notes(self, left: Decimal) -> tuple[str, ...]:
        """What is not programmed, said in words."""
        if not left:
            return ("All that is appropriated is programmed.",)
        return (f"₱ {left:,.2f} of the appropriation is not programmed; the last column says where.",)

    def _leaves(self, accounts: Accounts):  # type: ignore[no-untyped-def]
        rows = figures.leaves(figures.keyed(self.bed_id, ledger.among(self, accounts)))
        obligated = sum((rows.c[name] for name in figures.OBLIGATIONS[1:]), rows.c.o1)
        months = [rows.c[name] for name in figures.OBLIGATIONS]
        quarters = [sum(months[at + 1 : at + 3], months[at]).label(QUARTERS[at // 3]) for at in range(0, 12, 3)]
        return select(rows, *quarters, obligated.label("obligated")).subquery("leaves_by_quarter")


@dataclass(frozen=True, kw_only=True)
class Bed1(_Money):
    """The financial plan."""

    kind = "bed-1"
    code = "BED1"
    name = "BED No. 1"
    title = "Financial plan"
    about = "What is programmed to be obligated, quarter by quarter or month by month, against the appropriation."
    choices = {"by": ("Columns", {"quarter": "By quarter", "month": "By month"})}

    by: str = "quarter"

    @property
    def columns(self) -> Sequence[Column]:
        """By quarter or by month."""
        group = "Obligations programmed"
        if self.by == "month":
            parts = [Column(f"o{month}", MONTHS[month], group=group) for month in figures.MONTHS]
        else:
            parts = [Column(name, f"Quarter {place}", group=group) for place, name in enumerate(QUARTERS, 1)]
        total = _sum("programmed", "Total", [part.key for part in parts], group)
        left = Column("unprogrammed", "Not programmed", terms=((1, "appropriated"), (-1, "programmed")))
        return [TITLE, APPROPRIATED, *parts, total, left]

    def shares(self) -> Sequence[str]:
        """What is programmed, and what is not."""
        return "programmed", "unprogrammed"


@dataclass(frozen=True, kw_only=True)
class Bed3(_Money):
    """The monthly disbursement program."""

    kind = "bed-3"
    code = "BED3"
    name = "BED No. 3"
    title = "Monthly disbursement program"
    about = "What is programmed to be paid month by month out of what is obligated: the cash program."

    @property
    def columns(self) -> Sequence[Column]:
        """Twelve months, what is paid after the year, and what is not programmed."""
        group = "Disbursements programmed"
        months = [Column(f"d{month}", MONTHS[month], group=group) for month in figures.MONTHS]
        return [
            TITLE, APPROPRIATED, Column("obligated", "Obligations programmed"), *months,
            _sum("paid", "Total", figures.DISBURSEMENTS, group),
            Column("later", "Unpaid at the end of the year", terms=((1, "obligated"), (-1, "paid"))),
            Column("unprogrammed", "Not programmed", terms=((1, "appropriated"), (-1, "obligated"))),
        ]  # fmt: skip

    def shares(self) -> Sequence[str]:
        """What is paid in the year, what is paid later, what is not programmed."""
        return "paid", "later", "unprogrammed"


@dataclass(frozen=True, kw_only=True)
class Schedule(OfProgram):
    """Quarter by quarter, what is programmed beside what was allotted, obligated and paid."""

    kind = "bed-schedule"
    code = "BEDQ"
    name = "Program and execution"
    title = "Program of the year and its execution by quarter"
    about = "What is programmed for each quarter against what was allotted, obligated and paid; the variance."
    is_wide: ClassVar[bool] = True

    def read(self, session: Session, page: int | None = None) -> Report:
        """One query; a quarter is that of the date of a document."""
        row = self.program(session)
        accounts = ledger.accounts_of(session, self, is_demo=row.is_demo if row else None)
        sums = ledger.sums_of(self, accounts)
        programmed = figures.by_quarter(self.bed_id).subquery("programmed")
        period = case((sums.c.is_extended, ledger.EXTENDED), else_=sums.c.quarter)
        posted = select(period.label("quarter"), *ledger.four(sums)).group_by(period).subquery("posted")
        quarter = func.coalesce(programmed.c.quarter, posted.c.quarter)
        query = (
            select(
                quarter.label("quarter"),
                *(func.coalesce(programmed.c[name], 0).label(name) for name in ("obligation", "disbursement")),
                *(func.coalesce(posted.c[name], 0).label(name) for name in ("appropriated", *ACTUAL)),
                ledger.entered(sums).label("entered"),
            )
            .select_from(programmed)
            .join(posted, posted.c.quarter == programmed.c.quarter, full=True)
            .order_by(quarter)
        )
        found: Sequence[Any] = session.execute(query).all()
        names = ("obligation", "disbursement", *ACTUAL)
        rows = [
            Row(completed(SCHEDULE, {**rolling.values_of(one, names), "title": _quarter(one.quarter)}))
            for one in found
            if one.quarter != ledger.EXTENDED or any(getattr(one, name) for name in ACTUAL)
        ]
        sums_of_all = {name: sum((getattr(one, name) for one in found), NONE) for name in ("appropriated", *names)}
        total = Row(completed(SCHEDULE, {**sums_of_all, "title": "Total"}), is_sum=True)
        together = sum((sums_of_all[name] for name in ("appropriated", *ACTUAL)), NONE)
        entered = found[0].entered if found else NONE
        return Report(
            SCHEDULE, rows, total, len(rows), ledger.proof_of(self, accounts, len(accounts.ids), together, entered),
            row.is_demo if row else accounts.is_demo,
            notes=(
                "A quarter is that of the date of a document. The variance of obligations is what was obligated less "
                "what is programmed; one without a program is shown as —. The program is a proposal of releases, not "
                "an allotment. The proof is of what is appropriated, allotted, obligated and paid together.",
            ),
        )  # fmt: skip


def _quarter(number: int) -> str:
    return "Extended period" if number == ledger.EXTENDED else f"Quarter {number}"


ACTUAL = ("allotted", "obligated", "disbursed")
SCHEDULE = (
    Column("title", "Quarter", Look.TEXT),
    Column("obligation", "Programmed"),
    Column("allotted", "Allotted"),
    Column("obligated", "Obligated"),
    Column("variance", "Variance", terms=((1, "obligated"), (-1, "obligation"))),
    Column("variance_rate", "Variance ÷ programmed", Look.SHARE, over=("variance", "obligation")),
    Column("disbursement", "Payments programmed"),
    Column("disbursed", "Disbursed"),
    Column("cash_variance", "Variance of payments", terms=((1, "disbursed"), (-1, "disbursement"))),
    Column("cash_rate", "Variance ÷ payments programmed", Look.SHARE, over=("cash_variance", "disbursement")),
)
