"""What commands that read sheets have in common."""

from typing import Any

from bmms.domain.errors import RuleBroken
from bmms.domain.imports.checked import Checked, Fate


def require_sound(checked: Checked[Any]) -> None:
    """Go on only with a file in which nothing is wrong. Raises RuleBroken, which names each wrong cell."""
    columns, faults = checked.table.layout.by_field, {}
    for row in checked.of(Fate.ERROR):
        for name, message in row.problems.items():
            cell = f"{checked.table.cell(row.row, name)} {columns[name].heading}"
            faults[cell] = f"{cell}: {message}"
    if faults:
        wrong = len(checked.of(Fate.ERROR))
        are = "row is" if wrong == 1 else "rows are"
        raise RuleBroken(f"Nothing was imported: {wrong} {are} to be corrected.", **faults)
