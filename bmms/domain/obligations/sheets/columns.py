"""The columns of the sheet "Requests": their headings, and what a typed cell means."""

from decimal import Decimal
from typing import Any

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.imports import values
from bmms.domain.imports.table import Column, Layout
from bmms.domain.imports.values import Known, Unreadable, clean
from bmms.domain.money import is_pesos, shortened
from bmms.domain.obligations.labels import TYPE
from bmms.domain.obligations.sheets.contents import Contents, folded

ABOUT, ACCOUNTS, OBJECTS, PAYEES = "About", "Accounts", "Objects", "Payees"
MOST_ROWS = 2_000
COLUMNS = (
    Column("request", "Request", 10, most=30),
    Column("reference", "Reference no.", 18, most=100),
    Column("dated", "Date", 13),
    Column("payee_id", "Payee", 34, most=200),
    Column("office", "Requesting office", 24, most=200),
    Column("kind", "Rests on", 20),
    Column("particulars", "Particulars", 44, most=2_000),
    Column("account", "Account", 18, most=40),
    Column("object", "Object code", 17, most=40),
    Column("item", "Activity", 18, most=60),
    Column("amount", "Amount", 18),
    Column("expected_on", "Expected payment", 16),
)
LAYOUT = Layout(
    "Requests", "request", COLUMNS, needed="amount", key="request",
    others=tuple(name.casefold() for name in (ABOUT, ACCOUNTS, OBJECTS, PAYEES)), most_rows=MOST_ROWS, with_texts=True,
)  # fmt: skip
SHARED = ("reference", "dated", "payee_id", "office", "kind", "particulars", "expected_on")  # the rows of one agree
NEEDED = {
    "dated": "Type the date of the request.",
    "payee_id": "Name the payee, as the register does.",
    "office": "Name the office that asks for it.",
    "kind": f"Say what it rests on: {', '.join(TYPE.values())}.",
    "particulars": "Say what the money is for.",
    "account": f"Type the number of the account, as the sheet {ACCOUNTS} shows it.",
    "object": "Type the object code, such as 5-02-03-010-00.",
    "amount": "Type the amount.",
}


class Cells:
    """Reads the typed cells."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._accounts = Known(
            {one.number: key for key, one in contents.accounts.items()},
            f"no account that can be charged; the sheet {ACCOUNTS} lists them",
        )
        self._items = Known(contents.items, f"no activity of the work plan of {contents.fiscal_year}")
        self._payees = Known(contents.payee_names, "not in the register of payees; enter who is new there first")
        self._kinds = Known.words(TYPE)
        self._readers = {
            "dated": values.day_of, "expected_on": values.day_of, "payee_id": self._payee, "kind": self._kinds.read,
            "account": self._accounts.read, "object": self._object, "item": self._items.read, "amount": _amount,
        }  # fmt: skip

    def read(self, field: str, text: str) -> Any:
        """What a cell means; None where it is empty. Raises Unreadable: it means nothing."""
        typed = clean(text)
        if not typed:
            return None
        if field in self._readers:
            return self._readers[field](typed)
        most = LAYOUT.by_field[field].most
        if len(typed) > most:
            raise Unreadable(f"This is longer than {most:,} characters. Shorten it.")
        return typed

    def _payee(self, text: str) -> int:
        """By the number or the name in the register."""
        if text.isdecimal() and int(text) in self._contents.payees:
            return int(text)
        found = self._contents.payees_by_name.get(folded(text), ())
        if len(found) > 1:
            raise Unreadable(
                f"{len(found)} payees of the register are called so. Type the number of the one that is meant, as the "
                f"sheet {PAYEES} shows it: {', '.join(map(str, found[:5]))}."
            )
        return found[0] if found else self._payees.read(text)

    def _object(self, text: str) -> str:
        code = "".join(sign for sign in text if sign.isdigit()) if set(text) <= set("0123456789- ") else ""
        if code not in self._contents.objects:
            raise Unreadable(f"“{shortened(text)}” is no object of expenditure. Type it like 5-02-03-010-00.")
        return code


def _amount(text: str) -> Decimal:
    found = values.figure_of(text)
    if not is_pesos(found):
        raise Unreadable("An amount has two decimals at most.")
    return found + NONE
