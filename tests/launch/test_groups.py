"""Tests that share something costly run in one process, as their mark says: `--dist loadgroup` of the Makefile."""

import os
import subprocess
import sys
from pathlib import Path

MARKED = """
import time
from pathlib import Path

import pytest


@pytest.mark.xdist_group("costly")
@pytest.mark.parametrize("number", range(8))
def test_marked(number, worker_id):
    with Path("seen").open("a") as seen:
        seen.write(f"{worker_id} ")
    time.sleep(0.1)
"""


def test_a_marked_group_stays_in_one_process(tmp_path: Path) -> None:
    (tmp_path / "test_marked.py").write_text(MARKED)
    argv = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", "-p", "no:cacheprovider", "."]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    ran = subprocess.run(argv, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
    seen = (tmp_path / "seen").read_text().split()
    assert len(seen) == 8
    assert len(set(seen)) == 1, "does this pytest-xdist know this pytest?"
