"""The people of one organization. Addresses name the membership, never the account."""

from flask import Response, g

from bmms.blueprints.admin import bp
from bmms.domain.people import persons
from bmms.domain.people.persons import Person
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.web import people_acts, people_pages
from bmms.web.guard import guard
from bmms.web.people_forms import PersonForm
from bmms.web.people_pages import Place

HERE = Place("admin", "membership_id")


def member(membership_id: int) -> Person:
    """The person behind a membership of this organization."""
    return persons.get_member(db.session(), g.actor, membership_id)


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
    """One new person."""
    return people_pages.person_new(HERE, PersonForm(), g.organization.code)


@bp.get("/users/<int:membership_id>")
@guard(Permission.USER_VIEW)
def user_show(membership_id: int) -> Response:
    """Who this is."""
    return people_pages.person_details(HERE, member(membership_id))


@bp.get("/users/<int:membership_id>/security")
@guard(Permission.USER_CHANGE)
def user_security(membership_id: int) -> Response:
    """How this person signs in."""
    return people_pages.person_security(HERE, member(membership_id))


@bp.get("/users/<int:membership_id>/history")
@guard(Permission.AUDIT_VIEW)
def user_history(membership_id: int) -> Response:
    """What was done to this account."""
    return people_pages.person_history(HERE, member(membership_id))


@bp.route("/users/<int:membership_id>/edit", methods=["GET", "POST"])
@guard(Permission.USER_CHANGE)
def user_edit(membership_id: int) -> Response:
    """Name, phone, position, department, unit."""
    return people_pages.person_edit(HERE, member(membership_id))


@bp.route("/users/<int:membership_id>/email", methods=["GET", "POST"])
@guard(Permission.USER_CHANGE)
def user_email(membership_id: int) -> Response:
    """Another address."""
    return people_pages.person_email(HERE, member(membership_id))


@bp.route("/users/<int:membership_id>/unlock", methods=["GET", "POST"])
@guard(Permission.USER_CHANGE)
def user_unlock(membership_id: int) -> Response:
    """End the lock after wrong passwords."""
    return people_acts.unlock(HERE, member(membership_id))


@bp.route("/users/<int:membership_id>/password", methods=["GET", "POST"])
@guard(Permission.USER_CHANGE, step_up=True)
def user_password(membership_id: int) -> Response:
    """A new temporary password."""
    return people_acts.new_password(HERE, member(membership_id))


@bp.post("/users/<int:membership_id>/welcome")
@guard(Permission.MAIL_RESEND)
def user_welcome(membership_id: int) -> Response:
    """The welcome mail again."""
    return people_acts.resend_welcome(HERE, member(membership_id))


@bp.route("/users/<int:membership_id>/sessions", methods=["GET", "POST"])
@guard(Permission.USER_CHANGE)
def user_sessions(membership_id: int) -> Response:
    """Sign out everywhere."""
    return people_acts.sign_out(HERE, member(membership_id))


@bp.route("/users/<int:membership_id>/inactivate", methods=["GET", "POST"])
@guard(Permission.USER_CHANGE)
def user_inactivate(membership_id: int) -> Response:
    """Away for a while."""
    return people_acts.inactivate(HERE, member(membership_id))


@bp.route("/users/<int:membership_id>/reactivate", methods=["GET", "POST"])
@guard(Permission.USER_CHANGE)
def user_reactivate(membership_id: int) -> Response:
    """Back again."""
    return people_acts.reactivate(HERE, member(membership_id))


@bp.route("/users/<int:membership_id>/deactivate", methods=["GET", "POST"])
@guard(Permission.USER_CHANGE)
def user_deactivate(membership_id: int) -> Response:
    """Departed for good."""
    return people_acts.deactivate(HERE, member(membership_id))
