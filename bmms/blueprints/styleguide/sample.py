"""What the style guide shows: invented people, and a shell as the guard would give it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from flask_sqlalchemy.pagination import Pagination

from bmms.domain.cells import BadCell
from bmms.domain.proofs import Proof


@dataclass(frozen=True)
class Entry:
    label: str
    icon: str = "home"
    url: str = "/style-guide/"
    current: bool = False


@dataclass(frozen=True)
class Organization:
    code: str = "MOH"
    name: str = "Ministry of Health"


@dataclass(frozen=True)
class Person:
    id: int = 1
    full_name: str = "Amina Salik"
    username: str = "amina.salik"


@dataclass(frozen=True)
class Shell:
    organization: Organization | None = field(default_factory=Organization)
    area: str = ""
    person: Person = field(default_factory=Person)
    nav: tuple[Entry, ...] = (
        Entry("My work", "work"),
        Entry("Planning", "plan"),
        Entry("Budgeting", "money"),
        Entry("Monitoring", "chart"),
        Entry("Coordination", "people"),
        Entry("Calendar", "calendar"),
        Entry("Settings", "settings", current=True),
    )
    dock: tuple[Entry, ...] = (
        Entry("My work", "work"),
        Entry("Planning", "plan"),
        Entry("Calendar", "calendar"),
        Entry("Settings", "settings", current=True),
    )
    notices: int = 3
    notices_url: str | None = "/style-guide/"
    pilot: bool = True
    search_url: str | None = "/style-guide/data"
    memberships_url: str | None = "/style-guide/"
    home_url: str = "/style-guide/"
    account_url: str = "/style-guide/"
    sign_out_url: str = "/style-guide/"
    help_url: str = "/style-guide/"
    privacy_url: str = "/style-guide/"
    support_email: str = "help@bmms.example"
    version: str = "0.1"


@dataclass(frozen=True)
class User:
    name: str
    email: str
    role: str
    state: str
    tone: str
    last_seen: datetime | None
    rows: int
    problem: str = ""


@dataclass(frozen=True)
class Job:
    percent: int
    poll_seconds: int = 2

    @property
    def active(self) -> bool:
        return self.percent < 100

    @property
    def file_name(self) -> str:
        return "" if self.active else "people.xlsx"


@dataclass(frozen=True)
class ExpenseClass:
    name: str
    amount: Decimal


@dataclass(frozen=True)
class Unit:
    """A unit as a tree shows it."""

    id: int
    name: str
    code: str
    is_active: bool


@dataclass(frozen=True)
class Branch:
    """A unit at its depth, with how many people belong to it."""

    unit: Unit
    depth: int
    members: int


@dataclass(frozen=True)
class Event:
    at: datetime
    who: str
    what: str


_NAMES = (
    "Amina Salik", "Badar Usman", "Carlo Reyes", "Dalia Noor", "Farida Hassan", "Hana Musa", "Idris Latip",
    "Jamila Usop", "Karim Sali", "Lea Mendez", "Maria Santos", "Nora Lim", "Omar Dimas", "Rashid Omar",
    "Sittie Rahman", "Yusuf Karim",
)  # fmt: skip
_ROLES = ("Planner", "Budget officer", "M&E officer", "Viewer")
_STATES = (("Active", "ok"), ("Invited", "warn"), ("Suspended", "bad"), ("Not yet invited", ""))

PEOPLE = tuple(
    User(
        name=name,
        email=f"{name.lower().replace(' ', '.')}@moh.example",
        role=_ROLES[number % 4],
        state=_STATES[number % 4][0],
        tone=_STATES[number % 4][1],
        last_seen=datetime(2026, 11, 1 + number, 8, 58, tzinfo=UTC) if number % 4 == 0 else None,
        rows=number * 412,
        problem="not a valid email address" if name == "Dalia Noor" else "",
    )
    for number, name in enumerate(_NAMES)
)

EVENTS = (
    Event(datetime(2026, 11, 18, 8, 58, tzinfo=UTC), "Farida Hassan", "gave Idris Latip the role of planner"),
    Event(datetime(2026, 11, 18, 1, 5, tzinfo=UTC), "Carlo Reyes", "suspended Rashid Omar: left the ministry"),
    Event(datetime(2026, 11, 17, 0, 30, tzinfo=UTC), "System", "sent 15 welcome mails"),
)

# The appropriation of the Ministry of Health for FY 2024, as BAA No. 56 prints it by class.
CLASSES = (
    ExpenseClass("Personnel services", Decimal("3192548593.00")),
    ExpenseClass("Maintenance and other operating expenses", Decimal("3139216913.00")),
    ExpenseClass("Capital outlays", Decimal("325325924.00")),
)
TOTAL = sum((each.amount for each in CLASSES), Decimal(0))
PROOF = Proof(len(CLASSES), ("class", "classes"), TOTAL, TOTAL, "BAA No. 56")
SHARE = Decimal("0.718")
BRANCHES = tuple(
    Branch(Unit(number, name, code, is_active), depth, members)
    for number, name, code, is_active, depth, members in (
        (1, "Planning Division", "PD", True, 1, 4),
        (2, "Monitoring Section", "PD-MON", True, 2, 1),
        (3, "Provincial Health Office of Lanao del Sur", "", True, 1, 0),
        (4, "Records Section", "", False, 1, 0),
    )
)

FIRST_DAY, LAST_DAY = date(2026, 11, 16), date(2026, 12, 18)


class PeoplePage(Pagination):
    """A page of PEOPLE, as `db.paginate` would give it: found by name, in the order asked for."""

    def _found(self) -> list[User]:
        search, sort = self._query_args["search"].casefold(), self._query_args["sort"]
        found = [user for user in PEOPLE if search in user.name.casefold()]
        return sorted(found, key=lambda user: getattr(user, sort.strip("-")), reverse=sort.startswith("-"))

    def _query_items(self) -> list[Any]:
        start = (self.page - 1) * self.per_page
        return self._found()[start : start + self.per_page]

    def _query_count(self) -> int:
        return len(self._found())


@dataclass(frozen=True)
class Draft:
    """What somebody typed and did not send."""

    saved_at: datetime = datetime(2026, 11, 22, 6, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Kept:
    """A form that is kept while one types, as far as its note needs it."""

    draft: Draft = field(default_factory=Draft)
    draft_key: str = "planning/plans/7/basics"
    discard_url: str = "#"


@dataclass(frozen=True)
class Refused:
    """Stands for a form whose CSV file was refused."""

    cells: tuple[BadCell, ...] = (
        BadCell(4, "parent", "Fam. Health", "There is no unit of this name."),
        BadCell(7, "name", "", "Give the unit a name."),
    )
    cells_left_out: int = 12
