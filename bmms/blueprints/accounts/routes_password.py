"""The own password: changed, or forgotten and set anew."""

from flask import Response, g, request, url_for

from bmms.blueprints.accounts import bp
from bmms.blueprints.accounts.forms import ChangePasswordForm, ForgotForm, NewPasswordForm
from bmms.domain import journal
from bmms.domain.accounts import reset, signing_in
from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound, RuleBroken
from bmms.extensions import db
from bmms.web import limits
from bmms.web.guard import PUBLIC, SIGNED_IN, guard
from bmms.web.identity import current_user
from bmms.web.requests import client_address, origin
from bmms.web.respond import form_page, page, see_other


@bp.route("/account/password", methods=["GET", "POST"])
@guard(SIGNED_IN, first_steps=True)
def password_change() -> Response:
    """Choose a new password; at the first sign-in nothing else is open."""
    form = ChangePasswordForm()
    user, row = current_user.user, current_user.row
    first = user.must_change_password
    if form.acts(
        lambda: signing_in.change_own_password(
            db.session(), g.actor, user, row, current=form.current.data, new=form.new.data
        )
    ):
        return see_other(url_for("home.start"), "Your new password holds from now on.")
    return form_page("accounts/password_change.html", form, fragment="", first=first)


@bp.route("/forgot", methods=["GET", "POST"])
@guard(PUBLIC)
def password_forgot() -> Response:
    """Ask for a link. The answer is the same whether or not there is such an account."""
    form = ForgotForm()
    if form.validate_on_submit():
        login = form.login.data.strip().lower()
        limits.count(limits.limit("sign_in_address"), "reset address", client_address())
        limits.count(limits.limit("reset_mail"), "reset account", reset.account_of(db.session(), login))
        reset.ask_for_reset(db.session(), login, origin())
        return page("accounts/password_asked.html")
    return form_page("accounts/password_forgot.html", form, fragment="")


@bp.route("/reset/<string:token>", methods=["GET", "POST"])
@guard(PUBLIC)
def password_reset(token: str) -> Response:
    """Choose a new password through the link of the mail."""
    form = NewPasswordForm()
    try:
        if form.validate_on_submit():
            limits.count(limits.limit("sign_in_address"), "reset address", client_address())
            reset.use_token(db.session(), token, form.new.data, origin())
            return see_other(url_for("accounts.sign_in"), "Your new password is set. Sign in with it.")
        reset.person_of_token(db.session(), token)
    except NotFound:
        if request.method == "POST":
            journal.record(db.engine, Actor(None, "somebody", origin=origin()), "users:reset_refused")
        return page("accounts/reset_invalid.html", status=404)
    except RuleBroken as broken:
        form.show(broken)
    return form_page("accounts/password_reset.html", form, fragment="", action=request.path)
