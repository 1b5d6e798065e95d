"""The steps of an import on screen: upload, check, create, hand over (onboarding 3.8 and 4.3; mock users-import).

What the check finds is kept beside the list, so that a page of it costs no second check, and a page that only shows
takes no locks. The import itself checks everything anew.
"""

from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from cryptography.fernet import InvalidToken
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.imports import kept, workbook, working
from bmms.domain.imports.csv_file import neutral
from bmms.domain.imports.kept import KeptList
from bmms.domain.imports.raw import UnreadableFile
from bmms.domain.imports.watching import Watch, nobody_watches
from bmms.domain.installation import installation_of
from bmms.domain.people.checking import Demands
from bmms.domain.people.creation import one_bulk_run_at_a_time
from bmms.domain.people.imports.preview import Fate, Preview, preview_import
from bmms.domain.people.imports.run import Choices, ImportResult, run_import
from bmms.domain.people.imports.table import read_table
from bmms.domain.people.welcome import generate_welcome_email
from bmms.domain.permissions import Permission
from bmms.models.accounts import PendingCredential, User
from bmms.models.memberships import Membership
from bmms.models.organizations import Organization

LARGEST = 2 * 1024 * 1024  # bytes, on the web (onboarding 3.8)
CHECKED_AT_ONCE = 1_000  # rows of CSV that a request checks itself; longer lists and workbooks wait for the worker
CREATED_AT_ONCE = 100  # rows that a request imports itself
CHECK_TASK, RUN_TASK = "check_people", "import_people"
ANYWHERE = "_anywhere"  # the same tasks for the platform


def upload(session: Session, actor: Actor, content: bytes, file_name: str, *, update_existing: bool) -> KeptList:
    """Take in a list and check it: now, or for long lists and workbooks by the worker.

    Raises:
        UnreadableFile: too large, or no list of people; the text says why and what to do.
        NotAllowed: the actor imports no people.
    """
    actor.require(Permission.IMPORT_RUN)
    if len(content) > LARGEST:
        raise UnreadableFile(f"{file_name} is larger than {LARGEST // 1024**2} MB. Import it in parts.")
    mine = kept.keep_list(session, actor, content, file_name, update_existing=update_existing)
    try:
        check_again(session, actor, mine, update_existing=update_existing)
    except UnreadableFile:
        kept.forget(mine)
        raise
    return mine


def check_again(session: Session, actor: Actor, mine: KeptList, *, update_existing: bool) -> None:
    """Check a kept list, perhaps with another wish for people who have an account already.

    Raises:
        RuleBroken: it has been imported, or is at work.
        UnreadableFile: it is no list of people.
    """
    working.refuse_unless_open(session, actor, mine)
    mine.change(update_existing=update_existing)
    if is_long(mine, CHECKED_AT_ONCE):
        _start(session, actor, mine, CHECK_TASK)
    else:
        check(session, actor, mine)


def check(session: Session, actor: Actor, mine: KeptList) -> None:
    """Check every row as the import would, and keep what was found."""
    facts = mine.facts
    table = read_table(mine.content, facts.file_name)
    _keep(mine, preview_import(session, actor, table, Demands(update_existing=facts.update_existing)))


def create(session: Session, actor: Actor, mine: KeptList, *, send_emails: bool, skip_invalid: bool) -> bool:
    """Import the list: now, or from 101 rows on, and for workbooks, by the worker.

    Returns:
        False when nothing was created because rows have errors, or others than those that were shown.

    Raises:
        RuleBroken: it has been imported, or is at work, or was not checked yet.
    """
    working.refuse_unless_open(session, actor, mine)
    if mine.check is None:
        raise RuleBroken("This list has not been checked yet.")
    if is_long(mine, CREATED_AT_ONCE):
        _start(session, actor, mine, RUN_TASK, send_emails=send_emails, skip_invalid=skip_invalid)
        return True
    return run(session, actor, mine, send_emails=send_emails, skip_invalid=skip_invalid)


def run(
    session: Session,
    actor: Actor,
    mine: KeptList,
    *,
    send_emails: bool,
    skip_invalid: bool,
    watch: Watch = nobody_watches,
) -> bool:
    """The import itself. Rows that went wrong since they were shown stop it, also when wrong rows are left out.

    Returns:
        False when nothing was created; the fresh check is kept and says why.
    """
    one_bulk_run_at_a_time(session)
    if mine.outcome is not None:  # the same person was here a moment ago, with another click
        return True
    facts, shown = mine.facts, mine.check or {"rows": []}
    table = read_table(mine.content, facts.file_name)
    choices = Choices(facts.update_existing, skip_invalid, send_emails)
    fresh = preview_import(session, actor, table, choices.demands)
    known = {row["number"] for row in shown["rows"] if row["fate"] == Fate.ERROR}
    if fresh.wrong and (not skip_invalid or {row.number for row in fresh.wrong} - known):
        _keep(mine, fresh)
        return False
    result = run_import(session, actor, table, choices, watch=watch)
    if result.refused:
        _keep(mine, result.preview)
        return False
    kept.after_commit(session, lambda: mine.keep_outcome(_outcome(result)))
    return True


def is_long(mine: KeptList, rows: int) -> bool:
    """Is this list a matter for the worker: a workbook, or CSV of more than so many rows?"""
    content = mine.content
    lines = max(content.count(b"\n"), content.count(b"\r"))
    return workbook.looks_like_one(content, mine.facts.file_name) or lines > rows + 1


def _start(session: Session, actor: Actor, mine: KeptList, task: str, **switches: bool) -> None:
    name = task if actor.organization_id is not None else f"{task}{ANYWHERE}"
    working.start(session, actor, mine, name, **switches)


def _keep(mine: KeptList, preview: Preview) -> None:
    mine.keep_check(_described(preview), preview.handed_back() if preview.wrong else b"")


def _described(preview: Preview) -> dict[str, Any]:
    """A check as its pages need it, in plain values."""
    new = preview.new_by_organization
    return {
        "rows": [
            {
                "number": row.number,
                "cells": dict(row.cells),
                "username": row.username,
                "fate": row.fate.value,
                "problems": {problem.field: row.problem_of(problem.field) for problem in row.problems},
            }
            for row in preview.rows
        ],
        "warnings": preview.warnings,
        "is_workbook": preview.table.is_workbook,
        "new": dict(new),
        "seats": {
            code: {"limit": seats.limit, "left": None if seats.left is None else seats.left - new.get(code, 0)}
            for code, seats in preview.seats.items()
        },
    }


def _outcome(result: ImportResult) -> dict[str, Any]:
    return {
        "created": [person.user_id for person in result.created],
        "updated": result.updated,
        "unchanged": result.unchanged,
        "skipped": result.skipped,
        "mails": result.mails,
    }


# Afterwards: how the new people get their passwords.


class Waiting(NamedTuple):
    """Somebody who was created and has not signed in yet."""

    user: User
    membership: Membership
    organization: str  # the code
    password: str
    expires_at: datetime


def send_welcomes(session: Session, actor: Actor, mine: KeptList) -> int:
    """Queue the welcome mails of an import that sent none. Returns how many.

    Raises:
        RuleBroken: nothing was imported, or mails or sheet have handed the passwords over already.
    """
    actor.require(Permission.IMPORT_RUN)
    outcome = _outcome_to_hand_over(mine)
    waiting = _waiting(session, outcome["created"])
    for person in waiting:
        generate_welcome_email(session, person.user, person.membership.organization_id)
    audit.record(session, actor, "mail:queue_welcomes", queued=(0, len(waiting)))
    kept.after_commit(session, lambda: mine.keep_outcome(outcome | {"mails": len(waiting)}))
    return len(waiting)


def take_sheet(session: Session, actor: Actor, mine: KeptList) -> list[list[str]]:
    """The rows of the credentials sheet (`credential_sheet.COLUMNS`): once, for whoever imported; recorded.

    It holds those who still wait for their first sign-in. It is never written to a disk of ours.

    Raises:
        RuleBroken: nothing was imported, or mails or sheet have handed the passwords over already.
    """
    actor.require(Permission.IMPORT_RUN)
    waiting = _waiting(session, _outcome_to_hand_over(mine)["created"])
    audit.record(session, actor, "credentials:export", label=mine.facts.file_name, people=[None, len(waiting)])
    if not mine.take_sheet():
        raise RuleBroken(_TAKEN)
    sign_in = f"{installation_of(session).config.base_url}/login"
    return [
        [
            person.organization,
            neutral(person.user.full_name),
            person.user.email,
            person.user.username,
            person.password,  # as it is: a sign put before it would be typed along
            "; ".join(right.code for right in person.membership.rights),
            sign_in,
            person.expires_at.astimezone(clock.MANILA).strftime("%Y-%m-%d %H:%M"),
        ]
        for person in waiting
    ]


_TAKEN = "The credentials sheet was taken already. Set a new temporary password for whoever has not got theirs."


def _outcome_to_hand_over(mine: KeptList) -> dict[str, Any]:
    outcome = mine.outcome
    if outcome is None or not outcome["created"]:
        raise RuleBroken("Nobody was created from this list.")
    if outcome["mails"]:
        raise RuleBroken("The passwords of these people travel by mail.")
    if mine.sheet_is_taken:
        raise RuleBroken(_TAKEN)
    return outcome


def _waiting(session: Session, user_ids: list[int]) -> list[Waiting]:
    """Those of these people whose temporary password has not been used yet."""
    vault = installation_of(session).credentials
    query = (
        select(User, Membership, Organization.code, PendingCredential)
        .join(PendingCredential, PendingCredential.user_id == User.id)
        .join(Membership, Membership.user_id == User.id)
        .join(Organization, Organization.id == Membership.organization_id)
        .options(selectinload(Membership.rights))
        .where(User.id.in_(user_ids), Membership.is_primary, PendingCredential.expires_at > clock.now())
        .order_by(User.id)
    )
    found = []
    for user, membership, code, waiting in session.execute(query):
        with suppress(InvalidToken):  # sealed with a key that is gone: nobody can read it any more
            found.append(Waiting(user, membership, code, vault.open(waiting.ciphertext), waiting.expires_at))
    return found
