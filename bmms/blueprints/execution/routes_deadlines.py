"""Reports that are due: the calendar of a fiscal year, whose matter each is, and what was submitted (modules 2.10)."""

from typing import Any

from flask import Response, abort, g, request, url_for

from bmms.blueprints.execution import bp
from bmms.blueprints.execution.forms_deadlines import OwnerForm, SubmissionForm
from bmms.domain import clock
from bmms.domain.deadlines import actions, labels, queries
from bmms.domain.deadlines.queries import Deadline
from bmms.domain.members import working_members
from bmms.domain.periods.queries import year_of
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.web.guard import guard
from bmms.web.respond import form_page, page, see_other


@bp.get("/deadlines")
@guard(Permission.LEDGER_VIEW)
def deadline_list() -> Response:
    """The reports of a fiscal year (`?year=`) in the order of their days."""
    session = db.session()
    year = year_of(request.args.get("year", type=int))
    return page(
        "execution/deadline_list.html", fragment="results", rows=queries.list_deadlines(session, year), year=year,
        years=sorted({year, *queries.years_of(session)}, reverse=True), stands=labels.STANDS,
        may_lay_out=g.actor.may(Permission.LEDGER_EDIT),
    )  # fmt: skip


@bp.post("/deadlines")
@guard(Permission.LEDGER_EDIT)
def deadline_lay_out() -> Response:
    """Enter the deadlines of a fiscal year that are not there yet."""
    year = year_of(request.form.get("year", type=int))
    count = actions.lay_out(db.session(), g.actor, year)
    told = f"{count} deadlines are entered." if count else "All deadlines of this year are there already."
    return see_other(url_for(".deadline_list", year=year), told)


@bp.get("/deadlines/<int:deadline_id>")
@guard(Permission.LEDGER_VIEW)
def deadline_show(deadline_id: int) -> Response:
    """One report: when it is due, whose matter it is, and each version of it."""
    session, deadline = db.session(), _deadline(deadline_id)
    return page(
        "execution/deadline_show.html", deadline=deadline, submissions=queries.submissions_of(session, deadline),
        statement=queries.statement_of(session, deadline), may_submit=queries.may_submit(g.actor, deadline),
        pill=labels.STANDS[deadline.stands], may_hand_over=g.actor.may(Permission.LEDGER_EDIT),
    )  # fmt: skip


@bp.route("/deadlines/<int:deadline_id>/submit", methods=["GET", "POST"])
@guard(Permission.LEDGER_VIEW)
def deadline_submit(deadline_id: int) -> Response:
    """Record what was submitted, with its file."""
    session, deadline = db.session(), _deadline(deadline_id)
    if not queries.may_submit(g.actor, deadline):
        abort(403)
    form = SubmissionForm.about(None, None, submitted_on=clock.today())
    if form.acts(lambda: actions.submit(session, g.actor, deadline, **form.columns())):
        return see_other(_url(deadline), "The report is recorded as submitted.")
    return form_page("execution/deadline_submit.html", form, deadline=deadline)


@bp.route("/deadlines/<int:deadline_id>/owner", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def deadline_owner(deadline_id: int) -> Response:
    """Say whose matter it is."""
    session, deadline = db.session(), _deadline(deadline_id)
    form = OwnerForm(obj=deadline.row)
    form.owner_id.offer(working_members(session), "Nobody in particular")
    if form.acts(lambda: actions.hand_over(session, g.actor, deadline, **_owner(form))):
        return see_other(_url(deadline), f"It is a matter of {_deadline(deadline_id).owner_name}.")
    return form_page("execution/deadline_owner.html", form, deadline=deadline)


def _owner(form: OwnerForm) -> dict[str, Any]:
    return {
        "owner_id": form.owner_id.data, "owner_role": form.owner_role.data, "also_later": bool(form.also_later.data)
    }  # fmt: skip


def _deadline(deadline_id: int) -> Deadline:
    return queries.get_deadline(db.session(), deadline_id)


def _url(deadline: Deadline) -> str:
    return url_for(".deadline_show", deadline_id=deadline.row.id)
