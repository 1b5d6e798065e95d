"""Obligation requests by the steps of the domain, for tests of what follows them."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from io import BytesIO
from typing import Any

from flask import Flask
from sqlalchemy import Engine, NullPool, create_engine, select

from bmms.domain.attachments.actions import attach
from bmms.domain.files.store import Upload
from bmms.domain.ledger.room import Shortfall
from bmms.domain.obligations import actions, steps
from bmms.domain.obligations.rules import Line
from bmms.domain.obligations.subjects import OBLIGATION
from bmms.domain.subjects import Subject
from bmms.models.collaboration import FileCategory
from bmms.models.ledger import LedgerEntry, Measure
from bmms.models.obligations import Obligation, ObligationLine, ObligationType
from tests import uploads
from tests.cast import Cast
from tests.execution import PAPER, Treasury, allot, key, on, pesos, tried
from tests.planning import Desk, desk_of


def answers(treasury: Treasury, **other: Any) -> dict[str, Any]:
    """Columns of a sound request."""
    return {
        "dated": on(2, 1), "fund_cluster": "01", "payee_id": treasury.payee, "office": "Supply unit",
        "kind": ObligationType.PURCHASE_ORDER, "reference": "PO 7", "particulars": "Bond paper", **other,
    }  # fmt: skip


def line(account_id: int | None, amount: str | int | Decimal | None, **other: Any) -> Line:
    """One line; paper unless another object is named."""
    told = amount if amount is None or isinstance(amount, Decimal) else pesos(amount)
    return Line(account_id, other.pop("object_code", PAPER), told, **other)


def enter(office: Treasury, *lines: Line, by: str = "rahma", **other: Any) -> Obligation:
    """A draft; committed."""
    desk = getattr(office, by)
    row = actions.enter(desk.session, desk.actor, answers(office, **other), lines)
    desk.session.commit()
    return row


def with_file(office: Treasury, row: Obligation, by: str = "rahma") -> Obligation:
    """The same with a contract attached; committed."""
    desk = getattr(office, by)
    subject = Subject(OBLIGATION, desk.session.get_one(Obligation, row.id))
    attach(desk.session, desk.actor, subject, Upload(BytesIO(uploads.PDF), "contract.pdf"), FileCategory.MANDATE)
    desk.session.commit()
    return row


def take(desk: Desk, row: Obligation, verb: str, **other: Any) -> Obligation:
    """One step by this person, ticked where it has to be; committed."""
    theirs = desk.session.get_one(Obligation, row.id)
    steps.take(desk.session, desk.actor, theirs, verb, **{"certified": True, "key": key(), **other})
    desk.session.commit()
    return theirs


def requested(office: Treasury, *lines: Line, by: str = "rahma", **other: Any) -> Obligation:
    """Box A is ticked; committed."""
    row = with_file(office, enter(office, *lines, by=by, **other), by)
    return take(getattr(office, by), row, "request")


def obligated(office: Treasury, *lines: Line, **other: Any) -> Obligation:
    """Box B is ticked; committed."""
    return take(office.salma, requested(office, *lines, **other), "certify")


def lines_in(office: Treasury, row: Obligation) -> list[ObligationLine]:
    """Its lines as they stand now."""
    session = office.rahma.session
    session.commit()
    query = select(ObligationLine).where(ObligationLine.obligation_id == row.id).order_by(ObligationLine.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def rush(
    office: Treasury, engine: Engine, app: Flask, cast: Cast, *, requests: int, room: int, each: str = "1M",
    at_once: int = 20,
) -> None:  # fmt: skip
    """Many certify at once, against an allotment for `room` of the requests.

    Exactly so many are posted, all others are told why not, and the allotment is used to the centavo.

    Raises:
        AssertionError: that is not so.
    """
    amount = pesos(each)
    allot(office, office.mooe, str(amount * room))
    rows = [requested(office, line(office.mooe, amount)).id for _ in range(requests)]
    crowd = create_engine(engine.url, poolclass=NullPool)

    def certify(row_id: int) -> Exception | None:
        desk = desk_of(crowd, app, cast, "salma")
        try:
            return tried(desk, lambda: take(desk, desk.session.get_one(Obligation, row_id), "certify"))
        finally:
            desk.session.close()

    with ThreadPoolExecutor(at_once) as pool:
        found = list(pool.map(certify, rows))
    refusals = [one for one in found if one is not None]
    assert (len(found) - len(refusals), len(refusals)) == (room, requests - room)
    assert all(isinstance(one, Shortfall) and "too much" in str(one) for one in refusals), refusals
    assert office.state(office.mooe)[1:3] == (amount * room, amount * room)
    session = office.rahma.session
    entries = session.scalars(select(LedgerEntry.amount).where(LedgerEntry.measure == Measure.OBLIGATION)).all()
    assert (len(entries), sum(entries)) == (room, amount * room)
    posted = session.execute(select(Obligation.ors_no, Obligation.balances_seen).where(Obligation.ors_no != "")).all()
    assert sorted(one.ors_no[-4:] for one in posted) == [f"{n:04d}" for n in range(1, room + 1)], "none is missing"
    seen = sorted(Decimal(*one.balances_seen.values()) for one in posted)
    assert seen == [amount * n for n in range(1, room + 1)], "each saw what the one before had left"
