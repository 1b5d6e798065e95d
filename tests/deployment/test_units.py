"""The units of systemd and the crontab: systemd accepts them, and they start what `make run` starts."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bmms.launch.plan import plan_of
from tasks.worker import GRACE_SECONDS
from tests.deployment.units import CHECKOUT, DEPLOY, INSTALLED, UNITS, settings_of

SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
has_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="this system has no systemd")


def verify(folder: Path) -> tuple[int, str]:
    """What systemd says of the units in a folder, for an installation that is there."""
    names = [path.name.replace("@.", "@1.") for path in folder.iterdir()]
    argv = ["systemd-analyze", "verify", "--recursive-errors=no", *names]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """A copy of them, and the programs that they name."""
    programs, folder = tmp_path / "srv" / ".venv" / "bin", tmp_path / "units"
    programs.mkdir(parents=True)
    folder.mkdir()
    for name in ("granian", "bmms"):
        (programs / name).symlink_to("/bin/true")
    for path in UNITS.iterdir():
        (folder / path.name).write_text(path.read_text().replace(INSTALLED, str(tmp_path / "srv")))
    return folder


@has_systemd
@pytest.mark.ops
def test_systemd_accepts_the_units(units: Path) -> None:
    assert len(list(units.iterdir())) == 4
    assert verify(units) == (0, "")


@has_systemd
@pytest.mark.ops
@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("ProtectSystem=strict", "ProtectSystem=stricter", "Failed to parse protect system value"),
        ("NoNewPrivileges=", "NoNewPriviliges=", "NoNewPriviliges"),
        ("/bin/granian", "/bin/granite", "granite is not executable"),
        ("Restart=always", "Restart=allways", "Failed to parse service restart specifier"),
    ],
)
def test_a_mistake_in_a_unit_is_seen(units: Path, right: str, wrong: str, said: str) -> None:
    web = units / "bmms-web.service"
    assert right in web.read_text()
    web.write_text(web.read_text().replace(right, wrong))
    code, told = verify(units)
    assert code != 0
    assert said in told


def test_web_and_worker_are_those_of_make_run() -> None:
    plan = plan_of(CHECKOUT, {})
    programs = str(CHECKOUT / ".venv" / "bin")
    web = " ".join(plan.web).replace(programs, f"{INSTALLED}/.venv/bin")
    own = " --log-config deploy/granian-log.json"
    [said] = settings_of("bmms-web.service")["ExecStart"]
    assert own in said
    assert re.sub(r"\s+", " ", said).replace(own, "") == web
    assert settings_of("bmms-worker@.service")["ExecStart"] == [
        f"{INSTALLED}/.venv/bin/{' '.join(plan.worker)[len(programs) + 1 :]}"
    ]


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_gets_the_login_of_the_owner(name: str) -> None:
    """Nor can it read the file with it (decision D28)."""
    told = settings_of(name)
    assert told["EnvironmentFile"] == ["/etc/bmms/staging.env"]
    assert told["InaccessiblePaths"] == ["-/etc/bmms/owner.env"]
    assert told["User"] == ["bmms"]
    assert "OWNER" not in (UNITS / name).read_text()


def test_logs_go_where_they_are_rotated() -> None:
    rotated = re.search(r"^(\S+)/\*\.log \{$", (DEPLOY / "logrotate.conf").read_text(), re.MULTILINE)
    assert rotated
    for name in SERVICES:
        [target] = settings_of(name)["StandardError"]
        assert re.fullmatch(rf"append:{rotated[1]}/[\w%-]+\.log", target), target
        assert rotated[1] in settings_of(name)["ReadWritePaths"][0].split()


def test_a_worker_has_the_time_that_it_gives_its_jobs() -> None:
    told = settings_of("bmms-worker@.service")
    assert int(told["TimeoutStopSec"][0]) > GRACE_SECONDS
    assert told["KillMode"] == ["mixed"], "TERM for its processes, too, would end the jobs"


# the crontab

FIELD = r"(\*|\d+)"
LINE = re.compile(rf"^{FIELD} {FIELD} {FIELD} {FIELD} {FIELD}\s+(\S.*)$")


def jobs() -> dict[tuple[str, ...], str]:
    """The commands of the crontab by their time."""
    found = {}
    for line in (DEPLOY / "crontab").read_text().splitlines():
        if line and not line.startswith("#") and not re.match(r"^[A-Z]+=\S+$", line):
            matched = LINE.match(line)
            assert matched, line
            found[matched.groups()[:5]] = matched[6]
    return found


def test_the_crontab_says_when_and_with_which_login() -> None:
    told = jobs()
    assert set(told) == {("0", "2", "*", "*", "*"), ("30", "3", "*", "*", "*"), ("0", "3", "*", "*", "0")}
    assert "backup_pilot_db.sh" in told["0", "2", "*", "*", "*"]
    assert "bmms drill" in told["30", "3", "*", "*", "*"]
    assert "validate_env.py" in told["0", "3", "*", "*", "0"]
    with_owner = {command for command in told.values() if "owner.env" in command}
    assert with_owner == {told["0", "2", "*", "*", "*"], told["30", "3", "*", "*", "*"]}


@pytest.mark.parametrize("command", jobs().values())
def test_cron_and_the_shell_read_its_lines_alike(command: str) -> None:
    assert "%" not in command, "cron takes what follows for the input"
    assert subprocess.run(["/bin/sh", "-n", "-c", command], check=False).returncode == 0
    for script in re.findall(rf"{INSTALLED}/(scripts/\S+)|(?<= )(scripts/\S+)", command):
        assert (CHECKOUT / "".join(script)).is_file()
