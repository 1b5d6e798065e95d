"""What comments and files hang on: plans now, proposals and partnerships later. Each module registers its kinds."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.permissions import Permission
from bmms.models.collaboration import FileCategory

Find = Callable[[Session, Actor, int], Any]
WHOLE = "general"  # the section that every kind has: the record as a whole


@dataclass(frozen=True)
class Kind:
    """One kind of record."""

    word: str  # in addresses: plans
    column: str  # of comments and attachments: plan_id
    label: str  # Strategic plan
    called: str  # the strategic plan
    find: Find  # the row, if this actor may see it; raises NotFound
    view: Permission  # who sees its files
    remark: Permission  # who reads and writes comments
    attach: Permission  # who adds and removes files
    taking: Callable[[Any], Collection[FileCategory]]  # the categories of files that it takes in its present state
    is_open: Callable[[Any], bool]  # may files be taken away again?
    sections: Mapping[str, str] = field(default_factory=dict)  # word in addresses to what people call it
    module: str = "planning"  # the blueprint in which its discussion, files and activity are shown
    endpoint: str = ""  # its own page, which names it as `<column>`
    takes_remarks: Callable[[Any], bool] = lambda row: True
    has_thread: bool = True  # comments hang on it too


@dataclass(frozen=True)
class Subject:
    """One record with its kind."""

    kind: Kind
    row: Any

    @property
    def title(self) -> str:
        """What people call it."""
        return self.row.title

    @property
    def key(self) -> dict[str, int]:
        """The column that names it, for a comment or a file."""
        return {self.kind.column: self.row.id}

    @property
    def sections(self) -> dict[str, str]:
        """Its sections, the whole first."""
        return {WHOLE: "The whole", **self.kind.sections}

    def require_section(self, section: str) -> None:
        """Go on only with a section that this kind has. Raises NotFound."""
        if section not in self.sections:
            raise NotFound("There is no such section.")

    def require_taking(self, category: FileCategory) -> None:
        """Go on only when it takes such files now.

        Raises:
            RuleBroken: it takes none, or none of this category.
        """
        taking = self.kind.taking(self.row)
        if not taking:
            raise RuleBroken(f"Files of {self.kind.called} can be changed no longer: it has been submitted or closed.")
        if category not in taking:
            raise RuleBroken(f"Now {self.kind.called} takes approval instruments and evidence only.", field="category")


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Let comments and files hang on records of this kind; each module does this once, at import."""
    KINDS[kind.word] = kind


def get_subject(session: Session, actor: Actor, word: str, row_id: int) -> Subject:
    """The record that an address names.

    Raises:
        NotFound: no such kind, no such row here, or not for this actor.
    """
    kind = KINDS.get(word)
    if kind is None:
        raise NotFound("There is nothing of this kind.")
    return Subject(kind, kind.find(session, actor, row_id))


def subject_of(session: Session, actor: Actor, row: Any) -> Subject:
    """The record on which a comment or a file hangs. Raises NotFound when this actor may not see it."""
    for kind in KINDS.values():
        if (row_id := getattr(row, kind.column, None)) is not None:
            return Subject(kind, kind.find(session, actor, row_id))
    raise NotFound("It hangs on nothing that is known here.")
