"""What a signed-out request gets: a way in, and what was typed is not lost (decisions D42 and D46)."""

from urllib.parse import urlsplit

from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from bmms.web.identity import cookie_owner
from bmms.web.requests import SAFE
from bmms.web.respond import wants_fragment
from bmms.web.sign_in_form import SignInForm

MOST_CARRIED = 200 * 1024
NEVER_CARRIED = ("password", "csrf_token", "token")


def ask_to_sign_in() -> Response:
    """303 to the sign-in page; for a sent form 401 with the sign-in form that carries the typed fields along."""
    if request.method not in SAFE:
        return _keep_form()
    if wants_fragment():
        return make_response("", 401)
    target = request.full_path.rstrip("?")
    return redirect(url_for("accounts.sign_in", next=target), 303)  # type: ignore[return-value]


def _keep_form() -> Response:
    form = SignInForm(formdata=None)
    form.carried.data = pack()
    body = render_template("accounts/sign_in.html", form=form, kept=bool(form.carried.data))
    headers = {"HX-Retarget": "body", "HX-Reswap": "innerHTML"} if wants_fragment() else {}
    return make_response(body, 401, headers)


def pack() -> str:
    """The posted fields (no files, no passwords, at most 200 KB), signed for the person whose session ran out."""
    owner = cookie_owner()
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if not any(word in name for word in NEVER_CARRIED)
    ]
    if owner is None or not fields or sum(len(name) + len(value) for name, value in fields) > MOST_CARRIED:
        return ""
    return _serializer().dumps({"owner": owner, "path": request.full_path.rstrip("?"), "fields": fields})


def unpack(carried: str, user_id: int) -> dict | None:
    """What was carried, if it is genuine and belongs to the person who has signed in now."""
    try:
        found = _serializer().loads(carried) if carried else None
    except BadSignature:
        return None
    return found if found and found["owner"] == user_id else None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="carried form")


def safe_target(target: str) -> str:
    """A way back that stays in BMMS; anything else leads home."""
    parts = urlsplit(target or "")
    inside = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return target if inside and "\\" not in target else url_for("home.start")
