"""What was imported into an opening position and waits with it for the confirmation."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bmms.models.obligations import Obligation, ObligationLine
from bmms.models.openings import OpeningLine, OpeningPosition


def empty(session: Session, opening: OpeningPosition) -> None:
    """Take out what was imported into a draft: its lines, and the unpaid obligations that wait with it."""
    lines = select(OpeningLine.line_id).where(OpeningLine.opening_id == opening.id, OpeningLine.line_id.is_not(None))
    documents = session.scalars(select(ObligationLine.obligation_id).where(ObligationLine.id.in_(lines)).distinct())
    ids = documents.all()
    session.execute(delete(OpeningLine).where(OpeningLine.opening_id == opening.id))
    session.execute(delete(ObligationLine).where(ObligationLine.obligation_id.in_(ids)))
    session.execute(delete(Obligation).where(Obligation.id.in_(ids), Obligation.is_opening))
