"""Signing in and out, profile, privacy notice."""

from flask import Response, flash, g, render_template, request, url_for

from bmms.blueprints.accounts import bp
from bmms.blueprints.accounts.forms import PrivacyForm, ProfileForm
from bmms.domain.accounts import profile as profiles
from bmms.domain.accounts import sessions, signing_in
from bmms.domain.errors import RuleBroken
from bmms.extensions import db
from bmms.web import identity, limits
from bmms.web.guard import PUBLIC, SIGNED_IN, guard
from bmms.web.identity import current_user
from bmms.web.requests import client_address, origin
from bmms.web.respond import form_page, page, see_other
from bmms.web.sign_in_form import SignInForm
from bmms.web.signed_out import safe_target, unpack


@bp.route("/login", methods=["GET", "POST"], strict_slashes=False)
@guard(PUBLIC)
def sign_in() -> Response:
    """Username or email and password; then on to where the person wanted to go."""
    form = SignInForm(next=request.args.get("next", ""))
    if request.method == "GET" and current_user.is_authenticated:
        return see_other(url_for("home.start"))
    if form.validate_on_submit():
        limits.count(limits.limit("sign_in_address"), "sign-in address", client_address())
        limits.count(limits.limit("sign_in_account"), "sign-in account", form.username.data.strip().lower())
        try:
            signed_in = signing_in.sign_in(db.session(), db.engine, form.username.data, form.password.data, origin())
        except RuleBroken as broken:
            form.show(broken)
        else:
            identity.remember(signed_in)
            return _after_sign_in(form, signed_in.user.id)
    return form_page("accounts/sign_in.html", form, fragment="", kept=bool(form.carried.data))


def _after_sign_in(form: SignInForm, user_id: int) -> Response:
    if kept := unpack(form.carried.data or "", user_id):
        path = kept["path"] + ("&" if "?" in kept["path"] else "?") + "resume=1"
        return Response(render_template("accounts/kept_form.html", path=path, fields=kept["fields"]))
    return see_other(safe_target(form.next.data or ""))


@bp.post("/logout")
@guard(SIGNED_IN, first_steps=True)
def sign_out() -> Response:
    """End this session and forget the cookie."""
    signing_in.sign_out(db.session(), g.actor, current_user.row)
    identity.forget()
    flash("You are signed out.", "success")
    return see_other(url_for("accounts.sign_in"))


@bp.get("/privacy")
@guard(PUBLIC)
def privacy() -> Response:
    """The notice, for everybody to read."""
    return page("accounts/privacy.html", version=signing_in.PRIVACY_VERSION)


@bp.route("/account/privacy", methods=["GET", "POST"])
@guard(SIGNED_IN, first_steps=True)
def privacy_accept() -> Response:
    """Asked once for each version of the notice."""
    form = PrivacyForm()
    if form.validate_on_submit():
        signing_in.accept_privacy_notice(db.session(), g.actor, current_user.user)
        return see_other(url_for("home.start"))
    return form_page("accounts/privacy_accept.html", form, fragment="", version=signing_in.PRIVACY_VERSION)


@bp.route("/account/", methods=["GET", "POST"])
@guard(SIGNED_IN)
def profile() -> Response:
    """Name, phone, mail choice; organizations and open sessions below."""
    user = current_user.user
    form = ProfileForm(obj=user)
    if form.acts(lambda: profiles.change_own_profile(db.session(), g.actor, user, **form.answers())):
        return see_other(url_for("accounts.profile"), "Profile saved.")
    return form_page(
        "accounts/profile.html",
        form,
        fragment="",
        user=user,
        open_sessions=profiles.open_sessions(db.session(), user),
        this_session=current_user.row,
    )


@bp.post("/account/sessions/end-others")
@guard(SIGNED_IN)
def sessions_end_others() -> Response:
    """Sign out everywhere else."""
    sessions.end_sessions(db.session(), current_user.user.id, "ended by the person", but=current_user.row.id)
    profiles.record_ended_sessions(db.session(), g.actor, current_user.user)
    return see_other(url_for("accounts.profile"), "All other sign-ins have ended.")
