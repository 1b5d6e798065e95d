"""The questions about the organization's logo, units, designations and signatories."""

from collections.abc import Mapping, Sequence

from flask_wtf.file import FileRequired
from wtforms import FieldList, FormField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.validators import InputRequired, Length

from bmms.domain.designations.queries import KIND_LABELS
from bmms.domain.errors import RuleBroken
from bmms.domain.members import Member
from bmms.domain.units.queries import Branch
from bmms.models.memberships import DesignationKind
from bmms.web.fields import GONE, DayField, UploadField, as_id
from bmms.web.forms import Form, VersionedForm
from bmms.web.member_fields import MemberField


def unit_choices(tree: Sequence[Branch], nothing: str) -> list[SelectChoice]:
    """The open units as a list to choose from, those below others set in."""
    open_ones = [branch for branch in tree if branch.unit.is_active]
    offered = [SelectChoice(str(each.unit.id), f"{'– ' * (each.depth - 1)}{each.unit.name}") for each in open_ones]
    return [SelectChoice("", nothing), *offered]


class LogoForm(VersionedForm):
    """One picture."""

    file = UploadField(
        "Logo",
        [FileRequired("Choose the logo first.")],
        description="JPG or PNG, at most 500 KB. It is printed 18 mm high.",
    )


class UnitForm(Form):
    """A unit: its name and code."""

    name = StringField("Name", [InputRequired("Give the unit a name."), Length(max=200)])
    code = StringField("Code", [Length(max=30)], description="A short name for lists and documents.")


class NewUnitForm(UnitForm):
    """A new unit, and where it lies."""

    parent = SelectField("Lies in", coerce=as_id, invalid_choice_message=GONE)


class ChangedUnitForm(UnitForm, VersionedForm):
    """A changed name or code."""


class MoveUnitForm(VersionedForm):
    """A new place in the tree."""

    parent = SelectField("Lies in", coerce=as_id, invalid_choice_message=GONE)


class MergeUnitForm(VersionedForm):
    """The unit that takes over: chosen first, then asked for again as a question."""

    into = SelectField(
        "Into which unit", [InputRequired("Choose the unit.")], coerce=as_id, invalid_choice_message=GONE
    )


class DesignationForm(Form):
    """Who stands in for whom, how long, and by which instrument."""

    kind = RadioField(
        "Kind",
        [InputRequired("Choose one.")],
        choices=[SelectChoice(kind.value, label) for kind, label in KIND_LABELS.items()],
    )
    principal_id = MemberField("For whom", [InputRequired("Choose the principal.")])
    deputy_id = MemberField("Who stands in", [InputRequired("Choose the person.")])
    starts_on = DayField("First day", [InputRequired("Choose the first day.")])
    ends_on = DayField("Last day", [InputRequired("Choose the last day.")])
    instrument_number = StringField(
        "Number of the instrument",
        [InputRequired("Type the number of the instrument."), Length(max=80)],
        description="For example Special Order No. 12, s. 2026.",
    )
    file = UploadField("The instrument itself", description="PDF, JPG or PNG, at most 10 MB.")

    def offer(self, members: Mapping[int, Member]) -> None:
        """Let it choose among these people."""
        for field in (self.principal_id, self.deputy_id):
            field.offer(members, "Choose a person")

    @property
    def designation_kind(self) -> DesignationKind:
        """The chosen kind."""
        return DesignationKind(self.kind.data)


class RevokeForm(Form):
    """Why a designation ends early."""

    reason = TextAreaField("Reason", [Length(max=500)], description="Stands in the record.", render_kw={"rows": 3})


class SignatoryForm(PlainForm):
    """One line of a block: a member, or a name that is typed."""

    caption = StringField(
        "Caption", [InputRequired('Type what stands before it, such as "Prepared by".'), Length(max=60)]
    )
    membership_id = MemberField("Member")
    name = StringField("Name of somebody else", [Length(max=150)])
    title = StringField("Title", [Length(max=150)])


class BlockForm(VersionedForm):
    """Who signs a kind of document, in printing order."""

    lines = FieldList(FormField(SignatoryForm), max_entries=20)

    def offer(self, members: Mapping[int, Member]) -> None:
        """Let each line choose among these people."""
        for entry in self.lines:
            entry.form.membership_id.offer(members, "No member")

    def rearranged(self, act: str) -> tuple["BlockForm", str]:
        """The same answers after `add`, `out-<n>`, `up-<n>` or `down-<n>`, n counted from 0; nonsense changes nothing.

        Returns:
            a new form, and the act of the button that the person now stands at.
        """
        lines = [{**entry.data, "membership_id": entry.form.membership_id.answer} for entry in self.lines]
        verb, _, number = act.partition("-")
        place = int(number) if number.isascii() and number.isdigit() else len(lines)
        target = place + {"up": -1, "down": 1}.get(verb, 0)
        if verb == "add":
            lines.append({})
        elif verb == "out" and place < len(lines):
            del lines[place]
        elif place < len(lines) and 0 <= target < len(lines):
            lines[place], lines[target] = lines[target], lines[place]
            at_the_edge = target == (0 if verb == "up" else len(lines) - 1)
            act = f"{'down' if (verb == 'up') == at_the_edge else 'up'}-{target}"
        return BlockForm(formdata=None, data={"row_version": self.row_version.data, "lines": lines}), act

    def show(self, broken: RuleBroken) -> None:
        """Put what a rule said at the field of the line it belongs to (`lines-0-caption`)."""
        inner = {field.name: field for entry in self.lines for field in entry.form}
        for name in broken.fields.keys() & inner.keys():
            inner[name].errors = [*inner[name].errors, broken.fields[name]]
        self.lines.errors = [entry.errors for entry in self.lines]
        if rest := {name: message for name, message in broken.fields.items() if name not in inner}:
            super().show(RuleBroken(str(broken), **rest))
