"""The questions about disbursement vouchers."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Self

from flask import request
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from bmms.domain.disbursements.labels import MODE
from bmms.domain.disbursements.queries import Payable
from bmms.domain.workflow import LEAST_REMARK
from bmms.models.disbursements import PaymentMode
from bmms.web.fields import DayField, PesosField, WordField
from bmms.web.forms import Form
from bmms.web.kept_forms import KeptForm
from bmms.web.requests import SAFE
from bmms.web.tokens import fresh_key

ANSWERS = ("dated", "mode", "instrument", "tax", "particulars")


class VoucherForm(KeptForm):
    """A voucher; `voucher_form` adds an amount for each line that can be paid."""

    lines: tuple[Payable, ...] = ()
    dated = DayField("Day of the payment", [InputRequired("Give the day of the payment.")])
    mode = WordField("Paid by", MODE, PaymentMode)
    instrument = StringField("Number of the check or advice", [Length(max=60)])
    tax = PesosField("Tax withheld")
    particulars = TextAreaField("Particulars", [Length(max=4000)], render_kw={"rows": 2})

    def answers(self) -> dict[str, Any]:
        """The columns of the voucher that are typed; no tax is zero."""
        found = {name: value for name, value in super().answers().items() if name in ANSWERS}
        return found | {"tax": found["tax"] or Decimal(0)}

    @property
    def amounts(self) -> dict[int, Decimal | None]:
        """Line of an obligation to what is paid of it."""
        return {one.line.id: self._fields[one.field].data for one in self.lines}

    @property
    def gross(self) -> Decimal:
        """What is paid in all, as far as it is typed."""
        return sum((amount for amount in self.amounts.values() if amount), Decimal(0))


def voucher_form(lines: Iterable[Payable]) -> type[VoucherForm]:
    """The form with one amount for each of these lines."""
    offered = tuple(lines)
    fields: dict[str, Any] = {one.field: PesosField(one.called) for one in offered}
    return type("VoucherForm", (VoucherForm,), {**fields, "lines": offered})


class KeyedForm(Form):
    """An act with money: its key is made with the page, so that a button that is pressed five times acts once."""

    key = HiddenField(validators=[InputRequired("The form came without its key. Reload the page."), Length(max=40)])

    @classmethod
    def made(cls) -> Self:
        """With a key of its own when the page is opened."""
        form = cls()
        if request.method in SAFE:
            form.key.data = fresh_key()
        return form


class PayForm(KeyedForm):
    """Payment is never one click."""

    sure = BooleanField(
        "I have compared payee, amounts and accounts with the papers.", [InputRequired("Tick this when it is so.")]
    )


class VoidForm(KeyedForm):
    """Confirming a void voucher is no single click either."""

    sure = BooleanField("I have seen that the money did not go out.", [InputRequired("Tick this when it is so.")])


class AskVoidForm(Form):
    """Why a payment is taken back, and under which day."""

    voided_on = DayField("Day of the voiding", [InputRequired("Give the day under which it is taken back.")])
    note = TextAreaField(
        "Why it is void", [InputRequired("Say why it is void."), Length(max=4000)], render_kw={"rows": 4},
        description=f"At least {LEAST_REMARK} characters.",
    )  # fmt: skip
