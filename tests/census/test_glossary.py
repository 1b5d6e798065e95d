"""What people read as the name of a role, grant or module stands in the glossary (decision D18)."""

import ast
import re
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


UNWANTED = re.compile(r"\b(e-mail|user names?|programmes?|log (in|on|out|off)|(is|sign-in) paused)\b", re.IGNORECASE)


def text_of(path: Path) -> str:
    """What people may read of a file: of a template what it prints, of a module its texts without docstrings."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return re.sub(r"\{#.*?#\}|\{%.*?%\}|<[^>]*>|https?://\S+", " ", source, flags=re.DOTALL)
    tree = ast.parse(source)
    notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in notes]
    return "\n".join(text for text in texts if isinstance(text, str) and " " in text.strip())


def test_no_page_and_no_message_says_what_the_glossary_never_says():
    assert UNWANTED.search("The E-mail of the user name")
    assert not UNWANTED.search("email, username, program")
    root = GLOSSARY.parents[1]
    paths = [*root.glob("bmms/templates/**/*.*"), *root.glob("bmms/web/**/*.py"), *root.glob("bmms/domain/**/*.py")]
    paths += root.glob("bmms/blueprints/**/*.py")
    found = {f"{path.name}: {match.group()}" for path in paths if (match := UNWANTED.search(text_of(path)))}
    assert found == set()
