"""Jobs of this organization. Everybody sees the own ones; administrators see all."""

from flask import Response, g

from bmms.blueprints.admin import bp
from bmms.domain import jobs
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.web import job_pages
from bmms.web.guard import guard
from bmms.web.respond import after_change


@bp.get("/jobs")
@guard(Permission.HOME_VIEW)
def job_list() -> Response:
    """The jobs, newest first."""
    return job_pages.job_list("admin.job_show")


@bp.get("/jobs/<int:job_id>")
@guard(Permission.HOME_VIEW, quiet=True)
def job_show(job_id: int) -> Response:
    """One job with its progress."""
    return job_pages.job_page(job_id, "admin.job_list", "admin.job_show", "admin.job_cancel")


@bp.post("/jobs/<int:job_id>/cancel")
@guard(Permission.HOME_VIEW)
def job_cancel(job_id: int) -> Response:
    """Stop it: at once when it waits, at its next step when it runs."""
    jobs.cancel(db.session(), g.actor, jobs.get_job(db.session(), g.actor, job_id))
    return after_change(job_show, "The job is asked to stop.", job_id=job_id)
