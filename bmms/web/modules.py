"""How a blueprint is put inside an organization (D1): scope, and for modules the switch, for all its routes."""

from flask import Blueprint, g

from bmms.extensions import db
from bmms.models.organizations import Module
from bmms.tenancy import ScopeError, scope_of
from bmms.web.guard import MODULES


def tenant_blueprint(name: str, import_name: str, path: str = "") -> Blueprint:
    """A blueprint whose routes all lie under `/moa/<CODE>/<path>` and run in that organization's scope."""
    prefix = f"/moa/<org:org>/{path}".rstrip("/")
    blueprint = Blueprint(name, import_name, url_prefix=prefix)
    blueprint.before_request(_insist_on_scope)
    return blueprint


def module_blueprint(module: Module, import_name: str, name: str = "") -> Blueprint:
    """A module's blueprint under `/moa/<CODE>/<module>`; with the module switched off all its routes answer 404.

    Args:
        name: of a second blueprint under the switch of the module, and its path.
    """
    name = name or module.value
    MODULES[name] = module
    return tenant_blueprint(name, import_name, name)


def _insist_on_scope() -> None:
    """The net under the guard: no view of a tenant blueprint runs in a session without an organization."""
    if scope_of(db.session()).organization_id != g.organization.id:
        raise ScopeError("a tenant view ran outside its organization")
