"""Programs kept running: restarts, order of stopping, patience, and what a killed supervisor leaves behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bmms.launch.processes import is_running, send
from tests.launch.machine import CHECKOUT, linux_only, wait_until

Supervise = Callable[..., subprocess.Popen]


def events(folder: Path) -> list[tuple[str, str, int]]:
    """What the children noted: (name, what, process), in order."""
    path = folder / "events"
    words = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
    return [(name, what, int(pid)) for name, what, pid in words]


def noted(folder: Path, *wanted: str) -> list[int]:
    """The processes that noted `name what`."""
    return [pid for name, what, pid in events(folder) if f"{name} {what}" in wanted]


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Supervise]:
    """`supervise(("web", ["crashing"]), …)` starts a supervisor of such children; nothing of it outlives the test."""
    started = []

    def start(*children: tuple[str, list[str]], stop_seconds: float = 20, **program: str) -> subprocess.Popen:
        told = {"folder": str(tmp_path), "children": children, "stop_seconds": stop_seconds, "program": program}
        argv = [sys.executable, CHECKOUT / "tests/launch/stand_ins/supervise.py", json.dumps(told)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        started.append(subprocess.Popen(argv, text=True, **pipes))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()
    for pid in {pid for _, _, pid in events(tmp_path)}:
        send(pid, signal.SIGKILL)


def test_children_are_stopped_in_order_and_ctrl_c_reaches_them_as_term(supervise: Supervise, tmp_path: Path) -> None:
    process = supervise(("web", []), ("worker", []))
    wait_until(lambda: len(noted(tmp_path, "web start", "worker start")) == 2, "both start")
    process.send_signal(signal.SIGINT)
    assert process.wait(120) == 0
    assert [(name, what) for name, what, _ in events(tmp_path)[2:]] == [
        ("web", "term"),
        ("web", "end"),
        ("worker", "term"),
        ("worker", "end"),
    ]


def test_a_crashing_child_is_started_again_with_growing_pauses(supervise: Supervise, tmp_path: Path) -> None:
    process = supervise(("web", ["crashing"]), ("worker", []))
    began = time.monotonic()
    wait_until(lambda: len(noted(tmp_path, "web start")) == 3, "it starts three times")
    assert time.monotonic() - began > 1.5  # 0.5 s and 1 s
    process.terminate()
    said = process.communicate()[0]
    assert "web ended with code 3; it starts again in 0.5 s." in said
    assert "it starts again in 1 s." in said
    assert len(noted(tmp_path, "worker start")) == 1


def test_nothing_that_a_killed_child_leaves_behind_outlives_its_restart(supervise: Supervise, tmp_path: Path) -> None:
    process = supervise(("web", ["parent"]))
    wait_until(lambda: noted(tmp_path, "web start") and noted(tmp_path, "grandchild start"), "both start")
    [first], [grandchild] = noted(tmp_path, "web start"), noted(tmp_path, "grandchild start")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: len(noted(tmp_path, "web start")) == 2, "it starts again")
    assert noted(tmp_path, "grandchild term") == [grandchild]
    wait_until(lambda: not is_running(grandchild), "the stubborn grandchild is gone")
    process.terminate()
    assert "web was ended by SIGKILL" in process.communicate()[0]


@pytest.mark.parametrize("hasten", [False, True])
def test_a_stubborn_child_is_ended_after_the_patience_or_a_second_ctrl_c(
    supervise: Supervise, tmp_path: Path, hasten: bool
) -> None:
    process = supervise(("web", ["stubborn"]), stop_seconds=60 if hasten else 1)
    wait_until(lambda: noted(tmp_path, "web start"), "it starts")
    process.send_signal(signal.SIGINT)
    wait_until(lambda: noted(tmp_path, "web term"), "it is asked")
    if hasten:
        time.sleep(0.2)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
    assert "web does not stop; it is ended." in process.communicate(timeout=120)[0]
    assert not is_running(noted(tmp_path, "web start")[0])


@linux_only
def test_children_of_a_killed_supervisor_are_told_to_stop(supervise: Supervise, tmp_path: Path) -> None:
    process = supervise(("web", []), ("worker", []))
    wait_until(lambda: len(noted(tmp_path, "web start", "worker start")) == 2, "both start")
    process.kill()
    wait_until(lambda: len(noted(tmp_path, "web end", "worker end")) == 2, "both end")


def test_the_watch_is_called_each_second_and_its_trouble_told_once(supervise: Supervise, tmp_path: Path) -> None:
    process = supervise(("web", []))
    ticks = tmp_path / "ticks"
    wait_until(ticks.exists, "the first call")
    (tmp_path / "trouble").touch()
    began, before = time.monotonic(), len(ticks.read_text())
    wait_until(lambda: len(ticks.read_text()) >= before + 2, "two more calls")
    assert time.monotonic() - began < 60
    process.terminate()
    assert process.communicate()[0].count("The database cannot be mended.") == 1


def test_a_child_that_cannot_be_started_ends_the_others(supervise: Supervise, tmp_path: Path) -> None:
    process = supervise(("web", []), ("worker", []), worker="/no/such/program")
    assert "LaunchError: worker cannot be started" in process.communicate(timeout=120)[0]
    assert not any(is_running(pid) for _, _, pid in events(tmp_path))
