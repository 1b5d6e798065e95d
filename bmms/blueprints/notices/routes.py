"""The notices of the person who is signed in: the list, opening one, marking them read."""

from flask import Response, current_app, g, request, url_for
from werkzeug.routing import BuildError

from bmms.blueprints.notices import bp
from bmms.domain.notices import reading
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.collaboration import Notification
from bmms.web.guard import guard
from bmms.web.paging import paginate
from bmms.web.respond import page, see_other


@bp.get("/")
@guard(Permission.HOME_VIEW)
def notice_list() -> Response:
    """All notices, the latest first; `?unread=1` those that were not read."""
    return _list()


def _list() -> Response:
    only_unread = request.args.get("unread") == "1"
    notices = paginate(reading.list_notices(g.membership, only_unread=only_unread))
    return page("notices/notice_list.html", fragment="results", notices=notices, only_unread=only_unread)


@bp.post("/read-all")
@guard(Permission.HOME_VIEW)
def notice_read_all() -> Response:
    """Mark everything read."""
    count = reading.mark_all_read(db.session(), g.membership)
    return see_other(url_for(".notice_list"), "All notices are read." if count else "There was nothing unread.")


@bp.get("/<int:notice_id>")
@guard(Permission.HOME_VIEW)
def notice_open(notice_id: int) -> Response:
    """The way from a mail to the thing itself; looking changes nothing, so the notice stays unread."""
    return see_other(_target(reading.get_notice(db.session(), g.membership, notice_id)))


@bp.post("/<int:notice_id>")
@guard(Permission.HOME_VIEW)
def notice_follow(notice_id: int) -> Response:
    """Mark it read and go to what it is about."""
    return see_other(_target(reading.mark_read(db.session(), g.membership, notice_id)))


@bp.post("/<int:notice_id>/read")
@guard(Permission.HOME_VIEW)
def notice_read(notice_id: int) -> Response:
    """Mark it read and stay."""
    reading.mark_read(db.session(), g.membership, notice_id)
    return see_other(url_for(".notice_list", unread=request.args.get("unread")), "Marked as read.")


def _target(notice: Notification) -> str:
    """The page that a notice leads to; the list, when that page is no more."""
    if notice.endpoint not in current_app.view_functions:
        return url_for(".notice_list")
    try:
        return url_for(notice.endpoint, **notice.values)
    except BuildError:
        return url_for(".notice_list")
