"""Maintenance on and off. It works without the database; then only the record of it is missing."""

from datetime import datetime, time

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from bmms.cli.output import format_option, problem, refusals_exit_1, result
from bmms.cli.session import command_session
from bmms.domain import audit, clock
from bmms.domain.errors import RuleBroken
from bmms.domain.platform import maintenance as acts
from bmms.domain.platform.maintenance import Maintenance


@click.command("maintenance")
@click.argument("wanted", metavar="[on|off]", type=click.Choice(["on", "off"]), required=False)
@click.option("--until", metavar="HH:MM", help="When it is expected to end, by the clock in Manila.")
@click.option("--message", default="", help="What people read above that; a sentence or two.")
@format_option
@with_appcontext
@refusals_exit_1
def maintenance(wanted: str | None, until: str | None, message: str, as_json: bool) -> None:
    """Let pages say that BMMS is being maintained, or open them again; without a word, tell which it is.

    What people type is still kept, and the worker goes on.
    """
    instance = current_app.extensions["installation"].config.instance
    if wanted != "on" and (until or message):
        raise click.UsageError("--until and --message go with: maintenance on")
    before = acts.state(instance)
    if wanted == "on":
        held = acts.switch_on(instance, message.strip(), acts.next_moment(_time(until)) if until else None)
        _record("maintenance:switch_on", held)
    elif wanted == "off":
        if acts.switch_off(instance):
            _record("maintenance:switch_off", before or Maintenance())
        held = None
    else:
        held = before
    data = {"maintenance": "on" if held else "off"}
    result(data | ({"until": held.until, "message": held.message} if held else {}), _words(held), as_json)


def _time(text: str) -> time:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007  (a time of the day, in Manila)
    except ValueError:
        raise RuleBroken(f"--until is {text!r}; it must be a time like 14:30.") from None


def _words(held: Maintenance | None) -> str:
    if held is None:
        return "Maintenance is off."
    end = f" Expected end: {held.until.astimezone(clock.MANILA):%Y-%m-%d %H:%M}." if held.until else ""
    return " ".join(filter(None, (f"Maintenance is on.{end}", held.message and f"People read: {held.message}")))


def _record(action: str, held: Maintenance) -> None:
    try:
        with command_session("maintenance") as (session, actor):
            audit.record(session, actor, action, note=held.message, until=(None, held.until))
    except SQLAlchemyError:
        problem("The database did not answer: this is done, but stands in no record.")


COMMANDS = (maintenance,)
