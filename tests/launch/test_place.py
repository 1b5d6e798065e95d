"""Where the data and the socket of a checkout come to lie, and who owns them."""

import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from bmms.launch.account import Account, server_account
from bmms.launch.cluster import attach
from bmms.launch.errors import LaunchError
from bmms.launch.place import Place, find_place, socket_folders
from tests.launch.machine import FAST, Holder, query, root_only, superuser

Hold = Callable[..., Holder]


@pytest.fixture
def elsewhere() -> Iterator[list[Path]]:
    """Folders outside the test's own that it makes the launcher use; removed afterwards."""
    paths: list[Path] = []
    yield paths
    for path in paths:
        path.unlink() if path.is_symlink() else shutil.rmtree(path, ignore_errors=True)
    shared_home = Path("/var/lib/bmms")
    if shared_home.exists() and not any(shared_home.iterdir()):
        shared_home.rmdir()


def modes_above(path: Path) -> list[int]:
    return [stat.S_IMODE(part.stat().st_mode) for part in path.parents]


def long_instance(folder: Path) -> Path:
    return folder / ("a-folder-with-a-long-name-" * 4) / "instance"


def test_a_path_too_long_for_a_socket_gets_a_short_one(folder: Path) -> None:
    instance = long_instance(folder)
    with attach(instance, tuning=FAST) as cluster:
        assert cluster.address.host in (f"/run/bmms-{cluster.place.key}", f"/tmp/bmms-{cluster.place.key}")
        assert len(os.fsencode(cluster.address.socket)) < 100
        found = os.lstat(cluster.address.host)
        assert (stat.S_IMODE(found.st_mode), found.st_uid) == (0o700, cluster.place.account.uid)
        assert query(superuser(cluster), "SELECT 1") == [(1,)]
    assert not os.path.lexists(cluster.address.host)


def test_a_socket_folder_that_cannot_be_written_is_passed_over(instance: Path) -> None:
    folder = instance / "cluster" / "socket"
    account = server_account()
    if folder.exists():
        folder.rmdir()
    folder.mkdir()
    os.chown(folder, account.uid, account.gid)
    folder.chmod(0o500)
    with attach(instance, tuning=FAST) as cluster:
        assert cluster.address.host in (f"/run/bmms-{cluster.place.key}", f"/tmp/bmms-{cluster.place.key}")
        assert query(superuser(cluster), "SELECT 1") == [(1,)]
    assert not os.path.lexists(cluster.address.host)


def test_no_socket_anywhere_means_this_machines_tcp(folder: Path, elsewhere: list[Path]) -> None:
    instance = long_instance(folder)
    for planted in socket_folders(find_place(instance, "cluster"))[1:]:
        if os.access(planted.parent, os.W_OK):
            planted.symlink_to(folder)  # somebody lies in wait
            elsewhere.append(planted)
    with attach(instance, tuning=FAST) as cluster:
        assert cluster.address.host == "127.0.0.1"
        assert query(superuser(cluster), "SELECT 1") == [(1,)]
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(superuser(cluster).replace(cluster.password("postgres"), "guess"))
        first = cluster.address
        with attach(instance, tuning=FAST) as second:
            assert second.address == first
    assert not any(folder.glob(".s.PGSQL*"))


@pytest.mark.parametrize("name", ["with space", 'it\'s, "quoted"', "100%", "ñandú…", "a&b=c?d#e"])
def test_any_folder_name_will_do(instance: Path, name: str) -> None:
    with attach(instance.rename(instance.with_name(name)), tuning=FAST) as cluster:
        assert cluster.address.socket is not None
        assert query(superuser(cluster), "SELECT 1") == [(1,)]


def test_a_copied_checkout_gets_a_server_of_its_own(folder: Path, instance: Path) -> None:
    with attach(instance, tuning=FAST) as first:
        query(superuser(first), "CREATE TABLE kept AS SELECT 1 AS id")
    subprocess.run(["cp", "-a", instance, folder / "copy"], check=True)
    with attach(instance, tuning=FAST) as first, attach(folder / "copy", tuning=FAST) as copy:
        assert first.address != copy.address
        query(superuser(copy), "INSERT INTO kept VALUES (2)")
        assert query(superuser(first), "SELECT id FROM kept") == [(1,)]


@root_only
def test_below_a_private_home_the_data_lies_in_var_lib(folder: Path, elsewhere: list[Path], stranger: Account) -> None:
    home = folder / "home"
    home.mkdir()
    os.chown(home, stranger.uid, stranger.gid)
    home.chmod(0o700)
    instance = home / "checkout" / "instance"
    instance.mkdir(parents=True)
    before = modes_above(instance / "cluster")
    with attach(instance, tuning=FAST) as cluster:
        elsewhere.append(cluster.place.home)
        assert cluster.place.home.parent == Path("/var/lib/bmms")
        assert stat.S_IMODE(cluster.place.home.stat().st_mode) == 0o700
        assert (instance / "cluster").read_text() == f"{cluster.place.home}\n"
        query(superuser(cluster), "CREATE TABLE kept AS SELECT 1 AS id")
    assert modes_above(instance / "cluster") == before
    with attach(instance, tuning=FAST) as cluster:
        assert query(superuser(cluster), "SELECT id FROM kept") == [(1,)]


@root_only
def test_where_neither_instance_nor_var_lib_can_be_written(
    folder: Path, elsewhere: list[Path], stranger: Account, hold: Hold
) -> None:
    (folder / "instance").mkdir()
    for kept in (False, True):
        holder = hold(folder / "instance", stranger)
        answer = holder.answer()
        home = Path(answer["home"])
        elsewhere.append(home)
        assert home.parent == Path("/var/tmp")
        assert home.stat().st_uid == stranger.uid
        if not kept:
            query(answer["url"], "CREATE TABLE kept AS SELECT 1 AS id")
        assert query(answer["url"], "SELECT id FROM kept") == [(1,)]
        holder.leave()
    assert not any((folder / "instance").iterdir())


@root_only
def test_an_ordinary_user_and_root_share_the_database_of_the_user(folder: Path, stranger: Account, hold: Hold) -> None:
    instance = folder / "instance"
    instance.mkdir()
    os.chown(instance, stranger.uid, stranger.gid)
    holder = hold(instance, stranger)
    answer = holder.answer()
    assert answer["account"] == stranger.name
    assert answer["home"] == str(instance / "cluster")
    with attach(instance, tuning=FAST) as cluster:
        assert cluster.place.account == stranger
        assert query(superuser(cluster), "SELECT 1") == [(1,)]
        holder.leave()
        assert query(superuser(cluster), "SELECT 1") == [(1,)]
    again = hold(instance, stranger)  # what root wrote there, its owner can read
    assert "url" in again.answer()
    again.leave()


@root_only
def test_a_database_of_another_user_is_named_not_replaced(instance: Path, stranger: Account, hold: Hold) -> None:
    os.chown(instance, stranger.uid, stranger.gid)
    assert f"belongs to user {server_account().name}" in hold(instance, stranger).answer()["error"]


@root_only
def test_a_database_that_was_shut_in_is_named_not_replaced(folder: Path, instance: Path) -> None:
    folder.chmod(0o700)
    with pytest.raises(LaunchError, match=f"holds a database, but user .* because {folder} is closed"):
        attach(instance)


@root_only
def test_a_database_that_belongs_to_root_is_named(folder: Path) -> None:
    (folder / "cluster" / "data").mkdir(parents=True)
    with pytest.raises(LaunchError, match="belongs to root.*chown -R"):
        attach(folder)


def test_an_address_that_leads_nowhere_is_named_not_replaced(folder: Path) -> None:
    (folder / "cluster").write_text("/var/lib/bmms/gone\n")
    with pytest.raises(LaunchError, match="lies in /var/lib/bmms/gone, but that folder is gone"):
        attach(folder)


def test_a_link_in_place_of_the_folder_is_refused(folder: Path) -> None:
    (folder / "target").mkdir()
    (folder / "cluster").symlink_to(folder / "target")
    with pytest.raises(LaunchError, match="is a symbolic link"):
        attach(folder)
    assert not any((folder / "target").iterdir())


@root_only
def test_a_folder_that_lies_in_wait_is_refused(
    folder: Path, elsewhere: list[Path], stranger: Account, hold: Hold
) -> None:
    (folder / "instance").mkdir()
    planted = Path(f"/var/tmp/bmms-{Place(folder / 'instance' / 'cluster', stranger).key}")
    planted.mkdir(mode=0o777)
    elsewhere.append(planted)
    error = hold(folder / "instance", stranger).answer()["error"]
    assert "No folder can hold the database" in error
    assert f"{planted}: belongs to user root" in error
    assert "set DATABASE_URL" in error
    assert not any(planted.iterdir())
