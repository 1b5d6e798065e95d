"""The budget proposal on paper: the PDFs that were made of it, and making one."""

from flask import Response, g, url_for

from bmms.blueprints.budgeting import bp
from bmms.blueprints.budgeting.wizard import proposal_of
from bmms.domain.permissions import Permission
from bmms.domain.proposals import papers
from bmms.web import document_pages
from bmms.web.document_pages import Place
from bmms.web.guard import guard


def _place(proposal_id: int) -> Place:
    """The papers of the proposal of the address. Raises NotFound."""
    proposal = proposal_of(proposal_id)
    here = url_for("budgeting.proposal_show", proposal_id=proposal.id)
    crumbs: document_pages.Crumbs = [("Budgeting", url_for("budgeting.proposal_list")), (proposal.title, here)]
    return Place(
        (papers.PROPOSAL,), proposal.id, proposal.title, crumbs,
        lambda view, **values: url_for(f"budgeting.proposal_{view}", proposal_id=proposal.id, **values),
    )  # fmt: skip


@bp.get("/proposals/<int:proposal_id>/documents")
@guard(Permission.BUDGET_VIEW, central=Permission.BUDGET_VIEW)
def proposal_document_list(proposal_id: int) -> Response:
    """The PDFs of the proposal."""
    return document_pages.document_list(_place(proposal_id))


@bp.post("/proposals/<int:proposal_id>/documents")
@guard(Permission.BUDGET_VIEW, central=Permission.BUDGET_VIEW)
def proposal_document_new(proposal_id: int) -> Response:
    """Make a PDF of the proposal as it stands; papers of drafts are for those who see all drafts."""
    if proposal_of(proposal_id).is_open:
        g.actor.require(Permission.BUDGET_DRAFT_VIEW)
    return document_pages.document_new(_place(proposal_id))


@bp.get("/proposals/<int:proposal_id>/documents/<int:document_id>")
@guard(Permission.BUDGET_VIEW, central=Permission.BUDGET_VIEW)
def proposal_document_show(proposal_id: int, document_id: int) -> Response:
    """One PDF."""
    return document_pages.document_show(_place(proposal_id), document_id)


@bp.get("/proposals/<int:proposal_id>/documents/<int:document_id>/progress")
@guard(Permission.BUDGET_VIEW, quiet=True, central=Permission.BUDGET_VIEW)
def proposal_document_progress(proposal_id: int, document_id: int) -> Response:
    """How far the worker is with it."""
    return document_pages.document_progress(_place(proposal_id), document_id)
