"""Where somebody works, and the roles above the organizations: for the platform team."""

from flask import Response, g

from bmms.blueprints.platform import bp
from bmms.blueprints.platform.forms_people import CentralRoleForm, MembershipForm
from bmms.blueprints.platform.routes_people import HERE, account
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.organizations.queries import get_organization
from bmms.domain.people import central, handover, memberships, primary
from bmms.domain.people.persons import Person
from bmms.domain.people.roles import assign_role
from bmms.domain.permissions import RULES, Permission
from bmms.extensions import db
from bmms.models.memberships import Membership
from bmms.web import people_acts, people_pages
from bmms.web.guard import guard
from bmms.web.people_acts import Act
from bmms.web.people_forms import CENTRAL_HINTS, ROLE_HINTS, ConfirmForm, LeavingForm, with_blank
from bmms.web.respond import form_page, see_other

BACK = "user_memberships"


def membership_of(person: Person, membership_id: int) -> Membership:
    """One of this person's memberships.

    Raises:
        NotFound: it is somebody else's.
    """
    found = next((one for one in person.memberships if one.id == membership_id), None)
    if found is None:
        raise NotFound
    return found


@bp.get("/users/<int:user_id>/memberships")
@guard(Permission.USER_VIEW)
def user_memberships(user_id: int) -> Response:
    """Organizations, and roles above them."""
    return people_pages.person_page(HERE, account(user_id), BACK, "platform/user_memberships.html")


@bp.route("/users/<int:user_id>/memberships/new", methods=["GET", "POST"])
@guard(Permission.RIGHT_ASSIGN, step_up=True)
def membership_new(user_id: int) -> Response:
    """Let somebody work in an (other) organization, with one role."""
    person, form = account(user_id), MembershipForm()
    form.organization.choices = with_blank(people_pages.organization_choices())
    if form.validate_on_submit():
        try:
            organization = get_organization(db.session(), form.organization.data)
            assign_role(
                db.session(), g.actor, person.user, organization, form.role.data,
                create_membership=True, reason=form.reason.data or "",
            )  # fmt: skip
        except RuleBroken as broken:
            form.show(broken)
        else:
            return see_other(HERE.url(BACK, person), f"{person.name} works in {organization.code}. A mail tells of it.")
    return form_page("platform/membership_new.html", form, place=HERE, person=person, hints=ROLE_HINTS)


@bp.route("/users/<int:user_id>/memberships/<int:membership_id>/end", methods=["GET", "POST"])
@guard(Permission.RIGHT_ASSIGN, step_up=True)
def membership_end(user_id: int, membership_id: int) -> Response:
    """Let somebody leave an organization; the account stays."""
    person = account(user_id)
    membership, form = membership_of(person, membership_id), LeavingForm()
    code = membership.organization.code
    act = Act(
        "membership_end",
        "End a membership",
        f"End the membership of {person.name} in {code}?",
        "End the membership",
        (f"From now on the person sees nothing of {code}. The account stays.",),
        tone="danger",
    )

    def do() -> str:
        successor = people_acts.successor_of(form)
        given = memberships.end_membership(
            db.session(), g.actor, membership, reason=form.reason.data, successor=successor
        )
        return f"The membership in {code} has ended.{people_acts.told_of(given, successor)}"

    held = handover.held_by(db.session(), person.user)
    return people_acts.ask(HERE, person, act, form, do, back=BACK, held=held, membership_id=membership_id)


@bp.post("/users/<int:user_id>/memberships/<int:membership_id>/primary")
@guard(Permission.USER_CHANGE)
def membership_primary(user_id: int, membership_id: int) -> Response:
    """Make it the organization that opens first."""
    person = account(user_id)
    membership = membership_of(person, membership_id)
    primary.make_primary(db.session(), g.actor, membership)
    return see_other(HERE.url(BACK, person), f"{membership.organization.code} opens first from now on.")


@bp.route("/users/<int:user_id>/central-roles/new", methods=["GET", "POST"])
@guard(Permission.RIGHT_ASSIGN, step_up=True)
def central_new(user_id: int) -> Response:
    """Give a role above the organizations."""
    person, form = account(user_id), CentralRoleForm()
    if form.validate_on_submit():
        try:
            central.give_central_role(db.session(), g.actor, person.user, form.role.data, note=form.note.data or "")
        except RuleBroken as broken:
            form.show(broken)
        else:
            message = f"{person.name} is {RULES[form.role.data].label} from the next page on. A mail tells of it."
            return see_other(HERE.url(BACK, person), message)
    return form_page("platform/central_new.html", form, place=HERE, person=person, hints=CENTRAL_HINTS)


@bp.route("/users/<int:user_id>/central-roles/<role>/end", methods=["GET", "POST"])
@guard(Permission.RIGHT_ASSIGN, step_up=True)
def central_end(user_id: int, role: str) -> Response:
    """Take a role above the organizations away."""
    person = account(user_id)
    if role not in {held.role for held in person.central}:
        raise NotFound
    label = RULES[role].label
    act = Act(
        "central_end",
        "End a central role",
        f"Take “{label}” away from {person.name}?",
        "Take it away",
        ("It ends at once, with the next page that the person opens.",),
        tone="danger",
    )

    def do() -> str:
        central.end_central_role(db.session(), g.actor, person.user, role)
        return f"{person.name} is no longer {label}."

    return people_acts.ask(HERE, person, act, ConfirmForm(), do, back=BACK, role=role)
