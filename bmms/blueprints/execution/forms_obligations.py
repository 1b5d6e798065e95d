"""The questions about obligation requests, their adjustments, and what of them is due."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import request
from sqlalchemy.orm import Session
from wtforms import BooleanField, HiddenField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from bmms.domain.ledger.labels import CLUSTERS
from bmms.domain.obligations import labels
from bmms.domain.obligations.choices import Choices
from bmms.domain.obligations.queries import ShownLine
from bmms.domain.obligations.rules import Line
from bmms.models.obligations import ObligationType
from bmms.web.fields import DayField, PesosField, PickField, VersionField, WordField, as_id
from bmms.web.form_rows import row_of
from bmms.web.forms import VersionedForm
from bmms.web.kept_forms import KeptForm
from bmms.web.look_up_fields import LookUpField
from bmms.web.payee_fields import PayeeField
from bmms.web.requests import SAFE
from bmms.web.tokens import fresh_key

LOOK_UP = "execution.obligation_look_up"
OF_A_ROW = ("account", "object", "amount", "item")


class ObligationForm(KeptForm):
    """A request with its lines; made by `obligation_form`."""

    dated = DayField("Date", [InputRequired("Give the date of the request.")])
    fund_cluster = SelectField(
        "Fund cluster", [InputRequired()], choices=[SelectChoice(key, text) for key, text in CLUSTERS.items()]
    )
    payee_id = PayeeField("Payee", [InputRequired("Type the name of the payee.")])
    office = StringField("Requesting office", [InputRequired("Name the office that asks for it."), Length(max=200)])
    kind = WordField("Rests on", labels.TYPE, ObligationType)
    reference = StringField("Reference number", [Length(max=100)], description="Of the order or contract.")
    reference_on = DayField("Its date", [Optional()])
    particulars = TextAreaField(
        "Particulars", [InputRequired("Say what the money is for."), Length(max=2000)], render_kw={"rows": 3}
    )
    expected_on = DayField("Expected payment", [Optional()])
    rows: Sequence[int] = ()
    choices: Choices | None = None  # of its lines; None where nothing is offered

    def offer(self, session: Session, choices: Choices) -> None:
        """Let it choose among these."""
        self.choices = choices
        self.payee_id.offer_payees(session)
        for name in ("account_1", "object_1", "amount_1"):
            self[name].flags.required = True  # a request has one line at least; the other rows may stay empty
        year = (self.dated.data.year,) if self.dated.data else ()
        for row in self.rows:
            self[f"account_{row}"].offer(choices.accounts, "Choose an account")
            self[f"object_{row}"].offer(choices.objects, year=year[0] if year else None)
            self[f"item_{row}"].offer(choices.items, year=year[0] if year else None)

    def answers(self) -> dict[str, Any]:
        """Columns of the request; the lines are in `lines`."""
        return {name: value for name, value in super().answers().items() if not row_of(name) and name != "row_version"}

    def lines(self) -> list[Line]:
        """The rows in which something was chosen or typed."""
        return [
            Line(
                self[f"account_{row}"].data, self[f"object_{row}"].data, self[f"amount_{row}"].data,
                self[f"item_{row}"].data, row,
            )
            for row in self.rows
            if self._is_used(row)
        ]  # fmt: skip

    def _is_used(self, row: int) -> bool:
        fields = [self[f"{name}_{row}"] for name in OF_A_ROW]
        return any(field.data not in (None, "") or field.raw_data and any(field.raw_data) for field in fields)


def obligation_form(rows: int, *, is_new: bool) -> type[ObligationForm]:
    """The form with so many rows for lines: account_1, object_1, amount_1, item_1."""
    fields: dict[str, Any] = {"rows": range(1, rows + 1)}
    if not is_new:
        fields["row_version"] = VersionField()
    for row in fields["rows"]:
        fields[f"account_{row}"] = PickField(f"Account, line {row}")
        fields[f"object_{row}"] = LookUpField(f"Object code, line {row}", "objects", LOOK_UP)
        fields[f"amount_{row}"] = PesosField(f"Amount, line {row}")
        fields[f"item_{row}"] = LookUpField(f"Activity, line {row}", "work-items", LOOK_UP, coerce=int)
    return type("ObligationForm", (ObligationForm,), fields)


def lines_typed(lines: Iterable[Line]) -> dict[str, Any]:
    """Stored lines as answers of the form."""
    typed: dict[str, Any] = {}
    for one in lines:
        typed |= {
            f"account_{one.row}": one.account_id, f"object_{one.row}": one.object_code,
            f"amount_{one.row}": one.amount, f"item_{one.row}": one.item_id,
        }  # fmt: skip
    return typed


class BoxForm(VersionedForm):
    """Box A or Box B: a tick under the words that are certified; the button has a key, so that it acts once."""

    certified = BooleanField("")
    key = HiddenField(validators=[InputRequired("Reload the page and tick again."), Length(max=40)])

    @classmethod
    def under(cls, words: str, row: Any) -> "BoxForm":
        """The form with these words at its tick."""
        form = cls(obj=row)
        form.certified.label.text = words
        form.certified.flags.required = True
        if request.method in SAFE:
            form.certified.data = False
            form.key.data = fresh_key()
        return form

    def look_again(self, version: int) -> None:
        """Somebody else changed it: what is shown now is what the tick is about next, and the tick is gone."""
        if self.row_version.data != version:
            self.row_version.data, self.row_version.raw_data = version, None
            self.certified.data = False


class AdjustmentForm(KeptForm):
    """More or less of the lines; made by `adjustment_form`."""

    dated = DayField("Date", [InputRequired("Give the date of the adjustment.")])
    reason = TextAreaField(
        "Reason", [InputRequired("Say why."), Length(max=2000)], render_kw={"rows": 3},
        description="At least 20 characters.",
    )  # fmt: skip

    def changes(self, lines: Iterable[ShownLine]) -> Mapping[int, Decimal]:
        """Id of a line to by how much it changes."""
        return {one.id: self[f"change_{one.id}"].data for one in lines if self[f"change_{one.id}"].data}


def adjustment_form(lines: Iterable[ShownLine]) -> type[AdjustmentForm]:
    """One field for each line: change_<id>; a minus sign for less. Without lines: the balance is cancelled."""
    fields = {f"change_{one.id}": PesosField(f"Change of line {one.number}") for one in lines}
    return type("AdjustmentForm", (AdjustmentForm,), fields)


class DueForm(KeptForm):
    """Goods or services of a line were accepted."""

    line_id = SelectField("Line", [InputRequired("Choose the line.")], coerce=as_id)
    dated = DayField("Due since", [InputRequired("Give the day.")])
    amount = PesosField("Amount", [InputRequired("Type the amount.")])
    basis = StringField(
        "Proved by", [InputRequired("Say what proves it."), Length(max=200)],
        description="Such as: inspection and acceptance report 2026-041.",
    )  # fmt: skip
