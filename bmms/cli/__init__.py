"""The command line: `flask <command>` and `bmms <command>`. One file for each noun (decision D14).

Exit codes: 0 done; 1 refused and nothing changed; 2 wrong usage; 3 finished, but rows were skipped.
"""

import click
from flask import Flask
from flask.cli import AppGroup

from bmms.cli import (
    appropriations,
    backup_copies,
    backups,
    demo,
    environment,
    installation,
    ledger,
    maintenance,
    obligations,
    organizations,
    pilot_data,
    plans,
    proposals,
    reference,
    roles,
    users,
    watching,
    worker,
)

NOUNS = (
    organizations, users, roles, pilot_data, plans, reference, appropriations, proposals, ledger, obligations,
    worker, installation, environment, backups, backup_copies, watching, maintenance, demo,
)  # fmt: skip
COMMANDS: tuple[click.Command, ...] = tuple(command for noun in NOUNS for command in noun.COMMANDS)


class BothSpellings(AppGroup):
    """`create_pilot_user` and `create-pilot-user` are one command."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command under either spelling."""
        return super().get_command(ctx, cmd_name) or super().get_command(ctx, cmd_name.replace("-", "_"))


def init_commands(app: Flask) -> None:
    """Give the application its commands."""
    group = BothSpellings(name=app.name)
    group.commands.update(app.cli.commands)
    for command in COMMANDS:
        group.add_command(command)
    app.cli = group
