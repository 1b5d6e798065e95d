"""Commands that back an installation up and bring it back (onboarding 4.7, 4.8). They work as the owner (D28)."""

from collections.abc import Callable
from pathlib import Path

import click
from alembic import command
from alembic.config import Config as Alembic
from flask import current_app
from flask.cli import with_appcontext

from bmms.cli.output import SKIPPED, format_option, problem, refusals_exit_1, result
from bmms.cli.session import owner_url
from bmms.config import PROJECT, Config
from bmms.domain import clock
from bmms.domain.errors import RuleBroken
from bmms.keys import key_id
from bmms.launch.address import plain
from bmms.launch.tables import revisions
from bmms.models.operations import OperationKind
from bmms.operations import backing_up, copies, drilling, recording, restoring, sealing
from bmms.operations.recording import recorded
from bmms.operations.servers import Server
from bmms.operations.shelf import Shelf
from bmms.web.version import VERSION

MIGRATIONS = PROJECT / "migrations"


@click.command("backup")
@click.argument("directory", required=False, type=click.Path(file_okay=False, path_type=Path))
@format_option
@with_appcontext
@refusals_exit_1
def backup(directory: Path | None, as_json: bool) -> None:
    """Back up database and uploads into DIRECTORY (BACKUP_DIRECTORY unless named), and drop what is too old.

    With BACKUP_S3_BUCKET a copy goes there. Exit code 3: the backup stands, but something of it needs a look.
    """
    config = _config()
    shelf, source = _shelf(config, directory), _source(config)
    with recorded(source.server, OperationKind.BACKUP, problem) as run:
        made = backing_up.back_up(source, shelf, clock.now())
        run.tell_of(made.path.name, made.manifest)
        sent = copies.send_missing(copies.bucket_of(config.backups), shelf, made.path)
        run.look_at(*(warnings := [*made.warnings, *filter(None, [sent.problem])]))
    days = config.backups.retention_days
    dropped = shelf.drop_old(clock.now(), days)
    for warning in warnings:
        problem(warning)
    told = [f"Backup created: {made.path}", *(f"Removed after {days} days: {each.name}" for each in dropped)]
    told += [f"Uploaded to S3: {place}" for place in sent.places]
    rows = sum(made.manifest.rows.values())
    data = {"backup": made.path, "rows": rows, "copies": sent.places, "copy_problem": sent.problem}
    result(data, "\n".join(told), as_json)
    if made.manifest.files["missing"] or sent.problem:
        raise SystemExit(SKIPPED)


@click.command("restore")
@click.argument("name", required=False)
@click.option("--directory", type=click.Path(file_okay=False, path_type=Path), help="Where backups lie.")
@click.option("--identity", type=click.Path(dir_okay=False, path_type=Path), help="Private key of an encrypted backup.")
@click.option("--yes", is_flag=True, help="Do not ask for the name of the database.")
@click.option("--i-know", is_flag=True, help="This is production, and its data shall be replaced.")
@with_appcontext
@refusals_exit_1
def restore(name: str | None, directory: Path | None, identity: Path | None, yes: bool, i_know: bool) -> None:
    """Put a backup in the place of the database; without NAME the backups are listed to choose from."""
    config = _config()
    shelf, source = _shelf(config, directory), _source(config)
    server = source.server
    if config.environment == "production" and not i_know:
        raise RuleBroken("This is production. With --i-know its data is replaced by the backup.")
    chosen = shelf.find(name or _asked(shelf))
    target = _target(config, server)
    manifest = restoring.check(chosen, target.revisions)
    if lost := set(manifest.data_keys) - set(source.data_keys):
        problem(
            f"DATA_KEYS lacks {', '.join(sorted(lost))}, with which the backup was made: what is encrypted with it, "
            "such as tax numbers of payees, cannot be read until it is added."
        )
    if not yes and not _agreed(server.database, chosen, manifest.made_at):
        click.echo("Cancelled. Nothing has changed.")
        return
    new = restoring.NEW.format(database=server.database)
    with recorded(server, OperationKind.RESTORE, problem) as run:
        run.tell_of(chosen.name, manifest)
        with sealing.readable(chosen, manifest, identity) as folder:
            before = _save(source, shelf, chosen)
            verified = restoring.bring_in(folder, manifest, target, new)
        kept = restoring.take_the_place(server, new, clock.now())
    recording.remember(server, chosen.name, manifest, problem)
    if before:
        recording.remember(server, before.path.name, before.manifest, problem)
    click.echo(f"Restored database from {chosen}")
    click.echo(f"Database verification: {verified.pilots} pilot MOAs, {verified.users} users")
    if verified.mails:
        click.echo(f"Mails that waited when it was made, and are not sent again: {verified.mails} (see the mail log).")
    if kept:
        click.echo(f"The former database is kept as {kept}.")


def _save(source: backing_up.Source, shelf: Shelf, chosen: Path) -> backing_up.Made | None:
    """Back up what a restore takes the place of."""
    if not source.server.holds_tables():
        click.echo(f"{source.server.database} holds no tables of BMMS, so there is nothing to save first.")
        return None
    made = backing_up.back_up(source, shelf, clock.now(), note=f"before the restore of {chosen.name}")
    click.echo(f"Backup created: {made.path}")
    return made


@click.command("drill")
@click.argument("name", required=False)
@click.option("--directory", type=click.Path(file_okay=False, path_type=Path), help="Where backups lie.")
@click.option("--identity", type=click.Path(dir_okay=False, path_type=Path), help="Private key of an encrypted backup.")
@format_option
@with_appcontext
@refusals_exit_1
def drill(name: str | None, directory: Path | None, identity: Path | None, as_json: bool) -> None:
    """Restore a backup (the newest unless named) into a database that nobody uses, verify it, and drop it again."""
    config = _config()
    shelf, source = _shelf(config, directory), _source(config)
    with recorded(source.server, OperationKind.DRILL, problem) as run:
        chosen = shelf.find(name) if name else shelf.newest()
        run.backup = chosen.name
        done = drilling.drill(chosen, source, _target(config, source.server), shelf, clock.now(), identity)
        run.tell_of(chosen.name, done.manifest)
    if done.note:
        problem(done.note)
    found = done.verified
    told = f"{found.pilots} pilot MOAs, {found.users} users, {found.files} uploads"
    result({"backup": chosen, "rows": run.rows, **vars(found)}, f"{chosen.name} can be restored: {told}.", as_json)


def _config() -> Config:
    return current_app.extensions["installation"].config


def _shelf(config: Config, directory: Path | None) -> Shelf:
    return Shelf((directory or config.backups.directory).absolute(), config.environment)


def _source(config: Config) -> backing_up.Source:
    server = Server(plain(owner_url(config, "A backup")))
    return backing_up.Source(
        server, config.instance / "files", config.environment, VERSION,
        data_keys=tuple(map(key_id, config.data_keys)), recipient=config.backups.recipient,
    )  # fmt: skip


def _target(config: Config, server: Server) -> restoring.Target:
    return restoring.Target(server, config.instance / "files", revisions(MIGRATIONS / "versions"), migrate)


def _asked(shelf: Shelf) -> str:
    shelf.newest()
    newest = shelf.all()[:10]
    for number, each in enumerate(newest, 1):
        click.echo(f"{number:>3}  {each.name}")
    chosen: int = click.prompt("Which one", type=click.IntRange(1, len(newest)))
    return newest[chosen - 1].name


def _agreed(database: str, chosen: Path, made_at: object) -> bool:
    click.echo(f"{chosen.name}, made {made_at}, takes the place of the database {database}.")
    return click.prompt(f"Type {database} to go on", default="", show_default=False) == database


def migrate(url: str) -> None:
    """Bring the database at an address to the newest migration."""
    config = Alembic(str(MIGRATIONS / "alembic.ini"))
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, "head")


COMMANDS: tuple[Callable, ...] = (backup, restore, drill)
