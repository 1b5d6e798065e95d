"""Commands for reference data, and for the programs that an appropriation act names."""

from dataclasses import asdict

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from bmms.cli.output import format_option, problem, refusals_exit_1, result
from bmms.cli.session import command_session
from bmms.domain.programs import loader as programs
from bmms.domain.reference import loader
from bmms.models.organizations import Organization

LABELS = {
    "holidays": "Holidays",
    "places": "Places",
    "object_codes": "Object codes",
    "themes": "Themes",
    "units_of_measure": "Units of measure",
}


@click.command("load_reference")
@format_option
@with_appcontext
@refusals_exit_1
def load_reference(as_json: bool) -> None:
    """Load holidays, places, object codes, themes and units of measure from bmms/reference/."""
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


@click.command("load_programs")
@format_option
@with_appcontext
@refusals_exit_1
def load_programs(as_json: bool) -> None:
    """Bring the program register of every organization up to the appropriation act of FY 2024. Adds, never changes."""
    made: dict[str, int] = {}
    with command_session("load_programs") as (session, _):
        organizations = [
            (one.id, one.code) for one in session.scalars(select(Organization).order_by(Organization.code))
        ]
    for organization_id, code in organizations:
        with command_session("load_programs", organization_id=organization_id) as (session, actor):
            organization = session.get_one(Organization, organization_id)
            made[code] = programs.load_programs(session, actor, organization)
    organizations_with = sum(1 for count in made.values() if count)
    text = f"Programs: {sum(made.values())} created in {organizations_with} organizations"
    result({"created": {code: count for code, count in made.items() if count}}, text, as_json)


COMMANDS = (load_reference, load_programs)
