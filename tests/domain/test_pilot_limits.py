"""Pilot limits: what counts, when they warn and refuse, and that two creations at once cannot pass them together."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bmms.config import Config, Pilot
from bmms.domain.errors import RuleBroken
from bmms.domain.installation import Installation
from bmms.domain.organizations import pilot_limits
from bmms.domain.organizations.pilot_limits import Usage, check_limit
from bmms.models.accounts import User, UserStatus
from bmms.models.memberships import Membership
from bmms.models.organizations import Organization, OrganizationKind, Unit
from bmms.tenancy import ScopeError, bind_platform, bind_scope

CONFIG = Config(environment="test", secret_key="s" * 50, data_keys=("d" * 50,))


def allow(session: Session, **pilot) -> None:
    session.info["installation"] = Installation(replace(CONFIG, pilot=Pilot(**pilot)))


@pytest.fixture
def session(session: Session) -> Session:
    allow(session)
    bind_platform(session, "test")
    return session


@pytest.fixture
def moh(session: Session) -> Organization:
    return organization(session)


def organization(session: Session, code: str = "MOH") -> Organization:
    row = Organization(code=code, name=f"Organization {code}", kind=OrganizationKind.MINISTRY)
    session.add(row)
    session.flush()
    return row


def person(session: Session, organization_id: int, name: str, *, active: bool = True, **values) -> None:
    user = User(username=name, email=f"{name}@example.org", **values)
    session.add(user)
    session.flush()
    session.add(Membership(user_id=user.id, organization_id=organization_id, is_active=active))
    session.flush()


def test_usage_warns_from_80_percent_and_is_refused_at_the_limit(session, moh):
    allow(session, max_users=5)
    assert check_limit(session, moh, "max_users") == Usage(0, 5)
    for n in range(3):
        person(session, moh.id, f"person{n}")
    assert check_limit(session, moh, "max_users") == Usage(3, 5, "MOH will have 4 of 5 allowed pilot users.")
    person(session, moh.id, "person3")
    person(session, moh.id, "person4")
    with pytest.raises(RuleBroken, match=r"^MOH already has 5 of 5 allowed pilot users\.$"):
        check_limit(session, moh, "max_users")


def test_the_default_is_50_users(session, moh):
    assert check_limit(session, moh, "max_users", adding=50).limit == 50
    with pytest.raises(RuleBroken, match=r"^MOH has 0 of 50 allowed pilot users: 51 more do not fit\.$"):
        check_limit(session, moh, "max_users", adding=51)


def test_only_active_people_count_and_no_demo_people(session, moh):
    other = organization(session, "MOLE")
    person(session, moh.id, "present")
    person(session, moh.id, "paused", status=UserStatus.INACTIVE)
    person(session, moh.id, "demo", is_demo=True)
    person(session, moh.id, "departed", status=UserStatus.DEACTIVATED)
    person(session, moh.id, "ended", active=False)
    person(session, other.id, "elsewhere")
    assert check_limit(session, moh, "max_users").used == 1


def test_outside_the_pilot_there_is_no_limit(session, moh):
    allow(session, mode=False, max_users=1)
    person(session, moh.id, "first")
    assert check_limit(session, moh, "max_users") == Usage(1, None)


def test_a_later_module_registers_its_own_counter(session, moh, monkeypatch):
    monkeypatch.setattr(pilot_limits, "_limited", dict(pilot_limits._limited))
    pilot_limits.register("max_programs", "programs", lambda session, organization: 99)
    assert check_limit(session, moh, "max_programs").warning == "MOH will have 100 of 100 allowed pilot programs."


def test_a_session_that_cannot_count_is_refused_instead_of_passing(session, moh):
    with Session(session.connection(), join_transaction_mode="create_savepoint") as stranger:
        stranger.info["installation"] = session.info["installation"]
        bind_scope(stranger, moh.id + 1)
        with pytest.raises(ScopeError, match="max_users of MOH"):
            check_limit(stranger, moh, "max_users")


class TestRace:
    """Real transactions on connections of their own; they commit, so the tables are emptied afterwards."""

    @pytest.fixture
    def committed(self, engine: Engine, owner: Engine) -> Iterator[int]:
        with opened(engine) as session:
            row = organization(session)
            person(session, row.id, "first")
            session.commit()
            yield row.id
        with owner.begin() as connection:
            connection.execute(text("TRUNCATE organizations, users, row_history RESTART IDENTITY CASCADE"))

    def test_two_creations_at_once_cannot_pass_the_limit_together(self, engine, committed):
        outcome: list[str] = []

        def create_another() -> None:
            with opened(engine) as session:
                try:
                    check_limit(session, session.get(Organization, committed), "max_users")
                    person(session, committed, "third")
                    session.commit()
                    outcome.append("created")
                except RuleBroken as refused:
                    outcome.append(str(refused))

        with opened(engine) as session:
            check_limit(session, session.get(Organization, committed), "max_users")
            person(session, committed, "second")
            other = threading.Thread(target=create_another)
            other.start()
            other.join(0.4)
            assert (other.is_alive(), outcome) == (True, [])  # it waits for our transaction
            session.commit()
            other.join(300)
        assert outcome == ["MOH already has 2 of 2 allowed pilot users."]

    def test_other_work_in_the_organization_goes_on_meanwhile(self, engine, committed):
        with opened(engine) as session, opened(engine) as other:
            check_limit(session, session.get(Organization, committed), "max_users")
            bind_scope(other, committed)
            other.execute(text("SET LOCAL lock_timeout = '1s'"))
            other.add(Unit(name="Planning Division"))
            other.flush()


@contextmanager
def opened(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        allow(session, max_users=2)
        bind_platform(session, "test")
        yield session
