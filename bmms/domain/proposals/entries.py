"""What a line can name, to be found by typing: object codes, places, work items; and the names behind their codes."""

from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.looking_up import Entries
from bmms.domain.workplans.places import Gazetteer
from bmms.models.proposals import BudgetProposal
from bmms.models.reference import ObjectCode
from bmms.models.work import WorkItem

REGION = "1900000000"  # PSGC of the Bangsamoro Autonomous Region
KINDS = ("objects", "places", "work-items")


class Known:
    """What the lines of a proposal can name; each list is read when it is first asked for."""

    def __init__(self, session: Session, proposal: BudgetProposal) -> None:
        self._session, self._proposal = session, proposal

    def of_kind(self, kind: str) -> Entries:
        """One of KINDS."""
        return {"objects": self.object_codes, "places": self.places, "work-items": self.work_items}[kind]()

    def object_codes(self) -> Entries:
        """The objects of expenditure in force in the year: 5-02-03-010-00 Office Supplies Expenses (MOOE)."""
        year = self._proposal.fiscal_year
        return {
            one.code: f"{one.dashed} {one.title} ({one.expense_class})"
            for one in self._objects.values()
            if one.is_valid_in(year)
        }

    def places(self) -> Entries:
        """The places of the region, the region as a whole first."""
        return self._places

    def work_items(self) -> Entries:
        """The projects and activities of the work plan on which the proposal rests."""
        return self._items

    def object_code(self, code: str) -> str:
        """5-02-03-010-00 Office Supplies Expenses."""
        one = self._objects.get(code)
        return f"{one.dashed} {one.title}" if one else code

    def place(self, psgc: str | None) -> str:
        """Where the money goes; empty as long as nobody has said so."""
        return self._places.get(psgc or "", psgc or "")

    def work_item(self, item_id: int | None) -> str:
        """Code and title of a work item; empty for none."""
        return self._items.get(item_id, "") if item_id else ""

    @cached_property
    def _objects(self) -> dict[str, ObjectCode]:
        return {one.code: one for one in self._session.scalars(select(ObjectCode).order_by(ObjectCode.code))}

    @cached_property
    def _places(self) -> dict[str, str]:
        names = Gazetteer(self._session).names
        return {REGION: "Region-wide", **{psgc: name for psgc, name in names.items() if psgc != REGION}}

    @cached_property
    def _items(self) -> dict[int, str]:
        if self._proposal.work_plan_id is None:
            return {}
        query = select(WorkItem.id, WorkItem.code, WorkItem.title)
        query = query.where(WorkItem.work_plan_id == self._proposal.work_plan_id).order_by(WorkItem.code)
        return {row.id: f"{row.code} {row.title}" for row in self._session.execute(query)}
