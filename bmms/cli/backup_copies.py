"""Commands for the copies of backups in S3 (onboarding 4.7)."""

from collections.abc import Callable
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from bmms.cli.output import format_option, refusals_exit_1, result
from bmms.config import Config
from bmms.domain import clock
from bmms.domain.errors import RuleBroken
from bmms.operations.copies import bucket_of
from bmms.operations.shelf import Shelf


@click.command("fetch_backup")
@click.argument("name", required=False)
@click.option("--directory", type=click.Path(file_okay=False, path_type=Path), help="Where backups lie.")
@format_option
@with_appcontext
@refusals_exit_1
def fetch_backup(name: str | None, directory: Path | None, as_json: bool) -> None:
    """Bring a copy of a backup from S3 to where backups lie, for a restore; without NAME the copies are listed."""
    config: Config = current_app.extensions["installation"].config
    shelf = Shelf((directory or config.backups.directory).absolute(), config.environment)
    bucket = bucket_of(config.backups)
    if bucket is None:
        raise RuleBroken("There are no copies: BACKUP_S3_BUCKET is not set.")
    if name is None:
        names = bucket.names(shelf)
        result({"copies": names}, "\n".join(names) or f"There is no copy in {bucket.address}.", as_json)
        return
    fetched = bucket.fetch(name, shelf, clock.now())
    result({"backup": fetched}, f"Fetched from S3: {fetched}\nRestore it with: flask restore {fetched}", as_json)


COMMANDS: tuple[Callable, ...] = (fetch_backup,)
