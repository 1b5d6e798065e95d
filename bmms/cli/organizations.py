"""Commands for organizations: the 44 MOAs, the pilots, the list."""

import copy
from dataclasses import asdict

import click
from flask.cli import with_appcontext

from bmms.cli.output import format_option, problem, refusals_exit_1, result
from bmms.cli.session import command_session
from bmms.domain.organizations import pilots, queries, seed
from bmms.domain.organizations.settings import MODULE_LABELS
from bmms.models.organizations import Organization, OrganizationKind


@click.command("load_pilot_moas")
@format_option
@with_appcontext
@refusals_exit_1
def load_pilot_moas(as_json: bool) -> None:
    """Make or set right the MOAs of the pilot (PILOT_ORGANIZATION_CODES)."""
    with command_session("load_pilot_moas") as (session, actor):
        loaded = pilots.load_pilot_moas(session, actor)
    for warning in loaded.warnings:
        problem(f"Warning: {warning}")
    if not loaded.updated and not loaded.unchanged:
        noun = "MOA" if len(loaded.created) == 1 else "MOAs"
        text = f"Created {len(loaded.created)} pilot {noun} ({', '.join(loaded.created)})"
    else:
        counts = {"created": loaded.created, "updated": loaded.updated, "unchanged": loaded.unchanged}
        text = f"Pilot MOAs: {', '.join(f'{len(codes)} {what}' for what, codes in counts.items())}"
    result(asdict(loaded), text, as_json)


@click.command("seed_organizations")
@click.option("--dry-run", is_flag=True, help="Tell what would happen and change nothing.")
@click.option("--deactivate-missing", is_flag=True, help="Make organizations inactive that moas.csv does not name.")
@format_option
@with_appcontext
@refusals_exit_1
def seed_organizations(dry_run: bool, deactivate_missing: bool, as_json: bool) -> None:
    """Create or update the 44 MOAs and the Parliament from bmms/reference/moas.csv."""
    with command_session("seed_organizations") as (session, actor):
        seeded = seed.seed_organizations(session, actor, dry_run=dry_run, deactivate_missing=deactivate_missing)
    for warning in seeded.warnings:
        problem(f"Warning: {warning}")
    lines = [
        *(["Dry run: nothing was changed."] if dry_run else []),
        f"Created: {len(seeded.created)}",
        f"Updated: {len(seeded.updated)}",
        f"Unchanged: {len(seeded.unchanged)}",
        *([f"Deactivated: {', '.join(seeded.deactivated) or 'none'}"] if deactivate_missing else []),
        f"Total: {seeded.total} organizations, of which {seeded.moas} MOAs",
        f"Pilots: {len(seeded.pilots)} ({', '.join(seeded.pilots) or 'none'})",
    ]
    result({"dry_run": dry_run, **asdict(seeded)}, "\n".join(lines), as_json)


create_all_moas = copy.copy(seed_organizations)
create_all_moas.name = "create_all_moas"
create_all_moas.help = "Another name of seed_organizations."


@click.command("list_organizations")
@click.option("--search", default="", help="Part of a code, name or acronym.")
@click.option("--kind", type=click.Choice([kind.value for kind in OrganizationKind]), help="Only this kind.")
@click.option("--pilot/--no-pilot", default=None, help="Only pilots, or only others.")
@click.option("--active/--inactive", default=None, help="Only open, or only closed organizations.")
@format_option
@with_appcontext
@refusals_exit_1
def list_organizations(search: str, kind: str | None, pilot: bool | None, active: bool | None, as_json: bool) -> None:
    """List organizations: code, name, type, pilot, modules, members."""
    with command_session("list_organizations") as (session, _):
        wanted = OrganizationKind(kind) if kind else None
        query = queries.list_organizations(search=search, kind=wanted, pilot=pilot, active=active)
        organizations = session.scalars(query).all()
        members = queries.member_counts(session, organizations)
        listed = [_described(organization, members[organization.id]) for organization in organizations]
    result({"organizations": listed}, _table(listed), as_json)


def _described(organization: Organization, members: int) -> dict[str, object]:
    return {
        "code": organization.code,
        "name": organization.name,
        "type": organization.kind,
        "active": organization.is_active,
        "pilot": organization.is_pilot,
        "modules": [MODULE_LABELS[module] for module in organization.enabled_modules],
        "members": members,
    }


def _table(listed: list[dict[str, object]]) -> str:
    """The same as columns, as wide as their widest cell."""
    if not listed:
        return "No organizations."
    cells = [["Code", "Name", "Type", "Active", "Pilot", "Modules", "Members"]]
    cells += [[_cell(value) for value in row.values()] for row in listed]
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells)
    return "\n".join(line.rstrip() for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


COMMANDS = (load_pilot_moas, seed_organizations, create_all_moas, list_organizations)
