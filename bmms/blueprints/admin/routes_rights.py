"""What a person may do in this organization: roles and grants, the end of the membership, its return."""

from flask import Response, g

from bmms.blueprints.admin import bp
from bmms.blueprints.admin.forms_rights import ResumeForm, RightDaysForm, RightForm, TakeForm
from bmms.blueprints.admin.routes_people import HERE, member
from bmms.domain import clock
from bmms.domain.errors import RuleBroken
from bmms.domain.people import handover, memberships, persons, right_changes
from bmms.domain.people.persons import Person
from bmms.domain.people.rights import check_giver
from bmms.domain.people.roles import RightsChange
from bmms.domain.permissions import ROLES, RULES, Permission
from bmms.extensions import db
from bmms.web import people_acts, people_pages
from bmms.web.guard import guard
from bmms.web.people_acts import Act
from bmms.web.people_forms import LeavingForm, role_choices, with_blank
from bmms.web.respond import form_page, see_other


def somebody_else(membership_id: int) -> Person:
    """The person behind a membership, who must not be the actor: nobody changes the own roles (D10).

    Raises:
        RuleBroken: it is the own membership; answered as a page or toast that says so.
    """
    person = member(membership_id)
    check_giver(g.actor, person.user, g.organization.id)
    return person


@bp.get("/users/<int:membership_id>/rights")
@guard(Permission.USER_VIEW)
def user_rights(membership_id: int) -> Response:
    """Roles and grants with days and reason."""
    person = member(membership_id)
    rights = person.membership.rights
    names = persons.names_of(db.session(), [right.given_by for right in rights])
    return people_pages.person_page(
        HERE,
        person,
        "user_rights",
        names=names,
        today=clock.today(),
        rights=sorted(rights, key=lambda right: right.code not in ROLES),
    )


@bp.route("/users/<int:membership_id>/rights/new", methods=["GET", "POST"])
@guard(Permission.RIGHT_ASSIGN, step_up=True)
def right_new(membership_id: int) -> Response:
    """Give a role or grant."""
    person, form = somebody_else(membership_id), RightForm()
    roles, grants = right_changes.rights_to_give(g.organization)
    form.role.choices = with_blank([*role_choices(roles, "Roles"), *role_choices(grants, "Grants")])
    if form.validate_on_submit():
        try:
            change = right_changes.give_right(
                db.session(), g.actor, person, form.role.data, replace=form.replace.data, **form.days()
            )
        except RuleBroken as broken:
            form.show(broken)
        else:
            return see_other(HERE.url("user_rights", person), told(person, change))
    hints = {code: RULES[code].purpose for code in (*roles, *grants)}
    return form_page("admin/right_new.html", form, place=HERE, person=person, hints=hints, rules=RULES)


@bp.route("/users/<int:membership_id>/rights/<role>", methods=["GET", "POST"])
@guard(Permission.RIGHT_ASSIGN, step_up=True)
def right_edit(membership_id: int, role: str) -> Response:
    """Other days for a role or grant that is held."""
    person = somebody_else(membership_id)
    right = right_changes.held_right(person, role)
    form = RightDaysForm(obj=right)
    if form.validate_on_submit():
        try:
            change = right_changes.give_right(db.session(), g.actor, person, role, **form.days())
        except RuleBroken as broken:
            form.show(broken)
        else:
            return see_other(HERE.url("user_rights", person), told(person, change))
    return form_page("admin/right_edit.html", form, place=HERE, person=person, right=right, rule=RULES[role])


@bp.route("/users/<int:membership_id>/rights/<role>/end", methods=["GET", "POST"])
@guard(Permission.RIGHT_ASSIGN, step_up=True)
def right_end(membership_id: int, role: str) -> Response:
    """Take a role or grant away; asks what becomes of drafts and pending work, if there are any."""
    person = somebody_else(membership_id)
    right_changes.held_right(person, role)
    held = handover.held_by(db.session(), person.user)
    form = TakeForm()
    if not held:
        del form.hand_over, form.successor
    label = RULES[role].label
    act = Act(
        "right_end",
        "Take away",
        f"Take “{label}” away from {person.name}?",
        "Take it away",
        ("It ends at once, with the next page that the person opens. A mail tells of it.",),
        tone="danger",
    )

    def do() -> str:
        moves = bool(held) and form.hand_over.data != "stays"
        successor = people_acts.successor_of(form) if moves else None
        change = right_changes.take_right(db.session(), g.actor, person, role, hands_over=moves, successor=successor)
        return told(person, change)

    return people_acts.ask(HERE, person, act, form, do, back="user_rights", held=held, role=role)


def told(person: Person, change: RightsChange) -> str:
    """What changed, for the message after it."""
    given = [RULES[code].label for code in change.after if code not in change.before]
    taken = [RULES[code].label for code in change.before if code not in change.after]
    parts = [f"given {', '.join(given)}"] * bool(given) + [f"taken {', '.join(taken)}"] * bool(taken)
    return f"{person.name}: {'; '.join(parts) or 'the days are set'}. A mail tells of it."


@bp.route("/users/<int:membership_id>/leave", methods=["GET", "POST"])
@guard(Permission.RIGHT_ASSIGN, step_up=True)
def user_leave(membership_id: int) -> Response:
    """End the membership; the account stays."""
    person, form = somebody_else(membership_id), LeavingForm()
    act = Act(
        "user_leave",
        "End the membership",
        f"End the membership of {person.name} in {g.organization.code}?",
        "End the membership",
        (
            f"From now on the person sees nothing of {g.organization.code}. The account stays.",
            "You can take the membership up again later.",
        ),
        tone="danger",
    )

    def do() -> str:
        successor = people_acts.successor_of(form)
        given = memberships.end_membership(
            db.session(), g.actor, person.membership, reason=form.reason.data, successor=successor
        )
        return f"The membership of {person.name} has ended.{people_acts.told_of(given, successor)}"

    return people_acts.ask(HERE, person, act, form, do, held=handover.held_by(db.session(), person.user))


@bp.route("/users/<int:membership_id>/resume", methods=["GET", "POST"])
@guard(Permission.RIGHT_ASSIGN, step_up=True)
def user_resume(membership_id: int) -> Response:
    """Take up a membership that has ended, with one role."""
    person, form = somebody_else(membership_id), ResumeForm()
    act = Act(
        "user_resume",
        "Take up again",
        f"Take up the membership of {person.name} again?",
        "Take it up again",
        ("Roles and grants from before do not come back; choose one role now.",),
    )

    def do() -> str:
        memberships.assign_to_organization(
            db.session(), g.actor, person.user, g.organization, form.role.data, reason=form.reason.data
        )
        return f"{person.name} works in {g.organization.code} again."

    return people_acts.ask(HERE, person, act, form, do)
