"""The database server of a checkout: first start, many processes, stop, and whatever may befall it."""

import os
import signal
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from bmms.launch.account import server_account
from bmms.launch.binaries import find_binaries
from bmms.launch.cluster import Cluster, attach, stop_unused
from bmms.launch.errors import LaunchError
from bmms.launch.processes import is_running, postgres_processes_of
from bmms.launch.server import Answer, greet
from tests.launch.machine import FAST, Holder, linux_only, postmaster, query, superuser, wait_until

Hold = Callable[..., Holder]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def ended(process: subprocess.Popen) -> Iterator[None]:
    """End it whatever the test found: leaving a `with Popen` waits for it."""
    try:
        yield
    finally:
        process.kill()


def kill_server(cluster: Cluster) -> int:
    """kill -9 of the postmaster; its number."""
    pid = postmaster(cluster)
    os.kill(pid, signal.SIGKILL)
    return pid


def test_first_start_makes_a_closed_server(shared: Cluster) -> None:
    home, data = shared.place.home, shared.place.data
    assert mode(home) == mode(data) == mode(home / "socket") == 0o700
    assert mode(home / "passwords") == 0o600
    assert home.stat().st_uid == server_account().uid != 0
    rules = [line.split() for line in (data / "pg_hba.conf").read_text().splitlines() if line and line[0] != "#"]
    assert rules
    assert {rule[-1] for rule in rules} == {"scram-sha-256"}
    settings = dict(query(superuser(shared), "SELECT name, setting FROM pg_settings"))
    assert settings["listen_addresses"] == ""
    assert settings["fsync"] == "off"  # the caller's tuning
    assert settings["shared_buffers"] == str(64 * 1024 // 8)
    assert query(superuser(shared), "SELECT 'Ñ' ILIKE 'ñ', getdatabaseencoding()") == [(True, "UTF8")]
    assert (data / "server.log").stat().st_size > 0


def test_no_password_no_entry(shared: Cluster) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(superuser(shared).replace(shared.password("postgres"), "guess"))


def test_one_server_for_many_processes_and_the_last_one_stops_it(folder: Path, hold: Hold) -> None:
    holders = [hold(folder / "instance") for _ in range(4)]
    answers = [holder.answer() for holder in holders]
    assert len({answer["pid"] for answer in answers}) == 1
    server = answers[0]["pid"]
    holders[0].kill()  # kill -9 frees its place as well
    holders[1].leave()
    holders[2].leave()
    assert query(answers[0]["url"], "SELECT 1") == [(1,)]
    holders[3].leave()
    assert not is_running(server)


def test_stop_and_start_keep_the_data(instance: Path) -> None:
    with attach(instance, tuning=FAST) as cluster:
        query(superuser(cluster), "CREATE TABLE kept AS SELECT 41 + 1 AS answer")
        passwords = (cluster.place.home / "passwords").read_text()
    with attach(instance, tuning=FAST) as cluster:
        assert query(superuser(cluster), "SELECT answer FROM kept") == [(42,)]
        assert (cluster.place.home / "passwords").read_text() == passwords


def test_a_forked_child_that_leaves_does_not_leave_for_its_parent(instance: Path, hold: Hold) -> None:
    holder = hold(instance)
    server = holder.answer()["pid"]
    assert holder.ask("fork")["pid"] == server
    holder.leave()
    assert not is_running(server)


def test_leaving_twice_does_no_harm(instance: Path) -> None:
    with attach(instance, tuning=FAST) as first:
        second = attach(instance, tuning=FAST)
        second.close()
        second.close()
        assert query(superuser(first), "SELECT 1") == [(1,)]
    assert not postgres_processes_of(first.place.data)


def test_kill_9_of_the_server_loses_nothing_committed(instance: Path, hold: Hold) -> None:
    with attach(instance) as cluster:  # with fsync, as in use
        query(superuser(cluster), "CREATE TABLE kept (id int)")
        neighbour = hold(instance, tuning={})
        neighbour.answer()
        for round_ in range(2):
            query(superuser(cluster), f"INSERT INTO kept VALUES ({round_})")
            dead = kill_server(cluster)
            waiting = threading.Thread(target=neighbour.ask, args=["ensure"])  # both mend it at once
            waiting.start()
            cluster.ensure()
            waiting.join()
            assert postmaster(cluster) != dead
        assert query(superuser(cluster), "SELECT id FROM kept ORDER BY id") == [(0,), (1,)]


def test_attach_after_everybody_was_killed(instance: Path, hold: Hold) -> None:
    holder = hold(instance)
    server = holder.answer()["pid"]
    holder.kill()
    os.kill(server, signal.SIGKILL)
    with attach(instance, tuning=FAST) as cluster:
        assert query(superuser(cluster), "SELECT 1") == [(1,)]


def test_a_server_without_users_is_stopped_one_with_users_is_not(folder: Path, hold: Hold) -> None:
    assert stop_unused(folder)  # nothing there: nothing to do, and nothing made
    assert not (folder / "cluster").exists()
    holder = hold(folder)
    server = holder.answer()["pid"]
    assert not stop_unused(folder)
    assert is_running(server)
    holder.kill()
    assert is_running(server)
    assert stop_unused(folder)
    assert not is_running(server)


@linux_only
def test_a_busy_session_of_the_dead_server_does_not_block_the_next(instance: Path) -> None:
    with attach(instance, tuning=FAST) as cluster:
        with closing(psycopg.connect(superuser(cluster), autocommit=True)) as busy:
            session = busy.info.backend_pid
            busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1000000000000)")
            activity = f"SELECT 1 FROM pg_stat_activity WHERE pid = {session} AND state = 'active'"
            wait_until(lambda: query(superuser(cluster), activity), "the query runs")
            kill_server(cluster)
            cluster.ensure()
        assert query(superuser(cluster), "SELECT 1") == [(1,)]
        assert not is_running(session)


def test_a_number_that_is_somebody_elses_now_is_left_alone(instance: Path) -> None:
    with attach(instance, tuning=FAST) as cluster:
        data, account = cluster.place.data, cluster.place.account
        dead = kill_server(cluster)
        wait_until(lambda: not is_running(dead) and not postgres_processes_of(data), "it is dead")
        # the worst case: a process of the very user that PostgreSQL runs as, in the very folder
        drop = {} if account.uid == os.geteuid() else {"user": account.uid, "group": account.gid, "extra_groups": []}
        with subprocess.Popen(["sleep", "600"], cwd=data, **drop) as foreign, ended(foreign):
            lines = (data / "postmaster.pid").read_text().split("\n")
            (data / "postmaster.pid").write_text("\n".join([str(foreign.pid), *lines[1:]]))
            alone = account.run([find_binaries().folder / "postgres", "-D", data])
            assert "lock file" in alone.stderr  # PostgreSQL by itself refuses
            cluster.ensure()
            assert query(superuser(cluster), "SELECT 1") == [(1,)]
            assert foreign.poll() is None
            cluster.close()
            assert foreign.poll() is None


@linux_only
def test_a_dead_server_that_nobody_reaps_is_dead(instance: Path, hold: Hold, ending: Callable[[Path], None]) -> None:
    holder = hold(instance, adopt=True)
    answer = holder.answer()
    server = answer["pid"]
    ending(Path(answer["home"]) / "data")
    os.kill(server, signal.SIGKILL)
    wait_until(lambda: not is_running(server), "it is dead")
    os.kill(server, 0)  # its number is still taken
    assert holder.ask("ensure")["pid"] != server
    assert query(answer["url"], "SELECT 1") == [(1,)]
    holder.leave()


def test_an_empty_lock_file_of_a_crashed_start_is_no_obstacle(instance: Path) -> None:
    (instance / "cluster" / "data" / "postmaster.pid").touch()
    with attach(instance, tuning=FAST) as cluster:
        assert query(superuser(cluster), "SELECT 1") == [(1,)]


def test_a_server_that_lost_its_socket_is_started_again(instance: Path) -> None:
    with attach(instance, tuning=FAST) as cluster:
        before = postmaster(cluster)
        assert cluster.address.socket is not None
        cluster.address.socket.unlink()
        assert greet(cluster.address) is Answer.SILENT
        cluster.ensure()
        assert query(superuser(cluster), "SELECT 1") == [(1,)]
        assert postmaster(cluster) != before


def test_data_of_another_major_version_is_not_touched(instance: Path) -> None:
    data = instance / "cluster" / "data"
    (data / "PG_VERSION").write_text("14\n")
    with pytest.raises(LaunchError, match=r"made by PostgreSQL 14; this machine has \d+.*Install PostgreSQL 14"):
        attach(instance)
    assert not postgres_processes_of(data)


def test_half_a_data_directory_is_named(instance: Path) -> None:
    data = instance / "cluster" / "data"
    (data / "PG_VERSION").unlink()
    with pytest.raises(LaunchError, match="is not empty, but is no data directory"):
        attach(instance)
    assert (data / "base").exists()


def test_an_interrupted_first_start_is_begun_again(instance: Path) -> None:
    (instance / "cluster" / "data").rename(instance / "cluster" / "data.new")
    with attach(instance, tuning=FAST) as cluster:
        assert query(superuser(cluster), "SELECT 1") == [(1,)]


def test_what_postgresql_says_against_starting_is_shown(instance: Path) -> None:
    with pytest.raises(LaunchError, match=r'did not start[\s\S]*"plenty"'):
        attach(instance, tuning={**FAST, "shared_buffers": "plenty"})
    with attach(instance, tuning=FAST) as cluster:  # and the failure left no lock behind
        assert query(superuser(cluster), "SELECT 1") == [(1,)]


def test_a_vanished_folder_is_named(instance: Path, ending: Callable[[Path], None]) -> None:
    with attach(instance, tuning=FAST) as cluster:
        ending(cluster.place.data)
        moved = cluster.place.home.with_name("moved")
        os.kill(postmaster(cluster), signal.SIGKILL)
        cluster.place.home.rename(moved)
        with pytest.raises(LaunchError, match="Is the folder still there"):
            cluster.ensure()
        moved.rename(cluster.place.home)
        cluster.ensure()
