"""Jobs as pages, for an organization and for the platform. The page of one job asks for itself until it ends."""

from dataclasses import dataclass

from flask import Response, g

from bmms.domain import clock, jobs
from bmms.extensions import db
from bmms.models.jobs import Job, JobStatus
from bmms.web.paging import paginate
from bmms.web.respond import page

TONES = {
    JobStatus.QUEUED: "mute",
    JobStatus.RUNNING: "info",
    JobStatus.DONE: "ok",
    JobStatus.FAILED: "bad",
    JobStatus.CANCELLED: "warn",
}


@dataclass(frozen=True)
class Progress:
    """A job as the progress component shows it; asks less often the longer it takes (2, 5, 15 seconds)."""

    job: Job

    @property
    def active(self) -> bool:
        """Is there still something to wait for?"""
        return self.job.active

    @property
    def percent(self) -> int:
        """0 to 100."""
        return self.job.percent

    @property
    def poll_seconds(self) -> int:
        """How long the page waits before it asks again."""
        waited = (clock.now() - self.job.queued_at).total_seconds()
        return 2 if waited < 20 else (5 if waited < 120 else 15)

    @property
    def file_name(self) -> str:
        """The file that came out of it, if any."""
        return self.job.result.get("file_name", "")


def job_list(show: str) -> Response:
    """The jobs that this person may see; `show` is the endpoint of one job."""
    found = paginate(jobs.list_jobs(g.actor))
    return page("admin/job_list.html", fragment="results", jobs=found, show=show, tones=TONES, label_of=jobs.label_of)


def job_page(job_id: int, back: str, show: str, cancel: str) -> Response:
    """One job with its progress. Quiet: being asked for again and again keeps no idle session alive."""
    job = jobs.get_job(db.session(), g.actor, job_id)
    return page(
        "admin/job_show.html",
        fragment="progress",
        quiet=True,
        job=job,
        progress=Progress(job),
        label=jobs.label_of(job),
        tone=TONES[job.status],
        back=back,
        show=show,
        cancel=cancel,
    )
