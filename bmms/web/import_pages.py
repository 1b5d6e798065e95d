"""What all imports of lists show alike: the wait for the worker, a file that could not be read, the corrections."""

from dataclasses import dataclass

from flask import Response

from bmms.domain.files.kinds import XLSX
from bmms.domain.imports.kept import KeptList
from bmms.models.jobs import Job
from bmms.web.job_pages import Progress
from bmms.web.respond import page

SAFE = {"Content-Security-Policy": "sandbox; default-src 'none'"}
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


def corrections(found: KeptList, *, is_workbook: bool) -> Response:
    """The list as it came, with what is wrong written into it."""
    name = found.facts.file_name.rpartition(".")[0] or "list"
    kind, ending = (XLSX.media_type, "xlsx") if is_workbook else ("text/csv", "csv")
    answer = Response(found.corrections, mimetype=kind, headers=SAFE)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}-to-correct.{ending}")
    return answer
