"""What must hold before BMMS serves anybody."""

from sqlalchemy import Engine, exists, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from bmms.config import Config, ConfigError
from bmms.models.accounts import User
from bmms.tenancy import bind_platform


def check_before_serving(config: Config, engine: Engine) -> None:
    """After the pilot no invented people or figures may be left (decision D34). Web and worker ask before they serve;
    commands do not, for one of them cleans up. A database that is away is not waited for.

    Raises:
        ConfigError: PILOT_MODE is false while demo rows exist.
    """
    if config.pilot.mode:
        return
    with Session(engine) as session:
        bind_platform(session, "start: are there demo rows?")
        try:
            found = session.scalar(select(exists().where(User.is_demo)))
        except DatabaseError:
            return
    if found:
        raise ConfigError(
            "PILOT_MODE is false, but demo rows exist. Remove them first: flask cleanup_pilot_data --help"
        )
