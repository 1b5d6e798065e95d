"""The questions about the own account."""

from wtforms import BooleanField, PasswordField, RadioField, SelectChoice, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from bmms.web.forms import Form


class ForgotForm(Form):
    """Who wants a new password."""

    login = StringField(
        "Username or email",
        [InputRequired("Type your username or email."), Length(max=254)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )


class NewPasswordForm(Form):
    """A password that a person chooses after a reset link."""

    new = PasswordField(
        "New password",
        [InputRequired("Type your new password."), Length(max=1000)],
        description="12 characters or more, with upper and lower case, a digit and another sign.",
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        "New password again",
        [InputRequired("Type your new password a second time."), Length(max=1000)],
        render_kw={"autocomplete": "new-password"},
    )

    def validate_again(self, field: PasswordField) -> None:
        """Both must be the same."""
        if self.new.data and field.data != self.new.data:
            raise ValidationError("This differs from the new password above.")


class ChangePasswordForm(NewPasswordForm):
    """The own password, which one has to know to replace it."""

    current = PasswordField(
        "Current password",
        [InputRequired("Type your current password."), Length(max=1000)],
        render_kw={"autocomplete": "current-password"},
    )


class ProfileForm(Form):
    """What people may change about themselves."""

    first_name = StringField("First name", [InputRequired("First name is required."), Length(max=150)])
    last_name = StringField("Last name", [InputRequired("Last name is required."), Length(max=150)])
    phone = StringField(
        "Mobile phone",
        [Length(max=40)],
        description="For example 0917 123 4567 or +63 917 123 4567.",
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
    )
    mail_mode = RadioField(
        "Notifications by mail",
        choices=[
            SelectChoice("", "As my organization has set"),
            SelectChoice("immediate", "At once"),
            SelectChoice("daily", "Once a day, at 9:00"),
            SelectChoice("weekly", "Once a week, Monday at 9:00"),
        ],
        default="",
    )


class PrivacyForm(Form):
    """Read and accepted."""

    accepted = BooleanField(
        "I have read this notice and agree to it", [InputRequired("Tick the box to go on, or sign out.")]
    )
