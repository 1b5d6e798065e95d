"""What officers do about alerts: acknowledge one, set from when on they want to be alerted."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, versions
from bmms.domain.actors import Actor
from bmms.domain.alerts import limits
from bmms.domain.alerts.kinds import KINDS, concerns
from bmms.domain.errors import NotAllowed, RuleBroken, Stale
from bmms.domain.permissions import P
from bmms.models.alerts import AlertLimits, BudgetAlert
from bmms.models.organizations import Organization
from bmms.tenancy import scope_of


def acknowledge(session: Session, actor: Actor, alert: BudgetAlert, note: str, *, row_version: int | None) -> None:
    """Say that one knows of an alert, and what is done about it. It stays open until its cause ends.

    Raises:
        NotAllowed: the table of modules 2.9 does not name the actor for this kind.
        RuleBroken: it is closed, or somebody has acknowledged it since it was last raised; the note is missing.
        Stale: it grew more severe, or somebody acknowledged it, while the person was reading.
    """
    require_may_acknowledge(actor, alert)
    versions.require_unchanged(alert, row_version, "this alert")
    words = " ".join(note.split())
    if not words:
        raise RuleBroken("Say what is done about it.", field="note")
    before = alert.note
    alert.acknowledged_by, alert.acknowledged_label = actor.user_id, actor.signature
    alert.acknowledged_at, alert.note = clock.now(), words
    audit.record(
        session, actor, "budget_alerts:acknowledge", alert, label=KINDS[alert.kind].label, acknowledged=(before, words)
    )


def require_may_acknowledge(actor: Actor, alert: BudgetAlert) -> None:
    """Go on only where this actor can acknowledge the alert now. Raises NotAllowed, RuleBroken."""
    if not concerns(actor, alert.kind):
        raise NotAllowed("Whom the alert concerns acknowledges it.")
    if not alert.is_open:
        raise RuleBroken("The alert is closed already: its cause has ended.")
    if alert.is_acknowledged:
        raise RuleBroken(f"{alert.acknowledged_label} has acknowledged this already.")


def change_limits(session: Session, actor: Actor, values: Mapping[str, Any], *, row_version: int) -> None:
    """Set from when on the organization is alerted; it counts from the next check on.

    Args:
        values: all of `limits.LIMITS` by name.
        row_version: of the figures that the person looked at; 0 while the defaults counted.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: with a message for each figure that is wrong.
        Stale: somebody else set them meanwhile.
    """
    actor.require(P.SETTINGS_CHANGE)
    here = scope_of(session).organization_id
    session.execute(select(Organization.id).where(Organization.id == here).with_for_update(key_share=True))
    row = limits.stored(session)
    if (row.row_version if row else 0) != row_version:
        raise Stale("Somebody else set these figures meanwhile. Open them again, look at the change, and repeat yours.")
    if wrong := limits.wrong_in(values):
        (field, message), *rest = wrong.items()
        raise RuleBroken(message, field=field, **dict(rest))
    before = limits.limits_of(session)
    if row is None:
        row = AlertLimits(organization_id=here)
        session.add(row)
    changed: dict[str, Any] = {}
    for name in limits.LIMITS:
        setattr(row, name, values[name])
        if before[name] != values[name]:
            changed[name] = before[name], values[name]
    audit.record(session, actor, "alert_limits:change", row, label="Limits of alerts", **changed)
