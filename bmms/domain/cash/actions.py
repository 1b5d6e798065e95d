"""Cash authorities: entered by accounting from the instrument, confirmed by somebody else, who compares it (E-10).

Nothing lapses by itself: neither the law nor the specification says when cash that was not paid out goes back.
"""

from datetime import date
from decimal import Decimal

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.files import store
from bmms.domain.holders import holders_of
from bmms.domain.ledger import files
from bmms.domain.ledger.labels import CLUSTERS
from bmms.domain.money import is_pesos
from bmms.domain.notices.telling import tell
from bmms.domain.periods.queries import YEARS
from bmms.domain.permissions import P
from bmms.models.ledger import CashAuthority


def enter(
    session: Session, actor: Actor, *, number: str, fund_cluster: str, received_on: date, amount: Decimal,
    file: store.Upload | None, is_demo: bool = False,
) -> CashAuthority:  # fmt: skip
    """Enter what the Treasury lets the organization pay out. It counts once somebody else has confirmed it.

    Args:
        received_on: from this day on it may be paid out.
        amount: pesos.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: a field is wrong, the number is taken, or the instrument is missing; names the field.
    """
    actor.require(P.LEDGER_PAY)
    wrong: dict[str, str] = {}
    if not number.strip():
        wrong["number"] = "Type the number of the authority."
    if fund_cluster not in CLUSTERS:
        wrong["fund_cluster"] = "Choose the fund cluster."
    if received_on.year not in YEARS:
        wrong["received_on"] = f"Give a day from {YEARS[0]} to {YEARS[-1]}."
    if amount <= 0 or not is_pesos(amount):
        wrong["amount"] = "An amount is above zero and has two decimals at most."
    if wrong:
        (field, message), *others = wrong.items()
        raise RuleBroken(message, field=field, **dict(others))
    authority = CashAuthority(
        number=" ".join(number.split()), fund_cluster=fund_cluster, received_on=received_on, amount=amount,
        entered_by=actor.user_id, entered_label=actor.signature, is_demo=is_demo,
        file_id=files.keep(session, actor, file),
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(authority)
    except IntegrityError as error:
        raise RuleBroken("There is an authority of this number already. Open that one.", field="number") from error
    audit.record(
        session, actor, "cash_authorities:create", authority, label=authority.number, amount=(None, amount),
        received_on=(None, received_on), fund_cluster=(None, fund_cluster),
    )  # fmt: skip
    _tell(session, actor, authority, P.BUDGET_REVIEW, "cash_entered", "entered {}. It waits for confirmation.")
    return authority


def confirm(session: Session, actor: Actor, authority: CashAuthority) -> None:
    """Let an authority that somebody else entered count. It stays as it is from then on.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is confirmed already, or the actor entered it.
    """
    actor.require(P.BUDGET_REVIEW)
    _hold(session, authority)
    if authority.confirmed_at is not None:
        raise RuleBroken("This authority is confirmed already.")
    if authority.entered_by in actor.persons:
        raise RuleBroken("You entered this authority. Somebody else compares it with the instrument and confirms.")
    authority.confirmed_by, authority.confirmed_label = actor.user_id, actor.signature
    authority.confirmed_at = clock.now()
    audit.record(
        session, actor, "cash_authorities:confirm", authority, label=authority.number, amount=(None, authority.amount)
    )
    _tell(session, actor, authority, P.LEDGER_PAY, "cash_confirmed", "confirmed {}. It can be paid out.")


def withdraw(session: Session, actor: Actor, authority: CashAuthority) -> None:
    """Take back an authority that nobody has confirmed. Raises NotAllowed, RuleBroken."""
    actor.require(P.LEDGER_PAY)
    _hold(session, authority)
    if authority.confirmed_at is not None:
        raise RuleBroken("This authority is confirmed and stays.")
    audit.record(
        session, actor, "cash_authorities:delete", authority, label=authority.number, amount=(authority.amount, None)
    )
    session.delete(authority)
    session.flush()


def _hold(session: Session, authority: CashAuthority) -> None:
    session.refresh(authority, with_for_update=True)


def _tell(session: Session, actor: Actor, authority: CashAuthority, need: P, kind: str, said: str) -> None:
    """Those for whom it waits, or who can go on now: without the amount, because it goes into mails."""
    text = f"{actor.signature} {said.format(f'cash authority {authority.number}')}"
    tell(
        session, actor, holders_of(session, need), kind, text, "execution.cash_show", is_demo=authority.is_demo,
        cash_id=authority.id,
    )  # fmt: skip
