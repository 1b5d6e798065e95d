"""Lists of people, imported in three steps into any organization."""

from uuid import UUID

from flask import Response, g

from bmms.blueprints.platform import bp
from bmms.blueprints.platform.routes_people import HERE
from bmms.domain.permissions import Permission
from bmms.web import people_imports
from bmms.web.guard import guard


@bp.route("/users/import", methods=["GET", "POST"])
@guard(Permission.IMPORT_RUN)
def import_new() -> Response:
    """1. Upload."""
    g.menu = "platform.user_list"
    return people_imports.list_new(HERE)


@bp.get("/users/import/template")
@guard(Permission.IMPORT_RUN)
def import_template() -> Response:
    """An example to fill in."""
    return people_imports.list_sample(["MOH", "MOLE", "MAFAR"])


@bp.get("/users/import/<uuid:import_id>")
@guard(Permission.IMPORT_RUN)
def import_show(import_id: UUID) -> Response:
    """2. Check, and what came of it."""
    g.menu = "platform.user_list"
    return people_imports.list_show(HERE, import_id)


@bp.get("/users/import/<uuid:import_id>/progress")
@guard(Permission.IMPORT_RUN, quiet=True)
def import_progress(import_id: UUID) -> Response:
    """How far the worker is."""
    g.menu = "platform.user_list"
    return people_imports.list_progress(HERE, import_id)


@bp.post("/users/import/<uuid:import_id>/check")
@guard(Permission.IMPORT_RUN)
def import_check(import_id: UUID) -> Response:
    """Check again."""
    return people_imports.list_check(HERE, import_id)


@bp.post("/users/import/<uuid:import_id>/run")
@guard(Permission.IMPORT_RUN, step_up=True)
def import_run(import_id: UUID) -> Response:
    """3. Create."""
    g.menu = "platform.user_list"
    return people_imports.list_run(HERE, import_id)


@bp.get("/users/import/<uuid:import_id>/corrections")
@guard(Permission.IMPORT_RUN)
def import_corrections(import_id: UUID) -> Response:
    """The list with what is wrong written into it."""
    return people_imports.list_corrections(import_id)


@bp.post("/users/import/<uuid:import_id>/mails")
@guard(Permission.IMPORT_RUN)
def import_mails(import_id: UUID) -> Response:
    """Welcome mails after all."""
    return people_imports.list_mails(HERE, import_id)


@bp.post("/users/import/<uuid:import_id>/sheet")
@guard(Permission.IMPORT_RUN, step_up=True)
def import_sheet(import_id: UUID) -> Response:
    """The credentials sheet, once."""
    return people_imports.list_sheet(import_id)
