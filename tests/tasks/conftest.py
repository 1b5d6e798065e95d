"""A database, a mailbox and mail servers of our own: here real queues are drained and real processes are killed."""

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from bmms.app import create_app
from bmms.config import Config, Mail
from bmms.domain import clock, jobs
from bmms.domain.accounts import credentials
from bmms.domain.actors import Actor, system_actor
from bmms.domain.installation import Installation
from bmms.domain.permissions import RULES
from bmms.extensions import db
from bmms.models.accounts import CentralRole, User
from bmms.models.jobs import Job
from bmms.models.memberships import Membership, MembershipRight, Role
from bmms.models.organizations import Organization
from bmms.models.outbox import OutboxMessage
from bmms.tenancy import bind_platform, bind_scope
from tasks import mail, queue, worker
from tests.conftest import _fingerprint, _url
from tests.ground import Ground, Rows
from tests.tasks import samples  # noqa: F401  (its tasks are known from here on)
from tests.tasks.post import PostOffice

PROJECT = Path(__file__).resolve().parents[2]
SECRET = "a-test-secret-of-the-queue-0123456789"
DATA_KEY = "a-data-key-of-tests-0123456789abcdef"


@pytest.fixture(scope="session")
def queue_urls(server: str, database: dict[str, str]) -> Iterator[dict[str, str]]:
    """The addresses of a database whose queue nobody else fills."""
    name = f"bmms_test_tasks_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE bmms_template_{_fingerprint()} OWNER bmms_owner")
        yield {"app": _url(server, "bmms_app", name), "owner": _url(server, "bmms_owner", name), "name": name}
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def owner_engine(queue_urls: dict[str, str]) -> Iterator[Engine]:
    """The owner of that database, to look at what is stored and to clean up."""
    engine = create_engine(queue_urls["owner"])
    with Session(engine) as session:
        for rule in RULES.values():
            session.merge(Role(code=rule.code, kind=rule.kind, label=rule.label, purpose=rule.purpose, permissions=[]))
        session.commit()
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def furnished(server: str, queue_urls: dict[str, str], owner_engine: Engine) -> Rows:
    """What stands in that database before anything happens: the roles."""
    with psycopg.connect(server, dbname=queue_urls["name"], autocommit=True) as connection:
        return Ground(connection).keep()


@pytest.fixture
def clean(server: str, queue_urls: dict[str, str], furnished: Rows) -> None:
    """Begin with empty tables and nothing remembered of dead mail servers."""
    with psycopg.connect(server, dbname=queue_urls["name"], autocommit=True) as connection:
        ground = Ground(connection)
        ground.empty()
        ground.bring_back(furnished)
    mail._resting.clear()


@pytest.fixture(scope="session")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fingerprinted files, made once for the applications of all tests."""
    return tmp_path_factory.mktemp("static")


@pytest.fixture
def config(clean: None, queue_urls: dict[str, str], tmp_path: Path, static: Path) -> Config:
    """Settings without a mail server."""
    (tmp_path / "static").symlink_to(static)
    return Config(
        environment="test",
        instance=tmp_path,
        secret_key=SECRET,
        data_keys=(DATA_KEY,),
        database_url=queue_urls["app"],
        base_url="https://bmms.example",
    )


@pytest.fixture
def make_app(config: Config) -> Iterator[Callable[..., Flask]]:
    """Make the application with other settings than `config`."""
    made: list[Flask] = []

    def make(**changes: object) -> Flask:
        app = create_app(replace(config, **changes))  # type: ignore[arg-type]
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()
    queue.huey.storage.close()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The application without a mail server."""
    return make_app()


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    """A mail server on a free port of this machine."""
    with PostOffice() as office:
        yield office


@pytest.fixture
def posting_app(make_app: Callable[..., Flask], post_office: PostOffice) -> Flask:
    """The application with that server."""
    return make_app(
        mail=Mail(host="127.0.0.1", port=post_office.port, use_tls=False, sender="BMMS <no-reply@bmms.example>")
    )


@pytest.fixture
def work(app: Flask) -> "Cast":
    """People and jobs in an application without a mail server."""
    return Cast(app)


class Cast:
    """Makes organizations, people and jobs in the database of an application, each in a committed transaction."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._numbers = itertools.count(1)

    @contextmanager
    def session(self, *, organization_id: int | None = None) -> Iterator[Session]:
        """A session of the application's login over all accounts; commits."""
        with self.app.app_context():
            info = {"installation": self.app.extensions["installation"]}
            with Session(db.engine, info=info, expire_on_commit=False) as session:
                bind_platform(session, "test")
                if organization_id is not None:
                    bind_scope(session, organization_id)
                yield session
                session.commit()

    def organization(self, code: str = "MOH", name: str = "Ministry of Health", **columns: object) -> Organization:
        with self.session() as session:
            made = Organization(code=code, name=name, kind="ministry", **columns)
            session.add(made)
        return made

    def person(
        self, organization: Organization | None = None, *roles: str, username: str = "", **columns: object
    ) -> User:
        """Somebody who works in an organization with these roles; without one, in a central role."""
        username = username or f"person{next(self._numbers)}"
        known = {"first_name": username.title(), "last_name": "Salik", "email": f"{username}@moh.example"} | columns
        with self.session() as session:
            user = User(username=username, **known)
            session.add(user)
            session.flush()
            for role in roles if organization is None else ():
                session.add(CentralRole(user_id=user.id, role=role, given_at=clock.now()))
            if organization is not None:
                membership = Membership(user_id=user.id, organization_id=organization.id, is_primary=True)
                membership.rights = [
                    MembershipRight(organization_id=organization.id, code=role, given_at=clock.now()) for role in roles
                ]
                session.add(membership)
        return user

    def newcomer(self, organization: Organization | None = None, *roles: str, **columns: object) -> tuple[User, str]:
        """A person whose temporary password still waits, and that password."""
        user = self.person(organization, *(roles or ("pilot_viewer",)), **columns)
        with self.session() as session:
            password = credentials.give_temporary_password(session, session.get_one(User, user.id))
        return user, password

    def start(
        self, task: str, owner: User | None, organization: Organization | None = None, **arguments: object
    ) -> int:
        """Start a job as its owner would, and return its id."""
        actor = Actor(owner.id, owner.full_name, organization.id if organization else None) if owner else None
        with self.session() as session:
            job = jobs.start(session, actor or system_actor("test"), task, **arguments)
            session.flush()
            return job.id

    def job(self, job_id: int) -> Job:
        with self.session() as session:
            return session.get_one(Job, job_id)

    def message(self, message_id: int) -> OutboxMessage:
        with self.session() as session:
            return session.get_one(OutboxMessage, message_id)

    def run(self, *, after: timedelta | float = 0) -> dict[str, int]:
        """Do all that is due, now or so much later (a timedelta, or seconds)."""
        later = after if isinstance(after, timedelta) else timedelta(seconds=after)
        if not later:
            return dict(worker.run_once(self.app))
        with clock.stopped_at(clock.now() + later):
            return dict(worker.run_once(self.app))

    def queued(self) -> list[tuple[str, list[int]]]:
        """What the queue holds: (task, arguments)."""
        with self.session() as session:
            rows = session.scalars(text("SELECT data FROM huey_task ORDER BY id")).all()
        return [tuple(json.loads(bytes(row).rpartition(b".")[0])[1:]) for row in rows]  # type: ignore[misc]


@pytest.fixture
def start_worker(queue_urls: dict[str, str], config: Config) -> Iterator[Callable[..., subprocess.Popen]]:
    """Start a real worker in a process group of its own; whatever is left of it is ended after the test."""
    started: list[subprocess.Popen] = []

    def start(*, lease: int = 2, processes: int = 2, log: Path | None = None, **environ: str) -> subprocess.Popen:
        settings = {
            "BMMS_ENV": "test",
            "BMMS_INSTANCE": str(config.instance),
            "SECRET_KEY": SECRET,
            "DATA_KEYS": DATA_KEY,
            "DATABASE_URL": queue_urls["app"],
            "BASE_URL": "https://bmms.example",
            "PYTHONPATH": str(PROJECT),
            "PATH": os.environ["PATH"],
        }
        path = log or config.instance / f"worker{len(started)}.log"
        arguments = ["worker", "--lease", str(lease), "--processes", str(processes)]
        with path.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, str(Path(samples.__file__)), *arguments],
                env=settings | environ,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        process.log = path  # type: ignore[attr-defined]
        started.append(process)
        wait_for(lambda: b"Huey consumer started" in path.read_bytes(), 20, "the worker to start")
        return process

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait()


def wait_for(true: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until something holds, and fail with its name when it does not.

    Args:
        seconds: what it takes at most on a usual machine; a slow one is given twelve times as long.
    """
    end = time.monotonic() + 12 * seconds
    while not true():
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds} s in vain for {what}")
        time.sleep(0.05)


@pytest.fixture
def installation(config: Config) -> Installation:
    """The settings and keys of the tests."""
    return Installation(config)
