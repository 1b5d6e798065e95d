"""Designating an officer-in-charge or a deputy, and taking it back.

While one is in force, `domain/access.py` gives the deputy the principal's rights, prints "for", and counts the
principal's work as the deputy's own wherever nobody may approve what is his or hers.
"""

from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, outbox
from bmms.domain.actors import Actor
from bmms.domain.designations.queries import KIND_LABELS, State, state_on
from bmms.domain.errors import RuleBroken
from bmms.domain.files import kinds, rights, store
from bmms.domain.members import Member, working_members
from bmms.domain.permissions import Permission
from bmms.models.memberships import Designation, DesignationKind, Membership
from bmms.models.organizations import StoredFile

LONGEST_NUMBER = 80
INSTRUMENT = "designation"  # the purpose of the files that prove designations


def designate(
    session: Session,
    actor: Actor,
    *,
    deputy_id: int,
    principal_id: int,
    kind: DesignationKind,
    starts_on: date,
    ends_on: date,
    instrument_number: str,
    file: store.Upload | None = None,
) -> Designation:
    """Let one member stand in for another, from day to day, by an instrument such as a special order.

    Args:
        deputy_id, principal_id: memberships of the organization that the session serves.
        ends_on: the last day.
        file: the instrument as PDF or picture.

    Raises:
        RuleBroken: with a message for each wrong field. Both people work here and are two; nobody designates himself or
            herself (nor, as a deputy, the own principal: decision D10); one principal has one officer-in-charge at a
            time, and each deputy once; it ends within a year and is not over yet; it has a number.
    """
    actor.require(Permission.DESIGNATION_CHANGE)
    members = working_members(session)
    deputy, principal = members.get(deputy_id), members.get(principal_id)
    number = " ".join(instrument_number.split())
    problems = _people_problems(actor, deputy, principal) | _day_problems(starts_on, ends_on) | _number_problems(number)
    if deputy and principal and not problems:
        problems = _overlap(session, kind, deputy, principal, starts_on, ends_on)
    if problems or deputy is None or principal is None:
        raise RuleBroken(next(iter(problems.values())), **problems)
    instrument = store.keep(session, actor, file.content, file.name, INSTRUMENT, allowed=kinds.SCANS) if file else None
    session.flush()
    designation = Designation(
        deputy_id=deputy_id,
        principal_id=principal_id,
        kind=kind,
        starts_on=starts_on,
        ends_on=ends_on,
        instrument_number=number,
        file_id=instrument.id if instrument else None,
        created_by=actor.user_id,
    )
    session.add(designation)
    audit.record(
        session, actor, "designations:create", designation,
        label=f"{deputy.name} for {principal.name}", note=number,
        kind=(None, kind), starts_on=(None, starts_on), ends_on=(None, ends_on),
    )  # fmt: skip
    _tell(session, designation, deputy.user_id, principal.user_id)
    return designation


def revoke(session: Session, actor: Actor, designation: Designation, *, reason: str = "") -> None:
    """End a designation now; the deputy's next click is without the principal's rights.

    Raises:
        RuleBroken: it was revoked before, or is over.
    """
    actor.require(Permission.DESIGNATION_CHANGE)
    state = state_on(designation, clock.today())
    if state in (State.REVOKED, State.OVER):
        raise RuleBroken(f"This designation is {state} already.")
    designation.revoked_at = clock.now()
    audit.record(
        session, actor, "designations:revoke", designation,
        label=designation.instrument_number, note=reason.strip(), revoked_at=(None, designation.revoked_at),
    )  # fmt: skip
    both = Membership.id.in_((designation.deputy_id, designation.principal_id))
    _tell(session, designation, *session.scalars(select(Membership.user_id).where(both).order_by(Membership.id)))


def _people_problems(actor: Actor, deputy: Member | None, principal: Member | None) -> dict[str, str]:
    problems = {}
    if deputy is None:
        problems["deputy_id"] = "Choose somebody who works here now."
    elif deputy.user_id in actor.persons:
        problems["deputy_id"] = "Nobody designates himself or herself. Ask another administrator."
    if principal is None:
        problems["principal_id"] = "Choose somebody who works here now."
    elif deputy and deputy.user_id == principal.user_id:
        problems["principal_id"] = "This is the same person. Choose two different people."
    return problems


def _day_problems(starts_on: date, ends_on: date) -> dict[str, str]:
    if ends_on < starts_on:
        return {"ends_on": "The last day lies before the first day."}
    if ends_on > _a_year_after(starts_on):
        return {"ends_on": f"A designation lasts a year at most: until {_written(_a_year_after(starts_on))}."}
    if ends_on < clock.today():
        return {"ends_on": "This day is past: the designation would be over before it begins."}
    return {}


def _a_year_after(day: date) -> date:
    last = day.replace(day=28) if (day.month, day.day) == (2, 29) else day
    return last.replace(year=day.year + 1)


def _number_problems(number: str) -> dict[str, str]:
    if not number:
        return {"instrument_number": "Type the number of the instrument, such as Special Order No. 12, s. 2026."}
    if len(number) > LONGEST_NUMBER or not number.isprintable():
        return {"instrument_number": f"A number has at most {LONGEST_NUMBER} letters, digits and signs."}
    return {}


def _overlap(
    session: Session, kind: DesignationKind, deputy: Member, principal: Member, starts_on: date, ends_on: date
) -> dict[str, str]:
    """Does an earlier one cover these days? Who asks at the same time waits for the answer."""
    row = select(Membership.id).where(Membership.id == principal.membership_id).with_for_update(key_share=True)
    session.execute(row)
    query = select(Designation).where(
        Designation.principal_id == principal.membership_id,
        Designation.kind == kind,
        Designation.revoked_at.is_(None),
        Designation.starts_on <= ends_on,
        Designation.ends_on >= starts_on,
    )
    if kind == DesignationKind.DEPUTY:  # several people may be deputies, each of them once
        query = query.where(Designation.deputy_id == deputy.membership_id)
    other = session.scalar(query.order_by(Designation.starts_on).limit(1))
    if other is None:
        return {}
    held = (
        f"{principal.name} has an {KIND_LABELS[kind].lower()}"
        if kind == DesignationKind.OIC
        else f"{deputy.name} stands in for {principal.name}"
    )
    return {
        "starts_on": f"{held} from {_written(other.starts_on)} to {_written(other.ends_on)} already "
        f"({other.instrument_number}). Choose other days, or revoke that one first."
    }


def _written(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _tell(session: Session, designation: Designation, *user_ids: int) -> None:
    for user_id in user_ids:
        outbox.write(
            session,
            "role_changed",
            user_id=user_id,
            organization_id=designation.organization_id,
            designation_id=designation.id,
        )


def _reads_instrument(session: Session, actor: Actor, file: StoredFile) -> bool:
    hangs = session.scalar(select(exists().where(Designation.file_id == file.id)))
    return bool(hangs) and actor.may(Permission.DESIGNATION_VIEW)


rights.readable_when(INSTRUMENT, _reads_instrument)
