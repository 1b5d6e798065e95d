"""Laws that are typed by hand, because no act is loaded for them and no proposal was enacted (modules 2.6).

Supplemental, continuing and automatic appropriations and the reenacted budget come as instruments with a few amounts.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.authority import actions
from bmms.domain.authority.queries import amounts_of
from bmms.domain.authority.sources import Key
from bmms.domain.authority.steps import may_enter
from bmms.domain.errors import RuleBroken
from bmms.domain.ledger.labels import NOT_BROKEN_DOWN
from bmms.models.authority import Appropriation, AppropriationLine, AppropriationStatus, LawKind
from bmms.models.programs import CostStructure, Program
from bmms.models.proposals import FundingSource
from bmms.models.reference import ExpenseClass


@dataclass(frozen=True)
class Place:
    """Where amounts of a law can go: to one program, or to a part of the budget that the law does not break down.

    Args:
        name: in the names of fields.
    """

    name: str
    title: str
    structure: CostStructure | None
    program_id: int | None = None


def is_by_hand(row: Appropriation) -> bool:
    """Was it typed, and may it be changed while nobody has put it in force?"""
    return row.act_id is None and row.proposal_id is None and row.status == AppropriationStatus.DRAFT


def places(session: Session, used: Collection[int] = ()) -> list[Place]:
    """All of the budget, then each structure, first as a whole, then by program.

    Args:
        used: programs that are shown even if they were declared the same as another one since.
    """
    query = select(Program.id, Program.code, Program.title, Program.cost_structure).where(
        or_(Program.same_as_id.is_(None), Program.id.in_(used)), Program.is_demo.is_(False)
    )
    programs = session.execute(query.order_by(Program.code)).all()
    found = []
    for structure in (None, *CostStructure):
        found.append(Place(structure or "whole", NOT_BROKEN_DOWN[structure], structure))
        found += [
            Place(f"p{row.id}", f"{row.code} {row.title}", structure, row.id)
            for row in programs
            if row.cost_structure == structure
        ]
    return found


def enter(
    session: Session, actor: Actor, answers: Mapping[str, Any], amounts: Mapping[Key, Decimal]
) -> Appropriation:  # fmt: skip
    """Enter a law that was typed, to be put in force by somebody else.

    Args:
        answers: what `actions.enter` takes beside the amounts.

    Raises:
        RuleBroken: as `actions.enter`; also where the laws of that year are not the actor's to enter.
    """
    year = answers["fiscal_year"]
    if not may_enter(session, actor, year):
        whose = "MFBM enters" if actor.belongs else "the organization enters"
        raise RuleBroken(f"The laws of {year} are not yours to enter: {whose} them.", field="fiscal_year")
    return actions.enter(session, actor, amounts=amounts, **answers)


def written_in(session: Session, row: Appropriation) -> tuple[FundingSource, str]:
    """The funding source and the fund cluster of a typed law: all of its lines have the same."""
    found = session.execute(
        select(AppropriationLine.source, AppropriationLine.fund_cluster)
        .where(AppropriationLine.appropriation_id == row.id)
        .limit(1)
    ).one()
    return found.source, found.fund_cluster


def reenacted(session: Session, row: Appropriation) -> dict[Key, Decimal]:
    """What a law gives when it is reenacted for the year after: all but capital outlay (BAA No. 84, Sec. 33)."""
    return {key: amount for key, amount in amounts_of(session, row).items() if key[2] != ExpenseClass.CO}


def is_reenactable(row: Appropriation) -> bool:
    """An appropriations act that is in force."""
    return row.status == AppropriationStatus.IN_FORCE and row.kind == LawKind.GAAB and not row.is_demo
