"""What templates may not hold: unescaped values, anything inline, pages without a title, imports that nobody uses."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "bmms" / "templates"
FORBIDDEN = {
    "an unescaped value": (re.compile(r"\|\s*safe\b"), "{{ x|safe }}"),
    "a stretch without escaping": (re.compile(r"\{%-?\s*autoescape\s+false"), "{% autoescape false %}"),
    "an inline style": (re.compile(r"\sstyle="), '<p style="x">'),
    "a sheet of its own": (re.compile(r"<style\b"), "<style>p {}</style>"),
    "an inline script": (re.compile(r"<script(?![^>]*\bsrc=)"), "<script>x</script>"),
    "an inline handler": (re.compile(r"\son[a-z]+="), '<p onclick="x">'),
    "hx-on": (re.compile(r"hx-on"), '<p hx-on:click="x">'),
    "a js: value": (re.compile(r"=[\"']js:"), "<p hx-vals='js:x'>"),
}
MAY = {"a sheet of its own": [Path("layouts/email.html")]}  # mail programs fetch no sheets
NO_PAGES = {"emails", "layouts"}


def templates() -> Iterator[tuple[Path, str]]:
    """(path below the folder of templates, text) of each HTML template."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        yield path.relative_to(TEMPLATES), path.read_text()


def untitled(path: Path, text: str) -> bool:
    """Does this page go without a title? Mails, layouts, components and parts (`_name.html`) are no pages."""
    page = text.startswith("{% extends") and not NO_PAGES & set(path.parts) and path.name != "layout.html"
    return page and "{% block title %}" not in text


def unused_imports(text: str) -> list[str]:
    """Names that `import … as name` and `from … import name` bring in and nothing else in the file speaks of."""
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    statements = re.findall(r"\{%-?\s*(?:import|from)\s.*?%\}", text, flags=re.DOTALL)
    rest = re.sub(r"\{%-?\s*(?:import|from)\s.*?%\}", "", text, flags=re.DOTALL)
    brought = []
    for statement in statements:
        words = re.split(r"\bimport\b", statement.strip("{%-} "), maxsplit=1)[1]
        words = re.sub(r"\bwith(?:out)? context\b", "", words)
        brought += [part.split(" as ")[-1].strip() for part in words.split(",")]
    return [name for name in brought if not re.search(rf"\b{re.escape(name)}\b", rest)]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_templates_are_clean(what):
    pattern, planted = FORBIDDEN[what]
    assert pattern.search(planted)
    assert [path for path, text in templates() if pattern.search(text)] == MAY.get(what, [])


def test_pages_have_a_title_block():
    planted = '{% extends "layouts/module.html" %}{% block main %}{% endblock %}'
    assert untitled(Path("admin/unit_list.html"), planted)
    assert not untitled(Path("emails/welcome/body.html"), planted)
    assert [path for path, text in templates() if untitled(path, text)] == []


def test_imports_of_templates_are_used():
    planted = '{% import "a.html" as a %}{% from "b.html" import b, c as d with context %}'
    assert unused_imports(f"{planted}{{# a #}}") == ["a", "b", "d"]
    assert unused_imports(f"{planted}{{{{ a.x() }}}}{{{{ b() }}}}{{{{ d }}}}") == []
    assert {path: names for path, text in templates() if (names := unused_imports(text))} == {}
