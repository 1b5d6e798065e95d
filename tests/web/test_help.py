"""Help: open to everybody, with a page for each role that says what the role can do today."""

import pytest

from bmms.domain.permissions import CENTRAL_ROLES, GRANTS, ROLES, RULES
from tests.client import check_page

EVERY_ROLE = (*ROLES, *CENTRAL_ROLES)


def page_of(reader, path: str):
    return check_page(reader().browser.get(path))


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_each_role_has_its_page(reader, role):
    page = page_of(reader, f"/help/roles/{role}")
    assert page.h1.get_text() == RULES[role].label
    assert page.find("h2", string="What you can do now")
    assert len(page.select("section[aria-labelledby=now] li strong")) >= 2


def test_no_two_roles_share_their_text(reader):
    texts = [page_of(reader, f"/help/roles/{role}").select_one("section").get_text() for role in EVERY_ROLE]
    # the three levels of OCM oversight differ in their limits, not in what there is to see now
    assert len(set(texts)) >= len(EVERY_ROLE) - 2


@pytest.mark.parametrize("role", ROLES)
def test_an_administrators_acts_are_promised_to_nobody_else(reader, role):
    acts = page_of(reader, f"/help/roles/{role}").select_one("section[aria-labelledby=now]").get_text()
    assert ("Roles and grants" in acts) == (role == "pilot_admin")
    assert ("People:" in acts) == (role in ("pilot_admin", "pilot_approver"))


def test_the_index_leads_to_every_role_and_names_every_grant(reader):
    page = page_of(reader, "/help/")
    links = {link["href"] for link in page.select("main a")}
    assert {f"/help/roles/{role}" for role in EVERY_ROLE} <= links
    assert all(RULES[grant].label in page.main.get_text() for grant in GRANTS)
    page_of(reader, "/help/cards")


@pytest.mark.parametrize("role", [*GRANTS, "everybody", "_members", "../layouts/base"])
def test_what_is_no_role_has_no_page(reader, role):
    assert reader().browser.get(f"/help/roles/{role}").status_code == 404
