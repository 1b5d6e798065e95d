"""Addresses are typed, kebab-case, and an htmx answer never differs from the page in who may see it."""

import re
from collections.abc import Iterable

import pytest
from werkzeug.routing import IntegerConverter, Map, Rule, UnicodeConverter

# text on purpose: a code in a converter of its own, a word from a list, a secret, what the acts call themselves
TYPED = {"org", "role", "token", "act", "body", "code"}


def faults(rules: Iterable[Rule]) -> list[str]:
    """Addresses whose parameters have no type or a strange name, whose path or endpoint is spelled in another way."""
    found = []
    for rule in rules:
        for name, converter in rule._converters.items():
            if type(converter) is UnicodeConverter and name not in TYPED:
                found.append(f"{rule.rule}: {name} has no type")
            if isinstance(converter, IntegerConverter) and not name.endswith("_id"):
                found.append(f"{rule.rule}: {name} is not named after its thing")
        if not re.fullmatch(r"[a-z0-9/.-]*", re.sub(r"<[^>]+>", "", rule.rule)):
            found.append(f"{rule.rule} is not kebab-case")
        if not re.fullmatch(r"[a-z]+\.[a-z_]+", rule.endpoint):
            found.append(f"{rule.endpoint} is not module.noun_view")
    return found


def test_addresses_are_typed_kebab_case_and_named_after_their_thing(app):
    assert faults(app.url_map.iter_rules()) == []


@pytest.mark.parametrize(
    ("path", "endpoint", "fault"),
    [
        ("/units/<unit>", "units.unit_show", "unit has no type"),
        ("/units/<int:number>", "units.unit_show", "number is not named after its thing"),
        ("/signatory_blocks", "units.unit_show", "is not kebab-case"),
        ("/units/<int:unit_id>/Edit", "units.unit_edit", "is not kebab-case"),
        ("/units", "unitList", "is not module.noun_view"),
    ],
)
def test_each_fault_is_found(path, endpoint, fault):
    (found,) = faults(Map([Rule(path, endpoint=endpoint)]).iter_rules())
    assert found.endswith(fault)


def test_a_lower_case_code_leads_readers_to_the_canonical_address(reader):
    answer = reader("amina").browser.get("/moa/moh/search?q=x")
    assert answer.status_code == 301
    assert answer.location == "/moa/MOH/search?q=x"
