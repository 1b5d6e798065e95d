"""The `bmms` command: what `flask` offers, with our application already chosen."""

import sys

import click
from flask import Flask
from flask.cli import FlaskGroup

from bmms.app import create_app
from bmms.config import ConfigError
from bmms.launch.errors import LaunchError


def _create() -> Flask:
    try:
        return create_app()
    except (ConfigError, LaunchError) as wrong:
        click.echo(str(wrong), err=True)
        sys.exit(1)


main = FlaskGroup(create_app=_create, name="bmms", help="Commands of BMMS. `bmms COMMAND --help` tells more.")
