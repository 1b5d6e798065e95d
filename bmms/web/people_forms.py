"""The questions about people, the same in an organization and on the platform."""

import unicodedata
from collections.abc import Iterable
from typing import Any

from flask_wtf.file import FileRequired
from wtforms import BooleanField, Field, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from bmms.domain.permissions import CENTRAL_ROLES, ROLES, RULES
from bmms.web.fields import UploadField, VersionField
from bmms.web.forms import Form

MAIL, SHOW = "mail", "show"
NOBODY, SUCCESSOR = "nobody", "successor"
NOT_SPELLED = {"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}

WAYS = {
    MAIL: "A welcome mail with the temporary password is queued. It holds for 14 days.",
    SHOW: "You see it once, on the next page, and hand it over in person.",
}


def role_choices(codes: Iterable[str], group: str | None = None) -> list[SelectChoice]:
    """Roles or grants as choices under the names that people use; in a select field under the heading `group`."""
    return [SelectChoice(code, RULES[code].label, optgroup=group) for code in codes]


def with_blank(choices: Iterable[SelectChoice | tuple[str, str]]) -> list[SelectChoice]:
    """Choices for a select field that begins with none chosen."""
    each = (choice if isinstance(choice, SelectChoice) else SelectChoice(*choice) for choice in choices)
    return [SelectChoice("", "Choose"), *each]


ROLE_HINTS = {code: RULES[code].purpose for code in ROLES}
CENTRAL_HINTS = {code: RULES[code].purpose for code in CENTRAL_ROLES}


def text(label: str, *, needed: str = "", most: int = 200, **more: Any) -> StringField:
    """A line of text; `needed` is what to say when it is empty."""
    first = InputRequired(needed) if needed else Optional()
    return StringField(label, [first, Length(max=most, message=f"{label} is too long (max {most}).")], **more)


def no_hidden_signs(form: Form, field: Field) -> None:
    """Text that cannot be stored or read: control signs, halves of signs."""
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in (field.data or "") if sign not in "\r\n\t"):
        raise ValidationError("This contains an invisible sign. Type the text anew.")


def note(label: str, *, needed: str = "", description: str = "") -> TextAreaField:
    """A few sentences for the record; `needed` is what to say when there are none."""
    first = InputRequired(needed) if needed else Optional()
    return TextAreaField(label, [first, Length(max=1000), no_hidden_signs], description=description)


class PersonForm(Form):
    """Somebody who gets an account."""

    first_name = text("First name", needed="First name is required.", most=150)
    last_name = text("Last name", needed="Last name is required.", most=150)
    email = text(
        "Email",
        needed="Email is required.",
        most=254,
        description="The person signs in with it. Best an address of the government (.gov.ph).",
        render_kw={"type": "email", **NOT_SPELLED},
    )
    username = text(
        "Username",
        most=150,
        description="Left empty, it is made from the email address.",
        render_kw=NOT_SPELLED,
    )
    role = RadioField("Role", [InputRequired("Choose a role.")], choices=role_choices(ROLES))
    position = text("Position")
    department = text("Department")
    phone = text("Mobile phone", most=40, description="For example 0917 123 4567.", render_kw={"inputmode": "tel"})
    hand_over = RadioField(
        "Temporary password",
        [InputRequired("Say how the password reaches the person.")],
        choices=[SelectChoice(MAIL, "Send it by mail"), SelectChoice(SHOW, "Show it to me")],
        default=MAIL,
    )


class PersonSomewhereForm(PersonForm):
    """Somebody who gets an account in an organization that the platform names."""

    organization = SelectField("Organization", [InputRequired("Choose an organization.")])


class AccountForm(Form):
    """What is known about somebody, wherever he or she works."""

    first_name = text("First name", needed="First name is required.", most=150)
    last_name = text("Last name", needed="Last name is required.", most=150)
    phone = text("Mobile phone", most=40, description="For example 0917 123 4567.", render_kw={"inputmode": "tel"})
    account_version = VersionField()


class PlaceOfWorkForm(Form):
    """What somebody does in one organization."""

    position = text("Position")
    department = text("Department")
    unit = SelectField("Unit", [Optional()], choices=[])
    work_version = VersionField()


class MemberForm(AccountForm, PlaceOfWorkForm):
    """Both, for somebody who works in one organization only."""


class EmailForm(Form):
    """Another address, and with it another way to sign in."""

    email = text("New email", needed="Email is required.", most=254, render_kw={"type": "email", **NOT_SPELLED})


class NoteForm(Form):
    """How one knows that it is really this person."""

    note = note(
        "Note",
        needed="Say how you know that it is this person.",
        description="How you know that it is this person, for example “called back on the office number”.",
    )


class ReasonForm(Form):
    """Why."""

    reason = note("Reason", needed="Say why.", description="It goes into the record.")


class LeavingForm(ReasonForm):
    """Why, and who takes over."""

    hand_over = RadioField(
        "Drafts and pending work",
        [InputRequired("Say what becomes of drafts and pending work.")],
        choices=[SelectChoice(NOBODY, "Leave it unassigned"), SelectChoice(SUCCESSOR, "Hand it over to")],
    )
    successor = StringField(
        "Successor",
        [Length(max=254)],
        description="Username or email; only when you hand something over.",
        render_kw=NOT_SPELLED,
    )

    def validate_successor(self, field: Field) -> None:
        """Needed only where something is handed over."""
        if self.hand_over.data == SUCCESSOR and not (field.data or "").strip():
            raise ValidationError("Name the person who takes over.")


class PasswordForm(Form):
    """How a new temporary password reaches its person."""

    hand_over = RadioField(
        "How does it reach the person?",
        [InputRequired("Say how the password reaches the person.")],
        choices=[SelectChoice(MAIL, "Send it by mail"), SelectChoice(SHOW, "Show it to me")],
        default=MAIL,
    )


class ListForm(Form):
    """A list of people."""

    file = UploadField(
        "File",
        [FileRequired("Choose the file first.")],
        description="CSV or Excel workbook (.xlsx), at most 2 MB and 5,000 rows.",
    )
    update_existing = BooleanField(
        "Bring people up to date who have an account already",
        description="Names, phone, position, department, role; never the password. Unmarked, their rows are errors.",
    )


class RunForm(Form):
    """How a checked list is imported."""

    send_emails = BooleanField("Send welcome mails with temporary passwords", default=True)
    skip_invalid = BooleanField("Leave out the rows with errors")


class ConfirmForm(Form):
    """Nothing but the answer."""
