"""What a list of requests is checked against: accounts, objects, activities, payees, requests that are there."""

from collections import defaultdict
from decimal import Decimal
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.ledger import accounts
from bmms.domain.ledger.accounts import Shown
from bmms.models.obligations import Obligation, ObligationStatus, RequestBatch
from bmms.models.payees import Payee
from bmms.models.planning import PlanStatus
from bmms.models.reference import ObjectCode
from bmms.models.work import AnnualWorkPlan, WorkItem

Likeness = tuple[str, int, Decimal]  # reference (or particulars, where there is none), payee, total


class Contents:
    """One list with all that its rows can name; read when first asked for."""

    def __init__(self, session: Session, batch: RequestBatch) -> None:
        self.session, self.batch, self.fiscal_year = session, batch, batch.fiscal_year

    @cached_property
    def accounts(self) -> dict[int, Shown]:
        """The accounts whose law is in force, of all years: rules say which can be charged on a day."""
        return {one.account.id: one for one in accounts.chargeable(self.session)}

    @cached_property
    def objects(self) -> dict[str, ObjectCode]:
        """The whole list of objects."""
        return {one.code: one for one in self.session.scalars(select(ObjectCode).order_by(ObjectCode.code))}

    @cached_property
    def items(self) -> dict[str, int]:
        """The projects and activities of the work plan of the year, by their codes."""
        query = (
            select(WorkItem.code, WorkItem.id)
            .join(AnnualWorkPlan, AnnualWorkPlan.id == WorkItem.work_plan_id)
            .where(
                AnnualWorkPlan.fiscal_year == self.fiscal_year, AnnualWorkPlan.status != PlanStatus.ARCHIVED,
                AnnualWorkPlan.revises_id.is_(None),
            )
            .order_by(WorkItem.code)
        )  # fmt: skip
        return {row.code: row.id for row in self.session.execute(query)}

    @cached_property
    def payees(self) -> dict[int, Payee]:
        """Those of the register that are in use, by their names."""
        query = select(Payee).where(Payee.is_active).order_by(Payee.name, Payee.id)
        return {one.id: one for one in self.session.scalars(query)}

    @cached_property
    def payees_by_name(self) -> dict[str, list[int]]:
        """The same by their names as compared (`folded`)."""
        found: dict[str, list[int]] = defaultdict(list)
        for key, one in self.payees.items():
            found[folded(one.name)].append(key)
        return found

    @cached_property
    def payee_names(self) -> dict[str, int]:
        """The same by their names as written."""
        return {one.name: key for key, one in self.payees.items()}

    @cached_property
    def standing(self) -> dict[Likeness, Obligation]:
        """Requests of the year that are not cancelled."""
        query = select(Obligation).where(
            Obligation.fiscal_year == self.fiscal_year, Obligation.status != ObligationStatus.CANCELLED
        )
        return {likeness_of(one): one for one in self.session.scalars(query.order_by(Obligation.id.desc()))}


def likeness_of(obligation: Obligation) -> Likeness:
    """What two requests have in common that are probably one."""
    return folded(obligation.reference or obligation.particulars), obligation.payee_id, obligation.total


def folded(name: str) -> str:
    """A name as it is compared: capitals and blanks do not matter."""
    return " ".join(name.casefold().split())
