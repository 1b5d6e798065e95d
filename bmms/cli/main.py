"""The `bmms` command: what `flask` offers, with our application already chosen."""

import sys

import click
from flask import Flask
from flask.cli import FlaskGroup

from bmms.app import create_app
from bmms.cli.environment import validate_env
from bmms.config import ConfigError
from bmms.launch.errors import LaunchError


def _create() -> Flask:
    try:
        return create_app()
    except (ConfigError, LaunchError) as wrong:
        click.echo(str(wrong), err=True)
        sys.exit(1)


class Commands(FlaskGroup):
    """The application's commands, and those that need none, under either spelling."""

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Make the application only for a command that is not known without it."""
        return self.commands.get(name.replace("-", "_")) or super().get_command(ctx, name)


main = Commands(create_app=_create, name="bmms", help="Commands of BMMS. `bmms COMMAND --help` tells more.")
main.add_command(validate_env)

if __name__ == "__main__":
    main()
