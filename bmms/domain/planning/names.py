"""The names behind the ids of a plan: units, members, themes, units of measure, read in one statement."""

from functools import cached_property

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from bmms.models.accounts import User
from bmms.models.lists import Theme, UnitOfMeasure
from bmms.models.memberships import Membership
from bmms.models.organizations import Unit
from bmms.tenancy import scope_of


class Names:
    """Ids to names, read when the first is asked for; also of people who have left. No id, or none known: ''."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def _read(self) -> dict[tuple[str, int], str]:
        name = func.trim(User.first_name + " " + User.last_name)
        members = select(literal("member"), Membership.id, name).join(User, User.id == Membership.user_id)
        rows = union_all(
            members.where(Membership.organization_id == scope_of(self._session).organization_id),
            select(literal("unit"), Unit.id, Unit.name),
            select(literal("theme"), Theme.id, Theme.title),
            select(literal("measure"), UnitOfMeasure.id, UnitOfMeasure.name),
        )
        return {(kind, row_id): text for kind, row_id, text in self._session.execute(rows)}

    def _of(self, kind: str, row_id: int | None) -> str:
        return self._read.get((kind, row_id), "") if row_id is not None else ""

    def unit(self, row_id: int | None) -> str:
        """The name of a unit."""
        return self._of("unit", row_id)

    def theme(self, row_id: int | None) -> str:
        """The title of a theme."""
        return self._of("theme", row_id)

    def unit_of_measure(self, row_id: int | None) -> str:
        """The name of a unit of measure."""
        return self._of("measure", row_id)

    def member(self, row_id: int | None) -> str:
        """The full name of somebody by membership."""
        return self._of("member", row_id)
