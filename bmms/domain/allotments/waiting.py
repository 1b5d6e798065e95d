"""Allotment orders that wait for a person to be released. In operated years they wait for MFBM."""

from typing import Any

from sqlalchemy import Select, cast, literal, select
from sqlalchemy.types import String

from bmms.domain.actors import Actor
from bmms.domain.allotments.labels import KIND
from bmms.domain.permissions import P
from bmms.domain.workplace import Heap, Waiting
from bmms.models.allotments import AllotmentOrder, OrderKind, OrderStatus


def _rows(actor: Actor) -> Select | None:
    """Nobody releases what he or she entered."""
    if not actor.may(P.BUDGET_REVIEW):
        return None
    row = AllotmentOrder
    return select(
        literal("release").label("what"), row.id, row.number.label("name"), cast(row.kind, String).label("note"),
        row.fiscal_year, row.updated_at.label("since"),
    ).where(
        row.status == OrderStatus.DRAFT, row.entered_by.not_in(actor.persons), row.is_operated.is_(False)
    )  # fmt: skip


def _told(row: Any) -> Waiting:
    return Waiting(
        f"Allotment order {row.name}", f"{KIND[OrderKind(row.note)]}, FY {row.fiscal_year}",
        "Waits for your release", "info", "execution.order_show", {"order_id": row.id},
    )  # fmt: skip


HEAP = Heap(_rows, _told)
