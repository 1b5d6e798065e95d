"""Where people arrive: their organizations, and in each the page "my work"."""

from flask import Blueprint

from bmms.web.modules import tenant_blueprint
from bmms.web.shell import PERSONAL_MENU, TENANT_MENU, Entry

bp = Blueprint("home", __name__)
workplace_bp = tenant_blueprint("workplace", __name__)
TENANT_MENU.append(Entry("My work", "workplace.my_work", "work", in_dock=True, order=0))
PERSONAL_MENU.append(Entry("Start page", "home.start", "home", in_dock=True, order=0))
PERSONAL_MENU.append(Entry("Organizations", "home.organization_list", "office", in_dock=True, order=10))

from bmms.blueprints.home import routes  # noqa: E402, F401
