"""The frame around each page: who and where, the menu, and what the layouts ask for under the name `shell`."""

from dataclasses import dataclass
from functools import cached_property

from flask import Flask, current_app, g, has_request_context, request, url_for

from bmms.domain.offices.acting import desk_here
from bmms.domain.permissions import Permission
from bmms.models.offices import Office
from bmms.models.organizations import Module, Organization
from bmms.web.identity import current_user
from bmms.web.version import VERSION


@dataclass(frozen=True)
class Entry:
    """One entry of a menu: what it says, where it leads, and who gets to see it."""

    label: str
    endpoint: str
    icon: str
    need: Permission | None = None
    module: Module | None = None
    in_dock: bool = False
    order: int = 50  # my work 0, modules 10 to 40, administration 90
    outside: str = ""  # where it leads those who act for a central office, unless to the endpoint (decision D24)


@dataclass(frozen=True)
class Link:
    """An entry as the layout prints it."""

    label: str
    url: str
    icon: str
    current: bool


AREAS = {"platform": "Platform administration", "offices": "Central offices"}
TENANT_MENU: list[Entry] = []  # each blueprint adds its own
CENTRAL_MENU: list[Entry] = []
OFFICE_MENU: list[Entry] = []  # of the queues of MFBM and BPDA
PERSONAL_MENU: list[Entry] = []  # of pages that belong to nobody but the person


class Shell:
    """What layouts may ask. Everything is worked out at its first use, so error pages pay for nothing."""

    @property
    def organization(self) -> Organization | None:
        """The organization of the page."""
        return g.get("organization")

    @property
    def area(self) -> str:
        """The name of a page outside organizations."""
        return AREAS.get(request.blueprint or "", "Your account")

    @property
    def person(self):  # type: ignore[no-untyped-def]
        """Who is signed in, or None."""
        return current_user.user if has_request_context() and current_user.is_authenticated else None

    @cached_property
    def nav(self) -> list[Link]:
        """The entries that this person may open here."""
        return [self._link(entry) for entry in self._menu() if self._visible(entry)]

    @property
    def dock(self) -> list[Link]:
        """The entries for the thumb, on phones: four at most."""
        return [self._link(entry) for entry in self._menu() if entry.in_dock and self._visible(entry)][:4]

    def _menu(self) -> list[Entry]:
        if g.get("actor") is None:
            return []
        elsewhere = {"platform": CENTRAL_MENU, "offices": OFFICE_MENU}.get(request.blueprint or "", PERSONAL_MENU)
        return sorted(TENANT_MENU if self.organization else elsewhere, key=lambda entry: entry.order)

    def _visible(self, entry: Entry) -> bool:
        if entry.module and not (self.organization and self.organization.has(entry.module)):
            return False
        return g.actor.belongs if entry.need is None else g.actor.may(entry.need)

    def _link(self, entry: Entry) -> Link:
        blueprint = entry.endpoint.partition(".")[0]
        current = request.endpoint == entry.endpoint or g.get("menu") == entry.endpoint
        alone = sum(other.endpoint.startswith(f"{blueprint}.") for other in self._menu()) == 1
        endpoint = entry.endpoint if g.actor.belongs else entry.outside or entry.endpoint
        return Link(entry.label, url_for(endpoint), entry.icon, current or (alone and request.blueprint == blueprint))

    @property
    def notices(self) -> int:
        """How many notices this person has not read here; the guard has counted them along with the rights."""
        return g.actor.unread if self.notices_url else 0

    @property
    def notices_url(self) -> str | None:
        """The list of notices; there is one only for members of the organization of the page."""
        return url_for("notices.notice_list") if self.organization and g.get("membership") else None

    @property
    def pilot(self) -> bool:
        """Does the pilot banner show?"""
        return self._config.pilot.mode

    @property
    def has_exports(self) -> bool:
        """Are the buttons shown that hand data out (PILOT_FEATURES.data_export)?"""
        return self._config.pilot.data_export

    @property
    def idle_minutes(self) -> int:
        """After how many idle minutes a sign-in ends; the page warns five minutes before."""
        return self._config.sessions.idle_minutes

    @property
    def support_email(self) -> str:
        """The help desk's address."""
        return self._config.mail.support

    @property
    def search_url(self) -> str | None:
        """Where the search field of the masthead sends its words; only members of an organization search it."""
        return url_for("workplace.search_results") if self.organization and g.get("membership") else None

    @property
    def desk_url(self) -> str | None:
        """What waits for the desk of the organization, for those who speak for it."""
        organization = self.organization
        has_desk = organization and g.get("actor") and desk_here(g.actor, organization.code)
        return url_for("budgeting.endorsement_queue") if has_desk else None

    @property
    def offices(self) -> list[tuple[str, str]]:
        """The central offices for which somebody acts here without belonging here: name, and address of its list."""
        if g.get("actor") is None or g.actor.belongs:
            return []
        return [(one.upper(), _queue_of(one)) for one in sorted(g.actor.offices)]

    @property
    def memberships_url(self) -> str:
        """The list of the person's organizations: the switcher."""
        return url_for("home.organization_list")

    @property
    def account_url(self) -> str:
        """Profile and password."""
        return url_for("accounts.profile")

    @property
    def sign_out_url(self) -> str:
        """Where the sign-out button posts to."""
        return url_for("accounts.sign_out")

    @property
    def help_url(self) -> str:
        """Help for the roles."""
        return url_for("help.help_index")

    @property
    def privacy_url(self) -> str:
        """The privacy notice."""
        return url_for("accounts.privacy")

    @property
    def home_url(self) -> str:
        """Where the wordmark leads."""
        return url_for("home.start")

    version = VERSION

    @property
    def _config(self):  # type: ignore[no-untyped-def]
        return current_app.extensions["installation"].config


def _queue_of(office: Office) -> str:
    if office in (Office.MFBM, Office.BPDA):
        return url_for(f"offices.{office}_queue")
    return url_for("budgeting.endorsement_queue", org=office.upper())


def init_shell(app: Flask) -> None:
    """Every template gets `shell` and `actor`."""
    app.context_processor(lambda: {"shell": Shell(), "actor": g.get("actor")})
    app.jinja_env.globals["Permission"] = Permission
