"""Commands for the appropriations acts."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from bmms.cli.output import format_option, problem, refusals_exit_1, result
from bmms.cli.reference import fill_registers
from bmms.cli.session import command_session
from bmms.domain.appropriations import loading, reading
from bmms.domain.appropriations.amounts import CLASSES
from bmms.domain.appropriations.loading import Loaded
from bmms.domain.errors import RuleBroken

AMOUNT = re.compile(r"\d{1,15}(\.\d{1,2})?", re.ASCII)


class PesosType(click.ParamType):
    """An amount as the act prints it, with or without commas."""

    name = "pesos"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Decimal:
        """The amount, at most two decimals."""
        plain = str(value).replace(",", "")
        if not AMOUNT.fullmatch(plain):
            self.fail(f"{value!r} is no amount. Write it like 98467200000.00.", param, context)
        return Decimal(plain)


@click.command("import_appropriations")
@click.argument("files", type=click.Path(path_type=Path, exists=True, dir_okay=False), nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Read, add up and tell; change nothing.")
@click.option(
    "--expect-total", "expected", type=PesosType(), multiple=True,
    help="The grand total that the printed act states; with several files once for each, in their order.",
)  # fmt: skip
@click.option("--accept-discrepancies", "accept", is_flag=True, help="Load an act that does not reach its total.")
@format_option
@with_appcontext
@refusals_exit_1
def import_appropriations(
    files: tuple[Path, ...], dry_run: bool, expected: tuple[Decimal, ...], accept: bool, as_json: bool
) -> None:
    """Load appropriations acts from CSV files, one act each, as printed; the programs of all bodies with them.

    All of the files or none.
    """
    if expected and len(expected) != len(files):
        raise click.UsageError(f"{len(files)} files, but {len(expected)} expected totals: give one for each file.")
    totals = expected or (None,) * len(files)
    acts = [reading.read(file) for file in files]
    with command_session("import_appropriations") as (session, actor):
        loaded = [
            loading.load_act(session, actor, act, expected=total, accept=accept, dry_run=dry_run)
            for act, total in zip(acts, totals, strict=True)
        ]
    for finding in [finding for one in loaded for finding in one.findings]:
        problem(f"Does not add up: {finding}")
    made = {} if dry_run else fill_registers("import_appropriations")
    text = "\n".join(_text(one, dry_run) for one in loaded)
    if made:
        text += f"\nPrograms: {sum(made.values())} created in {len(made)} organizations"
    data = {"dry_run": dry_run, "acts": [_data(one) for one in loaded], "programs": made}
    result(data, text, as_json)


@click.command("remove_act")
@click.argument("key")
@click.option("--yes", is_flag=True, help="Do not ask.")
@format_option
@with_appcontext
@refusals_exit_1
def remove_act(key: str, yes: bool, as_json: bool) -> None:
    """Take an act out again, with all its lines: 2026, or 2026-2 for a second act of that year."""
    if not yes and not click.confirm(f"Remove the act {key} with all its lines?", err=True):
        raise RuleBroken("Nothing was removed.")
    with command_session("remove_act") as (session, actor):
        title = loading.remove_act(session, actor, key)
    result({"removed": title}, f"Removed {title}", as_json)


def _text(loaded: Loaded, dry_run: bool) -> str:
    state = "would be loaded" if dry_run and loaded.is_new else "loaded" if loaded.is_new else "is loaded already"
    lines = [
        f"{loaded.act.title}: {state}; {loaded.act.row_count} rows, {len(loaded.bodies)} bodies, "
        f"{loaded.added_lines} lines added for what is not broken down, {len(loaded.findings)} discrepancies"
    ]
    amounts = {label: getattr(loaded.amounts, name) for name, label in CLASSES.items()}
    amounts = {label: amount for label, amount in amounts.items() if amount} | {"Total": loaded.amounts.total}
    if loaded.expected is not None:
        amounts |= {"Expected": loaded.expected, "Difference": loaded.difference or Decimal(0)}
    lines += [f"{label:<17}{amount:>22,.2f}" for label, amount in amounts.items()]
    return "\n".join(lines)


def _data(loaded: Loaded) -> dict[str, Any]:
    return {
        "act": loaded.act.title, "fiscal_year": loaded.act.fiscal_year, "new": loaded.is_new,
        "rows": loaded.act.row_count, "bodies": len(loaded.bodies), "lines_added": loaded.added_lines,
        "amounts": loaded.amounts.columns, "expected": loaded.expected, "difference": loaded.difference,
        "discrepancies": [str(one) for one in loaded.findings],
    }  # fmt: skip


COMMANDS = (import_appropriations, remove_act)
