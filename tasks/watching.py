"""The watch over an installation: what is the matter is mailed to the platform team, past the queue and the worker.

It runs as a program of its own (`bmms watch`), so that it can tell when the worker is silent or the database is away.
"""

import logging
import time
from collections.abc import Iterable
from datetime import datetime

from flask import Flask

from bmms.config import Config
from bmms.domain import clock
from bmms.domain.clock import MANILA
from bmms.domain.mailbox import write_mail
from bmms.domain.platform import alarms
from bmms.domain.platform.alarms import News
from bmms.extensions import db
from tasks.smtp import Letter, Line, NotYet, Refused, ServerDown

EVERY_SECONDS = 60
NAMES = {
    "database": "database", "migrations": "tables", "worker": "worker", "queue": "queue", "disk": "disk space",
    "backup": "backup", "drill": "restore drill",
}  # fmt: skip

logger = logging.getLogger("bmms.watch")


def watch(app: Flask, every: float = EVERY_SECONDS) -> None:
    """Look for ever."""
    while True:
        began = time.monotonic()
        look(app)
        time.sleep(max(0.0, every - (time.monotonic() - began)))


def look(app: Flask) -> News:
    """Look once, and mail what is new. What could not be mailed counts as not told.

    Returns:
        what was to be told.
    """
    config: Config = app.extensions["installation"].config
    now = clock.now()
    with app.app_context():
        found = alarms.found(db.session(), config)
        news, state = alarms.news(found, alarms.read(config.instance), now)
        if news and not send(app, *words(news, config)):
            return news
    try:
        alarms.write(config.instance, state)
    except OSError as wrong:
        logger.error("what was told cannot be kept in %s: %s", alarms.FILE, wrong.strerror)
    return news


def words(news: News, config: Config) -> tuple[str, str]:
    """Subject and text of the mail."""
    about = ", ".join(NAMES[name] for name in (news.wrong or news.over))
    subject = f"BMMS {config.environment}: {about}{'' if news.wrong else ' well again'}"
    lines = [f"At {config.base_url}, {clock.now().astimezone(MANILA):%Y-%m-%d %H:%M}:", ""]
    lines += [f"- {NAMES[name].capitalize()}: {text}" for name, text in news.wrong.items()]
    lines += [f"- {NAMES[name].capitalize()}: well again." for name in news.over]
    if news.wrong:
        lines += ["", "This is told again each hour while it lasts, and once when it is over."]
    lines += ["What to do stands in docs/runbook.md.", f"All of it: {config.base_url}/admin/operations"]
    return subject, "\n".join(lines) + "\n"


def send(app: Flask, subject: str, text: str, recipients: Iterable[str] = ()) -> bool:
    """Mail it to the platform team (ALERT_RECIPIENTS), each by itself; without a mail server each becomes a file.

    Returns:
        did it reach anybody? Why it did not is in the log.
    """
    config: Config = app.extensions["installation"].config
    reached, line = 0, Line(app.extensions["mail"])
    try:
        for number, recipient in enumerate(recipients or config.mail.alerts, 1):
            try:
                _deliver(config, line, _letter(subject, text, recipient), number)
                reached += 1
            except (ServerDown, Refused, NotYet) as wrong:
                logger.error("%r did not reach recipient %s: %s", subject, number, wrong)
    finally:
        line.hang_up()
    return reached > 0


def deliver(app: Flask, subject: str, text: str, recipient: str) -> None:
    """Mail it to one person now.

    Raises:
        ServerDown, Refused, NotYet: it did not leave; the text says why.
    """
    line = Line(app.extensions["mail"])
    try:
        _deliver(app.extensions["installation"].config, line, _letter(subject, text, recipient), 1)
    finally:
        line.hang_up()


def _letter(subject: str, text: str, recipient: str) -> Letter:
    return Letter(
        subject=subject, recipients=[recipient], body=text, extra_headers={"Auto-Submitted": "auto-generated"}
    )


def _deliver(config: Config, line: Line, letter: Letter, number: int) -> None:
    if config.mail.host:
        line.deliver(letter)
    else:
        write_mail(config.instance, _file_number(clock.now()), f"alarm-{number}", letter.as_bytes(), [])


def _file_number(now: datetime) -> int:
    return int(now.timestamp())
