"""Who works here, by name: what the fields for people propose while one types, and the same as a page."""

from flask import Response, abort, request

from bmms.blueprints.members import bp
from bmms.domain.holders import holders_of
from bmms.domain.members import proposals, working_members
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.web.guard import guard
from bmms.web.look_up_fields import FIELD_NAME
from bmms.web.member_fields import proposed
from bmms.web.respond import page


@bp.get("")
@guard(Permission.MEMBER_VIEW)
def member_list() -> Response:
    """`?q=` looks for names; with `field` and `into`, what stands in that field gives the proposals of that list.

    `may` leaves those who hold that right.
    """
    field, into = request.args.get("field", "q"), request.args.get("into", "")
    may = request.args.get("may", "")
    if (into and not FIELD_NAME.fullmatch(into)) or (may and may not in set(Permission)):
        abort(404)
    typed = request.args.get(field, "").strip()[:200]
    members = working_members(db.session())
    if may:
        holders = holders_of(db.session(), Permission(may))
        members = {key: member for key, member in members.items() if key in holders}
    found = proposals(members.values(), typed)
    return page(
        "members/member_list.html",
        fragment="proposed" if into else "results",
        quiet=bool(into),
        typed=typed,
        found=found,
        proposed=proposed(into, found) if into else "",
    )
