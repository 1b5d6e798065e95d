"""What rules need to know of this installation: settings and keys. It travels with the session."""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.orm import Session

from bmms.config import Config
from bmms.keys import Vault, digest


@dataclass(frozen=True)
class Installation:
    """The settings and the keys derived from them."""

    config: Config

    @cached_property
    def credentials(self) -> Vault:
        """Where temporary passwords rest until the first sign-in."""
        return Vault(self.config.data_keys, "credentials")

    @cached_property
    def payee_tins(self) -> Vault:
        """Where the tax identification numbers of payees rest."""
        return Vault(self.config.data_keys, "payee-tin")

    def digest(self, purpose: str, value: str) -> bytes:
        """A keyed digest that cannot be computed outside this installation."""
        return digest(self.config.secret_key, purpose, value)


def installation_of(session: Session) -> Installation:
    """The installation a session works for.

    Raises:
        KeyError: the session was made without one; always a bug of ours.
    """
    return session.info["installation"]
