"""An uploaded list and the worker: start a job for it, wait for that, refuse a second one at the same time.

`Sheet` is the whole way of what people edit in a spreadsheet: made, sent back, checked, imported as it was shown.
"""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from bmms.domain import drafts, jobs
from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.imports import kept, table
from bmms.domain.imports.checked import Checked, Fate
from bmms.domain.imports.kept import KeptList
from bmms.domain.imports.table import Layout, Table
from bmms.domain.imports.watching import Watch, nobody_watches
from bmms.domain.permissions import Permission
from bmms.models.base import Base
from bmms.models.jobs import Job

Record = TypeVar("Record", bound=Base)
Found = TypeVar("Found", bound=Checked[Any])


def start(session: Session, actor: Actor, mine: KeptList, task: str, **arguments: object) -> None:
    """Let the worker do something with a list; the list remembers the job once it stands."""
    job_id = jobs.start(session, actor, task, import_id=mine.import_id.hex, **arguments).id
    kept.after_commit(session, lambda: mine.change(job_id=job_id))


def refuse_unless_open(session: Session, actor: Actor, mine: KeptList) -> None:
    """Go on only with a list that waits for its person.

    Raises:
        RuleBroken: it has been imported, or is at work.
    """
    if mine.outcome is not None:
        raise RuleBroken("This list has been imported already. Upload it again to import what has changed in it since.")
    job = job_of(session, actor, mine)
    if job is not None and job.active:
        raise RuleBroken("This list is being worked on. Wait until it is done.")


def job_of(session: Session, actor: Actor, mine: KeptList) -> Job | None:
    """The job that checks or imports a list; None for lists that need none."""
    job_id = mine.facts.job_id
    return jobs.get_job(session, actor, job_id) if job_id else None


class NotMeant(RuleBroken):
    """The import would bring about what nobody has agreed to; the text says what, and the remedy."""


@dataclass(frozen=True)
class Words:
    """What people are told on the way of one kind of sheet."""

    gone: str  # its record is not there any more
    lost: str  # the list is not there any more
    checked: str
    correct: str  # what to do while something is wrong
    again: str  # it was imported before
    imported: str


class Sheet(Generic[Record, Found]):
    """One kind of sheet. It says how its record is found and held, who checks and writes, and its words.

    Attributes:
        name: its tasks are check_… and import_…; `export_task` makes the workbook.
        argument: what the id of its record is called, in addresses and jobs.
        about: what the record is called by the lists that are kept for it.
        edit: who may check and import.
        consent: the argument that says that what is odd about a list is meant; empty where nothing is asked.
    """

    name: str
    export_task: str
    argument: str
    about: str
    layout: Layout
    edit: Permission
    words: Words
    consent = ""

    # What each kind says.

    def get(self, session: Session, actor: Actor, record_id: int) -> Record:
        """The record. Raises NotFound."""
        raise NotImplementedError

    def begin(self, session: Session, actor: Actor, record: Record) -> None:
        """Before a list is taken in or its import is asked for. Raises RuleBroken: the record is shut."""
        raise NotImplementedError

    def hold(self, session: Session, actor: Actor, record: Record) -> None:
        """Before the import: nobody else changes the record meanwhile. Raises RuleBroken: it is shut."""
        raise NotImplementedError

    def workbook_of(self, session: Session, record: Record, prepared_by: str) -> bytes:
        """The record as a workbook."""
        raise NotImplementedError

    def name_of(self, session: Session, record: Record) -> str:
        """How that file is called."""
        raise NotImplementedError

    def require_list(self, content: bytes, file_name: str) -> None:
        """Only what can be read goes on to the worker. Raises UnreadableFile."""
        table.require_workbook(content, file_name)

    def checked(self, session: Session, record: Record, read: Table) -> Found:
        """Every row, checked against the record."""
        raise NotImplementedError

    def standing(self, checked: Found) -> dict[str, str]:
        """What the rows that the file names say at present, as digests: whether somebody changes them meanwhile."""
        raise NotImplementedError

    def named(self, checked: Found, keys: list[str]) -> str:
        """Rows of `standing`, for people."""
        raise NotImplementedError

    def described(self, checked: Found) -> dict[str, Any]:
        """`rows` as the page of the check needs them, and what else it shows, in plain values."""
        raise NotImplementedError

    def require_meant(self, check: dict[str, Any]) -> None:
        """Go on only where what was shown needs no consent. Raises RuleBroken at the field `consent`."""

    def write(
        self, session: Session, actor: Actor, record: Record, checked: Found, watch: Watch, *, meant: bool
    ) -> None:  # fmt: skip
        """Write what was checked. Raises NotMeant."""
        raise NotImplementedError

    def outcome(self, checked: Found) -> dict[str, Any]:
        """What the last page says of the import."""
        return {fate.value: len(checked.of(fate)) for fate in Fate}

    # The way, the same for all.

    @property
    def check_task(self) -> str:
        """Checks a list."""
        return f"check_{self.name}"

    @property
    def run_task(self) -> str:
        """Imports it."""
        return f"import_{self.name}"

    def upload(self, session: Session, actor: Actor, record: Record, content: bytes, file_name: str) -> KeptList:
        """Take in a list for a record that is open; the worker checks it.

        Raises:
            RuleBroken: the record is shut, or the file cannot be read; says what to do.
        """
        self.begin(session, actor, record)
        self.require_list(content, file_name)
        return self.keep(session, actor, record, content, file_name)

    def keep(self, session: Session, actor: Actor, record: Record, content: bytes, file_name: str) -> KeptList:
        """Keep a list that can be read, and have it checked."""
        mine = kept.keep_list(session, actor, content, file_name, about=self._about(record))
        start(session, actor, mine, self.check_task, **{self.argument: _id_of(record)})
        return mine

    def find(self, session: Session, actor: Actor, record: Record, import_id: UUID) -> KeptList:
        """The actor's own upload for this record. Raises NotFound."""
        return kept.find_list(session, actor, import_id, self._about(record))

    def check(self, session: Session, actor: Actor, record: Record, mine: KeptList) -> None:
        """Check every row as the import would, and keep what was found. Raises UnreadableFile."""
        actor.require(self.edit)
        self._keep_check(mine, self.checked(session, record, self._read(mine)))

    def ask(self, session: Session, actor: Actor, record: Record, mine: KeptList, *, meant: bool = False) -> None:
        """Let the worker import what was shown.

        Args:
            meant: what needs the person's consent has it.

        Raises:
            RuleBroken: the record is shut, the file is at work, imported, or has errors, or the consent is missing.
        """
        self.begin(session, actor, record)
        refuse_unless_open(session, actor, mine)
        if mine.check is None or not mine.check["is_good"]:
            raise RuleBroken(f"Nothing is imported while something is wrong. {self.words.correct}")
        if not meant:
            self.require_meant(mine.check)
        consent = {self.consent: meant} if self.consent else {}
        start(session, actor, mine, self.run_task, **{self.argument: _id_of(record)}, **consent)

    def run(
        self, session: Session, actor: Actor, record: Record, mine: KeptList, *, meant: bool = False,
        watch: Watch = nobody_watches,
    ) -> str:  # fmt: skip
        """The import: all of it, exactly as it was shown, or nothing.

        Args:
            meant: what needs the person's consent has it; what would come of it now decides, not the check.
            watch: told how many rows are written.

        Returns:
            what happened, in words; when nothing was imported, the fresh check is kept.

        Raises:
            RuleBroken: the record is shut.
        """
        self.hold(session, actor, record)
        key = mine.import_id.hex  # its row stands with the import, also where the process ends before `keep_outcome`
        if drafts.is_claimed(session, actor, key):
            return self.words.again
        shown = (mine.check or {}).get("standing", {})
        fresh = self.checked(session, record, self._read(mine))
        standing = self.standing(fresh)
        if moved := [one for one in {**shown, **standing} if shown.get(one) != standing.get(one)]:
            self._keep_check(mine, fresh)
            return f"Nothing was imported: {self.named(fresh, moved)} changed since the check. Look at it again."
        if not fresh.is_good:
            self._keep_check(mine, fresh)
            return "Nothing was imported: something is wrong now that was right at the check. Look at it again."
        outcome = self.outcome(fresh)
        try:
            self.write(session, actor, record, fresh, watch, meant=meant)
        except NotMeant as refused:
            self._keep_check(mine, fresh)
            return f"Nothing was imported. {refused}"
        drafts.claim(session, actor, key)
        kept.after_commit(session, lambda: mine.keep_outcome(outcome))
        return self.words.imported

    def record_of(self, session: Session, actor: Actor, arguments: dict[str, Any]) -> Record:
        """The record that a job names, for the worker. Raises RuleBroken: it is gone."""
        try:
            return self.get(session, actor, arguments[self.argument])
        except NotFound:
            raise RuleBroken(self.words.gone) from None

    def list_of(self, session: Session, actor: Actor, record: Record, arguments: dict[str, Any]) -> KeptList:
        """The list that a job names, for the worker. Raises RuleBroken: it is gone."""
        try:
            return self.find(session, actor, record, UUID(arguments["import_id"]))
        except NotFound:
            raise RuleBroken(self.words.lost) from None

    def _about(self, record: Record) -> str:
        return f"{self.about} {_id_of(record)}"

    def _read(self, mine: KeptList) -> Table:
        return table.read(mine.content, mine.facts.file_name, self.layout)

    def _keep_check(self, mine: KeptList, checked: Found) -> None:
        found = {
            "warnings": checked.warnings,
            "refusals": checked.refusals,
            "is_good": checked.is_good,
            "standing": self.standing(checked),
        }
        mine.keep_check(self.described(checked) | found, checked.handed_back())


def _id_of(record: Any) -> int:
    return record.id
