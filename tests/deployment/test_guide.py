"""PILOT_DATABASE_SETUP.md, followed to the letter: an empty folder, a PostgreSQL and a mail server of its own.

Blocks that only a real machine can do are done by what they stand for: the units' commands, the site in nginx, the
lines of the crontab.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from bmms.cli.env_file import read_env_file
from tests.deployment.conftest import Site, nginx, write_site
from tests.deployment.guide import blocks, under
from tests.deployment.servers import OPERATOR, PASSWORD, Place, new_place
from tests.deployment.units import CHECKOUT, DEPLOY, INSTALLED, command_of, free_port, started, web_server
from tests.drill.conftest import wait_for

pytestmark = [pytest.mark.ops, pytest.mark.xdist_group("guide")]

SYSTEM = ["The machine", "Web, workers, watch", "nginx", "By the clock", "A new version"]
MOST_CONNECTIONS = 47  # "Connections" of the guide


@pytest.fixture
def place() -> Iterator[Place]:
    with new_place() as made:
        yield made


def publish(source: Path, message: str) -> None:
    """The tree as it lies here becomes the newest version at the place that the program comes from."""
    git = ["git", f"--git-dir={source}", f"--work-tree={CHECKOUT}", "-c", "user.name=BMMS", "-c", "user.email=bmms@x"]
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(source)], check=True)
    subprocess.run([*git, "add", "--all"], cwd=CHECKOUT, check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", message], check=True)


@contextmanager
def services(place: Place, port: int) -> Iterator[Site]:
    """The four units and the site, with what systemd gives them, once all is well."""
    home, log = place.ground / "srv", place.ground / "log"
    with ExitStack() as stack:
        stack.enter_context(web_server(place.environ, log / "web.log", port, folder=home))
        for unit, name in (("bmms-worker@", "worker-1"), ("bmms-worker@", "worker-2"), ("bmms-ops", "ops")):
            argv = command_of(f"{unit}.service", home / ".venv" / "bin")
            stack.enter_context(started(argv, place.environ, log / f"{name}.log", home))
        folder = place.ground / "nginx"
        folder.mkdir(exist_ok=True)
        site = stack.enter_context(nginx(write_site(folder, port)))
        wait_for("all to be well", lambda: json.loads(site.ask("/ready/").text).get("status") == "ok", 180)
        yield site


def run_crontab(place: Place) -> None:
    """Each line of the crontab, as cron would: with the little that it gives, and silent."""
    text = (DEPLOY / "crontab").read_text()
    for here, there in ((INSTALLED, "srv"), ("/etc/bmms", "etc"), ("/var/log/bmms", "log")):
        text = text.replace(here, str(place.ground / there))
    commands = re.findall(r"^[\d*]+(?: [\d*]+){4}\s+(\S.*)$", text, re.MULTILINE)
    assert len(commands) == 3
    path = f"{Path(shutil.which('python3') or '').parent}:/usr/bin:/bin"
    environ = {"HOME": str(place.ground / "lib"), "PATH": path, "SHELL": "/bin/sh"}
    for command in commands:
        argv = ["/bin/sh", "-c", command]
        ran = subprocess.run(argv, cwd="/", env=environ, capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", ""), command


def renew(place: Place, port: int) -> None:
    """As "A new version" says: its blocks in their order, the services stopped and started where it says so."""
    publish(place.ground / "source", "The next version")
    close, program, open_again = under("A new version")
    with services(place, port) as site:
        place.shell.type(close)
        assert site.ask("/login").status == 503
        assert "A new version is being installed." in site.ask("/login").text
    place.shell.type(program)
    assert place.shell.type('git -C "$BMMS_HOME" log -1 --format=%s') == "The next version\n"
    with services(place, port) as site:
        place.shell.type(open_again)
        wait_for("the pages", lambda: site.ask("/login").status == 200, 60)


def secrets_of(place: Place) -> list[str]:
    """The values that nobody may read in what was said."""
    values = place.settings | read_env_file(place.ground / "etc" / "owner.env").values
    addresses = [values[name] for name in ("DATABASE_URL", "DATABASE_OCM_URL", "DATABASE_OWNER_URL")]
    passwords = [str(conninfo_to_dict(address)["password"]) for address in addresses]
    return [*passwords, values["SECRET_KEY"], values["DATA_KEYS"], PASSWORD]


def test_every_block_is_typed_or_done_by_what_it_stands_for() -> None:
    assert list(dict.fromkeys(block.heading for block in blocks() if block.kind == "system")) == SYSTEM
    assert {block.kind for block in blocks()} == {"", "values", "functions", "system", "old"}
    needed = set(re.findall(r"\b(?:lib|fonts-)[\w.-]+", (CHECKOUT / ".ci" / "run").read_text()))
    assert needed
    assert needed <= set(under("The machine", "system")[0].split()), "what PDFs are drawn with"


def test_from_an_empty_folder_to_a_pilot_that_was_restored(place: Place) -> None:
    publish(place.ground / "source", "The first version")
    shell, tell = place.shell, place.server.tell
    place.name()
    shell.follow("The program")
    place.write_settings()
    assert {path.stat().st_mode & 0o777 for path in (place.ground / "etc").iterdir()} == {0o600}
    shell.follow("The database")
    assert place.office.signed_in == ["bmms-staging"]
    assert place.office.mails == []
    password = shell.follow("The pilot").partition("Temporary password, shown only now: ")[2].split()[0]
    assert tell("SELECT code FROM organizations WHERE is_pilot ORDER BY 1") == [("MAFAR",), ("MOH",), ("MOLE",)]
    assert tell("SELECT count(*) > 0 FROM appropriation_acts") == [(True,)]
    port = free_port()
    with services(place, port) as site:
        assert site.sign_in("operator", password) == "/"
        run_crontab(place)
        shell.follow("The first backup, and the proof that it can be restored")
        shell.follow("Mails")
        assert all(place.office.to(person) for person in (OPERATOR, place.settings["ALERT_RECIPIENTS"]))
        assert site.sign_in("operator", password) == "/", "after the restore, too"
        [(opened,)] = tell("SELECT count(*) FROM pg_stat_activity WHERE usename LIKE 'bmms%'")
        assert 0 < opened <= MOST_CONNECTIONS
    assert len(tell("SELECT 1 FROM pg_database WHERE datname LIKE 'bmms%'")) == 2, "that of before stays"
    renew(place, port)
    assert [one for one in secrets_of(place) if one in "".join(shell.said)] == []
