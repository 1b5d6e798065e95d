"""What the ledger refused for lack of room, kept until the request is rolled back; then it is put on record (AL-9)."""

from flask import g, request

from bmms.domain import journal
from bmms.domain.errors import RuleBroken
from bmms.domain.journal import Refusal
from bmms.domain.ledger.room import Shortfall
from bmms.extensions import db


def note(broken: RuleBroken) -> None:
    """Remember a shortfall: each account once, with the most that was asked for. Other rules leave no trace here."""
    if not isinstance(broken, Shortfall):
        return
    lacking = sorted(broken.lacking, key=lambda one: one.asked)
    g.refusals = {
        one.account.id: Refusal(one.account.id, one.name, one.asked, one.available) for one in lacking
    }  # fmt: skip


def put_on_record() -> None:
    """Write down what was noted. The caller has rolled back."""
    if refusals := g.pop("refusals", None):
        journal.record_refusals(db.engine, g.actor, list(refusals.values()), f"{request.method} {request.path}"[:500])
