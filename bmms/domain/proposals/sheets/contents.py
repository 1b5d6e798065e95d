"""All that a proposal says in its lines, and what they can name, read in few statements whatever their number."""

from collections import Counter
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import merging
from bmms.domain.imports.values import clean
from bmms.domain.proposals import entries, queries
from bmms.domain.proposals.lines import QUARTERS, quarters_typed
from bmms.domain.proposals.queries import Chosen
from bmms.domain.workplans.places import Gazetteer
from bmms.models.budgets import BudgetCall
from bmms.models.proposals import BudgetLine, BudgetProposal, ProposalProgram
from bmms.models.reference import ObjectCode
from bmms.models.work import WorkItem

TEXTS = ("description", "unit", "justification", "price_references", "procurement_entry")
COLUMNS = (
    "object_code", "description", "quantity", "unit", "unit_cost", "place_psgc", "source", "work_item_id",
    "gad_percent", "climate", "sphere", "tier", "procurement", "justification", "price_references",
    "procurement_entry",
)  # fmt: skip
ANSWERS = (*COLUMNS, *QUARTERS)  # what an import may change in a line


class Contents:
    """One proposal with all its lines; read when first asked for."""

    def __init__(self, session: Session, proposal: BudgetProposal) -> None:
        self.session, self.proposal = session, proposal
        self.gazetteer = Gazetteer(session)

    @cached_property
    def programs(self) -> dict[int, Chosen]:
        """The programs of the proposal by the id of their part of it, the first in rank first."""
        return {one.part.id: one for one in queries.programs_of(self.session, self.proposal)}

    @cached_property
    def lines(self) -> list[BudgetLine]:
        """Program by program, in their order."""
        query = (
            select(BudgetLine)
            .join(ProposalProgram, ProposalProgram.id == BudgetLine.proposal_program_id)
            .where(BudgetLine.proposal_id == self.proposal.id)
            .order_by(ProposalProgram.ordinal, BudgetLine.ordinal)
        )
        return list(self.session.scalars(query.execution_options(populate_existing=True)))

    @cached_property
    def by_id(self) -> dict[int, BudgetLine]:
        """All lines."""
        return {line.id: line for line in self.lines}

    @cached_property
    def objects(self) -> dict[str, ObjectCode]:
        """The whole list of objects."""
        return {one.code: one for one in self.session.scalars(select(ObjectCode).order_by(ObjectCode.code))}

    @cached_property
    def places(self) -> dict[str, str]:
        """PSGC code to a name that no other place has; the code itself where two are called alike."""
        names = {str(psgc): name for psgc, name in entries.Known(self.session, self.proposal).places().items()}
        often = Counter(name.casefold() for name in names.values())
        return {psgc: name if often[name.casefold()] == 1 else psgc for psgc, name in names.items()}

    @cached_property
    def work_items(self) -> dict[int, WorkItem]:
        """The projects and activities of the work plan on which the proposal rests."""
        query = select(WorkItem).where(WorkItem.work_plan_id == self.proposal.work_plan_id).order_by(WorkItem.code)
        return {item.id: item for item in self.session.scalars(query)}

    @cached_property
    def call(self) -> BudgetCall | None:
        """The call that sets the ceiling."""
        return queries.call_of(self.session, self.proposal)

    @staticmethod
    def standing(line: BudgetLine) -> dict[str, Any]:
        """What a line says now: the answers of its form."""
        return {
            **{name: getattr(line, name) for name in COLUMNS},
            **{name: clean(getattr(line, name)) for name in TEXTS},
            **quarters_typed(line),
        }

    def fingerprint(self, line: BudgetLine) -> str:
        """Changes when an answer does."""
        now = self.standing(line)
        return merging.digest([f"{name} {merging.word(now[name])}" for name in ANSWERS])
