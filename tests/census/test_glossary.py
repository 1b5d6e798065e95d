"""What people read as the name of a role, grant or module stands in the glossary (decision D18)."""

from pathlib import Path

import pytest

from bmms.domain.organizations.settings import MODULE_LABELS
from bmms.domain.permissions import RULES
from bmms.models.reference import ExpenseClass

GLOSSARY = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"
LABELS = [*(rule.label for rule in RULES.values()), *MODULE_LABELS.values(), *ExpenseClass]


def table_rows() -> list[list[str]]:
    """The rows of all tables, as cells."""
    return [line.split("|") for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]


def defined_terms() -> set[str]:
    """The first cells of all tables, taken apart at their commas."""
    return {term.strip() for row in table_rows() for term in row[1].split(",")}


@pytest.mark.parametrize("label", LABELS)
def test_every_label_is_a_term(label):
    assert label in defined_terms()


def faults(rows: list[list[str]]) -> list[str]:
    """Rows without a meaning, and terms that are defined twice."""
    terms = [row[1].strip() for row in rows if row[1].strip() != "Term"]
    bare = [row[1].strip() for row in rows if not (len(row) == 5 and row[2].strip() and row[3].strip())]
    return bare + sorted({term for term in terms if terms.count(term) > 1})


def test_each_row_has_a_meaning_and_no_term_is_defined_twice():
    assert faults([["", " MOA ", " ministry ", " x ", ""], ["", " MOA ", " ", " x ", ""]]) == ["MOA", "MOA"]
    assert "Ministry of Magic" not in defined_terms()
    assert faults(table_rows()) == []
