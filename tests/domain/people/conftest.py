"""The pilot's three MOAs, one MOA outside the pilot and one that is closed; an operator; administrators."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bmms.config import Config, Pilot
from bmms.domain.actors import Actor, command_actor
from bmms.domain.installation import Installation
from bmms.domain.people import create_pilot_roles
from bmms.domain.people.checking import Demands
from bmms.domain.people.creation import create_pilot_user
from bmms.domain.permissions import permissions_of
from bmms.models.accounts import User
from bmms.models.organizations import Organization, OrganizationKind
from bmms.tenancy import bind_person, bind_platform, bind_scope

CONFIG = Config(environment="test", secret_key="s" * 50, data_keys=("d" * 50,), base_url="https://bmms.example")
PLAIN = Demands(names=False)


def installation(**pilot) -> Installation:
    """An installation with these settings of the pilot."""
    return Installation(replace(CONFIG, pilot=Pilot(**pilot)))


def furnish(session: Session) -> None:
    """What stands in the database before anybody comes: roles and organizations."""
    create_pilot_roles(session, command_actor())
    flags = {
        "MOH": (True, True),
        "MOLE": (True, True),
        "MAFAR": (True, True),
        "MENRE": (True, False),
        "OOBC": (False, False),
    }
    for code, (is_active, is_pilot) in flags.items():
        kind = OrganizationKind.OFFICE if code == "OOBC" else OrganizationKind.MINISTRY
        session.add(Organization(code=code, name=f"Body {code}", kind=kind, is_active=is_active, is_pilot=is_pilot))
    session.flush()


def data(username: str = "", **other: str) -> dict[str, str]:
    """One person as an operator would enter him or her."""
    name = username or "amina.salik"
    return {
        "username": username,
        "email": f"{name}@moh.gov.ph",
        "first_name": "Amina",
        "last_name": "Salik",
        "organization": "MOH",
        "role": "pilot_planner",
    } | other


@pytest.fixture
def session(session: Session) -> Session:
    """The operator's session: all accounts, in an installation with the pilot's usual limits."""
    session.info["installation"] = installation()
    session.expire_on_commit = False  # its rows can be looked at while `acting` has the connection
    bind_platform(session, "test")
    furnish(session)
    return session


@pytest.fixture
def operator() -> Actor:
    """Whoever works at the command line."""
    return command_actor()


@pytest.fixture
def person(session: Session, operator: Actor) -> Callable[..., User]:
    """Makes people: `person("nora", role="pilot_admin")`."""

    def make(username: str, **other: str) -> User:
        new = create_pilot_user(session, operator, data(username, **other), demands=PLAIN)
        return session.get_one(User, new.user_id)

    return make


@pytest.fixture
def acting(session: Session) -> Callable[[User, str], AbstractContextManager[tuple[Session, Actor]]]:
    """`with acting(admin, "MOH") as (session, actor)`: what that person may do in that organization, in its scope."""

    @contextmanager
    def act(user: User, code: str, *rights: str) -> Iterator[tuple[Session, Actor]]:
        home = session.query(Organization).filter_by(code=code).one()
        session.commit()  # the next statement of the operator tells PostgreSQL again whose session it is
        with Session(session.connection(), join_transaction_mode="create_savepoint") as own:
            session.commit()
            own.info["installation"] = session.info["installation"]
            bind_person(own, user.id)
            bind_scope(own, home.id)
            held = frozenset(rights or {"pilot_admin"})
            yield own, Actor(user.id, user.full_name, home.id, permissions=permissions_of(held), rights=held)
            own.commit()
        session.expire_all()

    return act


@pytest.fixture
def emptied(owner: Engine) -> Iterator[None]:
    """For tests with real transactions: whatever they committed is removed afterwards."""
    yield
    with owner.begin() as connection:
        tables = set(connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))
        names = ", ".join(sorted(tables - {"alembic_version"}))
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


@pytest.fixture
def platform(engine: Engine, emptied: None) -> Callable[..., Session]:
    """Makes sessions of the operator that commit for real, on connections of their own; close them."""

    def make(**pilot) -> Session:
        session = Session(engine, info={"installation": installation(**pilot)})
        bind_platform(session, "test")
        return session

    with make() as session:
        furnish(session)
        session.commit()
    return make
