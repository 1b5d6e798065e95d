"""The appropriations acts: all years, one act for the whole region, one body of it."""

from flask import Response, g

from bmms.blueprints.budgeting import bp
from bmms.domain.appropriations import queries
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.appropriations import FindingKind
from bmms.web.guard import guard
from bmms.web.respond import page

FINDING = {
    FindingKind.SHORT: "The lines below are short",
    FindingKind.OVER: "The lines below are over",
    FindingKind.ACROSS: "The classes differ from the stated total",
    FindingKind.ON_TOP: "The lines below come on top",
}


@bp.get("/acts")
@guard(Permission.ACT_VIEW, central=Permission.BUDGET_VIEW)
def act_list() -> Response:
    """The acts of all years, side by side for the region and for the own organization."""
    session = db.session()
    region, own = queries.years_of(session), queries.years_of(session, g.organization.code)
    return page(
        "budgeting/act_list.html",
        region=region,
        own=own,
        proof=queries.proof_of_years(session, region),
        own_proof=queries.proof_of_years(session, own, g.organization.code),
        classes=queries.classes_of([year.amounts for year in region]),
        own_classes=queries.classes_of([year.amounts for year in own if year.amounts]),
    )


@bp.get("/acts/<string:act>")
@guard(Permission.ACT_VIEW, central=Permission.BUDGET_VIEW)
def act_show(act: str) -> Response:
    """One act: every body by class, what does not add up, who has no line of its own."""
    session, found = db.session(), queries.get_act(db.session(), act)
    years = queries.years_of(session)
    return page(
        "budgeting/act_show.html",
        act=found,
        bodies=queries.bodies_of(session, found),
        absent=queries.absent_from(session, found),
        findings=queries.findings_of(session, found),
        proof=queries.proof_of_act(session, found),
        years=years,
        year_classes=queries.classes_of([year.amounts for year in years]),
        classes=queries.classes_of([found]),
        finding=FINDING,
    )


@bp.get("/acts/<string:act>/<string:body>")
@guard(Permission.ACT_VIEW, central=Permission.BUDGET_VIEW)
def body_show(act: str, body: str) -> Response:
    """What one act gives one body: every line by class, and other years."""
    session, found = db.session(), queries.get_act(db.session(), act)
    shown = queries.get_body(session, found, body)
    years = queries.years_of(session, body)
    return page(
        "budgeting/body_show.html",
        act=found,
        shown=shown,
        lines=queries.lines_of(session, shown.body),
        findings=queries.findings_of(session, found, body),
        proof=queries.proof_of_body(session, shown.body),
        years=years,
        classes=queries.classes_of([shown.body]),
        year_classes=queries.classes_of([year.amounts for year in years if year.amounts]),
        finding=FINDING,
    )
