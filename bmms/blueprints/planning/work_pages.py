"""What the pages of work plans and work items share."""

from typing import Any

from flask import g

from bmms.domain import clock
from bmms.domain.planning import labels
from bmms.domain.planning.names import Names
from bmms.domain.workplans import labels as work_labels
from bmms.domain.workplans import queries, schedule
from bmms.extensions import db
from bmms.models.work import AnnualWorkPlan, WorkItem


def work_plan_of(work_plan_id: int) -> AnnualWorkPlan:
    """The work plan of the address. Raises NotFound."""
    return queries.get_work_plan(db.session(), g.actor, work_plan_id)


def item_of(work_item_id: int) -> tuple[WorkItem, AnnualWorkPlan]:
    """The item of the address, and its work plan. Raises NotFound."""
    return queries.get_item(db.session(), g.actor, work_item_id)


def words() -> dict[str, Any]:
    """What templates need to write about items: names, labels, and how an item does today."""
    today = clock.today()
    return {
        "names": Names(db.session()),
        "labels": labels,
        "lights": work_labels.LIGHT,
        "tags": work_labels.TAGS,
        "light_of": lambda item: schedule.light_of(item, today),
        "is_overdue": lambda item: schedule.is_overdue(item, today),
    }
