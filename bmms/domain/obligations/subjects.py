"""Obligation requests take files: what the need rests on, and later what proves delivery."""

from collections.abc import Collection

from bmms.domain import subjects
from bmms.domain.obligations.queries import get_obligation
from bmms.domain.permissions import Permission
from bmms.models.collaboration import FileCategory
from bmms.models.obligations import Obligation, ObligationStatus

AFTERWARDS = frozenset({FileCategory.INSTRUMENT, FileCategory.EVIDENCE})  # adjustments, acceptance


def _taking(obligation: Obligation) -> Collection[FileCategory]:
    """All while it is written; nothing while it waits for certification; then what comes with delivery."""
    if obligation.status == ObligationStatus.DRAFT:
        return frozenset(FileCategory)
    return AFTERWARDS if obligation.status == ObligationStatus.OBLIGATED else frozenset()


OBLIGATION = subjects.Kind(
    word="obligations", column="obligation_id", label="Obligation request", called="the obligation request",
    find=get_obligation, view=Permission.LEDGER_VIEW, remark=Permission.LEDGER_EDIT, attach=Permission.LEDGER_EDIT,
    taking=_taking, is_open=lambda obligation: obligation.status == ObligationStatus.DRAFT, has_thread=False,
    module="execution", endpoint="execution.obligation_show",
)  # fmt: skip
subjects.register(OBLIGATION)
