"""Commands for reference data: holidays, places, object codes."""

from dataclasses import asdict

import click
from flask.cli import with_appcontext

from bmms.cli.output import format_option, problem, refusals_exit_1, result
from bmms.cli.session import command_session
from bmms.domain.reference import loader

LABELS = {"holidays": "Holidays", "places": "Places", "object_codes": "Object codes"}


@click.command("load_reference")
@format_option
@with_appcontext
@refusals_exit_1
def load_reference(as_json: bool) -> None:
    """Load holidays, places and object codes from bmms/reference/."""
    with command_session("load_reference") as (session, actor):
        counts = loader.load_reference(session, actor)
    lines = []
    for name, count in counts.items():
        lines.append(
            f"{LABELS[name]}: {count.created} created, {count.updated} updated, {count.unchanged} unchanged"
            + (f", {len(count.removed)} removed ({'; '.join(count.removed)})" if count.removed else "")
        )
        for row in count.kept:
            problem(f"Warning: {name}.csv has {row} no more, but other rows refer to it: it was kept.")
    result({name: asdict(count) for name, count in counts.items()}, "\n".join(lines), as_json)


COMMANDS = (load_reference,)
