"""Who may come in. A view declares what it needs; this one place enforces it for the whole application (law 4).

The order is the answer: signed out -> sign in; foreign organization -> 404; module off -> 404; missing permission or
nothing declared -> 403; only then is the CSRF token looked at, the scope bound and the view run.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from structlog.contextvars import bind_contextvars

from bmms.domain import access, journal
from bmms.domain.accounts import signing_in
from bmms.domain.actors import Actor
from bmms.domain.errors import NotAllowed
from bmms.domain.offices import acting
from bmms.domain.permissions import Permission
from bmms.extensions import csrf, db
from bmms.models.offices import Office
from bmms.models.organizations import Module, Organization
from bmms.tenancy import bind_office, bind_platform, bind_scope
from bmms.web import limits, step_up
from bmms.web.identity import current_user
from bmms.web.requests import SAFE, origin
from bmms.web.respond import wants_fragment
from bmms.web.signed_out import ask_to_sign_in

PUBLIC = "public"
SIGNED_IN = "signed in"
MODULES: dict[str, Module] = {}  # blueprint name to the module whose switch governs it; filled by web/modules.py
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Guard:
    """What a view declares."""

    need: Permission | str
    quiet: bool = False  # polled: keeps no idle session alive
    step_up: bool = False  # the password again, not older than five minutes
    first_steps: bool = False  # open while the password is temporary or the privacy notice not yet accepted
    export: bool = False  # hands data out as a file: closed while PILOT_FEATURES.data_export is off
    central: Permission | None = None  # inside an organization: what lets a central office in as well (decision D24)
    office: Office | None = None  # outside organizations: whose queue it is


def guard(
    need: Permission | str,
    *,
    quiet: bool = False,
    step_up: bool = False,
    first_steps: bool = False,
    export: bool = False,
    central: Permission | None = None,
    office: Office | None = None,
) -> Any:
    """Declare beside the view what it needs: a Permission, SIGNED_IN or PUBLIC. Goes directly above the function."""

    def declare(view: View) -> View:
        view.guard = Guard(need, quiet, step_up, first_steps, export, central, office)  # type: ignore[attr-defined]
        return view

    return declare


def init_guard(app: Flask) -> None:
    """Enforce on every request, whatever blueprint it is for."""
    app.before_request(enforce)


def declared(endpoint: str | None) -> Guard | None:
    """What the view of an endpoint has declared."""
    return getattr(current_app.view_functions.get(endpoint or ""), "guard", None)


def enforce() -> Response | None:
    """Let the request in, or answer in its place."""
    found = declared(request.endpoint)
    g.quiet = bool(found and found.quiet)
    _check_host()
    if request.endpoint is None:
        signed_out = request.path.startswith("/moa/") and not current_user.is_authenticated
        return ask_to_sign_in() if signed_out else None  # else Flask answers 404 or 405
    if found and found.need == PUBLIC:
        _check_forgery()
        return None
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    limits.count(limits.limit("person"), "person", current_user.user.id)
    if answer := _enter(found):
        return answer
    if answer := _first_steps(found):
        return answer
    if found and found.export and not current_app.extensions["installation"].config.pilot.data_export:
        raise NotAllowed("Exports are switched off here.")
    _check_forgery()
    return step_up.ask() if found and found.step_up else None


def _check_host() -> None:
    allowed = current_app.extensions["installation"].config.allowed_hosts
    if allowed and request.host.rsplit(":", 1)[0] not in allowed:
        abort(400, "This address is not one of BMMS.")


def _check_forgery() -> None:
    """The CSRF token and, where browsers send it, the origin (rule S10)."""
    if request.method in SAFE:
        return
    config = current_app.extensions["installation"].config
    said = request.headers.get("Origin", "")
    own = {request.host_url.rstrip("/"), config.base_url, *config.trusted_origins}
    if said and said != "null" and said not in own:
        abort(400, "This form was sent from another site.")
    csrf.protect()


def _enter(found: Guard | None) -> Response | None:
    """Find out as whom the person acts here, and bind the session accordingly."""
    need = found.need if found else None
    code = (request.view_args or {}).pop("org", None)
    if code is not None:
        return _enter_organization(code, found)
    if need == SIGNED_IN:
        g.actor = signing_in.person_actor(db.session(), current_user.user, origin())
        return None
    g.actor = access.central_actor(db.session(), current_user.user, origin())
    _require(need)
    if found and found.office:
        bind_office(db.session(), found.office)
    else:
        bind_platform(db.session(), f"{request.endpoint} as central actor")
    return None


def _enter_organization(code: str, found: Guard | None) -> Response | None:
    session = db.session()
    entered = access.enter(session, current_user.user, code.upper(), origin())
    outside = _from_outside(code.upper(), found, is_member=entered is not None)
    if entered is None and outside is None:
        journal.record(
            db.engine,
            signing_in.person_actor(session, current_user.user, origin()),
            "access:foreign",
            note=request.path,
        )
        abort(404)  # never confirm that a foreign organization exists
    organization = entered.organization if entered else outside[0]  # type: ignore[index]
    if request.method in SAFE and code != organization.code:
        values = {**(request.view_args or {}), **request.args.to_dict(flat=False)}
        return redirect(url_for(request.endpoint or "", org=organization.code, **values), 301)  # type: ignore[return-value]
    module = MODULES.get(request.blueprint or "")
    if module and not organization.has(module):
        abort(404)
    bind_scope(session, organization.id)
    g.organization, g.membership = organization, entered.membership if entered else None
    bind_contextvars(organization=organization.code)
    g.actor = access.actor_here(session, current_user.user, entered, origin()) if entered else outside[1]  # type: ignore[index]
    if entered and outside:
        g.actor = acting.with_office(g.actor, outside[1])
    if desk := acting.desk_here(g.actor, organization.code):
        bind_office(session, desk)
    _require(found.need if found else None, found.central if found else None)
    return None


def _from_outside(code: str, found: Guard | None, *, is_member: bool) -> tuple[Organization, Actor] | None:
    """The person as one of a central office, where the view lets one in: in organizations of others, and in its own."""
    if found is None or found.central is None or (is_member and code not in acting.CODES):
        return None
    outside = acting.actor_from_outside(db.session(), current_user.user, code, origin())
    return outside if outside and outside[1].may(found.central) else None


def _require(need: Permission | str | None, central: Permission | None = None) -> None:
    actor: Actor = g.actor
    if need == SIGNED_IN or (isinstance(need, Permission) and actor.may(need)) or (central and actor.may(central)):
        return
    journal.record(db.engine, actor, "access:denied", note=f"{request.method} {request.path} needs {need}")
    abort(403)


def _first_steps(found: Guard | None) -> Response | None:
    """The privacy notice and a temporary password come before everything else (rules S3 and S21)."""
    if found and found.first_steps:
        return None
    user = current_user.user
    target = "accounts.password_change" if user.must_change_password else "accounts.privacy_accept"
    if not user.must_change_password and not signing_in.must_accept_privacy(user):
        return None
    url = url_for(target)
    return Response("", 204, {"HX-Redirect": url}) if wants_fragment() else redirect(url, 303)  # type: ignore[return-value]
