"""One form with every kind of field."""

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FileField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

ROLES = [
    SelectChoice("planner", "Planner"),
    SelectChoice("budget_officer", "Budget officer"),
    SelectChoice("viewer", "Viewer"),
]
UNITS = [SelectChoice("", "Choose a unit"), SelectChoice("fhc", "Family Health"), SelectChoice("nut", "Nutrition")]
ROLE_HINTS = {
    "planner": "Writes plans and sends them for approval",
    "budget_officer": "Prepares proposals and records obligations",
    "viewer": "Reads, and exports what may be read",
}


class SampleForm(FlaskForm):
    """A person's account, as an administrator would enter it. Nothing is saved."""

    full_name = StringField("Full name", [InputRequired("Enter the full name."), Length(max=80)])
    email = EmailField(
        "Email",
        [
            InputRequired("Enter the email address."),
            Regexp(r"[^@\s,]+@[^@\s,]+\.\w+$", message="Write an address such as name@moh.example, with one @."),
        ],
        description="The temporary password is sent to this address",
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    phone = TelField("Mobile phone", description="For example 0917 555 0123")
    unit = SelectField("Unit", choices=UNITS)
    role = RadioField("Role", [InputRequired("Choose a role.")], choices=ROLES)
    duties = SelectMultipleField(
        "Further duties",
        choices=[SelectChoice("plan_approve", "Approves plans"), SelectChoice("me_verify", "Verifies reported values")],
        description="Given on top of the role",
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    code = StringField("Account number", default="MOH-0007")
    start = DateField("First day", [Optional()])
    seats = IntegerField("Seats", [Optional(), NumberRange(1, 50, "Between 1 and 50 seats.")])
    ceiling = StringField("Ceiling")
    picture = FileField("Photo", description="JPG or PNG, up to 2 MB")
    note = TextAreaField("Note to the person", [Length(max=500)])
    password = PasswordField("Password", description="Capitals matter. You may paste it.")
    welcome = BooleanField("Send the welcome mail", default=True)


class ReturnForm(FlaskForm):
    """The question of the sample dialog."""

    remarks = TextAreaField("Remarks", [InputRequired("Say what has to be changed.")])
