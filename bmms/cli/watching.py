"""The watch over the installation, and mails that prove that it can be heard."""

from email.utils import parseaddr

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from bmms import log_lines
from bmms.cli.output import REFUSED, format_option, problem, refusals_exit_1, result
from bmms.config import Config
from bmms.domain.errors import RuleBroken
from tasks import watching
from tasks.smtp import NotYet, Refused, ServerDown
from tasks.worker import leave_owner_behind


@click.command("watch")
@click.option(
    "--every", type=click.IntRange(1, 3600), default=watching.EVERY_SECONDS, show_default=True, help="Seconds."
)
@click.option("--once", is_flag=True, help="Look once and tell; exit code 1 if something is the matter.")
@with_appcontext
@refusals_exit_1
def watch(every: int, once: bool) -> None:
    """Look each minute whether all is well; mail what is not to ALERT_RECIPIENTS, once and then hourly."""
    leave_owner_behind()
    app, config = _installation()
    if not once:
        log_lines.start(config)
        watching.watch(app, every)
    news = watching.look(app)
    for name, text in news.wrong.items():
        problem(f"{watching.NAMES[name].capitalize()}: {text}")
    for name in news.over:
        click.echo(f"{watching.NAMES[name].capitalize()}: well again.")
    if news.wrong:
        raise SystemExit(REFUSED)
    if not news:
        click.echo("There is nothing to tell.")


@click.command("send_test_mail")
@click.argument("address")
@format_option
@with_appcontext
@refusals_exit_1
def send_test_mail(address: str, as_json: bool) -> None:
    """Send a mail to ADDRESS now, past queue and worker: do the settings of the mail server hold?"""
    app, config = _installation()
    if "@" not in (bare := parseaddr(address)[1]):
        raise RuleBroken(f"{address!r} is not an email address.")
    text = f"This mail proves that BMMS at {config.base_url} can send mail. There is nothing to do.\n"
    _deliver(app, f"BMMS {config.environment}: test mail", text, address)
    result({"sent_to": bare, **_way(config)}, f"Sent to {bare} {_way_in_words(config)}.", as_json)


@click.command("send_test_alert")
@format_option
@with_appcontext
@refusals_exit_1
def send_test_alert(as_json: bool) -> None:
    """Send a test to everybody who is alarmed (ALERT_RECIPIENTS), now."""
    app, config = _installation()
    text = f"This is a test: nothing is the matter with BMMS at {config.base_url}. Alarms reach you at this address.\n"
    for recipient in config.mail.alerts:
        _deliver(app, f"BMMS {config.environment}: test alarm", text, recipient)
    told = ", ".join(config.mail.alerts)
    result({"sent_to": config.mail.alerts, **_way(config)}, f"Sent to {told} {_way_in_words(config)}.", as_json)


def _installation() -> tuple[Flask, Config]:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app, app.extensions["installation"].config


def _deliver(app: Flask, subject: str, text: str, recipient: str) -> None:
    try:
        watching.deliver(app, subject, text, recipient)
    except (ServerDown, Refused, NotYet) as wrong:
        mail = app.extensions["installation"].config.mail
        raise RuleBroken(f"{recipient}: not sent by {mail.host}:{mail.port}: {wrong}.") from wrong


def _way(config: Config) -> dict[str, str]:
    return {"by": f"{config.mail.host}:{config.mail.port}" if config.mail.host else "file"}


def _way_in_words(config: Config) -> str:
    if config.mail.host:
        return f"by {config.mail.host}:{config.mail.port}"
    return f"as a file in {config.instance / 'mail'}, for there is no EMAIL_HOST"


COMMANDS: tuple[click.Command, ...] = (watch, send_test_mail, send_test_alert)
