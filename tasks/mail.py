"""Sending what the outbox holds, and the three mails that commands and screens ask for by name."""

import logging
import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from jinja2 import Environment, StrictUndefined
from sqlalchemy import or_, select

from bmms.config import Config
from bmms.domain import clock, mail_log, mails, outbox
from bmms.domain.mailbox import write_mail
from bmms.domain.outbox import wake
from bmms.log_lines import describe
from bmms.models.accounts import User, UserStatus
from bmms.models.outbox import MailStatus, OutboxMessage
from bmms.tenancy import bind_person, bind_platform, bind_scope
from tasks.queue import Counts, huey, lease, plain_task, transaction
from tasks.smtp import Letter, Line, NotYet, Refused, ServerDown

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))  # so eight tries, 22 hours
ROUND_SECONDS = 60  # then jobs get their turn, and a new round goes on
REST = timedelta(seconds=30)  # a server that did not answer is left alone for so long

logger = logging.getLogger("bmms.mail")
_resting: dict[tuple[str, int], datetime] = {}  # in this process: (host, port) -> until when


@dataclass(frozen=True)
class Rendered:
    """One mail, ready to leave."""

    letter: Letter
    secrets: list[str]
    to_file: bool


@plain_task("send_mail")
def send_mail() -> Counts:
    """Send what is due, one mail at a time; several workers may do this at once.

    A mail is taken with a lease and its row stays locked until it is marked, so no other worker sends it. Only a
    worker that is killed between the server's "taken" and the mark makes a second copy possible; it bears the same
    Message-ID. A mail that fails waits longer after each try and does not hold up the next. When the server itself is
    out of reach the round ends, no try is counted, and the sweeper begins a new round each minute.
    """
    config: Config = huey.app.extensions["installation"].config
    counts: Counts = Counter()
    if _server_rests(config):
        return counts
    line = Line(huey.app.extensions["mail"])
    end = time.monotonic() + ROUND_SECONDS
    try:
        while time.monotonic() < end:
            taken = _take()
            if taken is None:
                return counts
            counts[f"mails_{_handle(*taken, line)}"] += 1
        with transaction() as session:
            wake(session, "send_mail")
    except ServerDown as down:
        _resting[config.mail.host, config.mail.port] = clock.now() + REST
        logger.warning("the mail server cannot be used: %s", down)
        counts["mails_waiting"] += 1
    finally:
        line.hang_up()
    return counts


def _server_rests(config: Config) -> bool:
    until = _resting.get((config.mail.host, config.mail.port))
    return until is not None and clock.now() < until


def _take() -> tuple[int, int] | None:
    """The id and the attempt of the mail that has been due for longest, now leased to us."""
    now = clock.now()
    due = select(OutboxMessage).where(
        OutboxMessage.status == MailStatus.QUEUED,
        OutboxMessage.next_try_at <= now,
        or_(OutboxMessage.lease_until.is_(None), OutboxMessage.lease_until < now),
    )
    first = due.order_by(OutboxMessage.next_try_at, OutboxMessage.id).limit(1)
    with transaction() as session:
        message = session.scalar(first.with_for_update(skip_locked=True))
        if message is None:
            return None
        message.attempts += 1
        message.lease_until = now + lease()
        return message.id, message.attempts


def _handle(outbox_id: int, attempt: int, line: Line) -> str:
    """Send one mail and mark it, holding its row. Returns what became of it."""
    ours = select(OutboxMessage).where(
        OutboxMessage.id == outbox_id, OutboxMessage.attempts == attempt, OutboxMessage.status == MailStatus.QUEUED
    )
    outcome, down = "waiting", None
    with transaction() as session:
        message = session.scalar(ours.with_for_update())  # waits for another's `_take`, which may have touched the row
        if message is None:
            return "passed_over"
        message.lease_until = None
        try:
            outcome = _send(message, line)
        except ServerDown as wrong:
            down = wrong
            message.attempts -= 1
            message.error = f"The mail server cannot be used: {wrong}"
        except Refused as wrong:
            outcome = _mark_failed(message, f"Refused: {wrong}")
        except NotYet as wrong:
            outcome = _put_off(message, f"NotYet: {wrong}")
        except Exception as wrong:  # a template or a fact of this one mail is at fault
            outcome = _put_off(message, describe(wrong))
        else:
            message.error = ""
            message.status = MailStatus(outcome)
            message.sent_at = clock.now() if outcome == MailStatus.SENT else None
    if down is not None:
        raise down
    logger.info("mail %s, attempt %s: %s", outbox_id, attempt, outcome)
    return outcome


def _send(message: OutboxMessage, line: Line) -> str:
    config: Config = huey.app.extensions["installation"].config
    if not config.pilot.email_notifications and message.kind not in mails.ESSENTIAL:
        return MailStatus.SKIPPED
    rendered = _compose(message, config)
    if rendered is None:
        return MailStatus.SKIPPED
    if rendered.to_file:
        write_mail(config.instance, message.id, message.kind, rendered.letter.as_bytes(), rendered.secrets)
    else:
        line.deliver(rendered.letter)
    return MailStatus.SENT


def _put_off(message: OutboxMessage, error: str) -> str:
    if message.attempts > len(PAUSES):
        return _mark_failed(message, error)
    message.error, message.next_try_at = error, clock.now() + PAUSES[message.attempts - 1]
    return "delayed"


def _mark_failed(message: OutboxMessage, error: str) -> str:
    message.error, message.status = error, MailStatus.FAILED
    return "failed"


def _compose(message: OutboxMessage, config: Config) -> Rendered | None:
    """Render a mail in the scope of its row. None: it has lost its reason.

    What is found is committed before the mail leaves: a reset link must work when it arrives.
    """
    with transaction() as session:
        bind_person(session, message.user_id)
        if message.organization_id is not None:
            bind_scope(session, message.organization_id)
        facts = mails.context_of(session, message)
        if facts is None:
            return None
        user, organization = facts["user"], facts["organization"]
        subject, body, html = _render(message.kind, facts)
        letter = Letter(
            subject=subject,
            recipients=[(facts["name"], user.email)],
            body=body,
            html=html,
            reply_to=organization.reply_to if organization and organization.reply_to else None,
            extra_headers={"Auto-Submitted": "auto-generated"},
        )
        letter.msgId = message.message_id
        return Rendered(letter, facts["secrets"], to_file=user.is_demo or not config.mail.host)


def _render(kind: str, facts: mails.Facts) -> tuple[str, str, str]:
    """Subject, text and HTML from `templates/emails/<kind>/`. A fact that a template misses is an error, not a gap."""
    environment: Environment = huey.app.jinja_env.overlay(undefined=StrictUndefined)
    subject = " ".join(environment.get_template(f"emails/{kind}/subject.txt").render(facts).split())
    facts = facts | {"subject": subject}
    text = environment.get_template(f"emails/{kind}/body.txt").render(facts)
    html = environment.get_template(f"emails/{kind}/body.html").render(facts)
    return subject, re.sub(r"\n{3,}", "\n\n", text.strip()) + "\n", html


def send_welcome_email(user_id: int) -> int | None:
    """Have the welcome mail sent to one person; it brings the temporary password that waits for them.

    This and the next two commit on their own; a rule in its transaction calls `outbox.write` instead.

    Returns:
        the outbox row, or None when there is no such person (which is logged).
    """
    return next(iter(_write("welcome", [user_id])), None)


def send_bulk_welcome_emails(user_ids: Iterable[int]) -> list[int]:
    """Have welcome mails sent to many, each to one recipient, all or none of them in the outbox."""
    return _write("welcome", user_ids)


def send_password_reset_email(user_id: int) -> int | None:
    """Have a reset link sent to one person; an inactive person is told so instead (C-16)."""
    return next(iter(_write("reset", [user_id])), None)


def _write(kind: str, user_ids: Iterable[int]) -> list[int]:
    wanted = list(dict.fromkeys(user_ids))
    with huey.app.app_context(), transaction() as session:
        bind_platform(session, f"mail {kind}")
        people = {user.id: user for user in session.scalars(select(User).where(User.id.in_(wanted)))}
        homes = mail_log.home_of(session, people)
        for missing in (user_id for user_id in wanted if user_id not in people):
            logger.warning("no %s mail: there is no user %s", kind, missing)
        messages = [
            outbox.write(session, _kind_for(kind, person), user_id=person.id, organization_id=homes.get(person.id))
            for person in (people[user_id] for user_id in wanted if user_id in people)
        ]
        session.flush()
        return [message.id for message in messages]


def _kind_for(kind: str, person: User) -> str:
    return "reset_inactive" if kind == "reset" and person.status == UserStatus.INACTIVE else kind
