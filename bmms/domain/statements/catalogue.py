"""All statements, in the order in which they are offered."""

from bmms.domain.errors import NotFound
from bmms.domain.statements.ageing import Ageing
from bmms.domain.statements.bed import Bed1, Bed3, Schedule
from bmms.domain.statements.bed2 import Bed2
from bmms.domain.statements.bfar import Bfar
from bmms.domain.statements.extract import Extract
from bmms.domain.statements.far1 import Far1
from bmms.domain.statements.monthly import Monthly
from bmms.domain.statements.objects import ByObject
from bmms.domain.statements.orders import Allotments
from bmms.domain.statements.register import Register
from bmms.domain.statements.spending import Disbursements, Obligations
from bmms.domain.statements.statement import Statement
from bmms.domain.statements.utilization import Utilization

STATEMENTS: tuple[type[Statement], ...] = (
    Far1, Utilization, ByObject, Allotments, Ageing, Register, Obligations, Disbursements, Monthly, Bfar,
    Extract, Bed1, Bed2, Bed3, Schedule,
)  # fmt: skip
BY_KIND = {each.kind: each for each in STATEMENTS}


def statement_at(kind: str) -> type[Statement]:
    """The statement of a kind. Raises NotFound."""
    if kind not in BY_KIND:
        raise NotFound("There is no such statement.")
    return BY_KIND[kind]
