"""The import itself: everything in one transaction, or nothing (onboarding 4.3, C-22)."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.imports.watching import Watch, nobody_watches
from bmms.domain.people.accounts_in_bulk import NewPerson
from bmms.domain.people.checking import Demands
from bmms.domain.people.creation import create_checked, one_bulk_run_at_a_time
from bmms.domain.people.existing import bring_up_to_date
from bmms.domain.people.imports.preview import Fate, Preview, preview_import
from bmms.domain.people.imports.table import Table, read_file


@dataclass(frozen=True)
class Choices:
    """What the person who imports has chosen."""

    update_existing: bool = False  # bring people up to date who have an account already
    skip_invalid: bool = False  # import the good rows and leave out the others
    send_emails: bool = False  # welcome mails for new people
    pilot: bool = False  # pilot organizations only: the pilot's command

    @property
    def demands(self) -> Demands:
        """What these choices ask of each row."""
        return Demands(pilot=self.pilot, update_existing=self.update_existing)


STRICT = Choices()


@dataclass
class ImportResult:
    """What an import did; `refused`: it did nothing, because `preview` has errors (or, in a dry run, would)."""

    preview: Preview
    refused: bool = False
    created: list[NewPerson] = field(default_factory=list)
    updated: int = 0
    unchanged: int = 0
    mails: int = 0

    @property
    def skipped(self) -> int:
        """How many rows were left out."""
        return len(self.preview.wrong)


def import_users_from_csv(
    session: Session,
    actor: Actor,
    path: Path,
    choices: Choices = STRICT,
    *,
    dry_run: bool = False,
    watch: Watch = nobody_watches,
) -> ImportResult:
    """Import the people of a CSV file or a workbook.

    Args:
        dry_run: only check; the result holds the preview, and `refused` tells whether a real run would be refused.

    Raises:
        UnreadableFile: the file as a whole cannot be imported.
        NotAllowed: the actor imports no people.
    """
    table = read_file(path)
    if not dry_run:
        return run_import(session, actor, table, choices, watch=watch)
    preview = preview_import(session, actor, table, choices.demands)
    return ImportResult(preview, refused=bool(preview.wrong), unchanged=preview.count(Fate.UNCHANGED))


def run_import(
    session: Session, actor: Actor, table: Table, choices: Choices = STRICT, *, watch: Watch = nobody_watches
) -> ImportResult:
    """Check a file and import it, alone: a second run waits, and then meets the people whom the first has made.

    Returns:
        the result; when it is `refused`, nothing was written and `preview` says why.

    Raises:
        NotAllowed: the actor imports no people.
    """
    one_bulk_run_at_a_time(session)
    preview = preview_import(session, actor, table, choices.demands)
    result = ImportResult(preview)
    if preview.wrong and not choices.skip_invalid:
        result.refused = True
        return result
    result.unchanged = preview.count(Fate.UNCHANGED)
    made = create_checked(
        session, actor, preview.batch, choices.demands,
        send_emails=choices.send_emails, skip_invalid=choices.skip_invalid, watch=watch,
    )  # fmt: skip
    if len(preview.batch.wrong) != len(preview.wrong):  # somebody else took a name or an address this very moment
        result.preview = Preview(table, preview.batch)
    if made.refused:
        result.refused = True
        return result
    result.created, result.mails = made.created, len(made.created) if choices.send_emails else 0
    result.updated = _update(session, actor, result.preview)
    _record(session, actor, result)
    return result


def _update(session: Session, actor: Actor, preview: Preview) -> int:
    return sum(
        bring_up_to_date(session, actor, checked.existing, checked.values, checked.home)
        for checked in preview.batch.people
        if checked.ready and checked.existing
    )


def _record(session: Session, actor: Actor, result: ImportResult) -> None:
    counts = {
        "rows": len(result.preview.rows),
        "created": len(result.created),
        "updated": result.updated,
        "unchanged": result.unchanged,
        "skipped": result.skipped,
    }
    table = result.preview.table
    changes: dict[str, Any] = {name: [None, count] for name, count in counts.items()}
    audit.record(session, actor, "users:import", label=table.file_name, sha256=[None, table.sha256], **changes)
