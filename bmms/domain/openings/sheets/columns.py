"""The two sheets of the workbook, Position and Unpaid: their headings, and what a typed cell means."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.imports import values
from bmms.domain.imports.table import Column, Layout
from bmms.domain.imports.values import Known, Unreadable, clean
from bmms.domain.ledger.accounts import Shown
from bmms.domain.money import is_pesos, shortened
from bmms.models.reference import ObjectCode

ABOUT = "Opening"
ACCOUNT = Column("account", "Account", 18, most=40)
OBJECT = Column("object_code", "Object code", 17, most=40)
POSITION = Layout(
    "Position", "row",
    (
        ACCOUNT,
        Column("title", "What it is for", 44, is_shown=True),
        OBJECT,
        Column("quarter", "Quarter", 9),
        Column("allotted", "Allotment", 18),
        Column("obligated", "Obligations", 18),
        Column("disbursed", "Payments", 18),
    ),
    needed="account", key="account", others=("unpaid", "accounts", "opening"),
)  # fmt: skip
UNPAID = Layout(
    "Unpaid", "obligation",
    (
        Column("ors_no", "ORS no.", 22, most=30),
        Column("dated", "Date", 13),
        Column("payee", "Payee", 34, most=200),
        ACCOUNT,
        OBJECT,
        Column("particulars", "Particulars", 44, most=2_000),
        Column("amount", "Amount", 18),
        Column("paid", "Paid", 18),
        Column("due", "Due", 18),
    ),
    needed="ors_no", key="ors_no", others=("position", "accounts", "opening"),
)  # fmt: skip
AMOUNTS = ("allotted", "obligated", "disbursed", "amount", "paid", "due")
NEEDED = {
    "ors_no": "Type the number of the obligation request.",
    "dated": "Type the date of the obligation request.",
    "payee": "Name the payee.",
    "account": "Type the number of the account, as the sheet Accounts shows it.",
    "object_code": "Type the object code, such as 5-02-03-010-00.",
    "particulars": "Say what it is for.",
    "quarter": "Type the quarter: 1, 2, 3 or 4.",
    "amount": "Type the amount of the obligation.",
}


class Cells:
    """Reads the typed cells of both sheets."""

    def __init__(self, accounts: Mapping[int, Shown], objects: Mapping[str, ObjectCode], cut_over: date) -> None:
        self.objects, self._cut_over = objects, cut_over
        numbers = {one.number: key for key, one in accounts.items()}
        self._accounts = Known(numbers, "no account of this fiscal year. The sheet Accounts lists them.")

    def read(self, field: str, text: str) -> Any:
        """What a cell means; None where it is empty. Raises Unreadable: it means nothing."""
        typed = clean(text)
        if not typed:
            return None
        if field in AMOUNTS:
            return _amount(typed)
        reader = {
            "account": self._accounts.read, "object_code": self._object, "quarter": self._quarter,
            "dated": values.day_of,
        }.get(field)  # fmt: skip
        if reader:
            return reader(typed)
        most = UNPAID.by_field[field].most
        if len(typed) > most:
            raise Unreadable(f"This is longer than {most:,} characters. Shorten it.")
        return typed

    def _object(self, text: str) -> str:
        code = "".join(sign for sign in text if sign.isdigit()) if set(text) <= set("0123456789- ") else ""
        if code not in self.objects:
            raise Unreadable(f"“{shortened(text)}” is no object of expenditure. Type it like 5-02-03-010-00.")
        return code

    def _quarter(self, text: str) -> int:
        typed = text.casefold().removeprefix("quarter").removeprefix("q").strip()
        if typed not in ("1", "2", "3", "4"):
            raise Unreadable(f"“{shortened(text)}” is no quarter. Type 1, 2, 3 or 4.")
        last = (self._cut_over.month + 2) // 3
        if int(typed) > last:
            raise Unreadable(f"Quarter {typed} begins after the cut-over of {self._cut_over:%d %B %Y}.")
        return int(typed)


def _amount(text: str) -> Decimal:
    found = values.figure_of(text)
    if not is_pesos(found):
        raise Unreadable("An amount has two decimals at most.")
    return found + NONE
