"""Months close in their order, by two persons, and only when nothing waits and every total is right (E-11, E-13)."""

import threading
from datetime import date

import pytest
from sqlalchemy import select, text

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.errors import NotAllowed, RuleBroken
from bmms.domain.ledger import reconciling
from bmms.domain.periods import actions, queries
from bmms.domain.periods.labels import Stands
from bmms.domain.permissions import RULES, permissions_of
from bmms.models.audit import AuditEvent
from bmms.models.disbursements import DisbursementStatus
from bmms.models.ledger import AccountingPeriod
from bmms.models.obligations import (
    AdjustmentStatus,
    Obligation,
    ObligationAdjustment,
    ObligationStatus,
    ObligationType,
)
from tests.domain.ledger.books import Clerk
from tests.execution import YEAR, allot, line_of, obligate, on, pay, pesos, tried
from tests.planning import until_somebody_waits

REASON = "An invoice of January was found in February"


def close(office, month: int, *, asks=None, confirms=None) -> Exception | None:
    """Omar asks, Idris confirms; what refuses is given back."""
    asks, confirms = asks or office.omar, confirms or office.idris
    first = on(month, 1)
    return tried(asks, lambda: actions.ask_close(asks.session, asks.actor, first)) or tried(
        confirms, lambda: actions.close(confirms.session, confirms.actor, first)
    )


def stands(office, month: int) -> Stands:
    session = office.rahma.session
    session.commit()
    return queries.get_month(session, f"{YEAR}-{month:02d}").stands


def test_a_month_closes_by_two_persons_and_takes_nothing_more(treasury):
    allot(treasury, treasury.mooe, "6M")
    assert str(close(treasury, 2)) == "Months are closed in their order. Close January " + f"{YEAR} first."
    assert close(treasury, 1) is None
    assert stands(treasury, 1) == Stands.CLOSED
    refused = tried(treasury.rahma, lambda: obligate(treasury, treasury.mooe, "1M", day=on(1, 20)))
    assert "is closed (E-13)" in str(refused)
    treasury.salma.session.rollback()
    obligate(treasury, treasury.mooe, "1M", day=on(2, 1))
    told = treasury.rahma.session.scalars(
        select(AuditEvent.action).where(AuditEvent.subject_type == "accounting_periods").order_by(AuditEvent.id)
    )
    assert list(told) == ["accounting_periods:ask_close", "accounting_periods:close"]


def test_who_asked_does_not_confirm_and_nobody_confirms_what_is_not_asked(treasury):
    nurul = treasury.nurul
    assert "You asked for this" in str(close(treasury, 1, asks=nurul, confirms=nurul))
    assert stands(treasury, 1) == Stands.CLOSING
    again = tried(treasury.omar, lambda: actions.ask_close(treasury.omar.session, treasury.omar.actor, on(1, 1)))
    assert "has asked for the closing of January" in str(again)
    omar = treasury.omar
    assert tried(omar, lambda: actions.withdraw(omar.session, omar.actor, on(1, 1))) is None
    assert stands(treasury, 1) == Stands.OPEN
    idris = treasury.idris
    refused = tried(idris, lambda: actions.close(idris.session, idris.actor, on(1, 1)))
    assert "Nobody asks to close January" in str(refused)
    assert "Nothing is asked" in str(tried(omar, lambda: actions.withdraw(omar.session, omar.actor, on(1, 1))))


def test_a_month_that_is_not_over_stays_open(treasury):
    first = clock.today().replace(day=1)
    omar = treasury.omar
    refused = tried(omar, lambda: actions.ask_close(omar.session, omar.actor, first))
    assert "is not over yet" in str(refused)


def test_documents_that_wait_are_named_and_keep_the_month_open(treasury):
    allot(treasury, treasury.mooe, "6M")
    assert close(treasury, 1) is None
    row = obligate(treasury, treasury.mooe, "1M", day=on(2, 3))
    rahma, by = treasury.rahma, treasury.rahma.actor.user_id
    clerk = Clerk(treasury)
    waiting = clerk._save(Obligation(
        fiscal_year=YEAR, dated=on(2, 28), payee_id=treasury.payee, kind=ObligationType.OTHER, total=1,
        particulars="Syringes for Maluso", requested_by=by, entered_by=by, status=ObligationStatus.REQUESTED,
    ))  # fmt: skip
    notice = clerk._save(ObligationAdjustment(
        obligation_id=row.id, fiscal_year=YEAR, dated=on(2, 4), reason="Price went down", entered_by=by
    ))  # fmt: skip
    rahma.session.commit()
    refused = str(close(treasury, 2))
    assert "Obligation request Syringes for Maluso of 28 February" in refused
    assert "Adjustment of an obligation, not certified Price went down of 04 February" in refused
    kinds = [one.kind for one in queries.waiting_in(rahma.session, on(2, 1))]
    assert kinds == ["obligation_adjustment", "obligation"]
    waiting.status, notice.status = ObligationStatus.CANCELLED, AdjustmentStatus.CANCELLED
    rahma.session.commit()
    assert close(treasury, 2) is None


def test_a_voucher_for_approval_and_a_draft_order_wait_too(treasury):
    allot(treasury, treasury.mooe, "6M")
    voucher = pay(treasury, obligate(treasury, treasury.mooe, "1M", day=on(1, 20)), "1M", day=on(1, 21))
    assert voucher.status == DisbursementStatus.PAID
    session = treasury.rahma.session
    for statement in (
        "INSERT INTO disbursements (organization_id, fiscal_year, dated, payee_id, mode, gross, net, status,"
        f" particulars) SELECT organization_id, {YEAR}, '{on(1, 30)}', payee_id, 'check', 1, 1, 'for_approval',"
        " 'Freight' FROM disbursements",
        "INSERT INTO allotment_orders (organization_id, fiscal_year, number, kind, dated, request, total) SELECT"
        f" organization_id, {YEAR}, 'SARO 9', 'special', '{on(1, 31)}', 'x', 1 FROM disbursements LIMIT 1",
        "INSERT INTO budget_changes (organization_id, fiscal_year, kind, reference, dated, status, reason) SELECT"
        f" organization_id, {YEAR}, 'realignment', 'R-7', '{on(1, 31)}', 'requested', repeat('x', 100)"
        " FROM disbursements LIMIT 1",
        "INSERT INTO opening_positions (organization_id, fiscal_year, reference, cut_over, stated_allotted,"
        f" stated_obligated, stated_disbursed) SELECT organization_id, {YEAR}, 'FAR 1', '{on(1, 31)}', 0, 0, 0"
        " FROM disbursements LIMIT 1",
    ):  # fmt: skip
        session.execute(text(statement))
    session.commit()
    refused = str(close(treasury, 1))
    for name in ("Freight", "SARO 9", "R-7", "FAR 1"):
        assert name in refused


def test_only_the_last_closed_month_is_opened_again_by_who_approves(treasury):
    allot(treasury, treasury.mooe, "6M")
    assert close(treasury, 1) is None
    assert close(treasury, 2) is None
    omar, hadji, first = treasury.omar, treasury.hadji, on(2, 1)

    def ask(month: date, reason: str = REASON) -> Exception | None:
        return tried(omar, lambda: actions.ask_reopen(omar.session, omar.actor, month, reason))

    assert "Only the last closed month" in str(ask(on(1, 1)))
    assert "is not closed" in str(ask(on(3, 1)))
    assert "at least 20 characters" in str(ask(first, "too short"))
    assert ask(first) is None
    assert stands(treasury, 2) == Stands.REOPENING
    obligation = tried(treasury.rahma, lambda: obligate(treasury, treasury.mooe, "1M", day=on(2, 20)))
    assert "E-13" in str(obligation), "it stays closed until it is confirmed"
    treasury.salma.session.rollback()
    idris = treasury.idris
    assert isinstance(tried(idris, lambda: actions.reopen(idris.session, idris.actor, first)), NotAllowed)
    assert tried(hadji, lambda: actions.reopen(hadji.session, hadji.actor, first)) is None
    assert stands(treasury, 2) == Stands.OPEN
    assert stands(treasury, 1) == Stands.CLOSED
    obligate(treasury, treasury.mooe, "1M", day=on(2, 20))


def test_a_month_without_entries_need_not_be_closed_and_is_shut_with_a_later_one(treasury):
    allot(treasury, treasury.mooe, "6M")
    assert close(treasury, 1) is None
    assert close(treasury, 4) is None
    assert stands(treasury, 3) == Stands.SHUT
    assert "is shut: April" in str(close(treasury, 3))


def test_nothing_closes_while_a_total_is_wrong(treasury, owner):
    allot(treasury, treasury.mooe, "6M")
    row = obligate(treasury, treasury.mooe, "2M")
    pay(treasury, row, "1M")
    line = line_of(treasury, row)
    session = treasury.rahma.session
    assert reconciling.differences(session) == []
    session.commit()
    with owner.begin() as connection:
        for statement in (
            f"UPDATE budget_accounts SET allotted = allotted + 1 WHERE id = {treasury.mooe}",
            f"UPDATE budget_account_objects SET disbursed = disbursed - 2 WHERE account_id = {treasury.mooe}",
            f"UPDATE obligation_lines SET paid = paid - 3 WHERE id = {line.id}",
        ):
            connection.execute(text(statement))
    found = reconciling.differences(session)
    assert [(one.level, one.total, one.kept - one.entries) for one in found] == [
        ("account", "allotted", 1), ("object", "disbursed", -2), ("line", "paid", -3),
    ]  # fmt: skip
    assert "allotted is kept as ₱ 6,000,001.00, the entries of the ledger come to ₱ 6,000,000.00" in str(found[0])
    session.commit()
    assert "(E-11)" in str(close(treasury, 1))


def test_a_posting_that_began_before_the_closing_is_in_or_the_closing_waits(treasury, engine):
    """Idris closes January while Salma's posting of January is not committed: he waits for it, and it is in."""
    allot(treasury, treasury.mooe, "6M")
    omar, idris, salma = treasury.omar, treasury.idris, treasury.salma
    actions.ask_close(omar.session, omar.actor, on(1, 1))
    omar.session.commit()
    release, told = salma.session.commit, list[Exception | None]()
    salma.session.commit = lambda: None  # type: ignore[method-assign]
    obligate_open = threading.Event()

    def shut() -> None:
        obligate_open.wait(60)
        told.append(tried(idris, lambda: actions.close(idris.session, idris.actor, on(1, 1))))

    thread = threading.Thread(target=shut)
    thread.start()
    obligate(treasury, treasury.mooe, "1M", day=on(1, 20))
    obligate_open.set()
    until_somebody_waits(engine)
    assert told == [], "the closing waits for the posting"
    release()
    thread.join(120)
    salma.session.commit = release  # type: ignore[method-assign]
    assert told == [None]
    assert treasury.state(treasury.mooe)[2] == pesos("1M")
    assert stands(treasury, 1) == Stands.CLOSED


def test_a_posting_that_comes_while_the_closing_is_open_waits_and_is_refused(treasury, engine):
    allot(treasury, treasury.mooe, "6M")
    omar, idris = treasury.omar, treasury.idris
    actions.ask_close(omar.session, omar.actor, on(1, 1))
    omar.session.commit()
    actions.close(idris.session, idris.actor, on(1, 1))
    told: list[Exception] = []

    def post() -> None:
        try:
            obligate(treasury, treasury.mooe, "1M", day=on(1, 20))
        except RuleBroken as refused:
            treasury.salma.session.rollback()
            told.append(refused)

    thread = threading.Thread(target=post)
    thread.start()
    until_somebody_waits(engine)
    assert told == [], "the posting waits for the closing"
    idris.session.commit()
    thread.join(120)
    assert "E-13" in str(told[0])
    assert treasury.state(treasury.mooe)[2] == 0


ACTS = {
    "ask_close": lambda session, actor: actions.ask_close(session, actor, on(1, 1)),
    "withdraw": lambda session, actor: actions.withdraw(session, actor, on(1, 1)),
    "close": lambda session, actor: actions.close(session, actor, on(1, 1)),
    "ask_reopen": lambda session, actor: actions.ask_reopen(session, actor, on(1, 1), REASON),
    "reopen": lambda session, actor: actions.reopen(session, actor, on(1, 1)),
}
STATES = {
    "open": {"is_closed": False, "asked": ""}, "closing": {"is_closed": False, "asked": "close"},
    "closed": {"is_closed": True, "asked": ""}, "reopening": {"is_closed": True, "asked": "reopen"},
}  # fmt: skip
ACCOUNTING, REVIEW, APPROVE = {"accounting"}, {"budget_review"}, {"budget_approve"}
TABLE = {
    ("open", "ask_close"): ACCOUNTING, ("closing", "withdraw"): ACCOUNTING, ("reopening", "withdraw"): ACCOUNTING,
    ("closing", "close"): REVIEW, ("closed", "ask_reopen"): ACCOUNTING, ("reopening", "reopen"): APPROVE,
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_who_may_do_what_in_which_state(treasury, state):
    session = treasury.rahma.session
    someone = treasury.hadji.actor.user_id
    session.add(AccountingPeriod(month=on(1, 1), asked_by=someone, **STATES[state]))
    session.commit()
    able: dict[tuple[str, str], set[str]] = {}
    for verb, act in ACTS.items():
        for code in RULES:
            actor = Actor(
                treasury.omar.actor.user_id, "Somebody", treasury.omar.actor.organization_id,
                permissions=permissions_of({code}),
            )  # fmt: skip
            try:
                act(session, actor)
                able.setdefault((state, verb), set()).add(code)
            except (NotAllowed, RuleBroken):
                pass
            session.rollback()
    assert able == {key: codes for key, codes in TABLE.items() if key[0] == state}
