"""The three logins: what each may do, made again and again, by many at once, and by a database administrator."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from bmms.launch.binaries import find_binaries
from bmms.launch.cluster import Cluster, attach
from bmms.launch.database import open_database
from bmms.launch.errors import LaunchError
from bmms.launch.roles import APP, OCM, OWNER, create_roles, ensure_database, roles_sql
from tests.launch.machine import FAST, query, superuser

NAMES = count(1)
ATTRIBUTES = (
    "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolcanlogin FROM pg_roles "
    "WHERE rolname LIKE 'bmms_%' ORDER BY rolname"
)


@pytest.fixture
def database() -> str:
    """A name that needs quoting, new for each test."""
    return f'Bmms-{next(NAMES)}"x'


@pytest.fixture(scope="module")
def urls(shared: Cluster) -> dict[str, str]:
    return ensure_database(shared)


@pytest.fixture
def foreign(instance: Path) -> Iterator[Cluster]:
    """A server of somebody else, without our logins."""
    with attach(instance, tuning=FAST) as cluster:
        yield cluster


def refused(url: str, statement: str, error: type[psycopg.Error] = errors.InsufficientPrivilege) -> None:
    with pytest.raises(error):
        query(url, statement)


def test_the_logins_may_do_what_they_should_and_no_more(shared: Cluster, urls: dict[str, str]) -> None:
    assert list(urls) == ["DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_OCM_URL"]
    assert query(superuser(shared), ATTRIBUTES) == [
        (APP, False, False, False, False, True),
        (OCM, False, False, False, False, True),
        (OWNER, False, True, True, False, True),
    ]
    members = (
        "SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members WHERE member::regrole::text ~ 'bmms'"
    )
    assert query(superuser(shared), members) == [("pg_signal_backend", OWNER)], "a restore sends others away"
    assert [query(url, "SELECT current_user") for url in urls.values()] == [[(APP,)], [(OWNER,)], [(OCM,)]]


def test_tables_belong_to_the_owner_alone(urls: dict[str, str]) -> None:
    owner, app, ocm = urls["DATABASE_OWNER_URL"], urls["DATABASE_URL"], urls["DATABASE_OCM_URL"]
    query(owner, "CREATE TABLE plans (id int)")
    for url in (app, ocm):
        refused(url, "SELECT * FROM plans")
        refused(url, "CREATE TABLE mine (id int)", psycopg.Error)
        refused(url, "CREATE TEMPORARY TABLE mine (id int)", psycopg.Error)
        refused(url, "CREATE SCHEMA mine", psycopg.Error)
        refused(url, f"SET ROLE {OWNER}")
    query(owner, f"GRANT SELECT, INSERT ON plans TO {APP}, {OCM}")
    query(app, "INSERT INTO plans VALUES (1)")
    assert query(ocm, "SELECT id FROM plans") == [(1,)]
    refused(ocm, "INSERT INTO plans VALUES (2)", errors.ReadOnlySqlTransaction)


def test_everybody_else_is_shut_out(shared: Cluster, urls: dict[str, str]) -> None:
    query(superuser(shared), "CREATE ROLE passer_by LOGIN PASSWORD 'x'")
    url = urls["DATABASE_URL"].replace(f"{APP}:{shared.password(APP)}", "passer_by:x")
    refused(url, "SELECT 1", psycopg.OperationalError)


def test_making_them_again_sets_right_what_somebody_changed(shared: Cluster, database: str) -> None:
    create_roles(superuser(shared), database, {})
    query(superuser(shared), f"ALTER ROLE {APP} SUPERUSER BYPASSRLS")
    query(superuser(shared), f"GRANT {OWNER}, pg_read_all_data TO {APP}")
    query(superuser(shared), f"ALTER ROLE {OCM} RESET default_transaction_read_only")
    query(superuser(shared), f"ALTER ROLE {OCM} PASSWORD 'forgotten'")
    urls = ensure_database(shared, database)
    assert query(superuser(shared), ATTRIBUTES)[0] == (APP, False, False, False, False, True)
    assert query(superuser(shared), "SELECT * FROM pg_auth_members WHERE member = 'bmms_app'::regrole") == []
    assert query(urls["DATABASE_OCM_URL"], "SHOW transaction_read_only") == [("on",)]
    assert query(urls["DATABASE_OWNER_URL"], "SELECT current_database()") == [(database,)]


def test_many_at_once(shared: Cluster) -> None:
    wanted = [f"gw{number}" for number in range(4)] * 2
    with ThreadPoolExecutor(len(wanted)) as pool:
        made = list(pool.map(lambda name: ensure_database(shared, name), wanted))
    assert [query(urls["DATABASE_URL"], "SELECT current_database()")[0][0] for urls in made] == wanted


def test_a_database_administrator_can_do_it_with_psql(foreign: Cluster, database: str, tmp_path: Path) -> None:
    passwords = {OWNER: "it's \\secret", APP: "number two", OCM: "number three"}
    script = roles_sql(database, passwords)
    assert not any(password in script for password in passwords.values())
    address = ["-h", foreign.address.host, "-U", "postgres", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-f", "-"]
    (tmp_path / "roles.sql").write_text(script)
    run = foreign.place.account.run
    for _ in range(2):  # again does no harm
        argv = ["/bin/sh", "-c", 'printf "%s" "$SCRIPT" | "$0" "$@"', find_binaries().program("psql"), *address]
        done = run(argv, env={"PGPASSWORD": foreign.password("postgres"), "SCRIPT": script})
        assert done.returncode == 0, done.stderr
        assert "ERROR" not in done.stderr
    assert len(query(superuser(foreign), ATTRIBUTES)) == 3
    parts = {"host": foreign.address.host, "dbname": database}
    for role, password in passwords.items():
        with psycopg.connect(**parts, user=role, password=password) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (role,)
    assert "\\password bmms_owner" in roles_sql()


def test_an_owners_login_alone_is_enough(foreign: Cluster, tmp_path: Path) -> None:
    query(superuser(foreign), "CREATE ROLE boss LOGIN CREATEROLE BYPASSRLS PASSWORD 'p w/d%'")
    query(superuser(foreign), "CREATE DATABASE theirs OWNER boss")
    given = foreign.url("postgres", "theirs").replace(f"postgres:{foreign.password('postgres')}", "boss:p%20w%2Fd%25")
    for name in ("DATABASE_OWNER_URL", "DATABASE_URL"):  # the second time under the other name
        database = open_database(tmp_path, {name: given.replace("postgresql://", "postgresql+psycopg://")})
        assert database.cluster is None
        assert "Only an owner's login was given" in database.notes[0]
        assert database.urls["DATABASE_OWNER_URL"] == given
        assert query(database.urls["DATABASE_URL"], "SELECT current_user, current_database()") == [(APP, "theirs")]
        assert query(database.urls["DATABASE_OCM_URL"], "SHOW transaction_read_only") == [("on",)]
    kept = tmp_path / "database-passwords"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert len(json.loads(kept.read_text())) == 1
    with pytest.raises(LaunchError, match="bmms_app exists on that server, so another installation may use it"):
        open_database(tmp_path / "other", {"DATABASE_OWNER_URL": given})


def test_an_owner_who_may_not_make_logins_is_told_whom_to_ask(foreign: Cluster, tmp_path: Path) -> None:
    query(superuser(foreign), "CREATE ROLE clerk LOGIN BYPASSRLS PASSWORD 'x'")
    query(superuser(foreign), "CREATE DATABASE theirs OWNER clerk")
    given = foreign.url("postgres", "theirs").replace(f"postgres:{foreign.password('postgres')}", "clerk:x")
    with pytest.raises(LaunchError, match="may not create roles.*print_roles_sql"):
        open_database(tmp_path, {"DATABASE_OWNER_URL": given})
    assert not any(tmp_path.iterdir())


def test_the_applications_own_login_is_taken_as_it_is(urls: dict[str, str], tmp_path: Path) -> None:
    database = open_database(tmp_path, {"DATABASE_URL": urls["DATABASE_URL"]})
    assert database.urls == {"DATABASE_URL": urls["DATABASE_URL"]}
    assert "DATABASE_OWNER_URL is not set" in database.notes[0]
    assert open_database(tmp_path, urls).notes == []
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    "url", ["postgresql://me:pw@127.0.0.1:1/none", "postgresql://me@/none?host=/nowhere", "postgresql://?x=y"]
)
def test_an_address_that_leads_nowhere_is_named(url: str, tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match="DATABASE_URL leads to no database: ") as caught:
        open_database(tmp_path, {"DATABASE_URL": url})
    assert "pw" not in str(caught.value)


def test_a_second_terminal_finds_the_database_and_keeps_it_until_its_end(
    instance: Path, code: Path, hold: Callable
) -> None:
    """`development_urls` in processes of their own: one that started the server, one beside a holder."""
    script = (
        "import sys; from pathlib import Path; from bmms.launch.database import development_urls as urls\n"
        "import psycopg; found = urls(Path(sys.argv[1])); assert found is urls(Path(sys.argv[1]))\n"
        "print(psycopg.connect(found['DATABASE_URL']).execute('SELECT pg_backend_pid()').fetchone() and sorted(found))"
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE")}

    def call(**more: str) -> str:
        argv = [sys.executable, "-c", script, instance]
        done = subprocess.run(argv, cwd=code, env=environ | more, capture_output=True, text=True, check=False)
        return done.stdout.strip() or done.stderr

    everything = "['DATABASE_OCM_URL', 'DATABASE_OWNER_URL', 'DATABASE_URL']"
    assert call() == everything
    holder = hold(instance)
    before = holder.answer()["pid"]
    assert call() == everything
    assert holder.ask("ensure")["pid"] == before
    assert "TypeError: 'NoneType'" in call(DATABASE_URL="postgresql://elsewhere/x")
