"""In which fiscal years the central offices act themselves (decision D16)."""

from flask import Response, g, url_for

from bmms.blueprints.platform import bp
from bmms.blueprints.platform.forms import YearForm
from bmms.domain import clock
from bmms.domain.offices import modes
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.offices import ActsMode
from bmms.web.guard import guard
from bmms.web.respond import form_page, see_other


@bp.route("/years", methods=["GET", "POST"])
@guard(Permission.LIST_CHANGE)
def year_list() -> Response:
    """The years for which something is said, and saying it for one."""
    session, form = db.session(), YearForm(year=clock.today().year + 1)
    g.menu = "platform.overview"
    if form.acts(lambda: modes.set_mode(session, g.actor, form.year.data, ActsMode(form.central_acts.data))):
        return see_other(url_for(".year_list"), f"FY {form.year.data} is {form.central_acts.data} from now on.")
    return form_page("platform/year_list.html", form, years=modes.list_years(session), labels=modes.LABELS)
