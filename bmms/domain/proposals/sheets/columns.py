"""The columns of the sheet "Lines": their headings, how a value stands in a cell, and what a typed cell means."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from bmms.domain import merging
from bmms.domain.errors import RuleBroken
from bmms.domain.imports import values
from bmms.domain.imports.book import Cell
from bmms.domain.imports.checked import Seen
from bmms.domain.imports.table import Column, Layout
from bmms.domain.imports.values import Known, Unreadable, clean
from bmms.domain.money import shortened
from bmms.domain.proposals import labels
from bmms.domain.proposals.lines import QUARTERS
from bmms.domain.proposals.sheets.contents import ANSWERS, Contents
from bmms.models.proposals import Tier

SHEET, ABOUT = "Lines", "Proposal"
MOST_LINES = 2_000
COLUMNS = (
    Column("program", "Program", 16, most=300),
    Column("id", "Line no.", 10),
    Column("object_code", "Object code", 17, most=40),
    Column("expense_class", "Class", 8),
    Column("description", "Description", 44, most=300),
    Column("quantity", "Quantity", 12),
    Column("unit", "Unit", 12, most=40),
    Column("unit_cost", "Unit cost", 16),
    Column("amount", "Amount", 18),
    *(Column(name, f"Quarter {number}", 16) for number, name in enumerate(QUARTERS, 1)),
    Column("place_psgc", "Place", 30),
    Column("source", "Paid from", 22),
    Column("work_item_id", "Activity", 22),
    Column("gad_percent", "GAD percent", 12),
    Column("climate", "Climate", 13),
    Column("sphere", "Endorsement", 22),
    Column("tier", "Ceiling", 19),
    Column("procurement", "Procurement", 24),
    Column("justification", "Justification", 50, most=8_000),
    Column("price_references", "Price references", 40, most=2_000),
    Column("procurement_entry", "Procurement plan entry", 24, most=200),
    Column("seen", "Seen by BMMS", 10, is_shown=True),
)
LAYOUT = Layout(
    SHEET, "line", COLUMNS, needed="description", key="id", others=("proposal", "lists"), most_rows=MOST_LINES,
    with_texts=True,
)  # fmt: skip
BY_FIELD = LAYOUT.by_field
SEEN = Seen(ANSWERS)
SEVERAL_LINES = ("justification", "price_references")
FIGURES = ("quantity", "unit_cost", "amount", "gad_percent", *QUARTERS)
WORDS: dict[str, Mapping[Any, str]] = {
    "source": labels.SOURCE, "climate": labels.CLIMATE, "sphere": labels.SPHERE, "tier": labels.TIER,
    "procurement": labels.PROCUREMENT,
}  # fmt: skip
NEEDED = {
    "program": "Name the program: its code or its title.",
    "object_code": "Type the object code, such as 5-02-03-010-00.",
    "description": "Say what it is for.",
    "quantity": "Type the quantity.",
    "unit": "Type the unit, such as person or lot.",
    "unit_cost": "Type the unit cost.",
    "source": "Say from which source it is paid.",
}
NOTHING = (
    {"gad_percent": Decimal(0), "tier": Tier.WITHIN} | dict.fromkeys(SEVERAL_LINES, "") | {"procurement_entry": ""}
)
_CODE = re.compile(r"[0-9-]+")


def as_text(cell: Cell) -> str:
    """A cell as it is read back: figures without trailing zeros."""
    return merging.word(cell)


class Cells:
    """Writes values of one proposal into cells, and reads them back."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._found_places: dict[str, str] = {}

    def write(self, field: str, value: Any) -> Cell:
        """A value as a cell; nothing is an empty text."""
        if value is None or value == "":
            return ""
        if field in WORDS:
            return WORDS[field][value]
        return self._writers[field](value) if field in self._writers else value

    @cached_property
    def _writers(self) -> dict[str, Callable[[Any], Cell]]:
        held = self._contents
        return {
            "program": lambda key: held.programs[key].program.code,
            "object_code": lambda code: held.objects[code].dashed,
            "place_psgc": lambda psgc: held.places.get(psgc, psgc),
            "work_item_id": lambda key: held.work_items[key].code if key in held.work_items else "",
        }

    def read(self, field: str, text: str, now: Any = None) -> Any:
        """What a typed cell means.

        Args:
            now: the value that the line has; what stands in the cell for it is read as it, whatever it is.

        Raises:
            Unreadable: it means nothing; the text says what to type.
        """
        typed = clean(text)
        if len(typed) > BY_FIELD[field].most:
            raise Unreadable(f"This is longer than {BY_FIELD[field].most:,} signs.")
        if now is not None and typed == as_text(self.write(field, now)):
            return now
        if field not in SEVERAL_LINES and re.search(r"[\n\t\v\f\x85\u2028\u2029]", typed):
            raise Unreadable("This cell holds a line break or a tab, and is one line only. Take it out.")
        if not typed:
            if field in NEEDED:
                raise Unreadable(NEEDED[field])
            return NOTHING.get(field)
        return self._readers[field](typed)

    @cached_property
    def _readers(self) -> dict[str, Callable[[str], Any]]:
        return {
            **{field: Known.words(names).read for field, names in WORDS.items()},
            **{field: lambda text: text for field in ("description", "unit", "procurement_entry", *SEVERAL_LINES)},
            **dict.fromkeys(FIGURES, values.plain_figure_of),
            "program": self._programs.read,
            "object_code": object_code,
            "place_psgc": self._read_place,
            "work_item_id": self._activities.read,
        }

    @cached_property
    def _programs(self) -> Known[int]:
        chosen = self._contents.programs
        titles = [one.program.title.casefold() for one in chosen.values()]
        once = {
            one.program.title: key for key, one in chosen.items() if titles.count(one.program.title.casefold()) == 1
        }
        codes = {one.program.code: key for key, one in chosen.items()}
        return Known(once | codes, "no program of this proposal (step 2)")

    @cached_property
    def _activities(self) -> Known[int]:
        if not self._contents.proposal.work_plan_id:
            return Known({}, "no activity: the proposal rests on no work plan (step 1). Leave the cell empty")
        items = self._contents.work_items.values()
        return Known({item.code: item.id for item in items}, "no activity of the work plan of this proposal")

    def _read_place(self, text: str) -> str:
        if text not in self._found_places:
            self._found_places[text] = self._place(text)
        return self._found_places[text]

    def _place(self, text: str) -> str:
        require_digits(text)
        if text in self._contents.places:
            return text
        if found := self._places.get(text.casefold()):
            return found
        if text.isdigit():
            raise Unreadable(f"{shortened(text)} is the PSGC code of no place in the list.")
        try:
            return self._contents.gazetteer.code_of(text)
        except RuleBroken as broken:
            raise Unreadable(" ".join(broken.fields.values())) from None

    @cached_property
    def _places(self) -> dict[str, str]:
        return {name.casefold(): psgc for psgc, name in self._contents.places.items()}


def require_digits(text: str) -> None:
    """Digits of other scripts look like a number and are none. Raises Unreadable."""
    if any(sign.isdigit() and not sign.isascii() for sign in text):
        raise Unreadable(f"“{shortened(text)}” is written with other digits than 0 to 9.")


def object_code(text: str) -> str:
    """Ten digits, with or without dashes. Raises Unreadable."""
    require_digits(text)
    digits = text.replace("-", "")
    if not _CODE.fullmatch(text) or len(digits) != 10:
        raise Unreadable(f"“{shortened(text)}” is no object code: ten digits such as 5-02-03-010-00.")
    return digits


def line_number(text: str) -> int | None:
    """The number of a line; None for a new one. Raises Unreadable."""
    typed = clean(text)
    require_digits(typed)
    if typed and not (typed.isascii() and typed.isdigit() and len(typed) <= 18):
        raise Unreadable(f"“{shortened(typed)}” is no line number. Leave it as exported, or empty for a new line.")
    return int(typed) if typed else None


def lists(contents: Contents) -> dict[str, list[Cell]]:
    """What can be chosen, by the field of its column."""
    proposal = contents.proposal
    return {
        "program": [one.program.code for one in contents.programs.values()],
        "source": [labels.SOURCE[one] for one in labels.SOURCE if one in proposal.sources],
        **{field: list(names.values()) for field, names in WORDS.items() if field != "source"},
        "work_item_id": [item.code for item in contents.work_items.values()],
        "place_psgc": list(contents.places.values()),
    }
