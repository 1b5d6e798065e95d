"""Who acts: a person in an organization, a person in a central role, or a command."""

import getpass
from dataclasses import dataclass, field

from bmms.domain.errors import NotAllowed
from bmms.domain.permissions import ALL_PERMISSIONS, Permission


@dataclass(frozen=True)
class Origin:
    """Where an act came from, for the audit row."""

    ip: str | None = None
    request_id: str = ""
    user_agent: str = ""


@dataclass(frozen=True)
class Actor:
    """One person (or command) with the rights of one organization (or of a central role) at one moment."""

    user_id: int | None
    label: str
    organization_id: int | None = None
    acting_organization_id: int | None = None  # where a central actor comes from (decision D24)
    home_organization_id: int | None = None  # outside an organization: in whose record the acts stand
    permissions: frozenset[Permission] = frozenset()
    rights: frozenset[str] = frozenset()  # codes of roles and grants in force today
    principals: tuple[int, ...] = ()  # user ids of those for whom this deputy acts
    principal_names: tuple[str, ...] = ()
    origin: Origin = field(default_factory=Origin)
    offices: frozenset[str] = frozenset()  # central offices that this actor speaks for (models/offices.py)
    belongs: bool = True  # False: a central actor in an organization without a membership
    unread: int = 0  # notices, for the masthead; counting ends at 100

    def may(self, permission: Permission) -> bool:
        """Does this actor hold the permission?"""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Go on only with this permission.

        Raises:
            NotAllowed: it is missing.
        """
        if permission not in self.permissions:
            raise NotAllowed(f"This needs the permission {permission}.")

    @property
    def persons(self) -> frozenset[int]:
        """Everybody whose own work this actor may not approve: self, and the principals stood in for."""
        return frozenset((*self.principals, *([self.user_id] if self.user_id else [])))

    @property
    def signature(self) -> str:
        """The name as documents print it: a deputy signs "for" the principal."""
        return f"{self.label}, for {' and '.join(self.principal_names)}" if self.principal_names else self.label


def command_actor(organization_id: int | None = None) -> Actor:
    """The operator at the command line, who may do all and whom nobody can mistake for a person of an organization."""
    return Actor(None, f"cli:{getpass.getuser()}", organization_id, permissions=ALL_PERMISSIONS)


def system_actor(name: str, organization_id: int | None = None) -> Actor:
    """BMMS itself, such as `system:mail`."""
    return Actor(None, f"system:{name}", organization_id, permissions=ALL_PERMISSIONS)
