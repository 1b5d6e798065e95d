"""How long an import of 1,000 people takes, beside two things that everybody knows: hashing and COPY.

Run by `make bench`, on the database of the environment; all of it is rolled back. Shared machines differ from hour to
hour, so look at the ratios.
"""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bmms.app import complete
from bmms.config import from_environ
from bmms.domain.accounts import passwords
from bmms.domain.actors import command_actor
from bmms.domain.installation import Installation
from bmms.domain.people import create_pilot_roles
from bmms.domain.people.imports.preview import preview_import
from bmms.domain.people.imports.run import Choices, run_import
from bmms.domain.people.imports.table import read_table
from bmms.models.organizations import Organization, OrganizationKind
from bmms.tenancy import bind_platform

PEOPLE = 1_000
CODES = ("BENCH-A", "BENCH-B", "BENCH-C")
HEADER = "email,first_name,last_name,organization,role,phone,department,position\n"


def content() -> bytes:
    """A file as an MOA would send it."""
    lines = (
        f"bench.person{n}@bench.gov.ph,Person,Number {n},{CODES[n % 3]},planner,0917{n:07},Planning,Officer\n"
        for n in range(PEOPLE)
    )
    return (HEADER + "".join(lines)).encode()


def seconds(act: Callable[[], object]) -> float:
    """How long one act takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


@contextmanager
def workplace() -> Iterator[Session]:
    """A session with three organizations and room for everybody; nothing of it stays."""
    config = complete(from_environ())
    config = replace(config, pilot=replace(config.pilot, max_users=PEOPLE))
    engine = create_engine(config.database_url)
    with Session(engine, info={"installation": Installation(config)}) as session:
        bind_platform(session, "bench")
        create_pilot_roles(session, command_actor())
        session.add_all(
            Organization(code=code, name=code, kind=OrganizationKind.OFFICE, is_pilot=True) for code in CODES
        )
        session.flush()
        yield session
        session.rollback()
    engine.dispose()


def copy_rows(session: Session) -> None:
    """One COPY of as many rows into a plain table of reference data: as fast as rows get into PostgreSQL."""
    cursor = session.connection().connection.cursor()
    with cursor.copy("COPY holidays (day, name, kind, scope) FROM STDIN") as copy:
        for n in range(PEOPLE):
            copy.write_row(("2099-01-01", f"Person Number {n}, bench.gov.ph", "special_working", "barmm"))


def main() -> None:
    """Measure and print."""
    given = [passwords.new_temporary_password() for _ in range(PEOPLE)]
    hashing = seconds(lambda: [passwords.hash_temporary(password) for password in given])
    with workplace() as session:
        table, choices = read_table(content(), "bench.csv"), Choices(send_emails=True)
        copying = seconds(lambda: copy_rows(session))
        dry = seconds(lambda: preview_import(session, command_actor(), table, choices.demands))
        real = seconds(lambda: run_import(session, command_actor(), table, choices))
    print(f"hashing {PEOPLE:,} temporary passwords, one after the other: {hashing:.2f} s")
    print(f"COPY of {PEOPLE:,} rows: {copying:.3f} s")
    for name, took in (("dry run", dry), ("real run", real)):
        print(
            f"{name} of {PEOPLE:,} people: {took:.2f} s = {took / hashing:.2f} x hashing = {took / copying:.0f} x COPY"
        )
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
