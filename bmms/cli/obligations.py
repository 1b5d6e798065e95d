"""Commands for obligation requests: a log of them from a file."""

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
from bmms.domain.imports.working import NotMeant
from bmms.domain.obligations import actions, batches
from bmms.domain.obligations.sheets import steps
from bmms.domain.obligations.sheets.rows import Checked
from bmms.domain.people.finding import find_organization


@click.command("import_obligations")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--organization", required=True, help="Code of the organization, in any case.")
@click.option("--year", type=click.IntRange(2000, 2200), required=True, help="Fiscal year of the requests.")
@click.option("--as-they-are", "meant", is_flag=True, help="Import although rows look like doubles or lack allotment.")
@click.option("--dry-run", is_flag=True, help="Check and tell; change nothing.")
@format_option
@with_appcontext
@refusals_exit_1
def import_obligations(
    file: Path, organization: str, year: int, meant: bool, dry_run: bool, as_json: bool
) -> None:  # fmt: skip
    """Import obligation requests as drafts from an .xlsx or .csv file: all of them or none."""
    with command_session("import_obligations") as (session, _):
        organization_id = find_organization(session, organization).id
    with file.open("rb") as opened:
        content = opened.read(table.LARGEST + 1)
    with command_session("import_obligations", organization_id=organization_id) as (session, actor):
        batch = batches.begin(session, actor, year)
        checked = steps.check_at_once(session, actor, batch, content, file.name)
        for warning in checked.warnings:
            problem(f"Warning: {warning}")
        require_sound(checked)
        try:
            steps.require_consent(checked, meant=meant)
        except NotMeant:
            raise RuleBroken(
                "Nothing was imported: rows are to be looked at. Correct them, or add --as-they-are."
            ) from None
        if dry_run:
            session.rollback()
        else:
            made = [(one.document, one.lines) for one in checked.requests if one.document is not None]
            with progress("Importing requests") as watch:
                actions.take_in(session, actor, batch, made, checked.table, watch)
        data = _data(checked, dry_run)
    result(data, _text(data), as_json)


def _data(checked: Checked, dry_run: bool) -> dict[str, Any]:
    return {
        "file": checked.table.file_name, "sha256": checked.table.sha256, "dry_run": dry_run,
        "requests": len(checked.requests), "rows": len(checked.lines), "total": checked.total,
    }  # fmt: skip


def _text(data: dict[str, Any]) -> str:
    state = "would be imported" if data["dry_run"] else "imported as drafts"
    return f"{data['file']} {state}: {data['requests']} requests, {data['rows']} rows, ₱ {data['total']:,.2f}"


COMMANDS = (import_obligations,)
