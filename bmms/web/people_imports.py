"""An import of people in three steps: upload, check, create. The same in an organization and on the platform."""

import csv
import io
from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, flash, g, request

from bmms.domain import clock, jobs
from bmms.domain.errors import RuleBroken
from bmms.domain.files import names
from bmms.domain.imports import kept, working
from bmms.domain.imports.kept import KeptList
from bmms.domain.people.credential_sheet import COLUMNS as SHEET_COLUMNS
from bmms.domain.people.fields import LABELS
from bmms.domain.people.imports import sample, steps
from bmms.domain.people.imports.preview import Fate
from bmms.domain.permissions import ROLES, RULES
from bmms.extensions import db
from bmms.models.jobs import Job, JobStatus
from bmms.web import import_pages, limits
from bmms.web.exports import csv_response
from bmms.web.import_pages import Way
from bmms.web.paging import paginate_list
from bmms.web.people_forms import ListForm, RunForm
from bmms.web.people_pages import Place
from bmms.web.respond import form_page, page, see_other

jobs.LABELS.update(
    {
        f"{task}{where}": label
        for task, label in ((steps.CHECK_TASK, "Check a list of people"), (steps.RUN_TASK, "Import a list of people"))
        for where in ("", steps.ANYWHERE)
    }
)
TABS = {"all": "All", "errors": "Errors", "ready": "Ready"}
FATES = {
    Fate.CREATE: ("Ready", "ok"),
    Fate.UPDATE: ("Update", "info"),
    Fate.UNCHANGED: ("No change", ""),
    Fate.ERROR: ("Error", "bad"),
}
COLUMNS = ("email", "first_name", "last_name", "organization", "role")  # those with a column of their own on the page


def _way(place: Place) -> Way:
    return Way(
        [("People", place.url("user_list")), ("Import", place.url("import_new"))],
        ("Upload", "Check", "Create"),
        ("The list is being checked", "The accounts are being made"),
        place.url("import_new"),
    )


def mine(import_id: UUID) -> KeptList:
    """The reader's own list."""
    return kept.find_list(db.session(), g.actor, import_id)


def list_new(place: Place) -> Response:
    """Step 1: a file, and what to do with people who have an account already."""
    form = ListForm()
    if form.validate_on_submit():
        limits.count(limits.limit("imports"), "imports", g.actor.user_id)
        try:
            content = form.file.data.stream.read(steps.LARGEST + 1)
            name = names.readable(form.file.data.filename)[:200]
            found = steps.upload(db.session(), g.actor, content, name, update_existing=form.update_existing.data)
            return see_other(place.url("import_show", import_id=found.import_id))
        except RuleBroken as broken:
            form.show(broken if broken.fields else RuleBroken(str(broken), field="file"))
    return form_page("admin/import_new.html", form, place=place, columns=sample.COLUMNS, roles=ROLES, rules=RULES)


def list_show(place: Place, import_id: UUID) -> Response:
    """Step 2, or what came of the import, or how far the worker is."""
    found = mine(import_id)
    job = working.job_of(db.session(), g.actor, found)
    if job is not None and job.active:
        return _waiting(place, found, job)
    if found.outcome is not None:
        return page("admin/import_done.html", place=place, list=found, outcome=found.outcome)
    if found.check is None:
        return import_pages.failed(_way(place), found, job)
    went_wrong = job is not None and job.status in (JobStatus.FAILED, JobStatus.CANCELLED)
    return _check_page(place, found, RunForm(), job_message=job.message if job and went_wrong else "")


def list_progress(place: Place, import_id: UUID) -> Response:
    """How far the worker is; leads on when it is done. Asked for again and again, so it reads no messages."""
    found = mine(import_id)
    job = working.job_of(db.session(), g.actor, found)
    if job is None or not job.active:
        return see_other(place.url("import_show", import_id=import_id))
    return _waiting(place, found, job)


def _waiting(place: Place, found: KeptList, job: Job) -> Response:
    url = place.url("import_progress", import_id=found.import_id)
    return import_pages.waiting(_way(place), found, job, url, runs=job.task.startswith(steps.RUN_TASK))


def _check_page(place: Place, found: KeptList, form: RunForm, job_message: str = "") -> Response:
    check = found.check or {}
    rows = [row | {"is_bad": row["fate"] == Fate.ERROR} for row in check["rows"]]
    wrong = [row for row in rows if row["fate"] == Fate.ERROR]
    shown = request.args.get("show", "all")
    chosen = {"errors": wrong, "ready": [row for row in rows if row["fate"] != Fate.ERROR]}.get(shown, rows)
    counts = {"all": len(rows), "errors": len(wrong), "ready": len(rows) - len(wrong)}
    url = place.url("import_show", import_id=found.import_id)
    return form_page(
        "admin/import_show.html",
        form,
        fragment="results",
        place=place,
        list=found,
        check=check,
        checked_at=datetime.fromisoformat(check["checked_at"]),
        counts=counts,
        cells=sum(len(row["problems"]) for row in wrong),
        fates=Counter(row["fate"] for row in rows),
        figures=figures(check, counts),
        tabs=[(f"{label} {counts[key]:,}", f"{url}?show={key}", key == shown) for key, label in TABS.items()],
        rows=paginate_list(chosen),
        columns=COLUMNS,
        verb=_verb(check["rows"], bool(wrong)),
        labels=LABELS,
        pills=FATES,
        job_message=job_message,
    )


def _verb(rows: list[dict[str, Any]], only_some: bool) -> str:
    """What the button says: exactly what it does."""
    new = sum(row["fate"] == Fate.CREATE for row in rows)
    known = sum(row["fate"] == Fate.UPDATE for row in rows)
    parts = [f"create {new:,} account{'' if new == 1 else 's'}"] * bool(new) + [f"update {known:,}"] * bool(known)
    words = " and ".join(parts) or "import"
    return f"{words[0].upper()}{words[1:]}{', leave out the rest' if only_some else ''}"


def figures(check: dict[str, Any], counts: dict[str, int]) -> list[tuple[str, ...]]:
    """The key figures above the rows: how many, ready, wrong, and which seats stay free."""
    new = ", ".join(f"{count:,} {code}" for code, count in check["new"].items())
    limited = {code: seats["left"] for code, seats in check["seats"].items() if seats["limit"] is not None}
    cells = sum(len(row["problems"]) for row in check["rows"])
    wrong = f"{cells:,} cell{'' if cells == 1 else 's'}" if cells else "nothing to correct"
    found: list[tuple[str, ...]] = [
        ("Rows", f"{counts['all']:,}", "header not counted"),
        ("Ready", f"{counts['ready']:,}", f"new: {new}" if new else "nobody new"),
        ("With errors", f"{counts['errors']:,}", wrong),
    ]
    if limited:
        code, left = min(limited.items(), key=lambda each: each[1])
        others = "".join(f"; {free:,} {other}" for other, free in limited.items() if other != code)
        limit = check["seats"][code]["limit"]
        found.append(("Seats left", f"{left:,}", f"of {limit:,} in {code}, after this import{others}"))
    return found


def list_check(place: Place, import_id: UUID) -> Response:
    """Check again, with the other wish for people who have an account already."""
    limits.count(limits.limit("imports"), "imports", g.actor.user_id)
    found = mine(import_id)
    update = request.form.get("update_existing") == "y"
    steps.check_again(db.session(), g.actor, found, update_existing=update)
    return see_other(place.url("import_show", import_id=import_id))


def list_run(place: Place, import_id: UUID) -> Response:
    """Step 3: create. When something has changed since the check, nothing is created and the page shows what."""
    found, form = mine(import_id), RunForm()
    url = place.url("import_show", import_id=import_id)
    if not form.validate_on_submit():
        return see_other(url)
    wishes = {"send_emails": form.send_emails.data, "skip_invalid": form.skip_invalid.data}
    if steps.create(db.session(), g.actor, found, **wishes):
        return see_other(url)
    flash("Something has changed since the check: nothing was created. Look at the rows with errors.", "error")
    return see_other(f"{url}?show=errors")


def list_corrections(import_id: UUID) -> Response:
    """The list as it came, with what is wrong written into it."""
    found = mine(import_id)
    return import_pages.corrections(found, is_workbook=(found.check or {}).get("is_workbook", False))


def list_sample(codes: list[str]) -> Response:
    """An example to fill in."""
    return csv_response("people.csv", sample.COLUMNS, sample.sample_rows(codes))


def list_mails(place: Place, import_id: UUID) -> Response:
    """Welcome mails after all."""
    queued = steps.send_welcomes(db.session(), g.actor, mine(import_id))
    return see_other(place.url("import_show", import_id=import_id), f"{queued:,} welcome mails are queued.")


def list_sheet(import_id: UUID) -> Response:
    """The credentials sheet, once. Its passwords stand as they are; everything else is neutral to spreadsheets."""
    rows = steps.take_sheet(db.session(), g.actor, mine(import_id))
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([SHEET_COLUMNS, *rows])
    answer = Response("\ufeff" + text.getvalue(), mimetype="text/csv", headers=import_pages.SAFE)
    answer.headers.set("Content-Disposition", "attachment", filename=f"credentials-{clock.today():%Y%m%d}.csv")
    return answer
