"""The password again before a grave act (house 5): asked in place, with what was typed carried along."""

from flask import Response, current_app, g, make_response, render_template, request

from bmms.domain.accounts import sessions, signing_in
from bmms.domain.errors import RuleBroken
from bmms.extensions import db
from bmms.web.identity import current_user
from bmms.web.requests import SAFE, origin
from bmms.web.respond import wants_fragment

FIELD = "confirm_password"


def is_needed() -> bool:
    """Was the password given longer than five minutes ago? A form with a file then asks for it beside the file."""
    return not sessions.is_stepped_up(current_app.extensions["installation"], current_user.row)


def ask() -> Response | None:
    """None when the password was given within five minutes, or comes right with this form; else the question."""
    if request.method in SAFE or not is_needed():
        return None
    problem = ""
    if given := request.form.get(FIELD, ""):
        try:
            person = current_user
            signing_in.show_password_again(db.session(), db.engine, person.user, person.row, given, origin())
            return None
        except RuleBroken as broken:
            problem = str(broken)
    carried = [(name, value) for name, value in request.form.items(multi=True) if name not in (FIELD, "csrf_token")]
    body = render_template(
        "accounts/step_up.html", carried=carried, problem=problem, with_files=bool(request.files), actor=g.actor
    )
    headers = {"HX-Retarget": "body", "HX-Reswap": "innerHTML"} if wants_fragment() else {}
    return make_response(body, 403, headers)
