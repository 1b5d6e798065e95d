"""Keep and discard drafts. A draft is its author's alone."""

import json

from flask import Response, g, jsonify, request, url_for

from bmms.blueprints.drafts import bp
from bmms.domain import drafts
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.web.filters import write_time
from bmms.web.guard import guard
from bmms.web.respond import see_other
from bmms.web.signed_out import safe_target

FIELD = "f-"
LATEST = 2**53  # the largest whole number that a browser counts to


@bp.post("/keep")
@guard(Permission.HOME_VIEW, central=Permission.BUDGET_VIEW)
def draft_keep() -> Response:
    """Keep the changed fields of a form (`f-<name>`).

    Returns:
        when they were saved, as `{"saved": "14:02"}`; `{"sent": true}` when the form was sent before they came.
    """
    fields = {
        name.removeprefix(FIELD): "\x1f".join(request.form.getlist(name))
        for name in request.form
        if name.startswith(FIELD)
    }
    saved_at = drafts.keep(
        db.session(),
        g.actor,
        request.form.get("form_key", "")[:200],
        fields,
        _seen(request.form.get("seen", "")),
        label=request.form.get("label", ""),
        sent_key=request.form.get("sent_key", ""),
        device=request.form.get("device", "")[:40],
        typed_at=min(request.form.get("typed_at", 0, type=int), LATEST),
    )
    return jsonify(saved=write_time(saved_at)) if saved_at else jsonify(sent=True)


@bp.post("/discard")
@guard(Permission.HOME_VIEW, central=Permission.BUDGET_VIEW)
def draft_discard() -> Response:
    """Throw a draft away and show the form as it is saved."""
    form_key = request.form.get("form_key", "")
    drafts.discard(db.session(), g.actor, form_key)
    here = url_for("workplace.my_work")
    return see_other(safe_target(f"{here}{form_key}") if form_key else here, "Your unsent changes are gone.")


def _seen(text: str) -> dict[str, str]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
