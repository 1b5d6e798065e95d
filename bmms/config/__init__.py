"""All settings, read once from the environment. A bad or missing value stops the start and is named."""

from bmms.config.environment import REQUIRED, Reading, examine, from_environ
from bmms.config.kept import kept_secret
from bmms.config.settings import (
    ENVIRONMENTS,
    PROJECT,
    Backups,
    Config,
    ConfigError,
    Limits,
    Mail,
    Pilot,
    Planning,
    Reporting,
    Sessions,
)

__all__ = [
    "ENVIRONMENTS",
    "PROJECT",
    "REQUIRED",
    "Backups",
    "Config",
    "ConfigError",
    "Limits",
    "Mail",
    "Pilot",
    "Planning",
    "Reading",
    "Reporting",
    "Sessions",
    "examine",
    "from_environ",
    "kept_secret",
]
