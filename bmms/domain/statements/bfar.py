"""Budget and financial accountability: where the money of each program stands (BAA No. 84 Sec. 59, modules 2.11)."""

from dataclasses import dataclass
from typing import ClassVar

from bmms.domain.statements.shape import Column
from bmms.domain.statements.statement import ALL_CLUSTERS
from bmms.domain.statements.utilization import Utilization

COLUMNS = (
    Column("appropriated", "Appropriations"),
    Column("allotted", "Allotments to date"),
    Column("obligated", "Obligations to date"),
    Column("disbursed", "Disbursements to date"),
    Column("unliquidated", "Unliquidated obligations", terms=((1, "obligated"), (-1, "disbursed"))),
    Column("unexpended", "Unexpended balance", terms=((1, "appropriated"), (-1, "disbursed"))),
)


@dataclass(frozen=True, kw_only=True)
class Bfar(Utilization):
    """Cumulative amounts; what is unexpended is appropriated and not paid."""

    kind = "bfar"
    code = "BFAR"
    name = "BFAR status"
    title = "Status of appropriations, allotments, obligations and disbursements"
    style = "BFAR style"
    about = "Appropriations, allotments, obligations, disbursements, unliquidated obligations, unexpended balance."
    is_wide = False
    choices = {
        "cluster": ("Fund cluster", ALL_CLUSTERS),
        "by": ("Grouped", {"program": "By program", "class": "By class", "source": "By funding source",
                           "quarter": "By quarter"}),
    }  # fmt: skip
    columns: ClassVar[tuple[Column, ...]] = COLUMNS
    note: ClassVar[str] = (
        "What is unexpended is appropriated and not paid; what is unliquidated is obligated and not paid."
    )

    by: str = "program"
