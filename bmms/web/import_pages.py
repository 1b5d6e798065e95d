"""What all imports of lists show alike: the wait for the worker, a file that could not be read, the corrections."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, request

from bmms.domain.files.kinds import XLSX
from bmms.domain.imports.checked import Fate
from bmms.domain.imports.kept import KeptList
from bmms.models.jobs import Job
from bmms.web.job_pages import Progress
from bmms.web.paging import paginate_list
from bmms.web.respond import page

SAFE = {"Content-Security-Policy": "sandbox; default-src 'none'"}
TABS = {
    "errors": ("To correct", (Fate.ERROR,)),
    "new": ("New", (Fate.CREATE,)),
    "changed": ("Changed", (Fate.CHANGE,)),
    "unchanged": ("As before", (Fate.UNCHANGED,)),
    "all": ("All", tuple(Fate)),
}
PILLS = {
    Fate.CREATE: ("New", "ok"),
    Fate.CHANGE: ("Changed", "info"),
    Fate.UNCHANGED: ("As before", ""),
    Fate.ERROR: ("To correct", "bad"),
}
Crumbs = list[tuple[str, str | None]]


@dataclass(frozen=True)
class Way:
    """The three steps of one kind of import, and where its pages are.

    Attributes:
        crumbs: what leads to it.
        steps: what its steps are called.
        waits: what the title says while the list is checked, and while it is imported.
    """

    crumbs: Crumbs
    steps: tuple[str, str, str]
    waits: tuple[str, str]
    new_url: str


def waiting(way: Way, found: KeptList, job: Job, progress_url: str, *, runs: bool) -> Response:
    """How far the worker is. Asked for again and again, so it reads no messages."""
    return page(
        "imports/import_wait.html",
        fragment="progress",
        quiet=True,
        crumbs=[*way.crumbs, (way.steps[2 if runs else 1], None)],
        title=way.waits[runs],
        steps=way.steps,
        at=3 if runs else 2,
        list=found,
        progress=Progress(job),
        progress_url=progress_url,
    )


def failed(way: Way, found: KeptList, job: Job | None) -> Response:
    """The file could not be read as a whole; why, and the way to another one."""
    return page(
        "imports/import_failed.html",
        crumbs=[*way.crumbs, (way.steps[1], None)],
        title="The list could not be checked",
        steps=way.steps,
        list=found,
        message=job.message if job else "",
        new_url=way.new_url,
    )


def checked(found: KeptList, url: Callable[..., str]) -> dict[str, Any]:
    """What the page of the check shows of the rows of a sheet, tab by tab (`?show=`).

    Args:
        url: makes the address of the page, given `show`.
    """
    check: dict[str, Any] = found.check or {}
    rows = [row | {"is_bad": row["fate"] == Fate.ERROR} for row in check["rows"]]
    by_tab = {key: [row for row in rows if row["fate"] in kinds] for key, (_, kinds) in TABS.items()}
    first = next((key for key in ("errors", "new", "changed") if by_tab[key]), "all")
    shown = request.args.get("show", first)
    return {
        "check": check,
        "checked_at": datetime.fromisoformat(check["checked_at"]),
        "counts": {key: len(chosen) for key, chosen in by_tab.items()},
        "cells": sum(len(row["problems"]) for row in rows),
        "tabs": [(f"{TABS[key][0]} {len(chosen):,}", url(show=key), key == shown) for key, chosen in by_tab.items()],
        "rows": paginate_list(by_tab.get(shown, rows)),
        "pills": PILLS,
    }


def corrections(found: KeptList, *, is_workbook: bool) -> Response:
    """The list as it came, with what is wrong written into it."""
    name = found.facts.file_name.rpartition(".")[0] or "list"
    kind, ending = (XLSX.media_type, "xlsx") if is_workbook else ("text/csv", "csv")
    answer = Response(found.corrections, mimetype=kind, headers=SAFE)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}-to-correct.{ending}")
    return answer
