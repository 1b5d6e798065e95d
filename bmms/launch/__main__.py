"""`python -m bmms.launch run|stop|env|psql`, the commands behind `make run` and `make stop`."""

import argparse
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bmms.launch.binaries import find_binaries
from bmms.launch.database import open_database
from bmms.launch.errors import LaunchError
from bmms.launch.plan import Plan, plan_of
from bmms.launch.run import run, stop

CHECKOUT = Path(__file__).resolve().parents[2]
LOGINS = {"app": "DATABASE_URL", "owner": "DATABASE_OWNER_URL", "ocm": "DATABASE_OCM_URL"}


def print_environment(plan: Plan, owner: bool) -> None:
    """Lines for `eval` in a second terminal: the addresses of the application, the owner's on request only (D28)."""
    with closing(open_database(plan.instance, os.environ, plan.tuning)) as database:
        for name, url in database.urls.items():
            if owner or name != "DATABASE_OWNER_URL":
                print(f"export {name}={shlex.quote(url)}")


def open_psql(plan: Plan, login: str, arguments: Sequence[str]) -> int:
    """psql on the database, as one of the three logins; its exit code. The password travels in the environment."""
    with closing(open_database(plan.instance, os.environ, plan.tuning)) as database:
        url = database.urls.get(LOGINS[login])
        if url is None:
            raise LaunchError(f"{LOGINS[login]} is not set.")
        parts = conninfo_to_dict(url)
        password = str(parts.pop("password", ""))
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the statement, not the session
        argv: list[str | Path] = [find_binaries().program("psql"), make_conninfo("", **parts), *arguments]
        return subprocess.run(argv, env=os.environ | {"PGPASSWORD": password}, check=False).returncode


def main(argv: Sequence[str] | None = None, plan: Plan | None = None) -> int:
    """The exit code: 0 done, 2 cannot be done (and why), 130 interrupted. Without a plan, that of this checkout."""
    parser = argparse.ArgumentParser(prog="python -m bmms.launch", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="set up the database, start web and worker, stay in the foreground")
    commands.add_parser("stop", help="stop what runs from this folder")
    environment = commands.add_parser("env", help="print the addresses of the database for a second terminal")
    environment.add_argument("--owner", action="store_true", help="the owner's address too")
    console = commands.add_parser("psql", help="open psql; what follows the login is passed on")
    console.add_argument("login", nargs="?", choices=LOGINS, default="owner")
    console.add_argument("arguments", nargs=argparse.REMAINDER)
    chosen = parser.parse_args(argv)
    try:
        plan = plan or plan_of(CHECKOUT, os.environ)
        if chosen.command == "run":
            run(plan, os.environ)
        elif chosen.command == "stop":
            stop(plan.instance)
        elif chosen.command == "env":
            print_environment(plan, chosen.owner)
        else:
            return open_psql(plan, chosen.login, chosen.arguments)
    except LaunchError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
