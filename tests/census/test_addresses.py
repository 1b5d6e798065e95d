"""Addresses are typed, kebab-case, and an htmx answer never differs from the page in who may see it."""

import re

from werkzeug.routing import IntegerConverter

TYPED = {"org", "role", "token"}  # text on purpose: a code in a converter of its own, a word from a list, a secret


def untyped(rule) -> list[str]:
    """Parameters of a rule that are neither typed nor on the list."""
    converters = {name: type(converter).__name__ for name, converter in rule._converters.items()}
    return [name for name, kind in converters.items() if kind == "UnicodeConverter" and name not in TYPED]


def test_parameters_are_typed_and_named_after_their_thing(app):
    for rule in app.url_map.iter_rules():
        assert untyped(rule) == [], rule
        for name, converter in rule._converters.items():
            if isinstance(converter, IntegerConverter):
                assert name.endswith("_id"), f"{rule}: {name}"


def test_paths_are_kebab_case(app):
    for rule in app.url_map.iter_rules():
        fixed = re.sub(r"<[^>]+>", "", rule.rule)
        assert re.fullmatch(r"[a-z0-9/.-]*", fixed), rule


def test_endpoints_are_noun_view(app):
    for rule in app.url_map.iter_rules():
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", rule.endpoint), rule.endpoint


def test_a_lower_case_code_leads_readers_to_the_canonical_address(reader):
    answer = reader("amina").browser.get("/moa/moh/search?q=x")
    assert answer.status_code == 301
    assert answer.location == "/moa/MOH/search?q=x"
