"""Acts on one person's account, each with its question first: the same in an organization and on the platform."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, g, make_response

from bmms.domain.errors import RuleBroken
from bmms.domain.people import handover, sign_in_help, status
from bmms.domain.people.finding import find_person
from bmms.domain.people.persons import Person
from bmms.domain.people.temporary_passwords import set_temporary_password
from bmms.extensions import db
from bmms.models.accounts import User
from bmms.web.forms import Form
from bmms.web.people_forms import SHOW, SUCCESSOR, ConfirmForm, LeavingForm, NoteForm, PasswordForm, ReasonForm
from bmms.web.people_pages import Place
from bmms.web.respond import form_page, page, see_other


@dataclass(frozen=True)
class Act:
    """An act as its page asks for it."""

    view: str
    short: str  # in the breadcrumbs
    question: str
    verb: str  # on the button
    explanation: tuple[str, ...]
    tone: str = ""


def ask(
    place: Place,
    person: Person,
    act: Act,
    form: Form,
    do: Callable[[], str],
    *,
    back: str = "user_show",
    held: dict[str, int] | None = None,
    **values: Any,
) -> Response:
    """The page that asks, and, when the answer is yes, the act.

    Args:
        do: acts, and returns what to say afterwards.
        back: the view to return to.
        held: drafts and pending work that the person would leave behind, by kind.
        values: what the act's address needs besides the person.
    """
    if form.validate_on_submit():
        try:
            return see_other(place.url(back, person), do())
        except RuleBroken as broken:
            form.show(broken)
    context: dict[str, Any] = {
        "place": place,
        "person": person,
        "act": act,
        "back": back,
        "held": held or {},
        "values": values,
    }
    return form_page("admin/user_act.html", form, **context)


def unlock(place: Place, person: Person) -> Response:
    """End the lock that wrong passwords brought."""
    form = NoteForm()
    act = Act(
        "user_unlock",
        "Unlock",
        f"Unlock {person.name}?",
        "Unlock",
        ("Signing in is possible again at once.", "Your note goes into the record."),
    )

    def do() -> str:
        ended = status.unlock(db.session(), g.actor, person.user, note=form.note.data)
        return f"{person.name} can sign in again." if ended else f"{person.name} was not locked."

    return ask(place, person, act, form, do, back="user_security")


def sign_out(place: Place, person: Person) -> Response:
    """End all sessions."""
    act = Act(
        "user_sessions",
        "Sign out everywhere",
        f"Sign {person.name} out everywhere?",
        "Sign out everywhere",
        ("All browsers in which this person is signed in ask for the password again.",),
    )

    def do() -> str:
        ended = sign_in_help.sign_out_everywhere(db.session(), g.actor, person.user)
        return f"{ended} session{'' if ended == 1 else 's'} of {person.name} ended."

    return ask(place, person, act, ConfirmForm(), do, back="user_security")


def resend_welcome(place: Place, person: Person) -> Response:
    """The welcome mail once more, with a fresh temporary password."""
    sign_in_help.resend_welcome(db.session(), g.actor, person.user)
    return see_other(place.url("user_security", person), f"A new welcome mail for {person.name} is queued.")


def inactivate(place: Place, person: Person) -> Response:
    """Away for a while."""
    form = ReasonForm()
    act = Act(
        "user_inactivate",
        "Make inactive",
        f"Make {person.name} inactive?",
        "Make inactive",
        (
            "The person is signed out and cannot sign in until you make the account active again.",
            "Roles, drafts and pending work stay as they are.",
        ),
    )

    def do() -> str:
        status.make_inactive(db.session(), g.actor, person.user, reason=form.reason.data)
        return f"{person.name} is inactive."

    return ask(place, person, act, form, do)


def reactivate(place: Place, person: Person) -> Response:
    """Back again."""
    act = Act(
        "user_reactivate",
        "Make active",
        f"Make {person.name} active again?",
        "Make active",
        ("Signing in is possible with the password from before, with the roles from before.",),
    )

    def do() -> str:
        status.reactivate(db.session(), g.actor, person.user)
        return f"{person.name} is active again."

    return ask(place, person, act, ConfirmForm(), do)


def deactivate(place: Place, person: Person) -> Response:
    """Departed for good."""
    form = LeavingForm()
    act = Act(
        "user_deactivate",
        "Deactivate",
        f"Deactivate {person.name} for good?",
        "Deactivate for good",
        (
            "The person is signed out at once and never signs in again; mails stop.",
            "It cannot be undone. Who comes back gets a new account.",
            "Name and acts stay in the record.",
        ),
        tone="danger",
    )

    def do() -> str:
        user, successor = person.user, successor_of(form)
        given = status.deactivate(db.session(), g.actor, user, reason=form.reason.data, successor=successor)
        return f"{person.name} is deactivated.{told_of(given, successor)}"

    return ask(place, person, act, form, do, held=handover.held_by(db.session(), person.user))


def successor_of(form: LeavingForm) -> User | None:
    """Whom the form names to take over.

    Raises:
        RuleBroken: there is no such person here.
    """
    if form.hand_over.data != SUCCESSOR:
        return None
    try:
        return find_person(db.session(), form.successor.data)
    except RuleBroken as unknown:
        raise RuleBroken(str(unknown), field="successor") from None


def told_of(handed_over: dict[str, int], successor: User | None) -> str:
    """What became of drafts and pending work, as the end of a message."""
    if not handed_over:
        return ""
    things = ", ".join(f"{count} {name}" for name, count in handed_over.items())
    return f" {things} went to {successor.full_name}." if successor else f" {things} are unassigned."


def new_password(place: Place, person: Person) -> Response:
    """A fresh temporary password, by mail or shown once."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            return _give_password(place, person, shown=form.hand_over.data == SHOW)
        except RuleBroken as broken:
            form.show(broken)
    return form_page("admin/user_password.html", form, place=place, person=person)


def _give_password(place: Place, person: Person, *, shown: bool) -> Response:
    session, user = db.session(), person.user
    if not shown:
        home = next((one for one in person.memberships if one.is_active), None)
        sign_in_help.mail_temporary_password(session, g.actor, user, home.organization_id if home else None)
        message = f"The mail with a new temporary password for {person.name} is queued."
        return see_other(place.url("user_security", person), message)
    password = set_temporary_password(session, g.actor, user)
    return make_response(
        page("admin/user_password_shown.html", fragment="form", place=place, person=person, password=password)
    )
