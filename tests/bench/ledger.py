"""What posting costs, with durable commits: beside single-row inserts, the same statements sent bare, and as it grows.

Run by `make bench`: python tests/bench/ledger.py [entries …]. It makes a server of its own under instance/, a database
for each size, and leaves nothing behind in the pilot. What is compared takes turns, posting by posting, so that a busy
machine is busy for all; medians are told. A posting computes and commits, an insert does little but commit: their ratio
tells more about the disk than about BMMS. It is taken as the disk is, and with commits that wait longer.
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.ledger import posting
from bmms.domain.ledger.numbers import Series
from bmms.domain.permissions import ALL_PERMISSIONS
from bmms.launch.cluster import SUPERUSER, attach
from bmms.launch.roles import create_roles
from bmms.models.ledger import DocumentKind
from bmms.models.obligations import ObligationStatus
from bmms.tenancy import bind_person, bind_scope
from tests.conftest import PASSWORDS, PROJECT, _url

SIZES = (10_000, 100_000, 1_000_000)
ACCOUNTS, POSTINGS = 2_000, 300
COMMITS = (0, 500, 1_000, 2_000)  # microseconds that a commit waits before it is written (commit_delay)
DATABASE = "bmms_bench"
GROUND = """
SET session_replication_role = replica;
INSERT INTO users (id, username, email, first_name, last_name, phone, password_hash, status)
  OVERRIDING SYSTEM VALUE SELECT n, 'bench' || n, 'bench' || n || '@bmms.invalid', 'B', 'B', '', '', 'active'
  FROM generate_series(1, 2) n;
INSERT INTO organizations (id, code, name, kind) OVERRIDING SYSTEM VALUE VALUES (1, 'BENCH', 'Bench', 'ministry');
INSERT INTO object_codes (code, title, expense_class, level) VALUES ('5020301000', 'Supplies', 'MOOE', 'object');
INSERT INTO payees (id, organization_id, name) OVERRIDING SYSTEM VALUE VALUES (1, 1, 'A supplier');
INSERT INTO appropriations (id, organization_id, fiscal_year, reference, dated, effective_on, obligate_until, pay_until,
  total, status) OVERRIDING SYSTEM VALUE VALUES (1, 1, {year}, 'Bench', '{first}', '{first}', '{last}', '{last}', 1,
  'in_force');
INSERT INTO budget_accounts (id, organization_id, fiscal_year, number, appropriation_id, source, fund_cluster,
  cost_structure, program_id, expense_class, obligate_until, pay_until, authorised, allotted, last_on)
  OVERRIDING SYSTEM VALUE SELECT n, 1, {year}, n, 1, 'gaab', '01', 'operations', n, 'MOOE', '{last}', '{last}',
  100000000, 100000000, '{first}' FROM generate_series(1, {accounts}) n;
INSERT INTO ledger_postings (id, organization_id, key, document_kind, document_id, doc_date, label, posted_label)
  OVERRIDING SYSTEM VALUE SELECT n, 1, 'ground' || n, 'opening', n, '{first}', 'Ground', ''
  FROM generate_series(1, {accounts}) n;
INSERT INTO ledger_entries (organization_id, posting_id, account_id, measure, statement_column, amount, doc_date)
  SELECT 1, n, n, m, c, 100000000, '{first}' FROM generate_series(1, {accounts}) n,
  (VALUES ('authorised', 'authorised'), ('allotment', 'received')) AS both_of (m, c);
SELECT setval(pg_get_serial_sequence(t, 'id'), 2000000, true) FROM unnest(ARRAY['ledger_postings', 'obligations',
  'obligation_lines']) t;
"""
MORE = """
SET session_replication_role = replica;
INSERT INTO ledger_postings (id, organization_id, key, document_kind, document_id, doc_date, label, posted_label)
  OVERRIDING SYSTEM VALUE SELECT n, 1, 'more' || n, 'opening', n, '{first}'::date + (n %% {days}), 'More', ''
  FROM generate_series({start}, {end}) n;
INSERT INTO ledger_entries (organization_id, posting_id, account_id, object_code, measure, statement_column, amount,
  doc_date) SELECT 1, n, 1 + n %% {accounts}, '5020301000', 'obligation', 'obligation', 0.01,
  '{first}'::date + (n %% {days}) FROM generate_series({start}, {end}) n;
UPDATE budget_accounts account SET obligated = sums.obligated, last_on = sums.last_on FROM (
  SELECT account_id, sum(amount) FILTER (WHERE measure = 'obligation') AS obligated, max(doc_date) AS last_on
  FROM ledger_entries GROUP BY account_id) sums WHERE sums.account_id = account.id;
DELETE FROM budget_account_objects;
INSERT INTO budget_account_objects (organization_id, account_id, object_code, is_controlled, obligated)
  SELECT 1, account_id, object_code, false, sum(amount) FROM ledger_entries WHERE object_code IS NOT NULL
  GROUP BY account_id, object_code;
"""
DRAFTS = """
SET session_replication_role = replica;
WITH made AS (
  INSERT INTO obligations (organization_id, fiscal_year, dated, payee_id, kind, particulars, total, status,
    requested_by)
  SELECT 1, {year}, '{today}', 1, 'other', 'Bench', 1, 'requested', 2 FROM generate_series(1, {count}) RETURNING id)
INSERT INTO obligation_lines (organization_id, obligation_id, account_id, object_code, amount)
  SELECT 1, id, 1 + id %% {accounts}, '5020301000', 1 FROM made;
"""


def in_turns(count: int, *acts: Callable[[int], object]) -> list[float]:
    """The median milliseconds of each act; so many times each, one after the other."""
    found: list[list[float]] = [[] for _ in acts]
    for number in range(count):
        for act, taken in zip(acts, found, strict=True):
            begun = time.perf_counter()
            act(number)
            taken.append((time.perf_counter() - begun) * 1000)
    return [statistics.median(taken) for taken in found]


class Bench:
    """A ledger of one organization on a durable server."""

    def __init__(self, server: str, database: str) -> None:
        self.today = clock.today()
        self.days = max((self.today - date(self.today.year, 1, 1)).days, 1)
        self.values = {
            "year": self.today.year, "first": date(self.today.year, 1, 1), "last": date(self.today.year, 12, 31),
            "today": self.today, "accounts": ACCOUNTS, "days": self.days,
        }  # fmt: skip
        self.admin = psycopg.connect(psycopg.conninfo.make_conninfo(server, dbname=database), autocommit=True)
        self.run(GROUND)
        self.admin.execute("ANALYZE")
        self.entries = 2 * ACCOUNTS
        self.engine = create_engine(_url(server, "bmms_app", database))
        self.bare_url = _url(server, "bmms_app", database).replace("+psycopg", "")
        self.bare = psycopg.connect(self.bare_url)
        self.actor = Actor(1, "Bench", organization_id=1, permissions=ALL_PERMISSIONS)

    def close(self) -> None:
        self.engine.dispose()
        self.bare.close()
        self.admin.close()

    def wait_at_commits(self, microseconds: int) -> None:
        """Let each commit take so much longer, as a slower disk would; for new connections, so all are made anew."""
        waits = {"commit_delay": microseconds, "commit_siblings": 0}
        for name, value in waits.items():
            self.admin.execute(f"SET {name} = {value}")
            self.admin.execute(f"ALTER DATABASE {self.admin.info.dbname} SET {name} = {value}")
        self.engine.dispose()
        self.bare.close()
        self.bare = psycopg.connect(self.bare_url)

    def run(self, script: str, **more: Any) -> None:
        self.admin.execute(script.format(**self.values, **more).replace("%%", "%"))

    def grow(self, size: int) -> None:
        self.run(MORE, start=self.entries + 1, end=size)
        self.entries = size
        self.admin.execute("VACUUM ANALYZE ledger_entries")
        self.admin.execute("VACUUM ANALYZE budget_accounts")
        self.admin.execute("ANALYZE ledger_postings")

    def drafts(self, count: int) -> list[int]:
        """So many obligation requests that wait for their certification."""
        self.run(DRAFTS, count=count)
        found = self.admin.execute("SELECT id FROM obligations WHERE status = 'requested' ORDER BY id").fetchall()
        self.admin.execute("ANALYZE")
        return [row[0] for row in found][-count:]

    def order(self, document_id: int) -> posting.Order:
        return posting.Order(
            DocumentKind.OBLIGATION, document_id, {ObligationStatus.REQUESTED},
            {"status": ObligationStatus.OBLIGATED, "certified_by": 1}, "ORS {number}", self.today, f"b{document_id}",
            series=Series("ors-01", self.today.year, "01-{:06d}", "ors_no"),
        )  # fmt: skip

    def post(self, document_id: int) -> None:
        """As a request does: a session, the scope, the posting, the commit."""
        with Session(self.engine) as session:
            bind_person(session, 1)
            bind_scope(session, 1)
            posting.post(session, self.actor, self.order(document_id))
            session.commit()

    def statements(self, document_id: int) -> list[tuple[str, dict[str, Any]]]:
        """What one posting says to PostgreSQL, in order."""
        said: list[tuple[str, dict[str, Any]]] = []

        def listen(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
            said.append((statement, dict(parameters)))

        event.listen(self.engine, "before_cursor_execute", listen)
        self.post(document_id)
        event.remove(self.engine, "before_cursor_execute", listen)
        return said

    def replay(self, said: list[tuple[str, dict[str, Any]]], before: int, document_id: int, number: str) -> None:
        """The same statements for another document, by psycopg alone."""
        posting_id = None
        with self.bare.cursor() as cursor:
            for statement, parameters in said:
                values = {name: self._now(value, before, document_id, number) for name, value in parameters.items()}
                if "posting_id" in values:
                    values["posting_id"] = posting_id
                cursor.execute(statement, values)
                if statement.startswith("INSERT INTO ledger_postings"):
                    posting_id = cursor.fetchone()[0]
        self.bare.commit()

    @staticmethod
    def _now(value: Any, before: int, document_id: int, number: str) -> Any:
        if value == before and isinstance(value, int):
            return document_id
        if isinstance(value, str) and (value == f"b{before}" or value.startswith(("01-", "ORS 01-"))):
            return value.replace(str(before), str(document_id)) if value.startswith("b") else f"{value[:-6]}{number}"
        return value


def main() -> None:
    """Print the ratios."""
    sizes = tuple(int(one) for one in sys.argv[1:]) or SIZES
    with attach(PROJECT / "instance", name="bench-cluster") as cluster:
        server = cluster.url(SUPERUSER, "postgres")
        names = {size: f"{DATABASE}_{size}" for size in sizes}
        with psycopg.connect(server, autocommit=True) as admin:
            for name in (DATABASE, *names.values()):
                admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            create_roles(server, DATABASE, PASSWORDS)
            config = AlembicConfig(str(PROJECT / "migrations" / "alembic.ini"))
            config.set_main_option("script_location", str(PROJECT / "migrations"))
            config.set_main_option("sqlalchemy.url", _url(server, "bmms_owner", DATABASE).replace("%", "%%"))
            command.upgrade(config, "head")
            for name in names.values():
                admin.execute(f"CREATE DATABASE {name} TEMPLATE {DATABASE} OWNER bmms_owner")
            benches = {size: Bench(server, name) for size, name in names.items()}
            for size, bench in benches.items():
                bench.grow(size)
            _throughput(benches[min(sizes)])
            _growth(benches)
            for bench in benches.values():
                bench.close()
            for name in (DATABASE, *names.values()):
                admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _throughput(bench: Bench) -> None:
    bench.admin.execute("CREATE TABLE plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, amount numeric)")
    print(f"{POSTINGS} each in turns, one client, durable commits, medians in ms")
    print("a commit waits | insert + commit | a posting, beside it (>= 0.15) | the same bare, beside it (>= 0.6)")
    for turn, wait in enumerate(COMMITS):
        bench.wait_at_commits(wait)
        one, all_of_it, alone = _beside(bench, bench.drafts(2 * POSTINGS + 50), first_number=100_000 * (turn + 1))
        print(
            f"{wait / 1000:>14.1f} | {one:>15.2f} | {all_of_it:>17.2f} {one / all_of_it:>12.2f} |"
            f" {alone:>19.2f} {alone / all_of_it:>13.2f}"
        )
    bench.wait_at_commits(0)


def _beside(bench: Bench, documents: list[int], first_number: int) -> list[float]:
    """The medians of an insert, a posting, and the statements of a posting sent bare."""
    ids = iter(documents)

    def insert(_: int) -> None:
        bench.admin.execute("INSERT INTO plain (amount) VALUES (%s)", (Decimal("1.00"),))

    first = next(ids)
    said = bench.statements(first)
    for _ in range(20):
        bench.post(next(ids))
    return in_turns(
        POSTINGS, insert, lambda _: bench.post(next(ids)),
        lambda n: bench.replay(said, first, next(ids), f"{first_number + n:06d}"),
    )  # fmt: skip


def _growth(benches: dict[int, Bench]) -> None:
    acts = []
    for bench in benches.values():
        ids = bench.drafts(POSTINGS)
        for one in ids[:50]:
            bench.post(one)
        acts.append(lambda n, bench=bench, ids=ids: bench.post(ids[50 + n]))
    found = dict(zip(benches, in_turns(POSTINGS - 50, *acts), strict=True))
    least = found[min(found)]
    print(f"posting at the newest day in turns, entries over {ACCOUNTS:,} accounts, median (<= 1.3x)")
    for size, taken in found.items():
        print(f"  {size:>9,} entries {taken:>7.2f} ms  {taken / least:.2f}x")


if __name__ == "__main__":
    main()
