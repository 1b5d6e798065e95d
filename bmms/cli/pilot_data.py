"""Commands for the invented data of the pilot: make it, export it, remove it."""

import json
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from bmms.cli.output import format_option, problem, refusals_exit_1, result
from bmms.cli.session import command_session, owner_session
from bmms.cli.users import not_blank
from bmms.domain import clock
from bmms.domain.appropriations.queries import list_acts
from bmms.domain.disbursements import demo as _execution  # noqa: F401
from bmms.domain.errors import RuleBroken
from bmms.domain.installation import installation_of
from bmms.domain.organizations.pilots import load_pilot_moas
from bmms.domain.people import pilot_cleanup, pilot_data, pilot_export
from bmms.domain.people.credential_sheet import reserved_file
from bmms.domain.people.finding import find_organization
from bmms.domain.people.pilot_data import Generated, Wanted
from bmms.domain.people.role_table import create_pilot_roles
from bmms.domain.planning import demo as _plans  # noqa: F401  (registers what planning makes)
from bmms.domain.proposals import demo as _proposals  # noqa: F401
from bmms.domain.workplans import demo as _work_plans  # noqa: F401
from bmms.models.organizations import Organization

EVERY_MOA = "ALL"


@click.command("generate_pilot_data")
@click.option("--moa", required=True, callback=not_blank, help="Code of a pilot MOA, or ALL.")
@click.option("--users", type=click.IntRange(0, 200), default=10, show_default=True)
@click.option("--programs", type=click.IntRange(0, 100), default=5, show_default=True)
@click.option("--activities", type=click.IntRange(0, 500), default=20, show_default=True, help="Of each program.")
@click.option("--partnerships", type=click.IntRange(0, 50), default=2, show_default=True)
@click.option("--year", type=click.IntRange(2020, 2100), help="Fiscal year; the next one when left out.")
@click.option("--seed", type=int, help="The same seed gives the same names.")
@format_option
@with_appcontext
@refusals_exit_1
def generate_pilot_data(moa: str, year: int | None, as_json: bool, **amounts: int) -> None:
    """Make invented data for training in one pilot MOA. The amounts are targets: a second run adds nothing."""
    wanted = Wanted(year=year or clock.today().year + 1, **amounts)
    made: dict[str, Generated] = {}
    with command_session("generate_pilot_data") as (session, _):
        has_acts = bool(list_acts(session))
    for organization_id, code in _pilots(moa):
        with command_session("generate_pilot_data", organization_id=organization_id) as (session, actor):
            organization = session.get_one(Organization, organization_id)
            made[code] = pilot_data.generate_pilot_data(session, actor, organization, wanted)
    if not_built := next(iter(made.values())).not_built:
        problem(f"Not built yet, so counted 0: {', '.join(not_built)}.")
    if not has_acts:
        problem("No appropriation act is loaded, so no budget year was made. Load them with import_appropriations.")
    result({"year": wanted.year, **{code: asdict(one) for code, one in made.items()}}, _as_text(made), as_json)


def _pilots(moa: str) -> list[tuple[int, str]]:
    """The wanted organizations; pilot MOAs that are not there yet are loaded first."""
    with command_session("generate_pilot_data") as (session, actor):
        pilot_data.check_pilot(session)
        create_pilot_roles(session, actor)
        pilots = installation_of(session).config.pilot.organization_codes
        wanted = list(pilots) if moa.strip().upper() == EVERY_MOA else [moa.strip().upper()]
        there = set(session.scalars(select(Organization.code)))
        if set(wanted) & set(pilots) - there:
            loaded = load_pilot_moas(session, actor)
            problem(f"load_pilot_moas ran first: it created {', '.join(loaded.created)}.")
        found = [find_organization(session, code) for code in wanted]
        return [(organization.id, organization.code) for organization in found]


def _as_text(made: dict[str, Generated]) -> str:
    lines = []
    for code, generated in made.items():
        counts = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in generated.made.items())
        lines.append(f"Generated {counts} for {code}")
        if not any(generated.made.values()):
            lines.append(f"{code} has all of it already.")
    return "\n".join(lines)


@click.command("export_pilot_data")
@click.option("--moa", required=True, callback=not_blank)
@click.option("--output", type=click.Path(path_type=Path), required=True, help="A new JSON file.")
@format_option
@with_appcontext
@refusals_exit_1
def export_pilot_data(moa: str, output: Path, as_json: bool) -> None:
    """Write all that one MOA has into a JSON file, without passwords."""
    with reserved_file(output, ".json") as path:
        exported = _export(moa)
        _write(path, exported)
    people = len(exported["people"])
    told = {"file": str(output), "moa": exported["organization"]["code"], "people": people}
    result(told, f"Exported {people} people of {told['moa']} to {output}", as_json)


def _export(moa: str) -> dict[str, Any]:
    with command_session("export_pilot_data") as (session, _):
        organization_id = find_organization(session, moa).id
    with command_session("export_pilot_data", organization_id=organization_id) as (session, actor):
        return dict(pilot_export.export_pilot_data(session, actor, session.get_one(Organization, organization_id)))


def _write(path: Path, exported: Any) -> None:
    path.write_text(json.dumps(exported, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@click.command("cleanup_pilot_data")
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--confirm", is_flag=True, help=f"Remove for good, after typing {pilot_cleanup.PHRASE}.")
@click.option("--export-first", is_flag=True, help="Write the pilot MOAs into a JSON file under instance/ before.")
@click.option("--demo-only", is_flag=True, help="Accepted for its name: only demo rows are ever removed.")
@format_option
@with_appcontext
@refusals_exit_1
def cleanup_pilot_data(dry_run: bool, confirm: bool, export_first: bool, demo_only: bool, as_json: bool) -> None:
    """Remove all demo rows, as the owner of the database (DATABASE_OWNER_URL)."""
    if dry_run and confirm:
        raise click.UsageError("Choose --dry-run or --confirm.")
    if not dry_run and not confirm:
        raise RuleBroken("Nothing was removed. Look with --dry-run first, then use --confirm.")
    with ExitStack() as stack:
        session, actor = stack.enter_context(owner_session("cleanup_pilot_data"))
        if confirm and click.prompt(f"Type {pilot_cleanup.PHRASE} to go on", err=True) != pilot_cleanup.PHRASE:
            raise RuleBroken("That was something else. Nothing was removed.")
        file = _export_all(stack) if export_first and confirm else None
        removed = pilot_cleanup.cleanup_pilot_data(session, actor)
        if dry_run:
            session.rollback()
    text = f"{'Would remove' if dry_run else 'Removed'} {pilot_cleanup.as_sentence(removed)}."
    told = {"dry_run": dry_run, "removed": removed, "export": str(file) if file else None}
    result(told, text + (f"\nExported to {file}" if file else ""), as_json)


def _export_all(stack: ExitStack) -> Path:
    folder = Path(current_app.instance_path) / "exports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"pilot-data-{clock.now().astimezone(clock.MANILA):%Y%m%d-%H%M%S}.json"
    path = stack.enter_context(reserved_file(folder / name))
    with command_session("cleanup_pilot_data") as (session, _):
        codes = list(
            session.scalars(select(Organization.code).where(Organization.is_pilot).order_by(Organization.code))
        )
    _write(path, {code: _export(code) for code in codes})
    return path


COMMANDS = (generate_pilot_data, export_pilot_data, cleanup_pilot_data)
