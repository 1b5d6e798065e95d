"""What `make run` runs: the commands of BMMS itself, in one place. Tests put small programs in their stead."""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bmms.launch import tables
from bmms.launch.errors import LaunchError


@dataclass(frozen=True)
class Step:
    """A command that prepares the database.

    `as_owner` gives it DATABASE_OWNER_URL; without one it is left out. So it is when `is_done`, which is shown the
    addresses of the database, says that there is nothing to do.
    """

    called: str
    argv: tuple[str, ...]
    as_owner: bool = False
    is_done: Callable[[Mapping[str, str]], bool] = lambda urls: False


@dataclass(frozen=True)
class Plan:
    """All that one run needs to know."""

    checkout: Path
    instance: Path
    host: str
    port: int
    preparation: tuple[Step, ...]
    web: tuple[str, ...]
    worker: tuple[str, ...]
    signins: Path  # written by a step of the preparation: a CSV with a head line
    tuning: Mapping[str, str] = field(default_factory=dict)  # PostgreSQL settings of our own server

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the address."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def visited_host(self) -> str:
        """The host to look at from this machine."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104

    @property
    def url(self) -> str:
        """The address to open in a browser on this machine. Passkeys need a name, not a number (decision D54)."""
        host = "localhost" if self.visited_host in ("127.0.0.1", "::1") else self.visited_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"


def plan_of(checkout: Path, environ: Mapping[str, str]) -> Plan:
    """The real plan for this checkout. Raises LaunchError for a PORT that is none."""
    instance = checkout / "instance"
    programs = checkout / ".venv" / "bin"
    host, port = environ.get("HOST") or "127.0.0.1", environ.get("PORT") or "8000"
    if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise LaunchError(f"PORT is {port!r}; it must be a number from 1 to 65535.")
    signins = instance / "demo-signins.csv"
    bmms = str(programs / "bmms")
    return Plan(
        checkout=checkout,
        instance=instance,
        host=host,
        port=int(port),
        preparation=(
            Step(
                "Bringing the tables up to date",
                (bmms, "db", "upgrade"),
                as_owner=True,
                is_done=partial(tables.are_current, checkout / "migrations" / "versions"),
            ),
            Step("Loading the pilot", (bmms, "load_demo", "--signins", str(signins))),
        ),
        web=(
            *(str(programs / "granian"), "--interface", "wsgi", "--host", host, "--port", port),
            *("--workers", "2", "--blocking-threads", "4", "--no-ws"),
            *("--respawn-failed-workers", "--respawn-interval", "1", "--workers-kill-timeout", "10"),
            *("--log-level", "warning", "wsgi:app"),
        ),
        worker=(bmms, "worker"),
        signins=signins,
    )
