"""Numbers of documents: each series of a fiscal year gives the next one on posting, and none twice (INV-41)."""

from dataclasses import dataclass

from sqlalchemy import Connection, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import P
from bmms.models.authority import BudgetAccount
from bmms.models.ledger import NumberSeries
from bmms.tenancy import scope_of

_NEXT = text(
    "INSERT INTO number_series AS series (organization_id, fiscal_year, series, last, is_demo)"
    " VALUES (:organization_id, :year, :series, 1, :demo)"
    " ON CONFLICT (organization_id, fiscal_year, series, is_demo) DO UPDATE SET last = series.last + 1 RETURNING last"
)

OBLIGATIONS, VOUCHERS, ADJUSTMENTS = "ors", "dv", "norsa"
LARGEST = 999_999


@dataclass(frozen=True)
class Series:
    """A series, how its numbers look, and the column of the document that takes one.

    Args:
        form: of a number, such as `01-2026-03-{:04d}`.
    """

    name: str
    fiscal_year: int
    form: str
    column: str


def next_of(connection: Connection, organization_id: int, series: Series, *, demo: bool) -> str:
    """The next number of a series; whoever asks at the same time waits until this transaction ends."""
    asked = {"organization_id": organization_id, "year": series.fiscal_year, "series": series.name, "demo": demo}
    return series.form.format(connection.execute(_NEXT, asked).scalar_one())


def list_series(session: Session, fiscal_year: int) -> list[NumberSeries]:
    """The series of a year, with the last number of each."""
    query = select(NumberSeries).where(NumberSeries.fiscal_year == fiscal_year)
    return list(session.scalars(query.order_by(NumberSeries.series, NumberSeries.is_demo)))


def last_of_all(session: Session, fiscal_year: int) -> list[tuple[str, int, bool]]:
    """(series, last number, demo) of all series that a year can have; 0 where none is given out."""
    found = {(row.series, row.is_demo): row.last for row in list_series(session, fiscal_year)}
    every = dict.fromkeys([*((name, False) for name in names_of(session, fiscal_year)), *found])
    return [(name, found.get((name, demo), 0), demo) for name, demo in every]


def names_of(session: Session, fiscal_year: int) -> list[str]:
    """The series that a year can have: one of obligations for each fund cluster, vouchers, notices of adjustment."""
    query = select(BudgetAccount.fund_cluster).where(BudgetAccount.fiscal_year == fiscal_year).distinct()
    clusters = sorted({*session.scalars(query), "01"})
    return [*(obligations_of(cluster) for cluster in clusters), VOUCHERS, ADJUSTMENTS]


def obligations_of(fund_cluster: str) -> str:
    """The series of the obligation requests of a fund cluster: ors-01."""
    return f"{OBLIGATIONS}-{fund_cluster}"


def title_of(name: str) -> str:
    """What people call a series."""
    kind, _, cluster = name.partition("-")
    titles = {
        OBLIGATIONS: f"Obligation requests, fund cluster {cluster}", VOUCHERS: "Disbursement vouchers",
        ADJUSTMENTS: "Notices of adjustment",
    }  # fmt: skip
    return titles.get(kind, name)


def begin_after(session: Session, actor: Actor, name: str, fiscal_year: int, last: int) -> None:
    """Let a series go on where the paper log stopped: `last` is the last number given out there.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: the series has given out that number or a higher one.
    """
    actor.require(P.LEDGER_EDIT)
    row = _held(session, name, fiscal_year)
    if last < row.last:
        raise RuleBroken(
            f"Number {row.last} of this series is given out already. Type {row.last} or more.", field="last"
        )
    _go_on(session, actor, row, last)


def carry_on(session: Session, actor: Actor, name: str, fiscal_year: int, last: int) -> None:
    """Let a series go on after `last`, unless it has come further: what an opening position does when it is posted."""
    row = _held(session, name, fiscal_year)
    if last > row.last:
        _go_on(session, actor, row, last)


def _held(session: Session, name: str, fiscal_year: int) -> NumberSeries:
    """The row of a series, made where there is none, and locked."""
    key = {"fiscal_year": fiscal_year, "series": name, "is_demo": False}
    made = insert(NumberSeries).values(**key, organization_id=scope_of(session).organization_id)
    names = ["organization_id", *key]
    session.execute(made.on_conflict_do_nothing(index_elements=names))
    query = select(NumberSeries).filter_by(**key).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _go_on(session: Session, actor: Actor, row: NumberSeries, last: int) -> None:
    before, row.last = row.last, last
    audit.record(
        session, actor, "number_series:change", row, label=f"{row.series} {row.fiscal_year}", last=(before, last)
    )
