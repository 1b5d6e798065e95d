"""The questions about appropriations, extensions of their validity, and allotment orders."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import g
from flask_wtf.file import FileRequired
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from bmms.domain.allotments.actions import Line
from bmms.domain.allotments.queries import Ordered
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.authority.by_hand import Place
from bmms.domain.authority.sources import Key
from bmms.domain.errors import RuleBroken
from bmms.domain.ledger import files
from bmms.domain.ledger.accounts import Shown
from bmms.domain.ledger.labels import CLUSTERS, LAW_KIND
from bmms.domain.looking_up import Entries
from bmms.domain.proposals.labels import SOURCE
from bmms.extensions import db
from bmms.models.allotments import OrderKind
from bmms.models.authority import LawKind
from bmms.models.proposals import FundingSource
from bmms.models.reference import ExpenseClass
from bmms.web.fields import YEAR, DayField, PesosField, PickField, UploadField, VersionField, WordField
from bmms.web.forms import Form
from bmms.web.kept_forms import KeptForm
from bmms.web.look_up_fields import LookUpField

INSTRUMENT = "PDF or picture, at most 10 MB."
NOT_BELOW = "An amount is not below zero. Leave it empty where the law gives nothing."


class AppropriationForm(KeptForm):
    """What a law gives, beside the amounts that its lines say."""

    kind = WordField("Kind of law", LAW_KIND, LawKind)
    reference = StringField("The law", [InputRequired("Type the number of the law."), Length(max=200)])
    dated = DayField("Date of the law", [InputRequired("Give the date of the law.")])
    effective_on = DayField(
        "Takes effect", [InputRequired("Give the day.")], description="From this day on it can be allotted."
    )
    obligate_until = DayField(
        "May be obligated until", [InputRequired("Give the last day.")],
        description="31 December unless the law itself says otherwise. A later law is entered as an extension.",
    )  # fmt: skip
    pay_until = DayField("May be paid until", [InputRequired("Give the last day.")])
    total = PesosField(
        "Total that the law states for this organization", [InputRequired("Type the total of the law.")],
        description="As far as the law names a class. It has to be what the amounts below come to.",
    )  # fmt: skip


class LawForm(AppropriationForm):
    """A law that is typed by hand; made by `law_form`."""

    fiscal_year = IntegerField("Fiscal year", YEAR)
    source = WordField("Funding source", SOURCE, FundingSource)
    fund_cluster = SelectField(
        "Fund cluster", [InputRequired()], choices=[SelectChoice(key, text) for key, text in CLUSTERS.items()]
    )
    file = UploadField("The law", description=INSTRUMENT)
    rows: Sequence[int] = ()
    places: Mapping[str, Place] = {}

    def offer(self, places: Iterable[Place]) -> None:
        """Let its rows choose among these."""
        self.places = {place.name: place for place in places}
        self["place_1"].flags.required = True  # a law gives something; the other rows may stay empty
        for row in self.rows:
            self[f"place_{row}"].offer({name: place.title for name, place in self.places.items()})

    def columns(self) -> dict[str, Any]:
        """The answers that say what the law is, in the words of `authority.actions`."""
        return {name: value for name, value in self.answers().items() if name in _LAW}

    def sums(self) -> dict[ExpenseClass, Decimal]:
        """What is typed in each class, also where its program is not clear yet; pesos."""
        return {kind: sum((self[f"{kind}_{row}"].data or NONE for row in self.rows), NONE) for kind in ExpenseClass}

    def amounts(self) -> dict[Key, Decimal]:
        """What was typed by structure, program and class; pesos. Raises RuleBroken: where a row does not say where."""
        found: dict[Key, Decimal] = {}
        wrong: dict[str, str] = {}
        seen: set[str] = set()
        for row in self.rows:
            place, typed = self.places.get(self[f"place_{row}"].data or ""), self._typed(row)
            if place is None and typed:
                wrong[f"place_{row}"] = "Say for which program, or for which part of the budget."
            elif place and place.name in seen:
                wrong[f"place_{row}"] = "This stands in a row above. Put its amounts together."
            elif place and not typed:
                wrong[f"place_{row}"] = "Type an amount in one of the classes, or empty this row."
            elif place:
                seen.add(place.name)
                found |= {(place.structure, place.program_id, kind): amount for kind, amount in typed.items()}
        if wrong:
            (field, message), *others = wrong.items()
            raise RuleBroken(message, field=field, **dict(others))
        return found

    def _typed(self, row: int) -> dict[ExpenseClass, Decimal]:
        return {kind: amount for kind in ExpenseClass if (amount := self[f"{kind}_{row}"].data)}


def law_form(rows: int, *, is_new: bool) -> type[LawForm]:
    """The form with so many rows: place_1, PS_1, MOOE_1, CO_1, FinEx_1."""
    fields: dict[str, Any] = {"rows": range(1, rows + 1)}
    if not is_new:
        fields |= {"row_version": VersionField(), "fiscal_year": None}
    for row in fields["rows"]:
        fields[f"place_{row}"] = LookUpField(f"Program, row {row}", "programs", "execution.law_look_up")
        for kind in ExpenseClass:
            amount = PesosField(f"{kind.value}, row {row}", [Optional(), NumberRange(0, message=NOT_BELOW)])
            fields[f"{kind}_{row}"] = amount
    return type("LawForm", (LawForm,), fields)


def amounts_typed(places: Iterable[Place], amounts: Mapping[Key, Decimal]) -> dict[str, Any]:
    """Amounts as answers of the form, in the order of places."""
    known = {(structure, program_id) for structure, program_id, _ in amounts}
    typed: dict[str, Any] = {}
    for row, place in enumerate((one for one in places if (one.structure, one.program_id) in known), 1):
        typed[f"place_{row}"] = place.name
        for kind in ExpenseClass:
            typed[f"{kind}_{row}"] = amounts.get((place.structure, place.program_id, kind))
    return typed


def kept_file(form: Form) -> dict[str, int]:
    """The instrument that was chosen, kept; nothing where none was."""
    upload = form["file"].upload
    return {"file_id": files.keep(db.session(), g.actor, upload)} if upload else {}


_LAW = (
    "fiscal_year", "kind", "reference", "dated", "effective_on", "obligate_until", "pay_until", "total", "source",
    "fund_cluster",
)  # fmt: skip


class ConfirmForm(Form):
    """A confirmation that is ticked, by a button that acts once."""

    sent_key = HiddenField(validators=[Length(max=40)])
    sure = BooleanField("I have compared it with the instrument", [InputRequired("Tick that you have compared it.")])


class ExtensionForm(Form):
    """A law that lets money be charged longer."""

    law = StringField("The law", [InputRequired("Type the number of the law."), Length(max=200)])
    effective_on = DayField(
        "Takes effect", [InputRequired("Give the day.")], description="Nothing is charged to the time before this day."
    )
    obligate_until = DayField("May be obligated until", [InputRequired("Give the last day.")])
    pay_until = DayField("May be paid until", [InputRequired("Give the last day.")])
    file = UploadField("The law", [FileRequired("Choose the file.")], description=INSTRUMENT)


class OrderForm(KeptForm):
    """An allotment order, as MFBM wrote it."""

    number = StringField("Number of the order", [InputRequired("Type the number."), Length(max=60)])
    dated = DayField("Date of the order", [InputRequired("Give the date of the order.")])
    legal_basis = StringField("Legal basis", [Length(max=300)])
    request = StringField("Budget request that it answers", [Length(max=300)])
    counterpart = StringField("To whom, or from whom", [Length(max=200)])
    for_quarter = IntegerField("For quarter", [Optional(), NumberRange(1, 4, "Type 1, 2, 3 or 4.")])
    valid_until = DayField("Valid until", [Optional()])
    conditions = TextAreaField("Conditions", [Length(max=4000)], render_kw={"rows": 2})
    total = PesosField("Total of the order", [InputRequired("Type the total of the order.")])
    file = UploadField("The order", description=INSTRUMENT)

    rows: Sequence[int] = ()
    is_signed = False  # a transfer: what goes to others is typed below zero

    def columns(self) -> dict[str, Any]:
        """The answers that are columns of the order."""
        return {name: value for name, value in self.answers().items() if name in _ORDER}

    def offer(self, shown: Iterable[Shown], objects: Entries, year: int) -> None:
        """Let rows for single objects choose among these."""
        accounts = [(one.account.id, f"{one.name}, {one.law}") for one in shown]
        for row in self.rows:
            self[f"account_{row}"].offer(accounts, "Choose an account")
            self[f"object_{row}"].offer(objects, year=year)

    def lines(self, shown: Iterable[Shown]) -> list[Line]:
        """What was typed: an amount of an account, and amounts of its objects. Raises RuleBroken: a row has a gap."""
        own = [(one.account.id, None, self[f"a{one.account.id}"].data, 0) for one in shown]
        parts, gaps = [], {}
        for row in self.rows:
            answers = [self[f"{name}_{row}"].data for name in ("account", "object", "amount")]
            if all(answers):
                parts.append((*answers, row))
            elif any(answers):
                name = ("account", "object", "amount")[[bool(one) for one in answers].index(False)]
                gaps[f"{name}_{row}"] = "A row for an object needs account, object and amount."
        if gaps:
            (field, message), *others = gaps.items()
            raise RuleBroken(message, field=field, **dict(others))
        typed = [one for one in (*own, *parts) if one[2]]
        if not self.is_signed:
            return [Line(account_id, amount, code, row=row) for account_id, code, amount, row in typed]
        return [
            Line(account_id, abs(amount), code, -1 if amount < 0 else 1, row) for account_id, code, amount, row in typed
        ]


_ORDER = (
    "number", "dated", "legal_basis", "request", "counterpart", "for_quarter", "valid_until", "conditions", "total",
)  # fmt: skip


def order_form(kind: OrderKind, shown: Iterable[Shown], rows: int, *, is_new: bool) -> type[OrderForm]:
    """The questions of an order of this kind, with one amount for each account, and rows for single objects."""
    fields: dict[str, Any] = {f"a{one.account.id}": PesosField("Pesos") for one in shown}
    fields |= {"rows": range(1, rows + 1), "is_signed": kind == OrderKind.TRANSFER}
    for row in fields["rows"]:
        fields[f"account_{row}"] = PickField(f"Account, row {row}")
        fields[f"object_{row}"] = LookUpField(f"Object code, row {row}", "objects", "execution.order_look_up")
        fields[f"amount_{row}"] = PesosField(f"Amount, row {row}")
    if not is_new:
        fields["row_version"] = VersionField()
    if kind != OrderKind.SPECIAL:
        fields["request"] = None
    if kind != OrderKind.TRANSFER:
        fields["counterpart"] = None
    if kind in (OrderKind.WITHDRAWAL, OrderKind.TRANSFER):
        fields |= {"for_quarter": None, "valid_until": None}
    return type("OrderForm", (OrderForm,), fields)


def lines_as_typed(lines: Iterable[Ordered], kind: OrderKind) -> dict[str, Any]:
    """Stored lines as answers of the form; in a transfer, what goes to others stands below zero."""
    typed: dict[str, Any] = {}
    row = 0
    for one in lines:
        amount = one.line.amount * (one.line.direction if kind == OrderKind.TRANSFER else 1)
        if one.line.object_code is None:
            typed[f"a{one.line.account_id}"] = amount
            continue
        row += 1
        typed |= {
            f"account_{row}": one.line.account_id, f"object_{row}": one.line.object_code, f"amount_{row}": amount,
        }  # fmt: skip
    return typed
