"""Everybody who has an account, for the platform team. Addresses name the account."""

from flask import Response, g

from bmms.blueprints.platform import bp
from bmms.domain.people import persons
from bmms.domain.people.persons import Person
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.web import people_acts, people_pages
from bmms.web.guard import guard
from bmms.web.people_forms import PersonSomewhereForm, with_blank
from bmms.web.people_pages import Place

HERE = Place("platform", "user_id")


def account(user_id: int) -> Person:
    """The person behind an account, with all memberships and central roles."""
    g.menu = "platform.user_list"
    return persons.get_account(db.session(), g.actor, user_id)


@bp.get("/users")
@guard(Permission.USER_VIEW)
def user_list() -> Response:
    """Search, filter, sort."""
    return people_pages.person_list(HERE)


@bp.post("/users/export")
@guard(Permission.USER_VIEW, step_up=True, export=True)
def user_export() -> Response:
    """The people found, as CSV."""
    return people_pages.person_export(HERE)


@bp.route("/users/new", methods=["GET", "POST"])
@guard(Permission.USER_CREATE)
def user_new() -> Response:
    """One new person, in an organization."""
    g.menu, form = "platform.user_list", PersonSomewhereForm()
    form.organization.choices = with_blank(people_pages.organization_choices())
    return people_pages.person_new(HERE, form, form.organization.data or "")


@bp.get("/users/<int:user_id>")
@guard(Permission.USER_VIEW)
def user_show(user_id: int) -> Response:
    """Who this is."""
    return people_pages.person_details(HERE, account(user_id))


@bp.get("/users/<int:user_id>/security")
@guard(Permission.USER_CHANGE)
def user_security(user_id: int) -> Response:
    """How this person signs in."""
    return people_pages.person_security(HERE, account(user_id))


@bp.get("/users/<int:user_id>/history")
@guard(Permission.AUDIT_VIEW)
def user_history(user_id: int) -> Response:
    """What was done to this account."""
    return people_pages.person_history(HERE, account(user_id))


@bp.route("/users/<int:user_id>/edit", methods=["GET", "POST"])
@guard(Permission.USER_CHANGE)
def user_edit(user_id: int) -> Response:
    """Name and phone."""
    return people_pages.person_edit(HERE, account(user_id))


@bp.route("/users/<int:user_id>/email", methods=["GET", "POST"])
@guard(Permission.USER_CHANGE)
def user_email(user_id: int) -> Response:
    """Another address."""
    return people_pages.person_email(HERE, account(user_id))


@bp.route("/users/<int:user_id>/unlock", methods=["GET", "POST"])
@guard(Permission.USER_CHANGE)
def user_unlock(user_id: int) -> Response:
    """End the lock after wrong passwords."""
    return people_acts.unlock(HERE, account(user_id))


@bp.route("/users/<int:user_id>/password", methods=["GET", "POST"])
@guard(Permission.USER_CHANGE, step_up=True)
def user_password(user_id: int) -> Response:
    """A new temporary password."""
    return people_acts.new_password(HERE, account(user_id))


@bp.post("/users/<int:user_id>/welcome")
@guard(Permission.MAIL_RESEND)
def user_welcome(user_id: int) -> Response:
    """The welcome mail again."""
    return people_acts.resend_welcome(HERE, account(user_id))


@bp.route("/users/<int:user_id>/sessions", methods=["GET", "POST"])
@guard(Permission.USER_CHANGE)
def user_sessions(user_id: int) -> Response:
    """Sign out everywhere."""
    return people_acts.sign_out(HERE, account(user_id))


@bp.route("/users/<int:user_id>/inactivate", methods=["GET", "POST"])
@guard(Permission.USER_CHANGE)
def user_inactivate(user_id: int) -> Response:
    """Away for a while."""
    return people_acts.inactivate(HERE, account(user_id))


@bp.route("/users/<int:user_id>/reactivate", methods=["GET", "POST"])
@guard(Permission.USER_CHANGE)
def user_reactivate(user_id: int) -> Response:
    """Back again."""
    return people_acts.reactivate(HERE, account(user_id))


@bp.route("/users/<int:user_id>/deactivate", methods=["GET", "POST"])
@guard(Permission.USER_CHANGE)
def user_deactivate(user_id: int) -> Response:
    """Departed for good."""
    return people_acts.deactivate(HERE, account(user_id))
