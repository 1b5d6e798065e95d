"""The questions of what hangs on the records of modules: comments and files."""

from flask_wtf.file import FileRequired
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from bmms.domain.attachments.actions import CATEGORIES
from bmms.domain.discussion.actions import MOST_CHARACTERS
from bmms.models.collaboration import FileCategory
from bmms.web.fields import UploadField, as_word, words_of
from bmms.web.forms import Form, VersionedForm
from bmms.web.kept_forms import KeptForm
from bmms.web.member_fields import MemberField

LENGTH = Length(max=MOST_CHARACTERS)


class RemarkForm(KeptForm):
    """A new comment, and somebody whom it calls."""

    body = TextAreaField("Your comment", [InputRequired("Write the comment first."), LENGTH], render_kw={"rows": 4})
    mention = MemberField(
        "Also tell",
        description="The person gets a notice. You can also type @ and the username in the comment.",
    )  # fmt: skip

    @property
    def text(self) -> str:
        """The comment with the chosen person called at its end."""
        body, member = self.body.data or "", self.mention.member
        if member is None or f"@{member.username}" in body.split():
            return body
        return f"{body.rstrip()} @{member.username}"


class CorrectionForm(VersionedForm):
    """The own comment, put right."""

    body = TextAreaField("Your comment", [InputRequired("Write the comment first."), LENGTH], render_kw={"rows": 6})


class AttachmentForm(Form):
    """One file of a record."""

    file = UploadField("File", [FileRequired("Choose a file.")])
    category = SelectField(
        "Category", [InputRequired("Choose one.")], choices=words_of(CATEGORIES), coerce=as_word(FileCategory),
        default=FileCategory.OTHER,
    )  # fmt: skip
    note = StringField("Note", [Length(max=300)], description="What it is, in a few words.")
