"""FAR No. 1 of one organization beside the bare GROUP BY of its entries, in the same run; the target is 1.5 times.

    PYTHONPATH=. .venv/bin/python tests/bench/statements.py [entries, 100000 unless said]

Makes a database of its own beside those of the tests (`BMMS_TEST_SERVER`, or the private cluster) and drops it. The
entries are invented and put past the rules of the ledger: the time of reading is measured, not that of posting.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import psycopg
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from bmms.domain.statements.far1 import Far1
from bmms.launch.cluster import SUPERUSER, attach
from bmms.models.locks import Lock
from bmms.tenancy import bind_scope
from tests import conftest

ROUNDS, YEAR, PROGRAMS = 15, 2025, 100
CLASSES = ("PS", "MOOE", "FinEx", "CO")
RAW = text(
    "SELECT account_id, statement_column, quarter, sum(amount) FROM ledger_entries WHERE doc_date <= :day"
    " GROUP BY account_id, statement_column, quarter"
)
PLANT = """
SET session_replication_role = replica;
INSERT INTO organizations (id, code, name, kind) OVERRIDING SYSTEM VALUE VALUES (1, 'MOH', 'Bench', 'ministry');
INSERT INTO programs (id, organization_id, code, cost_structure, level, title, normal_title)
OVERRIDING SYSTEM VALUE
SELECT n, 1, 'P' || n, CASE WHEN n <= 2 THEN 'gas' WHEN n <= 4 THEN 'sto' ELSE 'operations' END, 'program',
       'Program ' || n, 'program ' || n FROM generate_series(1, {programs}) n;
INSERT INTO budget_accounts (id, organization_id, fiscal_year, number, appropriation_id, source, fund_cluster,
                             cost_structure, program_id, expense_class, obligate_until, pay_until)
OVERRIDING SYSTEM VALUE
SELECT 4 * (program.id - 1) + place, 1, {year}, 4 * (program.id - 1) + place, 1, 'gaab', '01', program.cost_structure,
       program.id, class, '{year}-12-31', '{year}-12-31'
FROM programs program CROSS JOIN unnest(ARRAY{classes}) WITH ORDINALITY AS classes (class, place);
INSERT INTO ledger_entries (organization_id, posting_id, account_id, obligation_line_id, measure, statement_column,
                            amount, doc_date)
SELECT 1, n / 5 + 1, n % {accounts} + 1, CASE WHEN kind > 1 THEN n END,
       (ARRAY['authorised', 'allotment', 'obligation', 'obligation', 'due', 'disbursement'])[kind + 1],
       (ARRAY['authorised', 'received', 'obligation', 'obligation', 'due', 'disbursement'])[kind + 1],
       round((1 + random() * 100000)::numeric, 2), date '{year}-01-01' + (random() * 364)::int
FROM (SELECT n, (random() * 5)::int AS kind FROM generate_series(1, {entries}) n) AS drawn;
"""


@contextmanager
def server() -> Iterator[str]:
    """A superuser's address."""
    if address := os.environ.get("BMMS_TEST_SERVER"):
        yield address
        return
    with attach(conftest.PROJECT / "instance", name="test-cluster", tuning=conftest.FAST) as cluster:
        yield cluster.url(SUPERUSER, "postgres")


@contextmanager
def planted(address: str, entries: int) -> Iterator[str]:
    """A database with so many entries of one organization; the address for the application."""
    template, name = f"bmms_template_{conftest._fingerprint()}", f"bmms_bench_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(%s)", (Lock.TEST_TEMPLATE,))
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (template,)).fetchone():
            admin.execute(f"DROP DATABASE IF EXISTS {template}_making")
            conftest._make_template(address, admin, template)
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER bmms_owner")
        admin.execute("SELECT pg_advisory_unlock(%s)", (Lock.TEST_TEMPLATE,))
        try:
            parts = psycopg.conninfo.conninfo_to_dict(address) | {"dbname": name}
            with psycopg.connect(**parts, autocommit=True) as own:
                own.execute(PLANT.format(
                    programs=PROGRAMS, year=YEAR, classes=list(CLASSES), entries=entries,
                    accounts=PROGRAMS * len(CLASSES),
                ))  # fmt: skip
                own.execute("RESET session_replication_role")
                own.execute("VACUUM ANALYZE")
            yield conftest._url(address, "bmms_app", name)
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def milliseconds(*ways: Callable[[], object]) -> list[float]:
    """The median of a few runs of each; they take turns, so that a busy machine is busy for all."""
    taken: list[list[float]] = [[] for _ in ways]
    for _ in range(ROUNDS):
        for work, times in zip(ways, taken, strict=True):
            began = time.perf_counter()
            work()
            times.append(1000 * (time.perf_counter() - began))
    return [statistics.median(times) for times in taken]


def main() -> None:
    """Print the times and their ratio."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with server() as address, planted(address, entries) as url:
        engine = create_engine(url)
        with Session(engine) as session:
            bind_scope(session, 1)
            whole = Far1(fiscal_year=YEAR, as_of=date(YEAR, 12, 31))
            raw, paper, page, classes = milliseconds(
                lambda: session.execute(RAW, {"day": whole.as_of}).all(),
                lambda: whole.read(session),
                lambda: whole.read(session, 1),
                lambda: Far1(fiscal_year=YEAR, as_of=whole.as_of, detail="class").read(session),
            )
            report = whole.read(session)
            print(f"{entries:,} entries, {report.count} rows")
            print(f"bare GROUP BY {raw:.0f} ms; FAR-1 {paper:.0f} ms ({paper / raw:.2f} times); one page {page:.0f} ms "
                  f"({page / raw:.2f} times); by class {classes:.0f} ms ({classes / raw:.2f} times)")  # fmt: skip
        engine.dispose()


if __name__ == "__main__":
    main()
