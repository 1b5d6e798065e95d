"""What the lines of a request can name: accounts of all laws in force, objects and activities of its year."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.ledger import accounts
from bmms.domain.ledger.accounts import Shown
from bmms.domain.looking_up import Entries
from bmms.domain.obligations.rules import Line
from bmms.models.authority import BudgetAccount, ValidityExtension
from bmms.models.planning import PlanStatus
from bmms.models.reference import ObjectCode
from bmms.models.work import AnnualWorkPlan, WorkItem


class Choices:
    """Each list is read when it is first asked for."""

    def __init__(self, session: Session, fiscal_year: int) -> None:
        self._session, self._year = session, fiscal_year

    def of_kind(self, kind: str) -> Entries:
        """`objects` or `work-items`."""
        return {"objects": self.objects, "work-items": self.items}[kind]

    @cached_property
    def accounts(self) -> list[tuple[int, str]]:
        """Id, and number with title, law, and the last day on which it may be charged."""
        return [
            (one.account.id, f"{one.name}, {one.law}, until {self._until(one):%d %b %Y}") for one in self._chargeable
        ]

    @cached_property
    def named(self) -> dict[int, tuple[BudgetAccount, str]]:
        """The accounts by id, each with its full name."""
        return {one.account.id: (one.account, one.name) for one in self._chargeable}

    @cached_property
    def objects(self) -> Entries:
        """The objects of expenditure that are valid in the year: code to name."""
        return {
            one.code: f"{one.dashed} {one.title} ({one.expense_class})"
            for one in self._objects.values()
            if one.is_valid_in(self._year)
        }

    def has_controlled(self, lines: Iterable[Line]) -> bool:
        """Does one of these lines charge an object that has an allotment of its own (E-6)?"""
        return any(
            (line.account_id in self.named and self.named[line.account_id][0].by_object)
            or (line.object_code in self._objects and self._objects[line.object_code].is_controlled)
            for line in lines
        )

    @cached_property
    def items(self) -> Entries:
        """The projects and activities of the work plan of the year: id to code and title."""
        query = (
            select(WorkItem.id, WorkItem.code, WorkItem.title)
            .join(AnnualWorkPlan, AnnualWorkPlan.id == WorkItem.work_plan_id)
            .where(
                AnnualWorkPlan.fiscal_year == self._year, AnnualWorkPlan.status != PlanStatus.ARCHIVED,
                AnnualWorkPlan.revises_id.is_(None),
            )
            .order_by(WorkItem.code)
        )  # fmt: skip
        return {row.id: f"{row.code} {row.title}" for row in self._session.execute(query)}

    @cached_property
    def _chargeable(self) -> list[Shown]:
        return accounts.chargeable(self._session)

    @cached_property
    def _objects(self) -> dict[str, ObjectCode]:
        return {one.code: one for one in self._session.scalars(select(ObjectCode).order_by(ObjectCode.code))}

    def _until(self, shown: Shown) -> date:
        account = shown.account
        longer = [
            one.obligate_until
            for one in self._extensions
            if one.appropriation_id == account.appropriation_id and one.expense_class in (None, account.expense_class)
        ]
        return max([account.obligate_until, *longer])

    @cached_property
    def _extensions(self) -> Sequence[ValidityExtension]:
        query = select(ValidityExtension).where(ValidityExtension.confirmed_at.is_not(None))
        return self._session.scalars(query).all()
