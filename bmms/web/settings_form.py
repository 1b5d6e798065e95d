"""The questions about an organization, asked in its own administration and in that of the platform."""

from wtforms import RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from bmms.models.organizations import MailMode
from bmms.web.fields import DayField
from bmms.web.forms import VersionedForm

MAIL_MODES = {
    MailMode.IMMEDIATE: "At once",
    MailMode.DAILY: "Once a day, at 9:00",
    MailMode.WEEKLY: "Once a week, Monday at 9:00",
}


class SettingsForm(VersionedForm):
    """What an organization says of itself. Rules of single fields stand in `domain/organizations/settings.py`."""

    acronym = StringField("Acronym", [Length(max=20)], description="Only when it differs from the code.")
    head_official = StringField("Name of the head", [Length(max=200)])
    head_title = StringField("Title of the head", [Length(max=100)], description="For example Minister.")
    email = StringField("Email", [Length(max=254)], render_kw={"type": "email", "inputmode": "email"})
    phone = StringField("Phone", [Length(max=40)], description="Landlines too.", render_kw={"inputmode": "tel"})
    website = StringField(
        "Website", [Length(max=200)], description="Like https://moh.example.org/.", render_kw={"inputmode": "url"}
    )
    address = TextAreaField("Address", [Length(max=1_000)], render_kw={"rows": 3})
    mandate = TextAreaField("Mandate", [Length(max=5_000)], render_kw={"rows": 4})
    reply_to = StringField(
        "Reply-to address",
        [Length(max=254)],
        description="Where answers to mails of BMMS go. Without one they go to the help desk.",
        render_kw={"type": "email", "inputmode": "email"},
    )
    mail_mode = RadioField(
        "Notifications by mail",
        [InputRequired("Choose one.")],
        choices=[SelectChoice(mode.value, label) for mode, label in MAIL_MODES.items()],
        description="People may choose otherwise for themselves.",
    )
    training_note = TextAreaField(
        "Training note",
        [Length(max=5_000)],
        description="Printed in welcome mails: day, time and place or link of the training.",
        render_kw={"rows": 3},
    )


class PlatformSettingsForm(SettingsForm):
    """With the days that the platform's administrators set."""

    pilot_starts_on = DayField("Start of the pilot", [Optional()])
    pilot_ends_on = DayField("End of the pilot", [Optional()])
    onboarded_on = DayField("Day of onboarding", [Optional()])
    go_live_on = DayField("Go-live day", [Optional()])
