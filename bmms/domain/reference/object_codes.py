"""What the ten digits of an object code say: its class, and whether it is an account or one of its parts."""

import re

from bmms.models.reference import ExpenseClass

CLASS_OF_DIGITS = {"501": ExpenseClass.PS, "502": ExpenseClass.MOOE, "503": ExpenseClass.FINEX, "506": ExpenseClass.CO}


def digits_of(text: str) -> str:
    """A code without the dashes and blanks that people write: 5-01-01-010-01."""
    return re.sub(r"[\s-]", "", text)


def class_of(code: str) -> ExpenseClass | None:
    """The class of ten digits; None for what is no object of expenditure."""
    return CLASS_OF_DIGITS.get(code[:3]) if re.fullmatch("[0-9]{10}", code) else None


def level_of(code: str) -> str:
    """An account ends with two zeros."""
    return "account" if code.endswith("00") else "sub-object"
