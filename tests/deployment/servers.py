"""What the reader of the guide has: an empty folder, a mail server, a PostgreSQL, a shell."""

import os
import shutil
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bmms.cli.env_file import read_env_file
from bmms.launch.account import Account, server_account
from bmms.launch.binaries import find_binaries
from tests.deployment.conftest import NAME
from tests.deployment.guide import Shell, clean_environment, under
from tests.deployment.units import free_port
from tests.tasks.post import PostOffice, make_certificate

PASSWORD, OPERATOR = "pass word#7", "operator@ict.example"  # of the mail server; who gets the test mail


@dataclass(frozen=True)
class RealServer:
    """A PostgreSQL as a server has it: passwords over TCP, its superuser on the socket only."""

    sockets: Path
    port: int
    programs: Path

    def tell(self, statement: str, database: str = "bmms_staging") -> list[tuple]:
        """The rows of a statement, for who is postgres on this machine."""
        address = f"host={self.sockets} port={self.port} user=postgres dbname={database}"
        with psycopg.connect(address) as connection:
            return connection.execute(statement).fetchall()


@dataclass(frozen=True)
class Place:
    """Where the guide is followed."""

    ground: Path
    server: RealServer
    office: PostOffice
    shell: Shell

    @property
    def settings(self) -> dict[str, str]:
        """staging.env as systemd reads it."""
        return read_env_file(self.ground / "etc" / "staging.env").values

    @property
    def environ(self) -> dict[str, str]:
        """What a service gets."""
        return self.settings | {"PATH": os.environ["PATH"], "HOME": str(self.ground / "lib")}

    def name(self, **others: object) -> None:
        """The values of this reader, where the guide says "values of your own"."""
        ground = self.ground
        values: dict[str, object] = {
            "BMMS_SOURCE": ground / "source", "BMMS_NAME": NAME, "BMMS_USER": Account.of(os.geteuid()).name,
            "BMMS_HOME": ground / "srv", "BMMS_ETC": ground / "etc", "BMMS_DATA": ground / "lib",
            "BMMS_LOG": ground / "log", "BMMS_BACKUPS": ground / "backups", "BMMS_DATABASE": "bmms_staging",
            "DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": self.server.port, "MAIL_HOST": "127.0.0.1",
            "MAIL_PORT": self.office.port, "MAIL_USER": "bmms-staging", "OPERATOR": OPERATOR,
            "AS_BMMS": f"env HOME={ground / 'lib'}",
            "AS_POSTGRES": f"env PGHOST={self.server.sockets} PGPORT={self.server.port} PGUSER=postgres",
        }  # fmt: skip
        self.shell.set(**values | others)

    def write_settings(self) -> None:
        """All of "Settings"; and the authority that has signed the mail server's certificate."""
        self.shell.type(under("Settings", "functions")[0])
        self.shell.follow("Settings", answers=f"{PASSWORD}\n")
        with (self.ground / "etc" / "staging.env").open("a") as file:
            file.write(f"SSL_CERT_FILE={self.ground / 'server.pem'}\n")


@contextmanager
def real_postgresql(folder: Path) -> Iterator[RealServer]:
    """One of its own in a folder that its user can reach; stopped afterwards."""
    account = server_account() if os.geteuid() == 0 else Account.of(os.geteuid())
    home, port = folder / "postgresql", free_port()
    home.mkdir(mode=0o711)
    account.own(home)
    programs = find_binaries().reachable_by(account, home).folder
    argv: list[str | Path] = [programs / "initdb", "-D", home / "data", "-U", "postgres", "--no-sync", "-E", "UTF8",
                              "--locale=C", "--auth-local=trust", "--auth-host=scram-sha-256"]  # fmt: skip
    made = account.run(argv)
    assert made.returncode == 0, made.stderr
    settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -c fsync=off"
    control: list[str | Path] = [programs / "pg_ctl", "-D", home / "data", "-l", home / "log", "-w"]
    started = account.run([*control, "-o", settings, "start"])
    assert started.returncode == 0, (home / "log").read_text()
    try:
        yield RealServer(home, port, programs)
    finally:
        account.run([*control, "-m", "immediate", "stop"])


@contextmanager
def empty_ground() -> Iterator[Path]:
    """An empty folder that PostgreSQL's user can enter; removed afterwards."""
    path = Path(tempfile.mkdtemp(prefix="bmms-guide-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path)


@contextmanager
def mail_office(ground: Path) -> Iterator[PostOffice]:
    """A mail server that wants TLS, a name and a password."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(make_certificate(ground))
    with PostOffice(tls=context, users={"bmms-staging": PASSWORD}) as office:
        yield office


@contextmanager
def new_place() -> Iterator[Place]:
    """All of it, with nothing done yet."""
    with empty_ground() as ground, mail_office(ground) as office, real_postgresql(ground) as server:
        environ = clean_environment() | {"PATH": f"{server.programs}:{os.environ['PATH']}"}
        with Shell(ground / "shell", environ) as shell:
            yield Place(ground, server, office, shell)
