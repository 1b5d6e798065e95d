"""Rules that a form asks of one line and a check of all lines; each is said once.

Written in operators that values and columns share, a rule answers with a bool for the one, a condition for the other.
"""

from decimal import Decimal
from functools import reduce
from operator import or_ as either
from typing import Any, overload

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, func, or_

from bmms.models.proposals import BudgetLine

LEAST_OF_CAPITAL = Decimal("50000.00")  # COA Circular No. 2022-004: a cheaper item is semi-expendable
TANGIBLE = ("5060405", "5060406", "5060407")  # machinery, transportation, furniture and books: bought by the piece
SOFTWARE = "5060405015"
LARGEST_LOT = Decimal("1000000.00")  # pesos; one "lot" above it looks like a lump sum
LUMP = r"\m(lump\s*sum|various)\M"


@overload
def is_too_cheap(code: str, unit_cost: Decimal) -> bool: ...
@overload
def is_too_cheap(code: SQLColumnExpression[str], unit_cost: SQLColumnExpression[Decimal]) -> ColumnElement[bool]: ...
def is_too_cheap(code: Any, unit_cost: Any) -> Any:
    """BP-08: a tangible item under a capital object that costs less than ₱ 50,000.00 a unit."""
    is_tangible = reduce(either, (code.startswith(stem) for stem in TANGIBLE))
    return is_tangible & (code != SOFTWARE) & (unit_cost < LEAST_OF_CAPITAL)


def looks_like_a_lump_sum() -> ColumnElement[bool]:
    """C-22, which only the checklist asks: called a lump sum or various, one large lot, or not itemised yet."""
    one_lot = and_(BudgetLine.quantity == 1, func.lower(BudgetLine.unit) == "lot", BudgetLine.amount > LARGEST_LOT)
    return or_(BudgetLine.description.regexp_match(LUMP, "i"), one_lot, BudgetLine.is_not_itemised)
