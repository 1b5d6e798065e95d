"""Notices of adjustment, the cancelled balance, and what is due: bounds, two persons, what is posted."""

from decimal import Decimal

import pytest
from sqlalchemy import text

from bmms.domain.errors import NotAllowed, NotFound, RuleBroken
from bmms.domain.ledger.room import Shortfall
from bmms.domain.obligations import adjustments, due, queries
from bmms.models.collaboration import Notification
from bmms.models.ledger import AccountingPeriod
from bmms.models.obligations import AdjustmentStatus, DueNote, Obligation, ObligationAdjustment, ObligationStatus
from tests.execution import MACHINE, PAPER, YEAR, allot, key, on, pay, pesos
from tests.obligations import enter, line, lines_in, obligated

REASON = "The supplier delivers two boxes less."


@pytest.fixture
def office(treasury):
    """5 M of MOOE and 2 M of CO allotted."""
    allot(treasury, treasury.mooe, "5M")
    allot(treasury, treasury.co, "2M")
    return treasury


def adjusted(office, row, *amounts, by: str = "rahma", **other) -> ObligationAdjustment:
    """Entered: by how much each line changes, in their order; committed."""
    desk, lines = getattr(office, by), lines_in(office, row)
    wanted = {one.id: Decimal(amount) for one, amount in zip(lines, amounts, strict=False) if amount}
    found = adjustments.enter(
        desk.session, desk.actor, desk.session.get_one(Obligation, row.id),
        **{"dated": on(3, 1), "reason": REASON, "changes": wanted, **other},
    )  # fmt: skip
    desk.session.commit()
    return found


def certified(office, adjustment, by: str = "salma", **other) -> ObligationAdjustment:
    """Certified and posted; committed."""
    desk = getattr(office, by)
    theirs = desk.session.get_one(ObligationAdjustment, adjustment.id, populate_existing=True)
    row = desk.session.get_one(Obligation, theirs.obligation_id)
    adjustments.certify(
        desk.session, desk.actor, row, theirs, **{"certified": True, "key": key(), **other}
    )  # fmt: skip
    desk.session.commit()
    return theirs


def refused(office, row, *amounts, **other) -> RuleBroken:
    """What is said when it is not kept."""
    with pytest.raises(RuleBroken) as refusal:
        adjusted(office, row, *amounts, **other)
    office.rahma.session.rollback()
    return refusal.value


def test_more_and_less_of_the_lines(office):
    row = obligated(office, line(office.mooe, "3M"), line(office.co, "1M", object_code=MACHINE))
    found = certified(office, adjusted(office, row, "-1000000", "500000"))
    assert (found.status, found.norsa_no) == (AdjustmentStatus.POSTED, f"{YEAR}-03-0001")
    assert found.balances_seen == {str(office.mooe): "2000000.00", str(office.co): "1000000.00"}
    assert [(one.amount, one.adjusted, one.unpaid) for one in lines_in(office, row)] == [
        (pesos("3M"), -pesos("1M"), pesos("2M")), (pesos("1M"), pesos("500000"), pesos("1500000")),
    ]  # fmt: skip
    assert (office.state(office.mooe)[2], office.state(office.co)[2]) == (pesos("2M"), pesos("1500000"))
    shown = queries.lines_of(office.rahma.session, row)
    [told] = queries.adjustments_of(office.rahma.session, row, shown)
    assert told.total == -pesos("500000")
    assert [part.number for part, _ in told.parts] == [1, 2]


def test_an_increase_needs_room(office):
    row = obligated(office, line(office.mooe, "3M"))
    said = refused(office, row, "2000000.01")
    assert isinstance(said, Shortfall)
    [told] = said.fields.values()
    assert "₱ 0.01 too much" in told
    waiting = adjusted(office, row, "2000000")
    obligated(office, line(office.mooe, "1M"))
    with pytest.raises(Shortfall, match="₱ 1,000,000.00 too much"):
        certified(office, waiting)


def test_an_increase_of_a_controlled_object_needs_its_own_allotment(office, owner):
    row = obligated(office, line(office.mooe, "100"))
    with owner.begin() as connection:
        connection.execute(text("UPDATE object_codes SET is_controlled = true WHERE code = :code"), {"code": PAPER})
    [told] = refused(office, row, "5").fields.values()
    assert "controlled by object (E-6)" in told


def test_a_decrease_keeps_to_what_is_unpaid_and_not_due(office):
    row = obligated(office, line(office.mooe, "100"))
    pay(office, row, "40", day=on(2, 10))
    key_of = f"change_{lines_in(office, row)[0].id}"
    assert "₱ 60.00 of this line is not paid" in refused(office, row, "-60.01").fields[key_of]
    due.mark_due(
        office.omar.session, office.omar.actor, office.omar.session.get_one(Obligation, row.id),
        lines_in(office, row)[0].id, dated=on(2, 20), amount=pesos("20"), basis="IAR 7", key=key(),
    )  # fmt: skip
    office.omar.session.commit()
    said = refused(office, row, "-41").fields[key_of]
    assert "₱ 20.00 of this line is due" in said
    assert "₱ 40.00 at most" in said
    certified(office, adjusted(office, row, "-40"))
    assert lines_in(office, row)[0].unpaid == 20


def test_what_is_wrong_with_an_adjustment_is_said(office):
    row = obligated(office, line(office.mooe, "100"))
    assert "20 characters" in refused(office, row, "-5", reason="Less").fields["reason"]
    assert "Type by how much" in str(refused(office, row))
    assert "before the obligation" in refused(office, row, "-5", dated=on(1, 31)).fields["dated"]
    assert "two decimals" in str(refused(office, row, "-5.005"))
    assert "two decimals" in str(refused(office, row, "NaN"))
    assert "E-8" in str(refused(office, row, "5", dated=on(12, 31).replace(year=YEAR + 1, month=1, day=2)))
    office.rahma.session.add(AccountingPeriod(month=on(3, 1), is_closed=True))
    office.rahma.session.commit()
    assert "E-13" in refused(office, row, "-5").fields["dated"]
    draft = enter(office, line(office.mooe, "5"), dated=on(4, 1))
    assert "Only what is obligated" in str(refused(office, draft, "-5", dated=on(4, 2)))
    foreign = obligated(office, line(office.mooe, "5"), dated=on(4, 1))
    with pytest.raises(RuleBroken, match="not part of the obligation"):
        adjustments.enter(
            office.rahma.session, office.rahma.actor, office.rahma.session.get_one(Obligation, row.id), dated=on(4, 2),
            reason=REASON, changes={lines_in(office, foreign)[0].id: pesos("-1")},
        )  # fmt: skip


def test_who_entered_an_adjustment_does_not_certify_it(office):
    row = obligated(office, line(office.mooe, "100"))
    own = adjusted(office, row, "-5", by="nurul")
    with pytest.raises(RuleBroken, match="You entered this adjustment"):
        certified(office, own, by="nurul")
    office.nurul.session.rollback()
    with pytest.raises(RuleBroken, match="Tick the certification"):
        certified(office, own, certified=False)
    office.salma.session.rollback()
    button = key()
    certified(office, own, key=button)
    certified(office, own, key=button)
    with pytest.raises(RuleBroken, match="already posted"):
        certified(office, own)
    office.salma.session.rollback()
    assert office.state(office.mooe)[2] == 95
    for desk, act in (
        (office.salma, lambda desk: adjustments.enter(
            desk.session, desk.actor, desk.session.get_one(Obligation, row.id), dated=on(3, 1), reason=REASON)),
        (office.idris, lambda desk: adjustments.cancel(
            desk.session, desk.actor, desk.session.get_one(Obligation, row.id),
            desk.session.get_one(ObligationAdjustment, own.id), note=REASON)),
        (office.rahma, lambda desk: adjustments.certify(
            desk.session, desk.actor, row, own, certified=True, key=key())),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            act(desk)


def test_one_adjustment_waits_at_a_time_and_can_be_dropped(office):
    row = obligated(office, line(office.mooe, "100"))
    first = adjusted(office, row, "-5")
    assert "waits already" in str(refused(office, row, "-6"))
    salma = office.salma
    theirs = salma.session.get_one(ObligationAdjustment, first.id)
    with pytest.raises(RuleBroken, match="20 characters"):
        adjustments.cancel(salma.session, salma.actor, salma.session.get_one(Obligation, row.id), theirs, note="No")
    salma.session.rollback()
    adjustments.cancel(salma.session, salma.actor, salma.session.get_one(Obligation, row.id), theirs, note=REASON)
    salma.session.commit()
    with pytest.raises(RuleBroken, match="already cancelled"):
        certified(office, first)
    salma.session.rollback()
    certified(office, adjusted(office, row, "-6"))
    assert office.state(office.mooe)[2] == 94


def test_the_balance_is_cancelled_and_the_obligation_closed(office):
    row = obligated(office, line(office.mooe, "100"))
    pay(office, row, "40", day=on(2, 10))
    found = certified(office, adjusted(office, row, closes=True, changes=None))
    office.salma.session.refresh(row)
    assert (found.closes, row.status) == (True, ObligationStatus.CLOSED)
    [one] = lines_in(office, row)
    assert (one.amount, one.adjusted, one.paid, one.unpaid) == (100, -60, 40, 0)
    assert office.state(office.mooe)[2:] == (40, 40)
    assert "Only what is obligated" in str(refused(office, row, "5"))
    whole = obligated(office, line(office.mooe, "100"))
    pay(office, whole, "100", day=on(2, 10))
    assert "Nothing is left" in str(refused(office, whole, closes=True, changes=None))


def test_a_balance_that_has_changed_meanwhile_is_not_cancelled(office):
    row = obligated(office, line(office.mooe, "100"))
    waiting = adjusted(office, row, closes=True, changes=None)
    pay(office, row, "40", day=on(3, 1))
    with pytest.raises(RuleBroken, match="balance has changed"):
        certified(office, waiting)


def test_what_is_accepted_is_due(office):
    row = obligated(office, line(office.mooe, "100"))
    [one] = lines_in(office, row)
    omar = office.omar
    theirs = omar.session.get_one(Obligation, row.id)

    def mark(amount, line_id=one.id, **other):
        wanted = {"dated": on(3, 1), "basis": "IAR 2026-041", "key": key(), **other}
        found = due.mark_due(omar.session, omar.actor, theirs, line_id, amount=amount, **wanted)
        omar.session.commit()
        return found

    def said(*arguments, **other) -> dict[str, str]:
        with pytest.raises(RuleBroken) as refusal:
            mark(*arguments, **other)
        omar.session.rollback()
        return refusal.value.fields

    assert isinstance(mark(pesos("60")), DueNote)
    assert (lines_in(office, row)[0].due, office.state(office.mooe)[2:]) == (60, (100, 0))
    assert "₱ 40.00 of this line is not due yet" in said(pesos("40.01"))["amount"]
    assert "above zero" in said(Decimal("NaN"))["amount"]
    assert "Type the amount" in said(None)["amount"]
    assert "what proves it" in said(pesos("1"), basis=" ")["basis"]
    assert "before the obligation" in said(pesos("1"), dated=on(1, 31))["dated"]
    with pytest.raises(NotFound):
        mark(pesos("1"), line_id=one.id + 1)
    omar.session.rollback()
    with pytest.raises(NotAllowed):
        due.mark_due(
            office.rahma.session, office.rahma.actor, row, one.id, dated=on(3, 1), amount=pesos("1"), basis="x",
            key=key(),
        )  # fmt: skip
    mark(pesos("40"))
    draft = enter(office, line(office.mooe, "5"))
    with pytest.raises(RuleBroken, match="Only what is obligated"):
        due.mark_due(
            omar.session, omar.actor, omar.session.get_one(Obligation, draft.id), None, dated=on(3, 1),
            amount=pesos("1"), basis="x", key=key(),
        )  # fmt: skip


def test_certifiers_and_authors_are_told(office):
    row = obligated(office, line(office.mooe, "100"))
    certified(office, adjusted(office, row, "-5"))
    session = office.rahma.session
    session.commit()
    kinds = [one.kind for one in session.query(Notification)]
    assert (kinds.count("obligation_adjust"), kinds.count("obligation_adjusted")) == (2, 1)
