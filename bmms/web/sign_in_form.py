"""The sign-in form. It stands here because a signed-out answer shows it too."""

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from bmms.web.forms import Form


class SignInForm(Form):
    """Username or email, and password."""

    username = StringField(
        "Username or email",
        [InputRequired("Type your username or email."), Length(max=254)],
        description="Capitals do not matter here.",
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        "Password",
        [InputRequired("Type your password."), Length(max=1000)],
        description="Capitals matter. You may paste it.",
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()
    carried = HiddenField()
