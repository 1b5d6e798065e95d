"""Mails as pages: what was sent, what waits, what failed; the same for an organization and for the platform."""

from flask import Response, current_app, g, request

from bmms.domain import mail_log
from bmms.domain.mailbox import read_mail
from bmms.extensions import db
from bmms.models.outbox import MailStatus
from bmms.web.paging import paginate
from bmms.web.respond import page

PILLS = {
    MailStatus.QUEUED: ("Queued", "info"),
    MailStatus.SENT: ("Sent", "ok"),
    MailStatus.FAILED: ("Failed", "bad"),
    MailStatus.SKIPPED: ("Not sent", ""),
}
LABELS = {
    "access_given": "Access to another organization",
    "digest": "Digest of notices",
    "locked": "Locked, to the person",
    "locked_admin": "Locked, to the administrators",
    "security_alert": "Many wrong passwords, to the platform team",
    "ledger_differs": "Totals differ from the ledger, to the platform team",
    "notice": "Notice",
    "password_changed": "Password changed",
    "office_asked": "A proposal asks a central office",
    "reset": "Link for a new password",
    "reset_inactive": "Link asked for an inactive account",
    "role_changed": "Roles changed",
    "welcome": "Welcome",
}


def mail_list(here: str, show: str) -> Response:
    """The list with its filters; `here` and `show` are endpoints of the calling blueprint."""
    status, kind = request.args.get("status", ""), request.args.get("kind", "")
    words = request.args.get("q", "").strip()[:100]
    mails = paginate(mail_log.list_messages(g.actor, status=status, kind=kind, person=words))
    return page(
        "admin/mail_list.html",
        fragment="results",
        mails=mails,
        people=mail_log.recipients(db.session(), {mail.user_id for mail in mails.items}),
        statuses=[("", "any"), *((one.value, label) for one, (label, _) in PILLS.items())],
        kinds=[("", "any"), *LABELS.items()],
        state=status,
        kind=kind,
        words=words,
        pills=PILLS,
        labels=LABELS,
        here=here,
        show=show,
    )


def mail_page(message_id: int, back: str) -> Response:
    """One mail: its fate and, when it was written to a file, its text without passwords and links that are secret."""
    message = mail_log.get_message(db.session(), g.actor, message_id)
    config = current_app.extensions["installation"].config
    return page(
        "admin/mail_show.html",
        mail=message,
        person=mail_log.recipients(db.session(), {message.user_id}).get(message.user_id),
        stored=read_mail(config.instance, message.id),
        by_smtp=bool(config.mail.host),
        pill=PILLS[message.status],
        label=LABELS.get(message.kind, message.kind),
        back=back,
    )
