"""The instruments of execution: laws, orders, statements. Whoever reads the ledger of an organization reads them.

MFBM reads those of laws and orders, which it may act about (decision D24).
"""

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.files import kinds, rights, store
from bmms.domain.permissions import P
from bmms.models.allotments import AllotmentOrder
from bmms.models.authority import Appropriation, ValidityExtension
from bmms.models.changes import BudgetChange
from bmms.models.deadlines import ReportSubmission
from bmms.models.ledger import CashAuthority
from bmms.models.openings import OpeningPosition
from bmms.models.organizations import StoredFile

PURPOSE = "execution"
_OF_MFBM = (Appropriation, AllotmentOrder, ValidityExtension)
_HOLDERS = (*_OF_MFBM, BudgetChange, OpeningPosition, CashAuthority, ReportSubmission)


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
    holders = _HOLDERS if actor.belongs else _OF_MFBM
    held = union_all(*(select(one.id).where(one.file_id == file.id) for one in holders))
    return session.scalar(held.limit(1)) is not None


rights.readable_when(PURPOSE, _reads, outside=True)
