"""The bar of a long run is for people at a terminal."""

import os
import sys

import pytest

from bmms.cli.progress import progress


def report(total: int) -> None:
    with progress("Creating users") as watch:
        for done in range(0, total + 1, 50):
            watch(done, total)


@pytest.mark.parametrize(("total", "bar"), [(500, True), (50, False)])
def test_a_terminal_sees_a_bar_on_long_runs(monkeypatch, total, bar):
    ours, theirs = os.openpty()
    with open(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        report(total)
        terminal.flush()
        shown = ""
        while bar and "100%" not in shown:
            shown += os.read(ours, 100_000).decode()
        os.set_blocking(ours, False)
        if not bar:
            with pytest.raises(BlockingIOError):
                os.read(ours, 1)
    os.close(ours)
    assert ("Creating users" in shown) is bar


def test_a_script_sees_none(capsys):
    report(500)
    assert capsys.readouterr() == ("", "")
