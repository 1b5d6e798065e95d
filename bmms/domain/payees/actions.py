"""What budget officers and accountants do with the register of payees."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bmms.domain import audit, versions
from bmms.domain.actors import Actor
from bmms.domain.errors import NotAllowed, RuleBroken
from bmms.domain.payees import queries, tins
from bmms.domain.permissions import P
from bmms.models.payees import Payee

TWICE = (
    "There is a payee with this very name, and the two cannot be told apart. Type the TIN, or add to the name what "
    "only this one has."
)


class Duplicate(RuleBroken):
    """Somebody like this is in the register already: a warning, which one may answer with "it is somebody else"."""

    def __init__(self, message: str, field: str, others: Sequence[Payee]) -> None:
        super().__init__(message, field=field)
        self.others = others


def may_keep(actor: Actor) -> bool:
    """May this actor change the register? Budget officers and accountants may."""
    return actor.may(P.LEDGER_EDIT) or actor.may(P.LEDGER_PAY)


def require_keeper(actor: Actor) -> None:
    """Raises NotAllowed unless the actor may change the register."""
    if not may_keep(actor):
        raise NotAllowed(f"This needs the permission {P.LEDGER_EDIT} or {P.LEDGER_PAY}.")


def create_payee(
    session: Session, actor: Actor, answers: Mapping[str, Any], *, tin: str = "", somebody_else: bool = False
) -> Payee:
    """Enter a payee.

    Args:
        answers: name, kind, address.
        tin: as typed; empty for none.
        somebody_else: the actor has looked at the others of this name or TIN.

    Raises:
        NotAllowed: the permission is missing.
        Duplicate: there is one of this name or TIN.
        RuleBroken: an answer is wrong, or name and TIN are both there.
    """
    require_keeper(actor)
    payee = Payee(**_sound(answers))
    digits = tins.digits_of(tin)
    found = tins.digest(session, digits) if digits else None
    _require_new(payee, queries.like(session, payee.name, found), found, somebody_else=somebody_else)
    tins.keep(session, payee, digits)
    with _told_apart(session):
        session.add(payee)
    audit.record(
        session, actor, "payees:create", payee, label=payee.name, name=(None, payee.name), kind=(None, payee.kind),
        tin=("none", "given" if digits else "none"),
    )  # fmt: skip
    return payee


def change_payee(
    session: Session, actor: Actor, payee: Payee, answers: Mapping[str, Any], *, tin: str = "",
    without_tin: bool = False, somebody_else: bool = False, row_version: int | None = None,
) -> None:  # fmt: skip
    """Correct a payee.

    Args:
        tin: as typed; empty leaves it as it is.
        without_tin: take the number out.

    Raises:
        NotAllowed: the permission is missing.
        Duplicate: the new name or TIN is another one's.
        Stale: somebody else changed the payee meanwhile.
        RuleBroken: an answer is wrong, or name and TIN are another one's.
    """
    require_keeper(actor)
    session.refresh(payee, with_for_update=True)
    versions.require_unchanged(payee, row_version, payee.name)
    digits = tins.digits_of(tin)
    if digits and without_tin:
        raise RuleBroken("Either type the new TIN, or tick that there is none.", field="tin")
    found = None if without_tin else tins.digest(session, digits) if digits else payee.tin_digest
    was_name, was_digest = payee.name, payee.tin_digest
    answers = _sound(answers)
    with _told_apart(session), session.no_autoflush:
        for name, value in answers.items():
            setattr(payee, name, value)
        others = queries.like(session, payee.name, found, payee.id)
        if queries.plain_name(was_name) == queries.plain_name(payee.name) and found == was_digest:
            others = [one for one in others if one.name == payee.name and one.tin_digest == found]  # known before
        _require_new(payee, others, found, somebody_else=somebody_else)
        changes = audit.changed_fields(payee, *answers)
        if found != was_digest:
            tins.keep(session, payee, digits)
            changes["tin"] = ("given" if was_digest else "none", "given anew" if digits else "none")
    audit.record(session, actor, "payees:change", payee, label=payee.name, **changes)


def deactivate_payee(session: Session, actor: Actor, payee: Payee) -> None:
    """Offer a payee no longer; documents keep the name. Raises RuleBroken when that is so already."""
    _set_active(session, actor, payee, "deactivate", active=False)


def activate_payee(session: Session, actor: Actor, payee: Payee) -> None:
    """Offer a payee again. Raises RuleBroken when that is so already."""
    _set_active(session, actor, payee, "activate", active=True)


def delete_payee(session: Session, actor: Actor, payee: Payee) -> None:
    """Remove a payee whom no document names. Raises RuleBroken."""
    require_keeper(actor)
    session.refresh(payee, with_for_update=True)
    if queries.is_named(session, payee):
        raise RuleBroken(f"Obligations or vouchers name {payee.name}. Deactivate the payee instead.")
    audit.record(session, actor, "payees:delete", payee, label=payee.name, name=(payee.name, None))
    session.delete(payee)
    session.flush()


def reseal_tins(session: Session, actor: Actor) -> tuple[int, int]:
    """Encrypt every number of the organization with the newest key (decision D36): an operator's act.

    Returns:
        how many were encrypted anew, and how many no key of DATA_KEYS opens.
    """
    resealed, lost = tins.reseal_all(session)
    if resealed:
        audit.record(session, actor, "payees:reseal", note=f"{resealed} values")
    return resealed, lost


def _set_active(session: Session, actor: Actor, payee: Payee, verb: str, *, active: bool) -> None:
    require_keeper(actor)
    session.refresh(payee, with_for_update=True)
    if payee.is_active == active:
        raise RuleBroken(f"{payee.name} is {'active' if active else 'inactive'} already.")
    payee.is_active = active
    audit.record(session, actor, f"payees:{verb}", payee, label=payee.name, is_active=(not active, active))


def _sound(answers: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(answers)
    found["name"] = " ".join(str(found["name"]).split())
    if not queries.plain_name(found["name"]):
        raise RuleBroken("Type the name of the payee.", field="name")
    if tins.is_written_as_number(found["name"]):
        raise RuleBroken("This is a number, not a name. A TIN goes into its own field.", field="name")
    return found


def _require_new(payee: Payee, others: Sequence[Payee], found: bytes | None, *, somebody_else: bool) -> None:
    """Nobody of this name or TIN, or the actor has said that it is somebody else; never both the same."""
    wanted = queries.plain_name(payee.name)
    numbered = [one for one in others if found is not None and one.tin_digest == found]
    for one in numbered:
        if queries.plain_name(one.name) == wanted:
            raise Duplicate(f"{one.name} with this TIN is in the register already. Use that entry.", "tin", [one])
    for one in others:
        if one.name == payee.name and one.tin_digest is None and found is None:
            raise Duplicate(TWICE, "name", [one])
    if somebody_else or not others:
        return
    first = others[0]
    shown = f"{first.name} ({tins.masked(first)})" if first.tin_end else first.name
    shown += "" if first.is_active else ", inactive,"
    if numbered:
        raise Duplicate(
            f"{shown} has this TIN already. Use that entry, or say that it is somebody else.", "tin", others
        )
    raise Duplicate(
        f"{shown} is in the register already. Use that entry, or say that it is somebody else.", "name", others
    )


@contextmanager
def _told_apart(session: Session) -> Iterator[None]:
    """Write a payee. Of two who enter the same at once, the second is told."""
    try:
        with session.begin_nested():
            yield
            session.flush()
    except IntegrityError as error:
        if str(getattr(getattr(error.orig, "diag", None), "constraint_name", "")).startswith("uq_payees"):
            raise RuleBroken(TWICE, field="name") from None
        raise
