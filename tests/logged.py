"""The lines that a piece of code writes into the log, as staging writes them."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask import Flask

from bmms import log_lines


@contextmanager
def lines_of(app: Flask, environment: str = "staging") -> Iterator[list[dict]]:
    """Collects in a list, which is filled when the block ends, what is logged inside it."""
    config = replace(app.extensions["installation"].config, environment=environment)
    written, found, root = io.StringIO(), [], logging.getLogger()
    handler, level = logging.StreamHandler(written), root.level
    handler.setFormatter(log_lines.formatter(config))
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield found
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        found += [json.loads(line) for line in written.getvalue().splitlines()]
