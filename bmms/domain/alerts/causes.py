"""What is the matter now: the common shape of what the families of causes find, each in one statement."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.orm import Session

from bmms.models.alerts import SUBJECT, AlertKind, Severity
from bmms.tenancy import scope_of

Key = tuple[Any, ...]
KEY = ("kind", *SUBJECT, "fiscal_year", "period", "is_demo")


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One reason for an alert.

    Args:
        facts: the figures, as text: amounts in pesos, shares in per cent, days as 2026-12-31.
    """

    kind: AlertKind
    severity: Severity
    fiscal_year: int
    period: str
    is_demo: bool = False
    account_id: int | None = None
    obligation_id: int | None = None
    work_item_id: int | None = None
    cost_structure: str | None = None
    program_id: int | None = None
    expense_class: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """Of alerts with the same key one is open at most."""
        return tuple(getattr(self, name) for name in KEY)


_OWN = frozenset({*KEY, "severity"})


def asked(session: Session, kind: AlertKind, query: Executable, **values: Any) -> list[Cause]:
    """What a statement finds: columns named after fields of a cause are these, all others are its facts."""
    found = session.execute(query, {"organization_id": scope_of(session).organization_id, **values}).mappings()
    return list(causes(kind, found))


def causes(kind: AlertKind, rows: Iterable[Mapping[Any, Any]]) -> Iterable[Cause]:
    """Rows as causes."""
    for row in rows:
        told = {name: value for name, value in row.items() if name in _OWN}
        facts = {name: _text(value) for name, value in row.items() if name not in _OWN and value is not None}
        severity = Severity(told.pop("severity"))
        yield Cause(kind=kind, severity=severity, facts=facts, **told)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
