"""The work plan on paper: the PDFs that were made of it, and making one."""

from flask import Response, url_for

from bmms.blueprints.planning import bp
from bmms.blueprints.planning.work_pages import work_plan_of
from bmms.domain.permissions import Permission
from bmms.domain.workplans import papers
from bmms.web import document_pages
from bmms.web.document_pages import Place
from bmms.web.guard import guard


def _place(work_plan_id: int) -> Place:
    """The papers of the work plan of the address. Raises NotFound."""
    plan = work_plan_of(work_plan_id)
    here = url_for("planning.work_plan_show", work_plan_id=plan.id)
    crumbs: document_pages.Crumbs = [("Work plans", url_for("planning.work_plan_list")), (plan.title, here)]
    return Place(
        (papers.WORK_PLAN, papers.TIMELINE), plan.id, plan.title, crumbs,
        lambda view, **values: url_for(f"planning.work_{view}", work_plan_id=plan.id, **values),
    )  # fmt: skip


@bp.get("/work-plans/<int:work_plan_id>/documents")
@guard(Permission.PLAN_VIEW)
def work_document_list(work_plan_id: int) -> Response:
    """The PDFs of the work plan."""
    return document_pages.document_list(_place(work_plan_id))


@bp.post("/work-plans/<int:work_plan_id>/documents")
@guard(Permission.PLAN_VIEW)
def work_document_new(work_plan_id: int) -> Response:
    """Make a PDF of the work plan as it stands."""
    return document_pages.document_new(_place(work_plan_id))


@bp.get("/work-plans/<int:work_plan_id>/documents/<int:document_id>")
@guard(Permission.PLAN_VIEW)
def work_document_show(work_plan_id: int, document_id: int) -> Response:
    """One PDF."""
    return document_pages.document_show(_place(work_plan_id), document_id)


@bp.get("/work-plans/<int:work_plan_id>/documents/<int:document_id>/progress")
@guard(Permission.PLAN_VIEW, quiet=True)
def work_document_progress(work_plan_id: int, document_id: int) -> Response:
    """How far the worker is with it."""
    return document_pages.document_progress(_place(work_plan_id), document_id)
