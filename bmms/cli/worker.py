"""Commands that do the worker's work: `worker` for ever, `run_once` until nothing is due; and welcome mails."""

import json

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from bmms.cli.session import command_session
from bmms.domain import mail_log
from bmms.models.organizations import Organization
from tasks import worker as work

FORMAT = click.option("--format", "layout", type=click.Choice(["text", "json"]), default="text", help="How to print.")


@click.command("worker")
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True, help="Jobs at the same time.")
@click.option("--lease", type=click.IntRange(2, 3600), help="Seconds after which a silent worker's job is taken over.")
@with_appcontext
def worker(processes: int, lease: int | None) -> None:
    """Send mails and run jobs until TERM comes."""
    work.leave_owner_behind()
    work.run_worker(current_app._get_current_object(), processes=processes, lease_seconds=lease)  # type: ignore[attr-defined]


@click.command("run_once")
@FORMAT
@with_appcontext
def run_once(layout: str) -> None:
    """Do everything that is due now, then end. Prints what was done."""
    counts = dict(sorted(work.run_once(current_app._get_current_object()).items()))  # type: ignore[attr-defined]
    if layout == "json":
        click.echo(json.dumps(counts))
        return
    for name, count in counts.items():
        click.echo(f"{name.replace('_', ' ')}: {count}")
    if not counts:
        click.echo("Nothing was due.")


@click.command("send_welcome_emails")
@click.option("--pending", is_flag=True, help="People whose temporary password waits and who got no welcome mail yet.")
@click.option("--organization", "code", default="", help="Only people of this organization, for example MOH.")
@FORMAT
@with_appcontext
def send_welcome_emails(pending: bool, code: str, layout: str) -> None:
    """Queue welcome mails; the worker sends them."""
    if not pending:
        raise click.UsageError("Say whom to welcome: --pending.")
    with command_session("send_welcome_emails") as (session, actor):
        organization_id = None
        if code:
            organization_id = session.scalar(select(Organization.id).where(Organization.code == code.strip().upper()))
            if organization_id is None:
                raise click.ClickException(f"Organization '{code}' not found. Run seed_organizations first.")
        queued = mail_log.queue_pending_welcomes(session, actor, organization_id=organization_id)
    click.echo(json.dumps({"queued": queued}) if layout == "json" else f"Welcome mails queued: {queued}.")


COMMANDS: tuple[click.Command, ...] = (worker, run_once, send_welcome_emails)
