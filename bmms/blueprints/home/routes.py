"""The start page, the switcher, "my work" of an organization, and the search of the masthead."""

from flask import Response, g, redirect, request, url_for

from bmms.blueprints.home import bp, workplace_bp
from bmms.domain import access, search, workplace
from bmms.domain.errors import NotFound
from bmms.domain.permissions import RULES, Permission
from bmms.extensions import db
from bmms.web.guard import SIGNED_IN, guard
from bmms.web.identity import current_user
from bmms.web.requests import origin
from bmms.web.respond import page, see_other

CENTRAL_HOMES = {
    Permission.ORGANIZATION_VIEW: "platform.overview",
    Permission.BUDGET_DECIDE: "offices.mfbm_queue",
    Permission.BUDGET_ENDORSE: "offices.bpda_queue",
}
OFFICES = {
    Permission.BUDGET_DECIDE: "What waits for MFBM, of all organizations",
    Permission.BUDGET_ENDORSE: "Proposals for BPDA, of all organizations",
}


@bp.get("/")
@guard(SIGNED_IN)
def start() -> Response:
    """To the primary organization; to the platform's administration; or a page that says what there is."""
    session, user = db.session(), current_user.user
    memberships = access.memberships_of(session, user)
    if memberships:
        return redirect(url_for("workplace.my_work", org=memberships[0].organization.code), 303)  # type: ignore[return-value]
    g.actor = access.central_actor(session, user, origin())
    for need, view in CENTRAL_HOMES.items():
        if g.actor.may(need):
            return redirect(url_for(view), 303)  # type: ignore[return-value]
    desks = [RULES[code] for code in sorted(g.actor.rights)]
    duties = [(desk.label, desk.purpose) for desk in desks]
    return page(
        "home/start.html",
        desks=desks,
        duties=duties,
        organizations=workplace.pilot_organizations(session) if desks else [],
    )


@bp.get("/organizations")
@guard(SIGNED_IN)
def organization_list() -> Response:
    """The switcher: a list of links, no state in the session (decision D1)."""
    session, user = db.session(), current_user.user
    central = access.central_actor(session, user, origin())
    return page(
        "home/organization_list.html",
        memberships=access.memberships_of(session, user),
        offices=[(name, url_for(CENTRAL_HOMES[need])) for need, name in OFFICES.items() if central.may(need)],
    )


@bp.post("/organizations/<int:membership_id>/primary")
@guard(SIGNED_IN)
def membership_primary(membership_id: int) -> Response:
    """Make one membership the one that opens after signing in."""
    if not access.choose_primary(db.session(), g.actor, membership_id):
        raise NotFound
    return see_other(url_for("home.organization_list"), "This organization opens first from now on.")


@workplace_bp.get("/")
@guard(Permission.HOME_VIEW)
def my_work() -> Response:
    """What waits for this person here, the modules, and whom to ask."""
    return page("home/my_work.html", desk=workplace.desk_of(db.session(), g.actor, g.organization, g.membership))


@workplace_bp.get("/search")
@guard(Permission.HOME_VIEW)
def search_results() -> Response:
    """The one search field: people, units and whatever modules add, in this organization only."""
    words = request.args.get("q", "").strip()[:100]
    found = search.find(db.session(), g.actor, words) if words else []
    return page("home/search.html", fragment="results", words=words, found=found)
