"""Looking up who stands in for whom in the organization that the session serves."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import Row, Select, case, select
from sqlalchemy.orm import Session, aliased

from bmms.domain import clock
from bmms.domain.errors import NotFound
from bmms.models.accounts import User
from bmms.models.memberships import Designation, DesignationKind, Membership
from bmms.models.organizations import StoredFile

KIND_LABELS = {DesignationKind.OIC: "Officer-in-charge", DesignationKind.DEPUTY: "Deputy"}


class State(StrEnum):
    """Where a designation stands on a day."""

    IN_FORCE = "in force"
    COMING = "coming"
    OVER = "over"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Listed:
    """A designation with the names and positions of its two people."""

    designation: Designation
    deputy: str
    deputy_position: str
    principal: str
    principal_position: str

    @property
    def state(self) -> State:
        """Where it stands today."""
        return state_on(self.designation, clock.today())

    @property
    def kind(self) -> str:
        """Officer-in-charge, or Deputy."""
        return KIND_LABELS[self.designation.kind]


def state_on(designation: Designation, day: date) -> State:
    """Where a designation stands on a day; a revoked one is revoked for ever."""
    if designation.revoked_at is not None:
        return State.REVOKED
    if day < designation.starts_on:
        return State.COMING
    return State.OVER if designation.ends_on < day else State.IN_FORCE


def list_designations(*, past: bool = False) -> Select:  # type: ignore[type-arg]
    """What `listed` reads: those in force and coming, soonest end first; or those over and revoked, latest first."""
    today = clock.today()
    stands = Designation.revoked_at.is_(None) & (Designation.ends_on >= today)
    if past:
        return _with_people().where(~stands).order_by(Designation.ends_on.desc(), Designation.id.desc())
    coming = case((Designation.starts_on > today, 1), else_=0)
    return _with_people().where(stands).order_by(coming, Designation.ends_on, Designation.id)


def get_designation(session: Session, designation_id: int) -> Listed:
    """One designation with its people.

    Raises:
        NotFound: there is none with this id here.
    """
    found = session.execute(_with_people().where(Designation.id == designation_id)).one_or_none()
    if found is None:
        raise NotFound("There is no such designation.")
    return listed(found)


def listed(row: Row) -> Listed:
    """A row of these queries as a whole."""
    designation, deputy, principal, deputy_position, principal_position = row
    return Listed(designation, deputy.full_name, deputy_position, principal.full_name, principal_position)


def instrument_of(session: Session, designation: Designation) -> StoredFile | None:
    """The file that proves it, if one was uploaded."""
    return session.get(StoredFile, designation.file_id) if designation.file_id else None


def _with_people() -> Select:  # type: ignore[type-arg]
    deputy, principal = aliased(Membership), aliased(Membership)
    deputy_user, principal_user = aliased(User), aliased(User)
    return (
        select(Designation, deputy_user, principal_user, deputy.position, principal.position)
        .join(deputy, deputy.id == Designation.deputy_id)
        .join(principal, principal.id == Designation.principal_id)
        .join(deputy_user, deputy_user.id == deputy.user_id)
        .join(principal_user, principal_user.id == principal.user_id)
    )
