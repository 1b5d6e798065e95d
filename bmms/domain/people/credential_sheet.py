"""The sheet that an operator hands over: who signs in with which temporary password (onboarding 3.6)."""

import csv
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import xlsxwriter
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.imports.csv_file import neutral
from bmms.domain.installation import installation_of
from bmms.domain.people.accounts_in_bulk import NewPerson

CONFIDENTIAL = "CONFIDENTIAL: temporary passwords. Hand over in person or sealed; destroy after use."
COLUMNS = (
    "organization",
    "full name",
    "email",
    "username",
    "temporary password",
    "role",
    "login URL",
    "expires",
)


@contextmanager
def reserved_file(path: Path, *suffixes: str) -> Iterator[Path]:
    """A new file that only its owner can read; gone again when the block fails.

    Raises:
        RuleBroken: it exists already, has another ending than `suffixes` allow, or cannot be made.
    """
    if suffixes and path.suffix.lower() not in suffixes:
        raise RuleBroken(f"{path} must end in {' or '.join(suffixes)}.")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise RuleBroken(f"{path} exists already and is not overwritten. Name another file.") from None
    except OSError as failure:
        raise RuleBroken(f"{path} cannot be written: {failure.strerror}.") from failure
    try:
        yield path
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def write_credentials(session: Session, actor: Actor, path: Path, people: Sequence[NewPerson]) -> None:
    """Write the sheet into a file of `reserved_file`, CSV or XLSX by its ending, and record that it was made."""
    login_url = f"{installation_of(session).config.base_url}/login"
    rows = [
        (
            person.organization,
            person.full_name,
            person.email,
            person.username,
            person.password,
            person.role,
            login_url,
            person.expires_at.astimezone(clock.MANILA).strftime("%Y-%m-%d %H:%M"),
        )
        for person in people
    ]
    (_write_workbook if path.suffix.lower() == ".xlsx" else _write_csv)(path, rows)
    audit.record(session, actor, "credentials:export", label=path.name, people=[None, len(rows)])


def _write_csv(path: Path, rows: Sequence[tuple[str, ...]]) -> None:
    """Passwords are written as they are: they consist of letters, digits and @#$%, which no spreadsheet calculates."""
    secret = COLUMNS.index("temporary password")
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        lines = csv.writer(file)
        lines.writerow(COLUMNS)
        lines.writerows([cell if place == secret else neutral(cell) for place, cell in enumerate(row)] for row in rows)


def _write_workbook(path: Path, rows: Sequence[tuple[str, ...]]) -> None:
    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        sheet = book.add_worksheet("Credentials")
        bold = book.add_format({"bold": True})
        sheet.write_string(0, 0, CONFIDENTIAL, book.add_format({"bold": True, "font_color": "#B00020"}))
        for place, name in enumerate(COLUMNS):
            sheet.write_string(1, place, name, bold)
            sheet.set_column(place, place, 24)
        for line, row in enumerate(rows, start=2):
            for place, cell in enumerate(row):
                sheet.write_string(line, place, cell)
