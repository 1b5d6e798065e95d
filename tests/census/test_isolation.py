"""No route shows or does anything to somebody from another organization (INV-1), whatever the method.

In full by the drill (BMMS_DRILL=1): every route, method, role and kind of request. Otherwise each route and method
with one foreign person, and a seeded draw of the rest.
"""

import os
import random
from collections.abc import Callable

import pytest
from flask import Flask, url_for
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bmms.domain.permissions import CENTRAL_ROLES, GRANTS, ROLES, Permission
from bmms.tenancy import bind_platform
from bmms.web.guard import PUBLIC, guard
from tests.cast import Cast, foreign_rows
from tests.client import Reader
from tests.conftest import running
from tests.factories import make_central, make_membership, make_user

FULL = bool(os.environ.get("BMMS_DRILL"))
WRITES = ("POST", "PUT", "PATCH", "DELETE")
STRANGERS = ("ben", "bai", "carla", "sitti", "dan")
HIRED = "stranger_"
COLLEAGUES = tuple(f"{HIRED}{code}" for code in (*ROLES, *GRANTS))  # they work in Education
EVERY_STRANGER = (*STRANGERS, *COLLEAGUES, *(f"{HIRED}{code}" for code in CENTRAL_ROLES))
OFFICES = (f"{HIRED}mfbm", f"{HIRED}bpda")
OFFICE_DOORS = {  # proposals that name the office, MFBM's calls, laws, orders, published acts, own drafts
    "budgeting": "act_list act_show body_show attachment_list call_decide call_delete call_edit call_list call_new "
    "call_show call_step extension_confirm extension_new extension_withdraw central_confirm central_enter "
    "central_withdraw endorsement_confirm endorsement_decline endorsement_enter proposal_allocation "
    "proposal_compliance proposal_document_list proposal_document_new proposal_document_progress "
    "proposal_document_show proposal_lines proposal_list proposal_programs proposal_show proposal_version",
    "drafts": "draft_discard draft_keep",
    "execution": "appropriation_confirm appropriation_delete appropriation_list appropriation_new appropriation_show "
    "law_edit law_look_up law_type order_cancel order_edit order_list order_look_up order_new order_release order_show "
    "validity_confirm validity_new validity_withdraw statement_document_list statement_document_new "
    "statement_document_progress statement_document_show statement_list statement_print statement_show",
    "files": "file_download logo_show",
}
Opening = Callable[[str], Reader]
Call = tuple[str, str, tuple[str, ...]]


def tenant_calls(app: Flask) -> list[Call]:
    """(endpoint, method, names of ids) of every route inside an organization."""
    return sorted(
        (rule.endpoint, method, tuple(sorted(name for name in rule.arguments if name.endswith("_id"))))
        for rule in app.url_map.iter_rules()
        if "org" in rule.arguments
        for method in rule.methods - {"HEAD", "OPTIONS"}
    )


def path_of(app: Flask, endpoint: str, org: str, names: tuple[str, ...], rows: dict[str, int]) -> str:
    """The address of a route; a KeyError asks for a row in tests/cast.py."""
    rule = next(rule for rule in app.url_map.iter_rules(endpoint))
    words = {
        name: min(getattr(converter, "items", {"x"}))  # <any(…):verb> takes its own words only
        for name, converter in rule._converters.items()
        if name not in (*names, "org")
    }
    with app.test_request_context():
        return url_for(endpoint, org=org, **{name: rows[name] for name in names}, **words)


def ask(reader: Reader, method: str, path: str, token: str, htmx: bool):
    """One request, with all that a form would send."""
    headers = {"HX-Request": "true"} if htmx else {}
    data = {"csrf_token": token} if method in WRITES else None
    return reader.browser.open(path, method=method, data=data, headers=headers)


@pytest.fixture
def rows(app: Flask, engine: Engine, cast: Cast) -> dict[str, int]:
    """Rows of Health under the names that routes use."""
    return foreign_rows(engine, cast)


def hire(engine: Engine, cast: Cast, name: str) -> None:
    """Make the person that this name asks for: somebody of Education with one role or grant, or a central role."""
    code = name.removeprefix(HIRED)
    if code == name:
        return
    with Session(engine) as session:
        bind_platform(session, "tests")
        user = make_user(session, name)
        if code in CENTRAL_ROLES:
            make_central(session, user, code)
        else:
            make_membership(session, user, cast.mbhte, code)
        session.commit()


def open_to_strangers(
    app: Flask, opening: Opening, rows: dict[str, int], names: tuple[str, ...], calls: list[Call]
) -> list[str]:
    """What answers anything but 404 to somebody who has no business in Health."""
    draw = random.Random(20261122)
    readers = {name: opening(name) for name in names}
    tokens = {name: one.token() for name, one in readers.items()}
    found = []
    for endpoint, method, ids in calls:
        path = path_of(app, endpoint, "MOH", ids, rows)
        for name in names if FULL else (names[0], draw.choice(names[1:])):
            for htmx in (False, True) if FULL else (draw.random() < 0.5,):
                answer = ask(readers[name], method, path, tokens[name], htmx)
                if answer.status_code != 404 and not (name in OFFICES and doors(app) & {endpoint}):
                    found.append(f"{name} {method} {path}: {answer.status_code}")
    return found


def doors(app: Flask) -> set[str]:
    """Endpoints inside an organization that let a central office in (decision D24)."""
    return {end for end, view in app.view_functions.items() if getattr(getattr(view, "guard", None), "central", None)}


def open_under_the_own_address(
    app: Flask, opening: Opening, rows: dict[str, int], name: str, calls: list[Call]
) -> list[str]:
    """Rows of Health that are there under the address of Education for somebody who works in Education."""
    reader, found = opening(name), []
    token = reader.token()
    for endpoint, method, ids in calls:
        for htmx in (False, True) if ids else ():
            path = path_of(app, endpoint, "MBHTE", ids, rows)
            answer = ask(reader, method, path, token, htmx)
            if answer.status_code not in ((404,) if name == "bai" else (403, 404)):
                found.append(f"{name} {method} {path}: {answer.status_code}")
    return found


@pytest.mark.parametrize("names", [(name,) for name in EVERY_STRANGER] if FULL else [STRANGERS], ids=" ".join)
def test_a_foreign_organization_is_404_for_every_route_and_method(app, engine, cast, reader, rows, names):
    for name in names:
        hire(engine, cast, name)
    assert tenant_calls(app)
    assert open_to_strangers(app, reader, rows, names, tenant_calls(app)) == []


def test_doors_of_central_offices_are_the_reviewed_few(app):
    assert doors(app) == {f"{place}.{name}" for place, names in OFFICE_DOORS.items() for name in names.split()}


def test_a_central_office_meets_404_but_at_its_doors(app, engine, cast, reader, rows):
    for name in OFFICES:
        hire(engine, cast, name)
    calls = [call for call in tenant_calls(app) if call[0] not in doors(app)]
    assert open_to_strangers(app, reader, rows, OFFICES, calls) == []


@pytest.mark.parametrize("name", ["bai", *(COLLEAGUES if FULL else ())])
def test_a_foreign_row_under_the_own_organization_is_404(app, engine, cast, reader, rows, name):
    """Bai holds every permission in Education; rows of Health are not there for her. Lesser roles may meet a 403."""
    hire(engine, cast, name)
    assert open_under_the_own_address(app, reader, rows, name, tenant_calls(app)) == []


def test_the_census_bites(config, rows):
    """One planted view that skips the scope, and one that answers without looking for the row: both are found."""

    @guard(PUBLIC)
    def leak(org: str) -> str:
        return f"everything of {org}"

    @guard(Permission.HOME_VIEW)
    def careless(unit_id: int) -> str:
        return f"unit {unit_id} of whomever"

    with running(config) as leaky:
        leaky.add_url_rule("/moa/<org:org>/leak", "leak", leak)
        leaky.add_url_rule("/moa/<org:org>/careless/<int:unit_id>", "careless", careless)

        def opening(name: str) -> Reader:
            return Reader(leaky, name)

        calls = [call for call in tenant_calls(leaky) if call[0].startswith(("leak", "careless", "workplace", "files"))]
        found = {line.split()[2] for line in open_to_strangers(leaky, opening, rows, STRANGERS, calls)}
        assert found == {"/moa/MOH/leak:"}
        found = {line.split()[2] for line in open_under_the_own_address(leaky, opening, rows, "bai", calls)}
        assert found == {f"/moa/MBHTE/careless/{rows['unit_id']}:"}


def test_signed_out_requests_all_answer_the_same(app, cast, reader, rows):
    """Nothing tells which organizations or pages exist (D42)."""
    nobody = reader()
    for path in ("/moa/MOH/", "/moa/NONE/", "/moa/MOH/no/such/page"):
        answer = nobody.browser.get(path)
        assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/login"), path
    for endpoint, method, names in tenant_calls(app):
        answer = nobody.browser.open(path_of(app, endpoint, "MOH", names, rows), method=method)
        assert answer.status_code == (303 if method == "GET" else 401), endpoint


def test_a_lower_right_is_403_and_recorded_once(app, cast, reader, owner):
    badar = reader("badar")
    assert badar.browser.get("/moa/MOH/admin/audit").status_code == 403
    with owner.connect() as connection:
        found = connection.execute(
            text("SELECT organization_id, actor_id FROM audit_events WHERE action = 'access:denied'")
        )
        assert found.all() == [(cast.moh.id, cast.badar.id)]
