"""What people read as the name of a role, grant or module stands in the glossary (decision D18)."""

from pathlib import Path

import pytest

from bmms.domain.organizations.settings import MODULE_LABELS
from bmms.domain.permissions import RULES
from bmms.models.reference import ExpenseClass

GLOSSARY = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"
LABELS = [*(rule.label for rule in RULES.values()), *MODULE_LABELS.values(), *ExpenseClass]


def defined_terms() -> set[str]:
    """The first cells of all tables, taken apart at their commas."""
    rows = [line.split("|") for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return {term.strip() for row in rows for term in row[1].split(",")}


@pytest.mark.parametrize("label", LABELS)
def test_every_label_is_a_term(label):
    assert label in defined_terms()


def test_each_row_has_a_meaning_and_no_term_is_defined_twice():
    rows = [line.split("|") for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert all(len(row) == 5 and row[2].strip() and row[3].strip() for row in rows)
    terms = [row[1].strip() for row in rows if row[1].strip() != "Term"]
    assert len(terms) == len(set(terms))
