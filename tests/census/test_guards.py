"""Every view declares its guard; what is open to everybody stands on a list with a reason (decision D42)."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from flask import Flask

from bmms.domain.permissions import CENTRAL_ROLES, GRANTS, ROLES, Permission, permissions_of, with_carried
from bmms.web.guard import PUBLIC, SIGNED_IN, Guard, guard
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


def public(app: Flask) -> set[str]:
    """Endpoints that are open to everybody."""
    return {end for end, need in needs(app).items() if need == PUBLIC and not end.startswith(DEVELOPMENT_ONLY)}


def planted(path: str, need: Permission | str) -> Flask:
    """An application of one view."""
    bare = Flask("bare", static_folder=None)
    bare.add_url_rule(path, "planted", guard(need)(lambda **_: ""))
    return bare


def test_public_views_are_the_reviewed_list(app):
    assert public(planted("/x", PUBLIC)) == {"planted"}
    assert public(planted("/x", SIGNED_IN)) == set()
    assert public(app) == set(PUBLIC_BECAUSE)
    assert all(PUBLIC_BECAUSE.values())


def test_development_pages_are_not_there_in_production(config):
    with running(replace(config, environment="production")) as production:
        assert not [rule for rule in production.url_map.iter_rules() if rule.endpoint.startswith(DEVELOPMENT_ONLY)]


def open_to_members(app: Flask) -> list[str]:
    """Addresses inside an organization that bind none, or need no permission there."""
    return [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/moa/")
        and not ("org" in rule.arguments and isinstance(needs(app)[rule.endpoint], Permission))
    ]


def test_every_tenant_route_needs_a_permission(app):
    assert open_to_members(planted("/moa/<org>/x", SIGNED_IN)) == ["/moa/<org>/x"]
    assert open_to_members(planted("/moa/x", Permission.HOME_VIEW)) == ["/moa/x"]
    assert open_to_members(planted("/moa/<org>/x", Permission.HOME_VIEW)) == []
    assert any(rule.rule.startswith("/moa/") for rule in app.url_map.iter_rules())
    assert open_to_members(app) == []


def unused(app: Flask, permissions: set[Permission]) -> set[Permission]:
    """Permissions that no view declares."""
    return permissions - {need for need in needs(app).values() if need not in (PUBLIC, SIGNED_IN)}


def unheld(codes: Iterable[str]) -> set[Permission]:
    """Permissions that none of these roles and grants carries."""
    return set(Permission).difference(*(permissions_of(with_carried({code})) for code in codes))


def test_each_permission_is_used_and_granted(app):
    assert Permission.AUDIT_VIEW in unheld(["pilot_viewer"])
    assert unheld([*ROLES, *GRANTS, *CENTRAL_ROLES]) == set(), "held by no role"
    assert unused(Flask("bare", static_folder=None), {Permission.HOME_VIEW}) == {Permission.HOME_VIEW}
    assert unused(app, set(Permission)) == set(), "needed by no view"


def open_exports(app: Flask) -> list[str]:
    """Endpoints that by their name hand data out, and do not say so to the guard (PILOT_FEATURES.data_export)."""
    named = {end for end in app.view_functions if end.endswith("_export") and not end.startswith(DEVELOPMENT_ONLY)}
    return sorted(end for end in named if not app.view_functions[end].guard.export)


def test_every_export_can_be_switched_off(app):
    planted = Flask("planted", static_folder=None)
    planted.add_url_rule("/x", "plan_export", guard(Permission.USER_VIEW)(lambda: ""))
    assert open_exports(planted) == ["plan_export"]
    assert open_exports(app) == []


@pytest.mark.parametrize("permission", Permission)
def test_permission_names_are_module_thing_verb(permission):
    assert len(permission.value.split(":")) == 3


def test_permissions_are_alphabetical():
    names = [permission.name for permission in Permission]
    assert names == sorted(names)
