"""The page on which rows are looked up by their names, and what a field proposes from it while one types."""

from flask import Response, abort, request

from bmms.domain.looking_up import Entries, entries_near
from bmms.web.look_up_fields import FIELD_NAME, proposed_entries
from bmms.web.respond import page
from bmms.web.step_pages import Way

CALLED = {
    "objects": "Object codes",
    "places": "Places",
    "programs": "Programs",
    "work-items": "Activities of the work plan",
}


def look_up_page(kind: str, known: Entries, *crumbs: Way) -> Response:
    """`?q=` looks for rows; with `field` and `into`, what stands in that field gives the proposals of that list.

    Args:
        kind: a word of CALLED.
        known: all rows, key to name.
    """
    field, into = request.args.get("field", "q"), request.args.get("into", "")
    if into and not FIELD_NAME.fullmatch(into):
        abort(404)
    typed = request.args.get(field, "").strip()[:200]
    found = entries_near(known, typed)
    return page(
        "steps/look_up.html",
        fragment="proposed" if into else "results",
        quiet=bool(into),
        called=CALLED[kind],
        crumbs=[*crumbs, (CALLED[kind], None)],
        typed=typed,
        found=found,
        many=len(known),
        proposed=proposed_entries(into, [name for _, name in found]) if into else "",
    )
