"""What templates may not hold: unescaped values, anything inline, pages without a title, imports that nobody uses."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, meta, nodes

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
SET = (nodes.Assign, nodes.AssignBlock)


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


def lost_names(environment: Environment, text: str, of_layouts: set[str]) -> set[str]:
    """Names that the page sets, used in a block that htmx may get alone: there nobody has set them."""
    page = environment.parse(text)
    given = {name.name for one in page.body if isinstance(one, SET) for name in _targets(one)}
    lost = set()
    for block in page.find_all(nodes.Block):
        if block.name not in of_layouts:
            alone = nodes.Template(block.body, lineno=block.lineno).set_environment(environment)
            lost |= given & meta.find_undeclared_variables(alone)
    return lost


def _targets(one: nodes.Node) -> Iterator[nodes.Name]:
    target = one.target  # type: ignore[attr-defined]
    yield from [target] if isinstance(target, nodes.Name) else target.find_all(nodes.Name)


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


def test_what_htmx_gets_alone_takes_no_name_from_the_page_around_it(app):
    environment = app.jinja_env
    layouts = [text for path, text in templates() if path.parts[0] == "layouts" or path.name == "layout.html"]
    of_layouts = {block.name for text in layouts for block in environment.parse(text).find_all(nodes.Block)}
    planted = (
        "{% set back, on = x %}{% block main %}{{ back }}{% block form %}{{ back }}{{ y }}{% endblock %}{% endblock %}"
    )
    assert lost_names(environment, planted, of_layouts) == {"back"}
    assert lost_names(environment, planted.replace("form %}", "form %}{% set back = 1 %}"), of_layouts) == set()
    assert {path: names for path, text in templates() if (names := lost_names(environment, text, of_layouts))} == {}
