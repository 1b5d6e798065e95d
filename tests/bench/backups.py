"""Backup and restore of a pilot grown to all 44 organizations, beside bare pg_dump, pg_restore and a copy of the files.

    PYTHONPATH=. .venv/bin/python tests/bench/backups.py [entries, 1000000] [megabytes of uploads, 2000]

It makes a server of its own with durable commits under instance/ and leaves nothing behind. The entries are invented
and put past the rules of the ledger, but every reference holds: a restore checks them. What is compared takes turns.
While one backup is made an officer opens pages of the running application, as before it.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bmms.cli.backups import MIGRATIONS, migrate
from bmms.domain import clock
from bmms.domain.accounts import passwords
from bmms.launch.cluster import SUPERUSER, attach
from bmms.launch.roles import create_roles
from bmms.launch.tables import revisions
from bmms.operations import backing_up, restoring
from bmms.operations.servers import Server
from bmms.operations.shelf import Shelf
from tests.conftest import PASSWORDS, PROJECT, _url
from tests.deployment.units import free_port, web_server
from tests.drill.storm import Visitor
from tests.factories import PASSWORD, make_roles

DATABASE, ROUNDS, ORGANIZATIONS, ACCOUNTS, FILE_SIZE = "bmms_bench_backups", 3, 44, 50, 2_000_000
PLANT = """
SET session_replication_role = replica;
INSERT INTO users (id, username, email, first_name, last_name, phone, password_hash, status) OVERRIDING SYSTEM VALUE
SELECT n, 'bench' || n, 'bench' || n || '@bmms.invalid', 'B', 'B', '', '', 'active' FROM generate_series(1, 1000) n;
INSERT INTO organizations (id, code, name, kind) OVERRIDING SYSTEM VALUE
SELECT n, 'B' || n, 'Bench ' || n, 'ministry' FROM generate_series(1, {organizations}) n;
UPDATE users SET password_hash = '{password_hash}', must_change_password = false WHERE id = 1;
INSERT INTO memberships (id, organization_id, user_id) OVERRIDING SYSTEM VALUE VALUES (1, 1, 1);
INSERT INTO membership_rights (membership_id, organization_id, code, given_at)
SELECT 1, 1, code, now() FROM roles WHERE 'execution:ledger:view' = ANY(permissions) AND kind = 'role' LIMIT 1;
INSERT INTO programs (id, organization_id, code, cost_structure, level, title, normal_title) OVERRIDING SYSTEM VALUE
SELECT o * 1000 + n, o, 'P' || n, 'operations', 'program', 'Program ' || n, 'program ' || n
FROM generate_series(1, {organizations}) o, generate_series(1, {accounts}) n;
INSERT INTO appropriations (id, organization_id, fiscal_year, reference, dated, effective_on, obligate_until, pay_until,
  total, status) OVERRIDING SYSTEM VALUE
SELECT o, o, 2026, 'Bench', '2026-01-01', '2026-01-01', '2026-12-31', '2026-12-31', 1, 'in_force'
FROM generate_series(1, {organizations}) o;
INSERT INTO budget_accounts (id, organization_id, fiscal_year, number, appropriation_id, source, fund_cluster,
  cost_structure, program_id, expense_class, obligate_until, pay_until, authorised, allotted, last_on)
  OVERRIDING SYSTEM VALUE
SELECT o * 1000 + n, o, 2026, n, o, 'gaab', '01', 'operations', o * 1000 + n, 'MOOE', '2026-12-31', '2026-12-31',
  100000000, 0, '2026-01-01' FROM generate_series(1, {organizations}) o, generate_series(1, {accounts}) n;
INSERT INTO ledger_postings (id, organization_id, key, document_kind, document_id, doc_date, label, posted_label)
  OVERRIDING SYSTEM VALUE
SELECT n, 1 + n % {organizations}, 'bench' || n, 'opening', n, date '2026-01-01' + (n % 330), 'An obligation of '
  || md5(n::text), 'Bench' FROM generate_series(1, {entries} / 2) n;
INSERT INTO ledger_entries (organization_id, posting_id, account_id, measure, statement_column, amount, doc_date)
SELECT 1 + n % {organizations}, n, (1 + n % {organizations}) * 1000 + 1 + n % {accounts}, measure, kind,
  round((1 + random() * 1000)::numeric, 2), date '2026-01-01' + (n % 330)
FROM generate_series(1, {entries} / 2) n,
  (VALUES ('authorised', 'authorised'), ('allotment', 'received')) AS both_of (measure, kind);
"""


@contextmanager
def planted(entries: int, megabytes: int, folder: Path) -> Iterator[backing_up.Source]:
    """The source of the backups: a database and a store of uploads."""
    with attach(PROJECT / "instance", name="bench-cluster") as cluster:
        address = cluster.url(SUPERUSER, "postgres")
        create_roles(address, DATABASE, PASSWORDS)
        server = Server(_url(address, "bmms_owner", DATABASE).replace("+psycopg", ""))
        try:
            migrate(server.engine_url(DATABASE))
            with psycopg.connect(address, dbname=DATABASE, autocommit=True) as admin:
                admin.execute(_plant(server, entries))
                _store(admin, folder / "files", megabytes * 1_000_000 // FILE_SIZE)
                admin.execute("RESET session_replication_role")
                admin.execute("VACUUM ANALYZE")
            yield backing_up.Source(server, folder / "files", "bench", "bench")
        finally:
            with psycopg.connect(address, autocommit=True) as admin:
                rows = admin.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{DATABASE}%"])
                for (name,) in rows.fetchall():
                    admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _plant(server: Server, entries: int) -> str:
    with Session(create_engine(server.engine_url(DATABASE))) as session:
        make_roles(session)
        session.commit()
    password_hash = passwords.hash_temporary(PASSWORD)
    return PLANT.format(
        organizations=ORGANIZATIONS, accounts=ACCOUNTS, entries=entries, password_hash=password_hash
    )  # fmt: skip


def _store(admin: psycopg.Connection, folder: Path, count: int) -> None:
    (folder / "1").mkdir(parents=True)
    for number in range(count):
        content = os.urandom(FILE_SIZE)
        (folder / "1" / f"file{number}").write_bytes(content)
        admin.execute(
            "INSERT INTO stored_files (organization_id, name, media_type, size, sha256, storage_key, purpose)"
            " VALUES (1, 'a.pdf', 'application/pdf', %s, %s, %s, 'plan')",
            [FILE_SIZE, sha256(content).hexdigest(), f"file{number}"],
        )


class Bare:
    """What an engineer would type: pg_dump or pg_restore, and a copy of the files; all of it on the disk at the end."""

    def __init__(self, source: backing_up.Source, folder: Path) -> None:
        self.server, self.files, self.folder = source.server, source.files, folder
        self.environ = dict(os.environ)

    def back_up_lightly(self) -> None:
        """With the compression that ours asks for."""
        self.back_up("--compress=1")

    def back_up(self, *options: str) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self._run("pg_dump", "--format=custom", *options, f"--file={self.folder / 'dump'}", DATABASE)
        subprocess.run(["cp", "-r", str(self.files), str(self.folder / "files")], check=True)
        subprocess.run(["sync", "-f", str(self.folder)], check=True)

    def restore_at_twice(self) -> None:
        """With two processes, as ours does."""
        self.restore("--jobs=2")

    def restore(self, *options: str) -> None:
        with self.server.connect("postgres") as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {DATABASE}_bare WITH (FORCE)")
            admin.execute(f"CREATE DATABASE {DATABASE}_bare TEMPLATE template0")
        self._run("pg_restore", "--no-owner", *options, f"{self.folder / 'dump'}", f"{DATABASE}_bare")
        back = self.folder / "back"
        shutil.rmtree(back, ignore_errors=True)
        subprocess.run(["cp", "-r", str(self.folder / "files"), str(back)], check=True)
        subprocess.run(["sync", "-f", str(back)], check=True)

    def _run(self, program: str, *arguments: str) -> None:
        *options, database = arguments
        with self.server.running(program, *options, database=database):
            pass


class Ours:
    """What the commands do."""

    def __init__(self, source: backing_up.Source, folder: Path) -> None:
        self.source, self.shelf, self.folder = source, Shelf(folder / "shelf", "bench"), folder

    def back_up(self) -> None:
        for old in self.shelf.all():
            shutil.rmtree(old)
        backing_up.back_up(self.source, self.shelf, clock.now())

    def restore(self) -> None:
        target = restoring.Target(
            self.source.server, self.folder / "restored", revisions(MIGRATIONS / "versions"), migrate
        )
        shutil.rmtree(target.files, ignore_errors=True)
        backup = self.shelf.newest()
        manifest = restoring.check(backup, target.revisions)
        restoring.bring_in(backup, manifest, target, f"{DATABASE}_restoring")
        restoring.drop(self.source.server, f"{DATABASE}_restoring")


def in_turns(*acts: Callable[[], None]) -> list[float]:
    """The median seconds of each."""
    taken: list[list[float]] = [[] for _ in acts]
    for _ in range(ROUNDS):
        for act, times in zip(acts, taken, strict=True):
            began = time.perf_counter()
            act()
            times.append(time.perf_counter() - began)
    return [statistics.median(times) for times in taken]


class Officer:
    """Opens the registers of accounts of the first organization through the web server, some ten a second."""

    def __init__(self, base: str) -> None:
        self._visitor = Visitor(base, "bench1", PASSWORD, 0)
        assert self._visitor.sign_in(), self._visitor.failures

    def while_it(self, goes_on: Callable[[], bool]) -> list[float]:
        """Milliseconds of each answer."""
        taken: list[float] = []
        while goes_on():
            began = time.perf_counter()
            status, _ = self._visitor.ask(f"/moa/B1/execution/accounts/{1001 + len(taken) % ACCOUNTS}")
            taken.append(1000 * (time.perf_counter() - began))
            assert status == 200, self._visitor.failures
            time.sleep(0.1)
        return taken


def latency(source: backing_up.Source, ours: Ours, folder: Path) -> tuple[float, float]:
    """The median milliseconds of a page at rest, and during a backup."""
    port = free_port()
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), "BMMS_INSTANCE": str(folder / "web"),
               "DATABASE_URL": _url(source.server.address, "bmms_app", DATABASE)}  # fmt: skip
    with web_server(environ, folder / "web.log", port):
        officer = Officer(f"http://localhost:{port}")
        until = time.monotonic() + 20
        rest = officer.while_it(lambda: time.monotonic() < until)
        beside = threading.Thread(target=ours.back_up)
        beside.start()
        during = officer.while_it(beside.is_alive)
        beside.join()
    return statistics.median(rest), statistics.median(during)


def megabytes_of_memory() -> float:
    """The most that this process has ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print times, ratios and memory."""
    entries, megabytes = (int(word) for word in (sys.argv[1:] + ["1000000", "2000"][len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory(dir=PROJECT / "instance") as name:
        folder = Path(name)
        with planted(entries, megabytes, folder) as source:
            bare, ours = Bare(source, folder / "bare"), Ours(source, folder)
            before = megabytes_of_memory()
            print(f"{ORGANIZATIONS} organizations, {entries:,} entries, {megabytes:,} MB of uploads; {ROUNDS} rounds")
            simple, light, careful = in_turns(bare.back_up, bare.back_up_lightly, ours.back_up)
            print(f"backup: bare {simple:.1f} s, ours {careful:.1f} s ({careful / simple:.2f} times);"
                  f" bare with our compression {light:.1f} s ({careful / light:.2f} times)")  # fmt: skip
            simple, twice, careful = in_turns(bare.restore, bare.restore_at_twice, ours.restore)
            print(f"restore: bare {simple:.1f} s, ours {careful:.1f} s ({careful / simple:.2f} times);"
                  f" bare with two processes as ours {twice:.1f} s ({careful / twice:.2f} times)")  # fmt: skip
            print(f"memory: {before:.0f} MB before, at most {megabytes_of_memory():.0f} MB")
            rest, during = latency(source, ours, folder)
            print(f"a page: {rest:.2f} ms at rest, {during:.2f} ms during a backup ({during / rest:.2f} times)")


if __name__ == "__main__":
    main()
