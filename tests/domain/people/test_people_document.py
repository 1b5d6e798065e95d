"""The document about people says what the code says."""

from bmms.config import PROJECT
from bmms.domain.people.fields import OPTIONAL, REQUIRED
from bmms.domain.people.role_rules import DESKS
from bmms.domain.permissions import RULES

DOCUMENT = PROJECT / "docs/modules/people.md"


def roles_section() -> str:
    """The table of roles and grants as it must stand in the document."""
    lines = [
        "| Stored name | Kind | People say | Purpose | Also accepted | Carries |",
        "|---|---|---|---|---|---|",
    ]
    for rule in RULES.values():
        aliases, carries = ", ".join(rule.aliases) or "–", ", ".join(rule.carries) or "–"
        lines.append(f"| `{rule.code}` | {rule.kind} | {rule.label} | {rule.purpose} | {aliases} | {carries} |")
    return "\n".join(lines)


def test_the_table_of_roles_is_that_of_the_code():
    text = DOCUMENT.read_text(encoding="utf-8")
    _, _, rest = text.partition("when it differs -->\n")
    section, end, _ = rest.partition("\n<!-- end of roles -->")
    assert end, "the marks of the section are gone"
    assert section == roles_section(), f"put this into {DOCUMENT.name}:\n{roles_section()}"


def test_the_columns_and_desks_are_those_of_the_code():
    text = DOCUMENT.read_text(encoding="utf-8")
    assert f"`{', '.join(REQUIRED)}`" in text
    assert f"`{', '.join(OPTIONAL)}`" in text
    assert f"desks: {', '.join(DESKS)}." in text
    template = (PROJECT / "docs/deployment/pilot_users_template.csv").read_text().splitlines()[0]
    assert template == ",".join((*REQUIRED, *OPTIONAL))
