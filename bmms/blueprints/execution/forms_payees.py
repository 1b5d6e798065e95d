"""The questions about payees. None of them is kept as a draft, because of the TIN (decision D45)."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from bmms.domain.errors import RuleBroken
from bmms.domain.payees.actions import Duplicate
from bmms.domain.payees.labels import PAYEE_KIND
from bmms.models.payees import Payee, PayeeKind
from bmms.web.fields import WordField
from bmms.web.forms import Form


class PayeeForm(Form):
    """A payee; those who may be the same are shown with a link each."""

    name = StringField("Name", [InputRequired("Type the name of the payee."), Length(max=200)])
    kind = WordField("Kind", PAYEE_KIND, PayeeKind)
    tin = StringField(
        "Tax identification number (TIN)", [Length(max=40)],
        description="9 digits, or 12 to 14 with the code of the branch. It is kept encrypted.",
    )  # fmt: skip
    without_tin = BooleanField("There is no TIN any more")
    address = StringField("Address", [Length(max=300)])
    somebody_else = BooleanField("It is somebody else")
    row_version = IntegerField(validators=[Optional()], widget=HiddenInput())
    others: Sequence[Payee] = ()

    def answers(self) -> dict[str, Any]:
        """Name, kind and address."""
        return {name: value for name, value in super().answers().items() if name in ("name", "kind", "address")}

    @property
    def numbers(self) -> dict[str, Any]:
        """The TIN as typed, and the tick about others."""
        return {"tin": self.tin.data or "", "somebody_else": bool(self.somebody_else.data)}

    def show(self, broken: RuleBroken) -> None:
        """Besides what is wrong, who is there already."""
        super().show(broken)
        if isinstance(broken, Duplicate):
            self.others = broken.others
