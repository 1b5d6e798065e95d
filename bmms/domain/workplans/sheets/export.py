"""A work plan as a workbook: the plan, its objectives, its items to be edited, the timeline, and what can be chosen."""

import io
from collections.abc import Iterable
from datetime import date
from typing import Any

import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import clock, exports
from bmms.domain.actors import Actor
from bmms.domain.imports.book import LISTS, OPTIONS, ROOM, Book, Cell, chosen, side_by_side
from bmms.domain.imports.table import Column
from bmms.domain.organizations.queries import organization_by_id
from bmms.domain.planning import labels
from bmms.domain.workplans import queries, timeline
from bmms.domain.workplans.labels import LIGHT
from bmms.domain.workplans.schedule import light_of
from bmms.domain.workplans.sheets import columns
from bmms.domain.workplans.sheets.columns import COLUMNS, Cells, share
from bmms.domain.workplans.sheets.contents import Contents
from bmms.models.indicators import Indicator
from bmms.models.work import AnnualWorkPlan, ItemKind, WorkItem

TASK = "export_work_plan"
DEMO = "DEMO DATA - DELETE AFTER TRAINING"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
BAR, POINT = "■", "◆"
MONEY, SHARES = ("planned_cost",), ("progress", "weight")
HINTS = (
    "Edit the sheet Items, save it as .xlsx, and upload it under Import. The other sheets are for reading.",
    "A row without a code becomes a new item; a row with a code changes that item. Items that are not listed stay.",
    "Of an item with a code, an empty cell empties the answer. A column that you remove stays as it is.",
    "To put a new item under another new one, write NEW-1 as its code and NEW-1 as the parent code of the other.",
    "Several people, tags or codes in one cell: separate them by commas. Places: one a line.",
    "The grey columns are computed and are not read.",
)


def name_of(session: Session, plan: AnnualWorkPlan) -> str:
    """`BMMS_Work-Plan_MOH_FY2026_2026-11-24.xlsx` (modules 7.1)."""
    organization = organization_by_id(session, plan.organization_id)
    return f"BMMS_Work-Plan_{organization.code}_FY{plan.fiscal_year}_{clock.today().isoformat()}.xlsx"


def workbook_of(session: Session, plan: AnnualWorkPlan, prepared_by: str) -> bytes:
    """The work plan as it stands, in a number of statements that does not grow with it."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        _Writer(session, plan, book).write(prepared_by)
    return target.getvalue()


class _Writer(Book):
    def __init__(self, session: Session, plan: AnnualWorkPlan, book: xlsxwriter.Workbook) -> None:
        super().__init__(book)
        self.session, self.plan, self.today = session, plan, clock.today()
        self.contents = Contents(session, plan)
        self.cells = Cells(self.contents)

    def write(self, prepared_by: str) -> None:
        lists = columns.lists(self.contents)
        self._plan(prepared_by)
        self._objectives()
        self._items(lists)
        self._timeline()
        self._lists(lists)

    def _plan(self, prepared_by: str) -> None:
        organization = organization_by_id(self.session, self.plan.organization_id)
        rows: list[tuple[str, Cell]] = [
            ("Organization", f"{organization.name} ({organization.code})"),
            ("Work plan", self.plan.title),
            ("Fiscal year", self.plan.fiscal_year),
            ("Status", labels.status_of(self.plan)[0]),
            ("Progress", share(self.plan.progress)),
            ("Description", self.plan.narrative),
            ("Annual objectives", len(self.contents.objectives)),
            ("Items", len(self.contents.items)),
            ("Prepared by", prepared_by),
            ("As of", f"{clock.now().astimezone(clock.MANILA):%Y-%m-%d %H:%M} PHT"),
            ("Personal data", "Contains names of staff."),
            *([("Demo", DEMO)] if self.plan.is_demo else []),
        ]
        self.about("Work plan", rows, HINTS, {"Progress": "share"})

    def _objectives(self) -> None:
        kpis: dict[int | None, list[str]] = {}
        query = select(Indicator.objective_id, Indicator.code, Indicator.name).order_by(Indicator.code)
        served = {one.row.objective_id for one in self.contents.objectives}
        for key, code, name in self.session.execute(query.where(Indicator.objective_id.in_(served))):
            kpis.setdefault(key, []).append(f"{code} {name}")
        heads = [
            ("No.", 6), ("Strategic objective", 40), ("What is to be reached this year", 50), ("First quarter", 30),
            ("Second quarter", 30), ("Third quarter", 30), ("Fourth quarter", 30), ("Weight", 10), ("Owner", 24),
            ("Indicators", 50), ("Progress", 10),
        ]  # fmt: skip
        rows = [
            (
                one.row.ordinal, one.strategic, one.row.statement, one.row.q1, one.row.q2, one.row.q3, one.row.q4,
                share(one.row.weight), self.contents.names.member(one.row.owner_id),
                "\n".join(kpis.get(one.row.objective_id, ())), share(one.row.progress),
            )
            for one in self.contents.objectives
        ]  # fmt: skip
        self.table("Objectives", heads, rows, {7: "share", 10: "share"})

    def _items(self, choices: dict[str, list[Cell]]) -> None:
        rows = [[self._item_cell(column, item, now) for column in COLUMNS] for item, now in self._standing()]
        kinds = {n: _kind_of(column) for n, column in enumerate(COLUMNS)}
        sheet = self.table(columns.SHEET, [(one.heading, one.width) for one in COLUMNS], rows, kinds)
        last = len(rows) + ROOM
        for place, column in enumerate(COLUMNS):
            if column.field in choices and column.field not in ("tags", "places") and choices[column.field]:
                sheet.data_validation(1, place, last, place, chosen(column.field, choices))
            if column.is_shown and rows:
                sheet.conditional_format(1, place, last, place, {"type": "no_errors", "format": self.computed})
        sheet.freeze_panes(1, 4)
        sheet.set_column(len(COLUMNS) - 1, len(COLUMNS) - 1, 10, None, {"hidden": True})

    def _standing(self) -> Iterable[tuple[WorkItem, dict[str, Any]]]:
        return ((item, self.contents.standing(item)) for item in self.contents.items)

    def _item_cell(self, column: Column, item: WorkItem, now: dict[str, Any]) -> Cell:
        if column.field in now:
            return self.cells.write(column.field, now[column.field])
        if column.field == "seen":
            return self.cells.seen(item)
        light = LIGHT[light_of(item, self.today)][0]
        return {"code": item.code, "light": light, **self.cells.shown(item)}[column.field]

    def _timeline(self) -> None:
        heads = [
            ("Objective", 10), ("Code", 22), ("Kind", 11), ("Title", 50), ("Start", 12), ("End", 12), ("Progress", 10),
            ("Light", 10), *((month, 5) for month in MONTHS),
        ]  # fmt: skip
        rows = [
            [
                self.contents.ordinals[item.annual_objective_id], item.code, labels.ITEM_KIND[item.kind], item.title,
                item.starts_on, item.ends_on, share(item.progress), LIGHT[light_of(item, self.today)][0],
                *(self._bar(item, month) for month in range(1, 13)),
            ]
            for item in self.contents.items if item.kind in timeline.SHOWN
        ]  # fmt: skip
        self.table("Timeline", heads, rows, {4: "day", 5: "day", 6: "share"})

    def _bar(self, item: WorkItem, month: int) -> str:
        first = date(self.plan.fiscal_year, month, 1)
        after = date(self.plan.fiscal_year + month // 12, month % 12 + 1, 1)
        mark = POINT if item.kind == ItemKind.MILESTONE else BAR
        return mark if item.starts_on < after and item.ends_on >= first else ""

    def _lists(self, choices: dict[str, list[Cell]]) -> None:
        heads = [(columns.BY_FIELD[field].heading, 30) for field in choices]
        rows = side_by_side(list(choices.values()))
        programs = list(choices).index("program_id")
        titles = {one.code: one.title for one in self.contents.programs.values()}
        people = {member.username: str(member) for member in self.contents.members.values()}
        officers = list(choices).index("officer_id")
        heads += [("Program", 50), ("Name of the officer", 40)]
        rows = [[*row, titles.get(str(row[programs]), ""), people.get(str(row[officers]), "")] for row in rows]
        self.table(LISTS, heads, rows, {})


def _kind_of(column: Column) -> str:
    if column.field in MONEY:
        return "money"
    if column.field in SHARES:
        return "share"
    return "count" if column.field in ("beneficiaries", "female", "male") else ""


def _find(session: Session, actor: Actor, arguments: dict[str, Any]) -> AnnualWorkPlan:
    return queries.get_work_plan(session, actor, arguments["work_plan_id"])


exports.declare(TASK, _find)
