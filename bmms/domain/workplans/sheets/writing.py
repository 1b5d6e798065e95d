"""The import itself: new items level by level, changed items, and what hangs on them, in few statements."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.imports.checked import Fate
from bmms.domain.imports.watching import Watch, nobody_watches
from bmms.domain.workplans.items import draw_codes
from bmms.domain.workplans.sheets.columns import Cells
from bmms.domain.workplans.sheets.contents import COLUMNS, LINKS
from bmms.domain.workplans.sheets.lines import Checked, Line
from bmms.models.work import AnnualWorkPlan, WorkItem, WorkItemPerson, WorkItemPlace, WorkItemPredecessor

AT_ONCE = 500
_TABLES: dict[str, Any] = {"people": WorkItemPerson, "places": WorkItemPlace, "predecessors": WorkItemPredecessor}


def write(
    session: Session, actor: Actor, plan: AnnualWorkPlan, checked: Checked, watch: Watch = nobody_watches
) -> None:  # fmt: skip
    """Write what was checked; the work plan must be locked since before the check (`rules.begin`).

    Args:
        watch: told how many items are written, again and again.
    """
    _Writer(session, actor, plan, checked, watch).write()


class _Writer:
    def __init__(
        self, session: Session, actor: Actor, plan: AnnualWorkPlan, checked: Checked, watch: Watch
    ) -> None:  # fmt: skip
        self.session, self.actor, self.plan, self.checked = session, actor, plan, checked
        self.contents, self.cells = checked.contents, Cells(checked.contents)
        self.items: dict[str, WorkItem] = dict(self.contents.by_code)  # by key
        self.watch, self.done = watch, 0
        self.ends: dict[tuple[int, int | None], int] = {}

    def write(self) -> None:
        new, changed = self.checked.of(Fate.CREATE), self.checked.of(Fate.CHANGE)
        self.total = len(new) + len(changed)
        self._change(changed)
        self._create(new)
        self._link([*new, *changed])
        self._record(new, changed)

    def _change(self, lines: Sequence[Line]) -> None:
        ids = [line.item.id for line in lines if line.item]
        locked = select(WorkItem.id).where(WorkItem.id.in_(ids)).order_by(WorkItem.id)
        self.session.execute(locked.with_for_update())
        for start in range(0, len(lines), AT_ONCE):
            some = lines[start : start + AT_ONCE]
            for line in some:
                for name in COLUMNS:
                    if name in line.answers:
                        setattr(line.item, name, line.answers[name])
            self._flush(len(some))

    def _flush(self, many: int) -> None:
        self.session.flush()
        self.done += many
        self.watch(self.done, self.total)

    def _create(self, lines: Sequence[Line]) -> None:
        codes = dict(zip((line.key for line in lines), draw_codes(self.session, self.plan, len(lines)), strict=True))
        waiting = list(lines)
        while level := [line for line in waiting if not line.parent_key or line.parent_key in self.items]:
            for start in range(0, len(level), AT_ONCE):
                made = {line.key: self._item(line, codes[line.key]) for line in level[start : start + AT_ONCE]}
                self.session.add_all(made.values())
                self._flush(len(made))
                self.items |= made
            waiting = [line for line in waiting if line.key not in self.items]

    def _item(self, line: Line, code: str) -> WorkItem:
        parent = self.items.get(line.parent_key)
        if parent is not None:
            parent.has_children = True
        values = {name: value for name, value in line.answers.items() if name not in LINKS}
        return WorkItem(
            **values, work_plan_id=self.plan.id, annual_objective_id=line.objective_id,
            parent_id=parent.id if parent else None, code=code, is_demo=self.plan.is_demo,
            ordinal=self._place(line.objective_id, parent),
        )  # fmt: skip

    def _place(self, objective_id: int, parent: WorkItem | None) -> int:
        """At the end of its siblings."""
        key = (objective_id, parent.id if parent else None)
        if key not in self.ends:
            self.ends[key] = max((item.ordinal for item in self.contents.below.get(key, ())), default=0)
        self.ends[key] += 1
        return self.ends[key]

    def _link(self, lines: Sequence[Line]) -> None:
        """What hangs on items is taken off and put on anew, as their form does it."""
        for name, table in _TABLES.items():
            about = [line for line in lines if name in line.answers]
            old = [line.item.id for line in about if line.item]
            self.session.execute(delete(table).where(table.work_item_id.in_(old)))
            self.session.add_all(
                table(work_item_id=self.items[line.key].id, **values)
                for line in about
                for values in self._rows(name, line.answers[name])
            )
            self.session.flush()

    def _rows(self, name: str, value: Any) -> list[dict[str, Any]]:
        if name == "people":
            return [{"membership_id": key} for key in value]
        if name == "places":
            return [{"psgc": psgc, "barangay": barangay} for psgc, barangay in self.contents.gazetteer.read(value)]
        return [{"predecessor_id": self.items[code].id} for code in self.cells.codes(value)]

    def _record(self, new: Sequence[Line], changed: Sequence[Line]) -> None:
        made = [(self.items[line.key], line) for line in new]
        told: dict[str, list[Any]] = defaultdict(list)
        for item, _ in made:
            fields = {name: (None, getattr(item, name)) for name in ("title", "kind", "starts_on", "ends_on")}
            told["create"].append((item, f"{item.code} {item.title}", fields))
        for line in changed:
            assert line.item is not None
            told["change"].append((line.item, f"{line.item.code} {line.item.title}", line.changes))
        for verb, happened in told.items():
            audit.record_many(self.session, self.actor, f"work_items:{verb}", happened)
        table = self.checked.table
        audit.record(
            self.session, self.actor, "annual_work_plans:import", self.plan, label=table.file_name,
            rows=(None, len(self.checked.lines)), created=(None, len(new)), changed=(None, len(changed)),
            sha256=(None, table.sha256),
        )  # fmt: skip
