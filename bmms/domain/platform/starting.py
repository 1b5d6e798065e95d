"""What must hold before BMMS serves anybody."""

from sqlalchemy import Engine, exists, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from bmms.config import Config, ConfigError
from bmms.models.accounts import User
from bmms.tenancy import PrivilegedLogin, bind_platform


def check_before_serving(config: Config, engine: Engine) -> None:
    """Nobody signs in past row-level security (decision D3), and after the pilot no invented people or figures are left
    (decision D34). Web and worker ask before they serve; the watch goes on, to tell that they do not. A database that
    is away is not waited for: each new connection is asked again.

    Raises:
        ConfigError: the login is one of those; PILOT_MODE is false while demo rows exist.
    """
    with Session(engine) as session:
        bind_platform(session, "start: are there demo rows?")
        try:
            found = session.scalar(select(exists().where(User.is_demo)))
        except PrivilegedLogin as wrong:
            raise ConfigError(str(wrong)) from None
        except DatabaseError:
            return
    if found and not config.pilot.mode:
        raise ConfigError(
            "PILOT_MODE is false, but demo rows exist. Remove them first: flask cleanup_pilot_data --help"
        )
