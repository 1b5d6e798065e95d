"""People as pages: the same for an organization and for the platform, whose scopes differ.

An organization's pages name a person by membership, the platform's by account; `Place` knows the difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, g, render_template, request, url_for
from wtforms import SelectChoice

from bmms.domain import clock
from bmms.domain.errors import RuleBroken
from bmms.domain.organizations.queries import list_organizations
from bmms.domain.people import creation, details, listing, persons
from bmms.domain.people.checking import validate_user_data
from bmms.domain.people.listing import Filters, PersonRow
from bmms.domain.people.persons import Person
from bmms.domain.permissions import CENTRAL_ROLES, GRANTS, ROLES, RULES, Permission
from bmms.domain.units.queries import list_units
from bmms.extensions import db
from bmms.models.accounts import UserStatus
from bmms.web import limits
from bmms.web.acts import act_words
from bmms.web.exports import csv_response
from bmms.web.forms import Form
from bmms.web.mail_pages import PILLS
from bmms.web.paging import paginate
from bmms.web.people_forms import (
    MAIL,
    ROLE_HINTS,
    WAYS,
    AccountForm,
    EmailForm,
    MemberForm,
    PersonForm,
    PlaceOfWorkForm,
)
from bmms.web.respond import form_page, page, see_other

ACCOUNT_PILLS = {
    UserStatus.ACTIVE: ("Active", "ok"),
    UserStatus.INACTIVE: ("Inactive", "warn"),
    UserStatus.DEACTIVATED: ("Deactivated", ""),
}
STATE_LABELS = {
    "never": "Never signed in",
    "locked": "Locked",
    "unsent": "Welcome mail failed",
    "temporary": "Temporary password",
}
SORTS = ("name", "username", "email", "seen")
COLUMNS = [
    ("name", "Name", "sort"),
    ("role", "Roles", "full"),
    ("place", "Unit or department"),
    ("seen", "Last sign-in", "sort"),
    ("welcome", "Welcome mail"),
    ("status", "Account"),
]
PLATFORM_COLUMNS = [COLUMNS[0], ("roles", "Organizations and roles", "full"), *COLUMNS[3:]]


@dataclass(frozen=True)
class Place:
    """Where people are administered, and how addresses there are made."""

    blueprint: str
    key: str  # the parameter that names a person: membership_id or user_id

    @property
    def is_platform(self) -> bool:
        """Is this above the organizations?"""
        return self.key == "user_id"

    def url(self, view: str, person: Person | PersonRow | None = None, **values: Any) -> str:
        """The address of a view of this place, for this person."""
        if person is not None:
            values[self.key] = person.user.id if self.is_platform else person.membership.id  # type: ignore[union-attr]
        return url_for(f"{self.blueprint}.{view}", **values)


def person_list(place: Place) -> Response:
    """The list with its filters."""
    session, filters = db.session(), read_filters(request.args)
    people = paginate(listing.list_people(g.actor, filters))
    return page(
        "admin/user_list.html",
        fragment="results",
        people=people,
        rows=listing.rows_of(session, g.actor, people.items),
        filters=filters,
        place=place,
        columns=PLATFORM_COLUMNS if place.is_platform else COLUMNS,
        role_labels=listing.role_labels,
        account_pill=account_pill,
        welcome_pills=PILLS,
        rules=RULES,
        **_choices(place),
    )


def _choices(place: Place) -> dict[str, Any]:
    """What the filters offer."""
    session = db.session()
    central = CENTRAL_ROLES if place.is_platform else ()
    here = [("left", "Without an organization" if place.is_platform else "Left the organization")]
    return {
        "roles": [("", "any"), *((code, RULES[code].label) for code in (*ROLES, *GRANTS, *central))],
        "statuses": [
            ("", "all who work here" if not place.is_platform else "all but deactivated"),
            ("active", "Active"),
            ("inactive", "Inactive"),
            ("deactivated", "Deactivated"),
            *here,
        ],
        "states": [("", "any"), *STATE_LABELS.items()],
        "places": [] if place.is_platform else [("", "any"), *listing.places_of(session, g.actor)],
        "organizations": [("", "any"), *organization_choices()] if place.is_platform else [],
    }


def organization_choices() -> list[tuple[str, str]]:
    """(code, name) of the organizations that are switched on, by name."""
    active = db.session().scalars(list_organizations(active=True))
    return [(one.code, f"{one.name} ({one.code})") for one in active]


def read_filters(values: Mapping[str, str]) -> Filters:
    """The filters of an address or form; what is unknown filters nothing."""
    text = {
        name: values.get(name, "").replace("\0", "").strip()[:200]
        for name in ("q", "role", "place", "account", "state", "sort", "organization")
    }
    known = {"account": listing.STATUSES, "state": listing.STATES, "role": RULES}
    for name, allowed in known.items():
        text[name] = text[name] if text[name] in allowed else ""
    sort = text["sort"] if text["sort"].removeprefix("-") in SORTS else "name"
    code = text["organization"].upper()
    return Filters(text["q"], text["role"], text["place"], text["account"], text["state"], code, sort)


def person_export(place: Place) -> Response:
    """The people found as CSV; of more than 1,000 the first 1,000, and the file's place says so."""
    limits.count(limits.limit("exports"), "exports", g.actor.user_id)
    total, rows = listing.export_people(db.session(), g.actor, read_filters(request.form))
    if total > listing.MOST_EXPORTED:
        flash(f"{total:,} people were found; the file holds the first {listing.MOST_EXPORTED:,}.", "warning")
    return csv_response(f"people-{clock.today():%Y%m%d}.csv", listing.EXPORTED, rows)


def tabs(place: Place, person: Person, current: str) -> list[tuple[str, str, bool]]:
    """The pages about one person, as far as the reader may open them."""
    rights = ("user_memberships", "Organizations") if place.is_platform else ("user_rights", "Roles")
    views = [("user_show", "Details", Permission.USER_VIEW), (*rights, Permission.USER_VIEW)]
    views += [("user_security", "Security", Permission.USER_CHANGE), ("user_history", "History", Permission.AUDIT_VIEW)]
    return [(label, place.url(view, person), view == current) for view, label, need in views if g.actor.may(need)]


def account_pill(found: Person | PersonRow) -> tuple[str, str]:
    """(word, tone) of how an account stands, seen from where the reader is."""
    if found.user.status != UserStatus.DEACTIVATED and not found.is_here:
        return "Left", ""
    return ACCOUNT_PILLS[found.user.status]


@dataclass(frozen=True)
class May:
    """What the reader may do with a person; the rules themselves are asked again at each act.

    Attributes:
        edit: names, phone, place of work.
        account: address, password, status: not of people who also work elsewhere.
        leave: end the membership here.
        resume: take it up again.
        rights: give and take roles and grants; nobody their own, nor those of a principal.
    """

    edit: bool
    account: bool
    leave: bool
    resume: bool
    rights: bool


def what_may_be_done(place: Place, person: Person) -> May:
    """Which acts the pages offer."""
    changes = g.actor.may(Permission.USER_CHANGE) and person.user.status != UserStatus.DEACTIVATED
    assigns = changes and g.actor.may(Permission.RIGHT_ASSIGN)
    is_member = not place.is_platform and person.membership.is_active
    return May(
        edit=changes and (place.is_platform or is_member),
        account=changes and not person.is_shared,
        leave=assigns and is_member,
        resume=assigns and not place.is_platform and not is_member,
        rights=assigns and (place.is_platform or is_member) and person.user.id not in g.actor.persons,
    )


def person_page(place: Place, person: Person, view: str, template: str = "", **context: Any) -> Response:
    """One of the pages about a person; its template bears the name of the view."""
    return page(
        template or f"admin/{view}.html",
        fragment=context.pop("fragment", ""),
        place=place,
        person=person,
        tabs=tabs(place, person, view),
        may=what_may_be_done(place, person),
        is_self=person.user.id == g.actor.user_id,
        account_pill=account_pill,
        welcome_pills=PILLS,
        role_labels=listing.role_labels,
        rules=RULES,
        **context,
    )


def person_details(place: Place, person: Person) -> Response:
    """Who this is and where he or she works."""
    session, user = db.session(), person.user
    unit = "" if place.is_platform or not person.memberships else persons.place_of(session, person.membership)
    names = persons.names_of(session, [user.created_by, user.successor_id])
    return person_page(place, person, "user_show", unit=unit, names=names)


def person_security(place: Place, person: Person) -> Response:
    """Locks, sessions, temporary password."""
    return person_page(place, person, "user_security", security=persons.security_of(db.session(), g.actor, person.user))


def person_history(place: Place, person: Person) -> Response:
    """What was done to this account, from the record."""
    return person_page(
        place,
        person,
        "user_history",
        fragment="results",
        events=paginate(persons.history_of(g.actor, person)),
        act_words=act_words,
    )


def person_new(place: Place, form: PersonForm, organization: str) -> Response:
    """Make an account. The temporary password goes by mail, or is shown on the answer and never again.

    Args:
        organization: the code of the organization that the account is for.
    """
    data = {**form.answers(), "organization": organization}
    if field := form.checked_field():
        form.validate()
        if not field.errors:
            wrong = validate_user_data(db.session(), g.actor, data)
            field.errors = [str(problem) for problem in wrong if problem.field == field.name]
        return render_template("components/field_error.html", field=field)  # type: ignore[return-value]
    if form.validate_on_submit():
        limits.count(limits.limit("new_users"), "new users", g.actor.user_id)
        by_mail = form.hand_over.data == MAIL
        try:
            new = creation.create_pilot_user(db.session(), g.actor, data, send_email=by_mail)
        except RuleBroken as broken:
            form.show(broken)
        else:
            url = _url_of_new(place, new)
            if by_mail:
                for warning in new.warnings:
                    flash(warning, "warning")
                return see_other(url, f"{new.full_name} has an account. The welcome mail is queued.")
            return page("admin/user_created.html", fragment="form", new=new, place=place, url=url)
    return form_page("admin/user_new.html", form, place=place, role_hints=ROLE_HINTS, way_hints=WAYS)


def _url_of_new(place: Place, new: creation.NewPerson) -> str:
    values: dict[str, Any] = {place.key: new.user_id if place.is_platform else new.membership_id}
    return place.url("user_show", **values)


def person_email(place: Place, person: Person) -> Response:
    """Another address, after a warning: the sign-in changes with it."""
    form = EmailForm()
    if form.validate_on_submit():
        try:
            told = details.change_email(db.session(), g.actor, person.user, form.email.data)
        except RuleBroken as broken:
            form.show(broken)
        else:
            return see_other(place.url("user_show", person), " ".join(told) or "The address is as it was.")
    return form_page("admin/user_email.html", form, place=place, person=person)


def person_edit(place: Place, person: Person) -> Response:
    """Names and phone; in an organization also the place of work. Who works elsewhere too keeps name and phone."""
    form = _edit_form(place, person)
    if form.validate_on_submit():
        for save in (_save_account, _save_work):
            try:
                save(person, form)
            except RuleBroken as broken:
                form.show(broken)
        if not form.errors:
            return see_other(place.url("user_show", person), "Saved.")
    return form_page("admin/user_edit.html", form, place=place, person=person)


def _edit_form(place: Place, person: Person) -> Form:
    account = {"account_version": person.user.row_version}
    if place.is_platform:
        return AccountForm(obj=person.user, data=account)
    work = person.membership
    here = {"position": work.position, "department": work.department, "work_version": work.row_version}
    form = PlaceOfWorkForm(data=here) if person.is_shared else MemberForm(obj=person.user, data={**here, **account})
    units = db.session().scalars(list_units()).all()
    kept = [unit for unit in units if unit.is_active or unit.id == work.unit_id]
    form.unit.choices = [SelectChoice("", "none"), *(SelectChoice(str(unit.id), unit.name) for unit in kept)]
    if not form.is_submitted():
        form.unit.data = str(work.unit_id or "")
    return form


def _save_account(person: Person, form: Form) -> None:
    if isinstance(form, AccountForm):
        seen = form.account_version.data
        details.change_person(db.session(), g.actor, person.user, form.answers(), seen=seen)


def _save_work(person: Person, form: Form) -> None:
    if isinstance(form, PlaceOfWorkForm):
        unit_id, seen = int(form.unit.data) if form.unit.data else None, form.work_version.data
        details.change_membership(db.session(), g.actor, person.membership, form.answers(), unit_id=unit_id, seen=seen)
