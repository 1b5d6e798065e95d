"""Commands for budget proposals: their lines from a file."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from bmms.cli.output import format_option, problem, refusals_exit_1, result
from bmms.cli.progress import progress
from bmms.cli.session import command_session
from bmms.cli.sheets import require_sound
from bmms.domain.errors import RuleBroken
from bmms.domain.imports import table
from bmms.domain.imports.checked import Fate
from bmms.domain.people.finding import find_organization
from bmms.domain.proposals import queries
from bmms.domain.proposals.sheets import steps, writing
from bmms.domain.proposals.sheets.lines import Checked


@click.command("import_lines")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--organization", required=True, help="Code of the organization, in any case.")
@click.option("--proposal", "proposal_id", type=int, required=True, help="The number in the address of the proposal.")
@click.option("--above-ceiling", "above", is_flag=True, help="Import although the draft then stands above its ceiling.")
@click.option("--dry-run", is_flag=True, help="Check and tell; change nothing.")
@format_option
@with_appcontext
@refusals_exit_1
def import_lines(
    file: Path, organization: str, proposal_id: int, above: bool, dry_run: bool, as_json: bool
) -> None:  # fmt: skip
    """Import the lines of a draft or returned proposal from an .xlsx or .csv file: all of them or none."""
    with command_session("import_lines") as (session, _):
        organization_id = find_organization(session, organization).id
    with file.open("rb") as opened:
        content = opened.read(table.LARGEST + 1)
    with command_session("import_lines", organization_id=organization_id) as (session, actor):
        proposal = queries.get_proposal(session, actor, proposal_id)
        checked = steps.check_at_once(session, actor, proposal, content, file.name)
        for warning in checked.warnings:
            problem(f"Warning: {warning}")
        require_sound(checked)
        try:
            writing.require_ceiling(checked, above=above)
        except writing.AboveCeiling as refused:
            raise RuleBroken(f"Nothing was imported. {refused} Lower the amounts, or add --above-ceiling.") from None
        data = _data(checked, dry_run)
        if not dry_run and data["created"] + data["changed"]:
            with progress("Importing lines") as watch:
                writing.write(session, actor, proposal, checked, watch, above=above)
    result(data, _text(data), as_json)


def _data(checked: Checked, dry_run: bool) -> dict[str, Any]:
    meter = checked.meter
    return {
        "file": checked.table.file_name, "sha256": checked.table.sha256, "dry_run": dry_run,
        "created": len(checked.of(Fate.CREATE)), "changed": len(checked.of(Fate.CHANGE)),
        "unchanged": len(checked.of(Fate.UNCHANGED)), "total_before": checked.before,
        "total_after": checked.sums.whole.total, "ceiling": meter.whole.ceiling if meter else None,
        "left": meter.whole.left if meter else None, "above": {one.label: -one.left for one in checked.over},
    }  # fmt: skip


def _text(data: dict[str, Any]) -> str:
    state = "would be imported" if data["dry_run"] else "imported"
    if not data["created"] + data["changed"]:
        state = "changes nothing"
    lines = [f"{data['file']} {state}: {data['created']} new, {data['changed']} changed, {data['unchanged']} as before"]
    amounts: dict[str, Decimal] = {"Total before": data["total_before"], "Total after": data["total_after"]}
    if data["ceiling"] is not None:
        amounts |= {"Ceiling": data["ceiling"], "Left" if data["left"] >= 0 else "Above": abs(data["left"])}
    lines += [f"{label:<12}{amount:>25,.2f}" for label, amount in amounts.items()]
    return "\n".join([*lines, *(f"Too much: {label}, {amount:,.2f}" for label, amount in data["above"].items())])


COMMANDS = (import_lines,)
