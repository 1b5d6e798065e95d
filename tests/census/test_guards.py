"""Every view declares its guard; what is open to everybody stands on a list with a reason (decision D42)."""

from dataclasses import replace

import pytest
from flask import Flask

from bmms.domain.permissions import CENTRAL_ROLES, GRANTS, ROLES, Permission, permissions_of, with_carried
from bmms.web.guard import PUBLIC, SIGNED_IN, Guard
from tests.client import Reader
from tests.conftest import running

PUBLIC_BECAUSE = {
    "accounts.sign_in": "nobody is signed in before it",
    "accounts.password_forgot": "who forgot the password cannot sign in",
    "accounts.password_reset": "the link of the mail is the key",
    "accounts.privacy": "people may read the notice before they agree to anything",
    "help.help_index": "who cannot sign in needs help most",
    "help.help_cards": "part of the help, for print",
    "help.help_role": "part of the help; holds no data",
    "printing.document_verify": "who holds a printed document has no account; says genuine, superseded or unknown only",
    "health.health": "the launcher and load balancers ask",
    "health.ready": "monitors ask; answers with counts only",
}
DEVELOPMENT_ONLY = "styleguide."


def unguarded(app: Flask) -> list[str]:
    """Endpoints whose view declares nothing."""
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    return sorted(end for end in endpoints if not isinstance(getattr(app.view_functions[end], "guard", None), Guard))


def needs(app: Flask) -> dict[str, Permission | str]:
    """Endpoint to what it declares."""
    return {rule.endpoint: app.view_functions[rule.endpoint].guard.need for rule in app.url_map.iter_rules()}


def test_every_view_declares_a_guard(app):
    bare = Flask("bare", static_folder=None)
    bare.add_url_rule("/x", "x", lambda: "")
    assert unguarded(bare) == ["x"]  # the census bites
    assert unguarded(app) == []


def test_an_undeclared_view_is_refused_to_everybody(config, cast):
    with running(config) as other:
        other.add_url_rule("/moa/<org:org>/forgotten", "forgotten", lambda: "secret")
        other.add_url_rule("/forgotten", "forgotten_too", lambda: "secret")
        for name in ("jamila", "sitti"):
            assert Reader(other, name).browser.get("/forgotten").status_code == 403
        assert Reader(other, "jamila").browser.get("/moa/MOH/forgotten").status_code == 403
        assert Reader(other).browser.get("/forgotten").status_code == 303


def test_public_views_are_the_reviewed_list(app):
    public = {end for end, need in needs(app).items() if need == PUBLIC and not end.startswith(DEVELOPMENT_ONLY)}
    assert public == set(PUBLIC_BECAUSE)


def test_development_pages_are_not_there_in_production(config):
    with running(replace(config, environment="production")) as production:
        assert not [rule for rule in production.url_map.iter_rules() if rule.endpoint.startswith(DEVELOPMENT_ONLY)]


def test_every_tenant_route_needs_a_permission(app):
    inside = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/moa/")]
    assert inside
    for rule in inside:
        assert "org" in rule.arguments, rule
        assert isinstance(app.view_functions[rule.endpoint].guard.need, Permission), (
            f"{rule.endpoint} lets everybody in"
        )


def unused(app: Flask, permissions: set[Permission]) -> set[Permission]:
    """Permissions that no view declares."""
    return permissions - {need for need in needs(app).values() if need not in (PUBLIC, SIGNED_IN)}


def test_each_permission_is_used_and_granted(app):
    granted = set().union(*(permissions_of(with_carried({code})) for code in (*ROLES, *GRANTS, *CENTRAL_ROLES)))
    assert set(Permission) - granted == set(), "held by no role"
    assert unused(Flask("bare", static_folder=None), {Permission.HOME_VIEW}) == {Permission.HOME_VIEW}
    assert unused(app, set(Permission)) == set(), "needed by no view"


@pytest.mark.parametrize("permission", Permission)
def test_permission_names_are_module_thing_verb(permission):
    assert len(permission.value.split(":")) == 3


def test_permissions_are_alphabetical():
    names = [permission.name for permission in Permission]
    assert names == sorted(names)
