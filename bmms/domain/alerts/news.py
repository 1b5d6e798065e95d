"""Who is told of alerts: those whom modules 2.9 names, in one notice for each kind; it goes by mail, so no amounts."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.alerts.kinds import KINDS
from bmms.domain.holders import codes_at_work
from bmms.domain.notices.telling import tell
from bmms.models.alerts import AlertKind


@dataclass(frozen=True, order=True)
class Told:
    """An alert that has opened, or grown more severe."""

    kind: AlertKind
    alert_id: int
    is_demo: bool
    is_raised: bool


def tell_of(session: Session, actor: Actor, told: Iterable[Told]) -> None:
    """One notice for each kind of news; what is demo is told apart, and goes into no mail."""
    news = sorted(told, key=_sort)
    if not news:
        return
    at_work = codes_at_work(session)
    for (kind, is_demo, is_raised), these in groupby(news, key=_sort):
        people = {key for key, codes in at_work.items() if codes & KINDS[kind].audience}
        ids = [one.alert_id for one in these]
        said, label = "is more severe now" if is_raised else "is new", KINDS[kind].label
        if len(ids) == 1:
            values: dict[str, Any] = {"alert_id": ids[0]}
            text, endpoint = f"An alert {said}: {label}.", "execution.alert_show"
        else:
            said, values = "are more severe now" if is_raised else "are new", {"kind": kind.value}
            text, endpoint = f"{len(ids)} alerts {said}: {label}.", "execution.alert_list"
        tell(
            session, actor, people, "alert_raised" if is_raised else "alert_opened", text, endpoint, is_demo=is_demo,
            **values,
        )  # fmt: skip


def _sort(one: Told) -> tuple[AlertKind, bool, bool]:
    return one.kind, one.is_demo, one.is_raised
