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
    "compliance_items": "Items of the compliance checklist",
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
    """Bring the program register of every organization up to the appropriations acts. Adds, never changes."""
    made = fill_registers("load_programs")
    text = f"Programs: {sum(made.values())} created in {len(made)} organizations"
    result({"created": made}, text, as_json)


def fill_registers(reason: str) -> dict[str, int]:
    """How many programs each register got that got any, by the code of its organization."""
    made: dict[str, int] = {}
    with command_session(reason) as (session, _):
        organizations = session.execute(select(Organization.id, Organization.code).order_by(Organization.code)).all()
    for organization_id, code in organizations:
        with command_session(reason, organization_id=organization_id) as (session, actor):
            organization = session.get_one(Organization, organization_id)
            made[code] = programs.load_programs(session, actor, organization)
    return {code: count for code, count in made.items() if count}


COMMANDS = (load_reference, load_programs)
