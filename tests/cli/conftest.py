"""Commands run for real: in the application, on the worker's database, which they commit to."""

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner


@pytest.fixture
def runner(app: Flask, emptied: None) -> FlaskCliRunner:
    """Runs commands as an operator would: `runner.invoke(args=["load_pilot_moas"])`."""
    return app.test_cli_runner()
