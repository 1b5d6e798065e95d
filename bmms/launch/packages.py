"""Packages of the operating system that BMMS needs, whether they are here, and the command that installs them.

A group is what `BMMS_SKIP` can leave out of the tests (decision D38).
"""

import ctypes.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from bmms.launch.errors import LaunchError

GROUPS = ("browser", "pdf", "office", "ops")

_PACKAGES = {
    "apt-get": {
        "postgresql": "postgresql",
        "venv": "python3-venv",
        "pango": "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
        "fonts": "fonts-dejavu-core fonts-noto-core",
        "chromium": "chromium",
        "age": "age",
        "nginx": "nginx-light",
        "systemd": "systemd",
    },
    "dnf": {
        "postgresql": "postgresql-server",
        "venv": "python3",
        "pango": "pango",
        "fonts": "dejavu-sans-fonts google-noto-kufi-arabic-fonts",
        "chromium": "chromium",
        "age": "age",
        "nginx": "nginx",
        "systemd": "systemd",
    },
    "apk": {
        "postgresql": "postgresql",
        "venv": "python3",
        "pango": "pango harfbuzz-subset",
        "fonts": "font-dejavu font-noto-arabic",
        "chromium": "chromium",
        "age": "age",
        "nginx": "nginx",
    },
    "brew": {
        "postgresql": "postgresql@17",
        "venv": "python",
        "pango": "pango",
        "fonts": "font-dejavu font-noto-kufi-arabic",
        "chromium": "--cask chromium",
        "age": "age",
        "nginx": "nginx",
    },
}


def install_command(things: Iterable[str]) -> str:
    """The command that installs these things here (keys of the table). Debian's where no installer is known."""
    installer = next((name for name in _PACKAGES if shutil.which(name)), "apt-get")
    names = [_PACKAGES[installer][thing] for thing in things]
    verb = "add" if installer == "apk" else "install"
    rights = "" if installer == "brew" or os.geteuid() == 0 else "sudo "
    return f"{rights}{installer} {verb} {' '.join(names)}"


def has_pango() -> bool:
    """Whether WeasyPrint will find what it draws with."""
    return all(ctypes.util.find_library(name) for name in ("pango-1.0", "pangoft2-1.0"))


def has_fonts() -> bool:
    """Whether the two typefaces of printed documents are installed (decision D33)."""
    return all(any(_font_files(name)) for name in ("DejaVuSans", "NotoKufiArabic"))


def _font_files(name: str) -> Iterable[Path]:
    if shutil.which("fc-list"):
        listed = subprocess.run(["fc-list", "--format", "%{file}\n"], capture_output=True, text=True, check=False)
        yield from (Path(line) for line in listed.stdout.splitlines() if name in line)
    for folder in ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "~/Library/Fonts", "~/.fonts"):
        yield from Path(folder).expanduser().glob(f"**/{name}*")


def has_chromium() -> bool:
    """Whether the browser tests find a browser."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    bundles = (Path("/Applications/Chromium.app"), Path("/Applications/Google Chrome.app"))
    return any(map(shutil.which, names)) or (sys.platform == "darwin" and any(bundle.exists() for bundle in bundles))


def find_nginx() -> str | None:
    """The web server that stands before BMMS; for users other than root it is often not on the PATH."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin")


def has_systemd() -> bool:
    """Whether units can be verified, where there could be a systemd at all."""
    return shutil.which("systemd-analyze") is not None or not any(map(shutil.which, ("apt-get", "dnf")))


@dataclass(frozen=True)
class Need:
    """One thing of the operating system: `thing` is its key in the table of packages, `group` what tests it carries."""

    thing: str
    group: str
    called: str
    purpose: str
    present: Callable[[], bool]


NEEDS = (
    Need("pango", "pdf", "Pango", "PDF documents cannot be made", has_pango),
    Need("fonts", "pdf", "the fonts DejaVu and Noto Kufi Arabic", "PDF documents will look wrong", has_fonts),
    Need("chromium", "browser", "Chromium", "the browser tests cannot run", has_chromium),
    Need("age", "ops", "age", "backups cannot be encrypted", lambda: shutil.which("age") is not None),
    Need("nginx", "ops", "nginx", "the site before BMMS cannot be tried", lambda: find_nginx() is not None),
    Need("systemd", "ops", "systemd", "the units of BMMS cannot be verified", has_systemd),
)


def left_out() -> list[str]:
    """The groups that `BMMS_SKIP` names, in its order. Raises LaunchError for a group that does not exist."""
    groups = [word.strip() for word in os.environ.get("BMMS_SKIP", "").split(",") if word.strip()]
    if unknown := [group for group in groups if group not in GROUPS]:
        raise LaunchError(f"BMMS_SKIP names {', '.join(unknown)}; the groups are {', '.join(GROUPS)}.")
    return groups


def missing(groups: Iterable[str]) -> list[Need]:
    """What of these groups is not on this machine."""
    wanted = set(groups)
    return [need for need in NEEDS if need.group in wanted and not need.present()]
