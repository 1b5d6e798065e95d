"""The strategic plan on paper: the PDFs that were made of it, and making one."""

from flask import Response, g, url_for

from bmms.blueprints.planning import bp
from bmms.domain.permissions import Permission
from bmms.domain.planning import papers, queries
from bmms.extensions import db
from bmms.web import document_pages
from bmms.web.document_pages import Place
from bmms.web.guard import guard


def _place(plan_id: int) -> Place:
    """The papers of the plan of the address. Raises NotFound."""
    plan = queries.get_plan(db.session(), g.actor, plan_id)
    here = url_for("planning.plan_show", plan_id=plan.id)
    crumbs: document_pages.Crumbs = [("Planning", url_for("planning.plan_list")), (plan.title, here)]
    return Place(
        (papers.PLAN,), plan.id, plan.title, crumbs,
        lambda view, **values: url_for(f"planning.{view}", plan_id=plan.id, **values),
    )  # fmt: skip


@bp.get("/plans/<int:plan_id>/documents")
@guard(Permission.PLAN_VIEW)
def document_list(plan_id: int) -> Response:
    """The PDFs of the plan."""
    return document_pages.document_list(_place(plan_id))


@bp.post("/plans/<int:plan_id>/documents")
@guard(Permission.PLAN_VIEW)
def document_new(plan_id: int) -> Response:
    """Make a PDF of the plan as it stands."""
    return document_pages.document_new(_place(plan_id))


@bp.get("/plans/<int:plan_id>/documents/<int:document_id>")
@guard(Permission.PLAN_VIEW)
def document_show(plan_id: int, document_id: int) -> Response:
    """One PDF."""
    return document_pages.document_show(_place(plan_id), document_id)


@bp.get("/plans/<int:plan_id>/documents/<int:document_id>/progress")
@guard(Permission.PLAN_VIEW, quiet=True)
def document_progress(plan_id: int, document_id: int) -> Response:
    """How far the worker is with it."""
    return document_pages.document_progress(_place(plan_id), document_id)
