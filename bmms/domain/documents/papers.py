"""The kinds of papers that BMMS prints; each is declared by the module whose rows it tells of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.permissions import Permission
from bmms.domain.signatories.kinds import RULES, DocumentKind


@dataclass(frozen=True)
class Told:
    """What a paper says about its subject at the moment of the snapshot."""

    content: Mapping[str, Any]  # plain values: names instead of ids, figures and days as text
    title: str
    period: str  # `2026 to 2028`
    status: str  # in the words of the screens
    is_open: bool  # still worked on: whoever may not see drafts may not see this paper either
    is_final: bool  # approved, or further; otherwise each page says DRAFT
    is_demo: bool
    version: int | None = None
    approved_by: str = ""
    approved_at: str = ""
    instrument: str = ""


@dataclass(frozen=True)
class Paper:
    """How papers of one kind come to be."""

    kind: str
    subject: str  # the column of Document that names what it tells of
    find: Callable[[Session, Actor, int], Any]  # the subject; raises NotFound for whoever may not see it
    tell: Callable[[Session, Any], Told]
    see_drafts: Permission
    template: str
    words: ModuleType  # what screens call the codes in the content
    name: str  # what people call it
    button: str = "Make a PDF"
    signed: DocumentKind | None = None  # whose signatory block stands under it; nobody signs the others

    @property
    def usual(self) -> list[list[str]]:
        """Who usually signs it: caption, no name yet, and who that is."""
        lines = RULES[self.signed].usual if self.signed else ()
        return [[caption, "", f"{who[0].upper()}{who[1:]}"] for caption, who in lines]


_papers: dict[str, Paper] = {}


def declare(paper: Paper) -> None:
    """Say how a kind of paper comes to be; its module calls this once, at import."""
    if paper.kind in _papers:
        raise ValueError(f"{paper.kind} is declared already")
    _papers[paper.kind] = paper


def paper_of(kind: str) -> Paper:
    """The paper of a kind. Raises KeyError for one that nobody has declared."""
    return _papers[kind]
