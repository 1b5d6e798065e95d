"""The instruments of execution: laws, orders, statements. Whoever reads the ledger of an organization reads them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.files import kinds, rights, store
from bmms.domain.permissions import P
from bmms.models.allotments import AllotmentOrder
from bmms.models.authority import Appropriation, ValidityExtension
from bmms.models.changes import BudgetChange
from bmms.models.openings import OpeningPosition
from bmms.models.organizations import StoredFile

PURPOSE = "execution"
_HOLDERS = (Appropriation, AllotmentOrder, ValidityExtension, BudgetChange, OpeningPosition)


def keep(session: Session, actor: Actor, file: store.Upload | None, field: str = "file") -> int:
    """Take in an instrument; returns the id of the file. Raises RuleBroken: there is none, or none of a kind taken."""
    if file is None:
        raise RuleBroken("Attach the instrument.", field=field)
    kept = store.keep(session, actor, file.content, file.name, PURPOSE, allowed=kinds.EVERY)
    session.flush()
    return kept.id


def _reads(session: Session, actor: Actor, file: StoredFile) -> bool:
    if not actor.may(P.LEDGER_VIEW):
        return False
    return any(session.scalar(select(one.id).where(one.file_id == file.id).limit(1)) for one in _HOLDERS)


rights.readable_when(PURPOSE, _reads)
