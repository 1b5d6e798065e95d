"""Laws that let the money of an appropriation be charged longer: entered, confirmed by somebody else (E-8).

Charging an expired year is refused until such a law is on record, and then only from its date.
"""

from datetime import date

from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.authority import lapsing
from bmms.domain.authority.steps import who_confirms, who_enters
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.files import store
from bmms.domain.ledger import files, news
from bmms.models.authority import Appropriation, AppropriationStatus, ValidityExtension


def get_extension(session: Session, row: Appropriation, validity_id: int) -> ValidityExtension:
    """One of an appropriation. Raises NotFound."""
    found = session.get(ValidityExtension, validity_id)
    if found is None or found.appropriation_id != row.id:
        raise NotFound("There is no such extension.")
    return found


def enter(
    session: Session, actor: Actor, row: Appropriation, *, law: str, effective_on: date, obligate_until: date,
    pay_until: date, file: store.Upload | None,
) -> ValidityExtension:  # fmt: skip
    """Enter a law that extends the validity of all classes of an appropriation.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: the appropriation was never in force, the days are wrong, the instrument is missing.
    """
    actor.require(who_enters(row))
    if row.status == AppropriationStatus.DRAFT:
        raise RuleBroken("Only an appropriation that is in force, or was, is extended.")
    if obligate_until < row.obligate_until or pay_until < row.pay_until:
        raise RuleBroken("The law gives no more time than there was.", field="obligate_until")
    if pay_until < obligate_until:
        raise RuleBroken("Payments go on at least as long as obligations.", field="pay_until")
    if effective_on > obligate_until:
        raise RuleBroken("The law takes effect after the time that it gives is over.", field="effective_on")
    extension = ValidityExtension(
        appropriation_id=row.id, law=law.strip(), effective_on=effective_on, obligate_until=obligate_until,
        pay_until=pay_until, file_id=files.keep(session, actor, file), entered_by=actor.user_id,
        entered_label=actor.signature, is_demo=row.is_demo,
    )  # fmt: skip
    session.add(extension)
    audit.record(
        session, actor, "validity_extensions:create", extension, label=f"{row.reference}: {extension.law}",
        obligate_until=(row.obligate_until, obligate_until), pay_until=(row.pay_until, pay_until),
    )  # fmt: skip
    news.tell_of(session, actor, row, "extension_entered")
    return extension


def confirm(session: Session, actor: Actor, row: Appropriation, extension: ValidityExtension) -> None:
    """Put an extension that somebody else entered into force, and with it what has lapsed and may be paid again.

    Raises NotAllowed, RuleBroken.
    """
    actor.require(who_confirms(row))
    session.refresh(extension, with_for_update=True)
    if extension.confirmed_at is not None:
        raise RuleBroken("This extension is confirmed already.")
    if extension.entered_by in actor.persons:
        raise RuleBroken("You entered this extension. Somebody else compares it with the law and confirms.")
    extension.confirmed_by, extension.confirmed_label = actor.user_id, actor.signature
    extension.confirmed_at = clock.now()
    audit.record(session, actor, "validity_extensions:confirm", extension, label=f"{row.reference}: {extension.law}")
    if extension.pay_until >= clock.today():
        lapsing.take_up(session, actor, row)
    news.tell_of(session, actor, row, "extension_confirmed")


def withdraw(session: Session, actor: Actor, row: Appropriation, extension: ValidityExtension) -> None:
    """Take back an extension that nobody has confirmed. Raises RuleBroken."""
    actor.require(who_enters(row))
    session.refresh(extension, with_for_update=True)
    if extension.confirmed_at is not None:
        raise RuleBroken("This extension is confirmed and stays.")
    audit.record(session, actor, "validity_extensions:delete", extension, label=f"{row.reference}: {extension.law}")
    session.delete(extension)
    session.flush()
