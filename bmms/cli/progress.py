"""How far a long run has come: a bar for whoever looks at a terminal, nothing for scripts."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from bmms.domain.imports.watching import Watch

WORTH_A_BAR = 100


@contextmanager
def progress(label: str) -> Iterator[Watch]:
    """`with progress("Creating users") as watch:` gives a function to which the run reports (done, total)."""
    bar = None

    def watch(done: int, total: int) -> None:
        nonlocal bar
        if bar is None and total >= WORTH_A_BAR and sys.stderr.isatty():
            bar = click.progressbar(length=total, label=label, file=sys.stderr)
            bar.render_progress()
        if bar is not None:
            bar.update(done - bar.pos)

    try:
        yield watch
    finally:
        if bar is not None:
            bar.render_finish()
