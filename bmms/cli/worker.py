"""Commands that do the worker's work: `worker` for ever, `run_once` until nothing is due; and welcome mails."""

import click
from flask import current_app
from flask.cli import with_appcontext

from bmms.cli.output import format_option, refusals_exit_1, result
from bmms.cli.session import command_session
from bmms.domain import mail_log
from bmms.domain.people.finding import find_organization
from bmms.domain.platform.starting import check_before_serving
from bmms.extensions import db
from tasks import worker as work


@click.command("worker")
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True, help="Jobs at the same time.")
@click.option("--lease", type=click.IntRange(2, 3600), help="Seconds after which a silent worker's job is taken over.")
@with_appcontext
@refusals_exit_1
def worker(processes: int, lease: int | None) -> None:
    """Send mails and run jobs until TERM comes."""
    work.leave_owner_behind()
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    check_before_serving(app.extensions["installation"].config, db.engine)
    work.run_worker(app, processes=processes, lease_seconds=lease)


@click.command("run_once")
@format_option
@with_appcontext
@refusals_exit_1
def run_once(as_json: bool) -> None:
    """Do everything that is due now, then end. Prints what was done."""
    counts = dict(sorted(work.run_once(current_app._get_current_object()).items()))  # type: ignore[attr-defined]
    lines = [f"{name.replace('_', ' ')}: {count}" for name, count in counts.items()]
    result(counts, "\n".join(lines) or "Nothing was due.", as_json)


@click.command("send_welcome_emails")
@click.option("--pending", is_flag=True, help="People whose temporary password waits and who got no welcome mail yet.")
@click.option("--organization", "code", default="", help="Only people of this organization, for example MOH.")
@format_option
@with_appcontext
@refusals_exit_1
def send_welcome_emails(pending: bool, code: str, as_json: bool) -> None:
    """Queue welcome mails; the worker sends them."""
    if not pending:
        raise click.UsageError("Say whom to welcome: --pending.")
    with command_session("send_welcome_emails") as (session, actor):
        organization_id = find_organization(session, code).id if code else None
        queued = mail_log.queue_pending_welcomes(session, actor, organization_id=organization_id)
    result({"queued": queued}, f"Welcome mails queued: {queued}.", as_json)


COMMANDS: tuple[click.Command, ...] = (worker, run_once, send_welcome_emails)
