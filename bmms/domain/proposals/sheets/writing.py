"""The import itself, in few statements: new lines at the end of their programs, changed ones where cells differ."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.imports.checked import Fate
from bmms.domain.imports.watching import Watch, nobody_watches
from bmms.domain.proposals.lines import COLUMNS_OF_QUARTERS, QUARTERS
from bmms.domain.proposals.sheets.lines import Checked, Line, told
from bmms.models.proposals import BudgetLine, BudgetProposal

AT_ONCE = 500
AMOUNTS = ("quantity", "unit_cost", *QUARTERS)  # what moves the quarters


class AboveCeiling(RuleBroken):
    """The file would bring a draft above its ceiling, and nobody has said that it may stand there."""


def require_ceiling(checked: Checked, *, above: bool) -> None:
    """A draft goes above its ceiling, or further above it, only where that is meant. Raises AboveCeiling."""
    if not above and (raised := checked.raised):
        raise AboveCeiling(f"With this list the draft would stand above its ceiling. {told(raised)}.")


def write(
    session: Session, actor: Actor, proposal: BudgetProposal, checked: Checked, watch: Watch = nobody_watches,
    *, above: bool,
) -> None:  # fmt: skip
    """Write what was checked; nobody else may change the proposal since before the check (`rules.begin`, alone).

    Args:
        watch: told how many lines are written, again and again.
        above: the draft may stand above its ceiling afterwards.

    Raises:
        AboveCeiling: it may not, and would.
        RuleBroken: the database refuses a line.
    """
    require_ceiling(checked, above=above)
    new, changed = checked.of(Fate.CREATE), checked.of(Fate.CHANGE)
    asked = (checked.before, checked.sums.whole.total)
    done, total = 0, len(new) + len(changed)
    try:
        for act, rows in ((_change, _changes(changed)), (_create, _rows(proposal, checked, new))):
            for start in range(0, len(rows), AT_ONCE):
                some = rows[start : start + AT_ONCE]
                act(session, some)
                watch(done := done + len(some), total)
    except IntegrityError as error:
        raise RuleBroken("The database refused a line of this list. Check it again.") from error
    for line in changed:
        session.expire(line.line)
    audit.record(
        session, actor, "budget_proposals:import", proposal, label=checked.table.file_name,
        rows=(None, len(checked.lines)), created=(None, len(new)), changed=(None, len(changed)),
        total=asked, sha256=(None, checked.table.sha256),
    )  # fmt: skip


def _changes(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The columns that differ somewhere; lines in which they do not differ say again what they said."""
    wanted = [(line.line, _changed_columns(line)) for line in lines if line.line]
    names = sorted({name for _, columns in wanted for name in columns})
    return [
        {"key": line.id, **{f"new_{name}": columns.get(name, getattr(line, name)) for name in names}}
        for line, columns in wanted
    ]


def _changed_columns(line: Line) -> dict[str, Any]:
    changed = set(line.changes)
    if not changed.isdisjoint(AMOUNTS):
        changed |= set(COLUMNS_OF_QUARTERS)
    return {name: value for name, value in line.columns.items() if name in changed}


def _change(session: Session, rows: list[dict[str, Any]]) -> None:
    names = [name.removeprefix("new_") for name in rows[0] if name != "key"]
    table = BudgetLine.__table__
    statement = update(table).where(table.c.id == bindparam("key"))  # type: ignore[arg-type]
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    session.execute(statement.values(**values, row_version=table.c.row_version + 1, updated_at=func.now()), rows)


def _rows(proposal: BudgetProposal, checked: Checked, lines: Sequence[Line]) -> list[dict[str, Any]]:
    ends: dict[int, int] = defaultdict(int)
    for line in checked.contents.lines:
        ends[line.proposal_program_id] = max(ends[line.proposal_program_id], line.ordinal)
    found = []
    for one in lines:
        ends[one.part_id] += 1
        place = {
            "organization_id": proposal.organization_id, "proposal_id": proposal.id,
            "proposal_program_id": one.part_id, "ordinal": ends[one.part_id],
        }  # fmt: skip
        found.append(place | one.columns)
    return found


def _create(session: Session, rows: list[dict[str, Any]]) -> None:
    session.execute(insert(BudgetLine), rows)
