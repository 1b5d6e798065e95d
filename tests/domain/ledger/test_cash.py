"""Cash: two persons, every day between, training apart, two payments at once, and raw SQL against all of it (E-10)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from sqlalchemy import NullPool, create_engine, select

from bmms.domain.cash import actions, controls, queries
from bmms.domain.cash.room import cash_for
from bmms.domain.disbursements import steps
from bmms.domain.errors import NotAllowed, RuleBroken
from bmms.domain.files.store import Upload
from bmms.domain.permissions import RULES, permissions_of
from bmms.models.audit import AuditEvent
from bmms.models.collaboration import Notification
from bmms.models.disbursements import Disbursement, DisbursementLine, DisbursementStatus, PaymentMode
from bmms.models.ledger import CashAuthority, CashControl
from tests import uploads
from tests.domain.ledger.test_attackers import DENIED, Attacker
from tests.execution import YEAR, allot, key, line_of, obligate, on, pay, pesos, tried
from tests.planning import desk_of

REASON = "The treasury holds us to our cash from now on."


def enter(office, amount="1M", day: date | None = None, by="omar", **other) -> CashAuthority:
    """An authority that waits; committed."""
    desk = getattr(office, by)
    answers = {
        "number": f"NCA {key()}", "fund_cluster": "01", "received_on": day or on(1, 5), "amount": pesos(amount),
        "file": Upload(BytesIO(uploads.PDF), "nca.pdf"), **other,
    }  # fmt: skip
    row = actions.enter(desk.session, desk.actor, **answers)
    desk.session.commit()
    return row


def receive(office, amount="1M", day: date | None = None, **other) -> int:
    """An authority that Omar enters and Idris confirms; committed."""
    row, idris = enter(office, amount, day, **other), office.idris
    actions.confirm(idris.session, idris.actor, idris.session.get_one(CashAuthority, row.id))
    idris.session.commit()
    return row.id


def switch(office, since: date | None, by="idris", cluster="01") -> Exception | None:
    desk = getattr(office, by)
    if since is None:
        return tried(desk, lambda: controls.switch_off(desk.session, desk.actor, cluster, REASON))
    return tried(desk, lambda: controls.switch_on(desk.session, desk.actor, cluster, since, REASON))


def refused(office, obligation, amount, day) -> str:
    """What the ledger itself says of a payment that has passed no check of the domain."""
    for desk in (office.rahma, office.omar):
        desk.session.rollback()
    try:
        pay(office, obligation, amount, day=day)
    except RuleBroken as broken:
        office.omar.session.rollback()
        return str(broken)
    return ""


def waiting(office, obligation, amount, day) -> int:
    """A voucher that waits for payment."""
    session = office.rahma.session
    row = Disbursement(
        fiscal_year=YEAR, dated=day, payee_id=office.payee, mode=PaymentMode.CHECK, gross=pesos(amount), tax=0,
        net=pesos(amount), submitted_by=office.rahma.actor.user_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    part = DisbursementLine(disbursement_id=row.id, line_id=line_of(office, obligation).id, amount=pesos(amount))
    session.add(part)
    session.flush()
    row.status = DisbursementStatus.FOR_APPROVAL
    session.commit()
    return row.id


@pytest.fixture
def owed(treasury):
    """3 M owed since 1 February out of MOOE of Immunization."""
    allot(treasury, treasury.mooe, "5M")
    return obligate(treasury, treasury.mooe, "3M")


@pytest.fixture
def attacker(engine, treasury, cast) -> Attacker:
    return Attacker(engine, treasury, cast.moh.id)


def test_two_persons_and_what_is_confirmed_stays(treasury):
    row = enter(treasury, by="nurul")
    nurul, idris, omar = treasury.nurul, treasury.idris, treasury.omar
    for_nurul = nurul.session.get_one(CashAuthority, row.id)
    own = tried(nurul, lambda: actions.confirm(nurul.session, nurul.actor, for_nurul))
    assert "Somebody else" in str(own)
    cash = cash_for(omar.session, "01", on(2, 1), is_demo=False)
    assert (cash.left, cash.is_known) == (Decimal(0), False), "what waits does not count"
    theirs = idris.session.get_one(CashAuthority, row.id)
    assert tried(idris, lambda: actions.confirm(idris.session, idris.actor, theirs)) is None
    assert "already" in str(tried(idris, lambda: actions.confirm(idris.session, idris.actor, theirs)))
    his = omar.session.get_one(CashAuthority, row.id)
    assert "stays" in str(tried(omar, lambda: actions.withdraw(omar.session, omar.actor, his)))
    omar.session.commit()
    assert cash_for(omar.session, "01", on(2, 1), is_demo=False).left == pesos("1M")
    other = enter(treasury)
    mine = omar.session.get_one(CashAuthority, other.id)
    assert tried(omar, lambda: actions.withdraw(omar.session, omar.actor, mine)) is None
    acts = omar.session.scalars(
        select(AuditEvent.action).where(AuditEvent.subject_type == "cash_authorities").order_by(AuditEvent.id)
    )
    assert [one.split(":")[1] for one in acts] == ["create", "confirm", "create", "delete"]
    kinds = set(omar.session.scalars(select(Notification.kind)))
    assert {"cash_entered", "cash_confirmed"} <= kinds


def test_what_is_entered_wrong_is_named(treasury):
    row = enter(treasury)
    for wrong, field in (
        ({"number": row.number}, "number"), ({"number": " "}, "number"), ({"amount": "0"}, "amount"),
        ({"amount": "1.005"}, "amount"), ({"fund_cluster": "09"}, "fund_cluster"),
        ({"day": date(1999, 1, 1)}, "received_on"), ({"file": None}, "file"),
    ):  # fmt: skip
        found = tried(treasury.omar, lambda told=wrong: enter(treasury, **told))
        assert isinstance(found, RuleBroken)
        assert field in found.fields, wrong


def test_who_may_do_what(treasury):
    """Each act with each role and grant: the two that hold its permission may, nobody else."""
    row = enter(treasury)
    acts = {
        "enter": lambda desk, actor: actions.enter(
            desk.session, actor, number=key(), fund_cluster="01", received_on=on(1, 5), amount=pesos(1),
            file=Upload(BytesIO(uploads.PDF), "nca.pdf"),
        ),
        "withdraw": lambda desk, actor: actions.withdraw(
            desk.session, actor, desk.session.get_one(CashAuthority, row.id)
        ),
        "confirm": lambda desk, actor: actions.confirm(
            desk.session, actor, desk.session.get_one(CashAuthority, row.id)
        ),
        "on": lambda desk, actor: controls.switch_on(desk.session, actor, "01", on(1, 1), REASON),
        "off": lambda desk, actor: controls.switch_off(desk.session, actor, "01", REASON),
    }  # fmt: skip
    may = {"accounting": {"enter", "withdraw"}, "budget_review": {"confirm", "on", "off"}}
    desk = treasury.hadji
    for right in RULES:
        actor = replace(desk.actor, permissions=permissions_of({right}))
        for name, act in acts.items():
            try:
                act(desk, actor)
                allowed = True
            except NotAllowed:
                allowed = False
            except RuleBroken:
                allowed = True
            desk.session.rollback()
            assert allowed == (name in may.get(right, ())), f"{right} {name}"


def test_the_control_holds_on_each_day_between(treasury, owed):
    """1 M from January, 1 M from April; a payment dated back may not take what a later one needed."""
    receive(treasury, "1M", on(1, 5))
    receive(treasury, "1M", on(4, 1))
    pay(treasury, owed, "1500000", day=on(4, 10))
    assert switch(treasury, on(1, 1)) is None
    cash = cash_for(treasury.omar.session, "01", on(3, 1), is_demo=False)
    assert (cash.left, cash.least_on, cash.most) == (pesos("500000"), on(4, 10), pesos("500000"))
    assert "on 10 April" in cash.refusal(pesos("500001"))
    assert cash.refusal(pesos("500000")) == ""
    assert "cash" in refused(treasury, owed, "500000.01", on(3, 1))
    assert refused(treasury, owed, "500000", on(3, 1)) == ""
    assert "cash" in refused(treasury, owed, "0.01", on(5, 1))
    receive(treasury, "10", on(5, 2))
    assert "cash" in refused(treasury, owed, "10", on(5, 1))
    assert refused(treasury, owed, "10", on(5, 2)) == ""
    months = queries.months_of(treasury.omar.session, YEAR)
    march, april = months[2], months[3]
    assert (march.received, march.paid, march.remains, march.least) == tuple(map(pesos, ("1M", "500000", "500000", 0)))
    assert (april.received, april.paid, april.remains) == tuple(map(pesos, ("2M", "2M", 0)))
    proof = queries.proof_of(treasury.omar.session, YEAR)
    assert (proof.rows, proof.total, proof.difference) == (3, pesos("2000010"), 0)


def test_switching_on_names_the_day_and_the_amount(treasury, owed):
    pay(treasury, owed, "1M", day=on(3, 1))
    receive(treasury, "400000", on(2, 1))
    said = str(switch(treasury, on(2, 1)))
    assert f"on 1 March {YEAR} ₱ 600,000.00 more is paid than cash was received" in said
    assert "at least 20" in str(
        tried(treasury.idris, lambda: controls.switch_on(
            treasury.idris.session, treasury.idris.actor, "01", on(4, 1), "so it is"))
    )  # fmt: skip
    assert switch(treasury, on(3, 2)) is None, "what was overpaid before its first day is no debt of the control"
    cash = cash_for(treasury.omar.session, "01", on(3, 2), is_demo=False)
    assert (cash.left, cash.most) == (Decimal(0), Decimal(0))
    assert "cash" in refused(treasury, owed, "1", on(3, 3))
    assert refused(treasury, owed, "1", on(2, 20)) == "", "nothing is carried into the control that it could take"
    assert "already" in str(switch(treasury, on(3, 2)))
    assert switch(treasury, None) is None
    assert refused(treasury, owed, "1", on(3, 3)) == ""
    row = treasury.rahma.session.scalars(select(CashControl)).one()
    assert (row.enforced_from, row.reason, row.set_by) == (None, REASON, treasury.idris.actor.user_id)
    assert "off already" in str(switch(treasury, None))


def test_a_payment_before_the_control_leaves_what_was_spent_under_it(treasury, owed):
    """1 M is carried into March and 900,000 of it spent there: 100,000 can still be paid under February."""
    receive(treasury, "1M", on(1, 5))
    pay(treasury, owed, "900000", day=on(3, 5))
    assert switch(treasury, on(3, 1)) is None
    cash = cash_for(treasury.omar.session, "01", on(2, 10), is_demo=False)
    assert (cash.left, cash.most) == (pesos("100000"), pesos("100000"))
    assert "cash" in refused(treasury, owed, "100000.01", on(2, 10))
    assert refused(treasury, owed, "100000", on(2, 10)) == ""


def test_cash_for_training_pays_nothing_real(treasury, owed):
    receive(treasury, "5M", is_demo=True)
    assert switch(treasury, on(1, 1)) is None
    assert "cash" in refused(treasury, owed, "1", on(3, 1))
    assert cash_for(treasury.omar.session, "01", on(3, 1), is_demo=True).left == pesos("5M")
    assert cash_for(treasury.omar.session, "02", on(3, 1), is_demo=False).most is None, "each cluster has its own"


def test_the_domain_says_it_before_the_ledger(treasury, owed):
    receive(treasury, "1M")
    voucher_id, omar = waiting(treasury, owed, "1000000.01", on(3, 1)), treasury.omar
    voucher = omar.session.get_one(Disbursement, voucher_id)
    assert steps.obstacles(omar.session, omar.actor, voucher) == [], "without the control it is a warning"
    assert switch(treasury, on(1, 1)) is None
    omar.session.commit()
    said = str(tried(omar, lambda: steps.pay(omar.session, omar.actor, voucher, key=key())))
    for told in ("₱ 0.01 more than the cash", "₱ 1,000,000.01", "₱ 1,000,000.00 is left (E-10)", "cash authority"):
        assert told in said, said
    receive(treasury, "0.01")
    assert tried(omar, lambda: steps.pay(omar.session, omar.actor, voucher, key=key())) is None


def test_two_payments_at_once_out_of_two_accounts(engine, app, cast, treasury, owed):
    """The accounts differ, the cash is the same: one of the two is paid."""
    allot(treasury, treasury.support, "2M")
    other = obligate(treasury, treasury.support, "1M")
    receive(treasury, "1M")
    assert switch(treasury, on(1, 1)) is None
    ids = [waiting(treasury, one, "1M", on(3, 1)) for one in (owed, other)]
    crowd = create_engine(engine.url, poolclass=NullPool)

    def press(voucher_id: int) -> Exception | None:
        desk = desk_of(crowd, app, cast, "omar")
        try:
            voucher = desk.session.get_one(Disbursement, voucher_id)
            return tried(desk, lambda: steps.pay(desk.session, desk.actor, voucher, key=f"pay {voucher_id}"))
        finally:
            desk.session.close()

    with ThreadPoolExecutor(2) as pool:
        found = [one for one in pool.map(press, ids) if one is not None]
    assert len(found) == 1
    assert "E-10" in str(found[0])


@pytest.mark.parametrize(
    ("attack", "refusal"),
    [
        ("UPDATE cash_authorities SET amount = amount * 2", DENIED),
        ("UPDATE cash_authorities SET received_on = received_on - 30", DENIED),
        ("UPDATE cash_authorities SET confirmed_label = 'X'", "inv29_never_changed"),
        ("UPDATE cash_authorities SET confirmed_by = NULL, confirmed_at = NULL", "inv29_never_changed"),
        ("DELETE FROM cash_authorities", "inv29_never_changed"),
        ("DELETE FROM cash_controls", DENIED),
        ("UPDATE cash_controls SET enforced_from = '{since}'", "e10_cash"),
        ("UPDATE cash_controls SET fund_cluster = '02'", "e10_cash"),
        (
            "INSERT INTO cash_controls (organization_id, fund_cluster, enforced_from) VALUES (:org, '01', '{since}')"
            " ON CONFLICT (organization_id, fund_cluster) DO UPDATE SET enforced_from = excluded.enforced_from",
            "e10_cash",
        ),
        (
            "INSERT INTO cash_authorities (organization_id, fund_cluster, number, received_on, amount, confirmed_by,"
            " confirmed_at) VALUES (:org, '01', 'N', '{since}', 1, :salma, now())",
            "ck_cash_authorities_confirmed",
        ),
        (
            "INSERT INTO cash_authorities (organization_id, fund_cluster, number, received_on, amount, entered_by,"
            " confirmed_by, confirmed_at) VALUES (:org, '01', 'N', '{since}', 1, :salma, :salma, now())",
            "ck_cash_authorities_two_persons",
        ),
        (
            "INSERT INTO cash_authorities (organization_id, fund_cluster, number, received_on, amount, entered_by,"
            " confirmed_at) VALUES (:org, '01', 'N', '{since}', 1, :salma, now())",
            "ck_cash_authorities_confirmed",
        ),
    ],
)
def test_raw_sql_against_cash(attacker, owed, attack, refusal):
    """Paid 2 M under March, received 1 M: on from April, and nobody moves it to February."""
    office = attacker.office
    pay(office, owed, "2M", day=on(3, 1))
    receive(office, "1M")
    assert switch(office, on(4, 1)) is None
    assert attacker.tries(attack.format(since=on(2, 1))) == refusal
