"""What people have typed and not yet sent: kept on the server while they type (law 3, decisions D45 and D46)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.models.drafts import Draft, SentForm
from bmms.models.locks import Lock

MOST_CHARACTERS = 200 * 1024  # of one form
FORGOTTEN_AFTER = timedelta(days=90)
SENT_FORGOTTEN_AFTER = timedelta(days=30)  # nobody sends a form again after that
NEVER_KEPT = ("password", "csrf_token", "token", "tin", "payee", "email", "phone")


def keep(
    session: Session,
    actor: Actor,
    form_key: str,
    fields: Mapping[str, str],
    seen: Mapping[str, str],
    *,
    label: str = "",
    sent_key: str = "",
    device: str = "",
    typed_at: int = 0,
) -> datetime | None:
    """Add changed fields to the draft of this person and form; fields that were kept before and are not named stay.

    What arrives late covers nothing that the same device has typed after it.

    Args:
        form_key: the path of the form below the organization, such as `planning/plans/7/basics`.
        fields: name to text as typed; secret and contact fields are left out.
        seen: name to digest (`merging.digest`) of what the field was when typing began. The first word counts.
        sent_key: of the form. Once it was acted on, what arrives late on a slow line makes no draft again.
        device: a name that the browser has drawn for itself; what is kept there is known to be here up to `typed_at`,
            which grows with each key (as a rule milliseconds of that device's clock).

    Returns:
        when it was kept; None: the form was sent, and nothing is kept of it.

    Raises:
        RuleBroken: the draft would be larger than 200 KB.
    """
    fields = {name: text for name, text in fields.items() if not any(word in name for word in NEVER_KEPT)}
    if sum(len(name) + len(text) for name, text in fields.items()) > MOST_CHARACTERS:
        raise RuleBroken("This is more than a draft can keep (200 KB). Save the form in parts.")
    if sent_key and is_claimed(session, actor, sent_key):
        return None
    row = upsert(Draft).values(
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        form_key=form_key,
        label=label[:200],
        fields=fields,
        seen=dict(seen),
        devices={device: typed_at} if device else {},
        saved_at=clock.now(),
    )
    statement = row.on_conflict_do_update(
        index_elements=["user_id", "organization_id", "form_key"],
        set_={
            "fields": Draft.fields.op("||")(row.excluded.fields),
            "seen": row.excluded.seen.op("||")(Draft.seen),
            "devices": Draft.devices.op("||")(row.excluded.devices),
            "label": row.excluded.label,
            "saved_at": row.excluded.saved_at,
        },
        where=func.coalesce(Draft.devices[device].astext.cast(BigInteger), 0) <= typed_at if device else None,
    ).returning(Draft.saved_at)
    return session.scalar(statement) or clock.now()


def find(session: Session, actor: Actor, form_key: str) -> Draft | None:
    """This person's draft of a form."""
    return session.scalar(select(Draft).where(Draft.user_id == actor.user_id, Draft.form_key == form_key))


def discard(session: Session, actor: Actor, form_key: str) -> None:
    """The form was sent, or the person wants the draft gone."""
    session.execute(delete(Draft).where(Draft.user_id == actor.user_id, Draft.form_key == form_key))


def unsent(session: Session, actor: Actor) -> list[Draft]:
    """What this person has typed here and not sent, the latest first."""
    query = select(Draft).where(Draft.user_id == actor.user_id).order_by(Draft.saved_at.desc()).limit(10)
    return list(session.scalars(query))


def claim(session: Session, actor: Actor, key: str) -> bool:
    """Take what this person has sent, a form or a file, to act on it in this transaction.

    Returns:
        False when it was acted on before. Of two at once the second waits until the first has ended.
    """
    values = {
        "organization_id": actor.organization_id, "user_id": actor.user_id, "key": key, "sent_at": clock.now(),
    }  # fmt: skip
    row = upsert(SentForm).from_select(list(values), select(*map(literal, values.values())).where(_held(key)))
    if session.scalar(row.on_conflict_do_nothing().returning(SentForm.id)) is None:
        return False
    session.info["wrote"] = True
    return True


def is_claimed(session: Session, actor: Actor, key: str) -> bool:
    """Was it acted on before? While it is being acted on, this waits."""
    session.execute(select(_held(key)))  # on its own: a statement sees what stood when it began
    query = select(SentForm.id).where(SentForm.user_id == actor.user_id, SentForm.key == key)
    return session.scalar(query) is not None


def _held(key: str) -> ColumnElement[bool]:
    """Once this is true, nobody else acts on this form or keeps its draft until the transaction ends."""
    return func.pg_advisory_xact_lock(Lock.SENT_FORM, func.hashtext(key)).is_not(None)


def forget_old(session: Session) -> int:
    """Drafts that nobody has touched for 90 days go. Returns how many went."""
    old = delete(Draft).where(Draft.saved_at < clock.now() - FORGOTTEN_AFTER)
    return session.execute(old).rowcount  # type: ignore[attr-defined]


def forget_sent(session: Session) -> int:
    """Which forms were sent is known for 30 days. Returns how many went."""
    old = delete(SentForm).where(SentForm.sent_at < clock.now() - SENT_FORGOTTEN_AFTER)
    return session.execute(old).rowcount  # type: ignore[attr-defined]
