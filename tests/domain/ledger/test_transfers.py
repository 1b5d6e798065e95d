"""A transfer between two organizations: one transaction for both, and neither learns more than it must (D25, law 1)."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bmms.domain.changes import actions, offers, queries, steps, transfers
from bmms.domain.changes.rules import Way
from bmms.domain.changes.steps import Instrument
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken
from bmms.domain.ledger.room import Shortfall
from bmms.models.audit import AuditEvent
from bmms.models.authority import BudgetAccount
from bmms.models.changes import BudgetChange, ChangeStatus, OfferStatus, TransferOffer
from bmms.models.ledger import LedgerPosting
from bmms.models.programs import CostStructure
from bmms.models.reference import ExpenseClass
from bmms.tenancy import bind_platform
from tests.domain.ledger.test_changes import MFBM, REASON, approve, at, moved, request
from tests.execution import YEAR, Treasury, allot, appropriate, key, obligate, on, pesos
from tests.factories import make_membership
from tests.planning import Desk, desk_of

EDUCATION = {"rahma": ("pilot_budget_officer",), "idris": ("pilot_viewer", "budget_review"),
             "hadji": ("pilot_approver",)}  # fmt: skip  # the same people, in Education


@dataclass
class Education:
    """Desks in the ministry that receives, and its account: 5 M of MOOE, nothing allotted."""

    rahma: Desk
    idris: Desk
    hadji: Desk
    account: int

    def state(self) -> tuple[Any, ...]:
        session = self.rahma.session
        session.commit()
        row = session.get_one(BudgetAccount, self.account, populate_existing=True)
        return row.appropriated, row.allotted, row.obligated


@pytest.fixture
def health(treasury) -> Treasury:
    """Of 10 M for MOOE 6 M are released and 4 M obligated."""
    allot(treasury, treasury.mooe, "6M")
    obligate(treasury, treasury.mooe, "4M")
    return treasury


@pytest.fixture
def education(engine, app, cast, health) -> Iterator[Education]:
    with Session(engine, expire_on_commit=False) as session:
        bind_platform(session, "tests")
        for name, rights in EDUCATION.items():
            make_membership(session, getattr(cast, name), cast.mbhte, *rights, primary=False)
        session.commit()
    desks = {name: desk_of(engine, app, cast, name, cast.mbhte) for name in EDUCATION}
    amounts = {(CostStructure.GAS, None, ExpenseClass.MOOE): pesos("5M")}
    appropriate(desks["rahma"], desks["idris"], amounts)
    account = desks["rahma"].session.scalars(select(BudgetAccount.id)).one()
    yield Education(**desks, account=account)
    for desk in desks.values():
        desk.session.close()


def offer(health: Treasury, education: Education, released: str = "1M", unreleased: str = "2M") -> BudgetChange:
    """Health offers, its head approves."""
    answers = {
        "fiscal_year": YEAR, "reference": f"T {key()}", "dated": on(6, 1), "reason": REASON, "authority": MFBM,
        "counterpart_id": education.rahma.actor.organization_id,
    }  # fmt: skip
    line = moved(health.mooe, f"-{released}", f"-{unreleased}")
    row = transfers.offer(health.rahma.session, health.rahma.actor, answers, [line])
    health.rahma.session.commit()
    request(health, row)
    approve(health, row)
    return row


def receive(education: Education, pair_key: str, released: str = "1M", unreleased: str = "2M") -> BudgetChange:
    """Education enters where it goes, its head approves."""
    rahma, hadji = education.rahma, education.hadji
    answers = {
        "fiscal_year": YEAR, "reference": f"In {key()}", "dated": on(6, 5), "reason": REASON, "authority": MFBM,
    }  # fmt: skip
    line = moved(education.account, released, unreleased)
    row = transfers.receive(rahma.session, rahma.actor, pair_key, answers, [line])
    rahma.session.commit()
    steps.request(rahma.session, rahma.actor, at(rahma, row))
    rahma.session.commit()
    theirs = at(hadji, row)
    steps.approve(hadji.session, hadji.actor, theirs, seen=steps.mark_of(queries.balances_of(hadji.session, theirs)))
    hadji.session.commit()
    return row


def post(education: Education, row: BudgetChange, button: str = "") -> None:
    rahma = education.rahma
    said = Instrument(on(6, 10), MFBM)
    try:
        transfers.post(rahma.session, rahma.actor, at(rahma, row), said, key=button or key())
        rahma.session.commit()
    except Exception:
        rahma.session.rollback()
        raise


def test_both_sides_are_posted_at_once(health, education):
    given = offer(health, education)
    received = receive(education, given.pair_key or "")
    for _ in range(2):
        post(education, received, "the same button")
    assert health.state(health.mooe) == (pesos("7M"), pesos("5M"), pesos("4M"), 0)
    assert education.state() == (pesos("8M"), pesos("1M"), 0)
    mine = at(health.rahma, given)
    assert (mine.status, mine.dated) == (ChangeStatus.POSTED, on(6, 10))
    assert at(education.rahma, received).status == ChangeStatus.POSTED


def test_neither_side_sees_more_than_name_reference_amounts_and_day(health, education):
    given = offer(health, education)
    session = education.rahma.session
    [found] = offers.list_offers(session)
    assert (found.giver, found.offer.reference, found.offer.dated) == ("Ministry of Health", given.reference, on(6, 1))
    assert (found.offer.appropriation, found.offer.allotment) == (pesos("3M"), pesos("1M"))
    told = {column.name for column in TransferOffer.__table__.columns}
    assert told == {
        "id", "pair_key", "from_organization_id", "to_organization_id", "reference", "dated", "appropriation",
        "allotment", "status", "is_demo",
    }  # fmt: skip
    post(education, receive(education, given.pair_key or ""))
    assert session.scalars(select(BudgetChange.reference)).all() != [given.reference]
    posting = health.rahma.session.scalars(
        select(LedgerPosting).where(LedgerPosting.document_kind == "budget_change")
    ).one()
    assert posting.posted_by is None
    assert posting.posted_label == "Ministry of Basic, Higher and Technical Education", "no name of a person there"
    acts = health.rahma.session.scalars(select(AuditEvent).where(AuditEvent.action == "budget_changes:post")).all()
    assert [(act.actor_id, act.acting_organization_id) for act in acts] == [
        (None, education.rahma.actor.organization_id)
    ]
    assert acts[0].ip is None
    with session.begin_nested():
        assert session.scalar(text("SELECT current_setting('bmms.organization_id')")) == str(
            education.rahma.actor.organization_id
        )


def test_an_offer_is_seen_by_its_two_sides_only_and_written_by_neither(health, education, engine, cast):
    given = offer(health, education)
    for organization_id, count in ((cast.moh.id, 1), (cast.mbhte.id, 1), (0, 0)):
        with engine.begin() as connection:
            connection.execute(
                text("SELECT set_config('bmms.organization_id', :id, true)"), {"id": str(organization_id)}
            )
            assert connection.execute(text("SELECT count(*) FROM transfer_offers")).scalar_one() == count
    for statement in ("UPDATE transfer_offers SET appropriation = 1", "DELETE FROM transfer_offers"):
        with pytest.raises(Exception, match="permission denied"), engine.begin() as connection:
            connection.execute(text(statement))
    with pytest.raises(NotFound):
        offers.get_offer(health.rahma.session, given.pair_key or ""), "who gives does not receive"


def test_nothing_is_received_that_nobody_offers(health, education):
    rahma = education.rahma
    answers = {"fiscal_year": YEAR, "reference": "F", "dated": on(6, 5), "pair_key": "made up",
               "counterpart_id": health.rahma.actor.organization_id}  # fmt: skip
    with pytest.raises(Exception, match="nobody offers this transfer"):
        actions.enter(rahma.session, rahma.actor, Way.RECEIPT, answers, [moved(education.account, "1M")])
    rahma.session.rollback()
    given = offer(health, education)
    for amounts in (("1M", "1M"), ("2M", "1M")):
        with pytest.raises(RuleBroken, match="Place ₱ 1,000,000.00 as released"):
            receive(education, given.pair_key or "", *amounts)
        rahma.session.rollback()
    receive(education, given.pair_key or "")
    with pytest.raises(RuleBroken, match="answered already"):
        receive(education, given.pair_key or "")


def test_the_giving_side_alone_posts_nothing(health, education):
    given = offer(health, education)
    rahma = health.rahma
    for act in (steps.post, transfers.post):
        with pytest.raises(RuleBroken, match="both sides at once"):
            act(rahma.session, rahma.actor, at(rahma, given), Instrument(on(6, 10), MFBM), key=key())
        rahma.session.rollback()
    assert not [step for step in steps.offered(rahma.actor, at(rahma, given), []) if step.verb == "post"]


def test_where_the_money_is_gone_neither_side_is_posted_and_no_figure_is_told(health, education):
    given = offer(health, education)
    received = receive(education, given.pair_key or "")
    obligate(health, health.mooe, "1500000", day=on(6, 8))
    with pytest.raises(RuleBroken) as refusal:
        post(education, received)
    assert "Ministry of Health cannot do its part" in str(refusal.value)
    assert "000" not in str(refusal.value)
    assert not isinstance(refusal.value, Shortfall)
    assert education.state() == (pesos("5M"), 0, 0)
    assert health.state(health.mooe)[:2] == (pesos("10M"), pesos("6M"))
    assert at(education.rahma, received).status == ChangeStatus.APPROVED


def test_a_receipt_that_is_cancelled_gives_the_offer_free(health, education):
    given = offer(health, education)
    received = receive(education, given.pair_key or "")
    rahma = education.rahma
    assert offers.list_offers(rahma.session) == []
    again = at(rahma, received)
    with pytest.raises(RuleBroken):
        steps.cancel(rahma.session, rahma.actor, again, note="It went to the wrong account.")
    rahma.session.rollback()
    other = offer(health, education, "500000", "0")
    answers = {"fiscal_year": YEAR, "reference": "In 9", "dated": on(6, 5), "reason": REASON, "authority": MFBM}
    line = moved(education.account, "500000")
    row = transfers.receive(rahma.session, rahma.actor, other.pair_key or "", answers, [line])
    rahma.session.commit()
    assert offers.list_offers(rahma.session) == []
    steps.cancel(rahma.session, rahma.actor, row, note="It went to the wrong account.")
    rahma.session.commit()
    assert [one.offer.pair_key for one in offers.list_offers(rahma.session)] == [other.pair_key]


def test_a_transfer_is_given_back_on_both_sides(health, education):
    given = offer(health, education)
    received = receive(education, given.pair_key or "")
    post(education, received)
    hadji, note = education.hadji, "The programme was not begun."
    with pytest.raises(NotAllowed):
        transfers.reverse(
            education.rahma.session, education.rahma.actor, at(education.rahma, received), dated=on(8, 1), note=note,
            key=key(),
        )  # fmt: skip
    education.rahma.session.rollback()
    transfers.reverse(hadji.session, hadji.actor, at(hadji, received), dated=on(8, 1), note=note, key=key())
    hadji.session.commit()
    assert education.state() == (pesos("5M"), 0, 0)
    assert health.state(health.mooe) == (pesos("10M"), pesos("6M"), pesos("4M"), 0)
    assert at(health.rahma, given).status == ChangeStatus.REVERSED
    offered = health.rahma.session.scalars(select(TransferOffer)).one()
    assert offered.status == OfferStatus.REVERSED


def test_two_transfers_that_cross_wait_for_each_other_and_both_go_through(engine, app, cast, health, education):
    """Education gives to Health while Health gives to Education: accounts are locked in one order, whoever asks."""
    there = offer(health, education)
    received = receive(education, there.pair_key or "")
    back = give_back(education, health)
    taken = take_back(health, back)
    refusals: list[Exception] = []
    start = threading.Barrier(2)

    def go(organization, row_id: int) -> None:
        desk = desk_of(engine, app, cast, "rahma", organization)
        try:
            row = desk.session.get_one(BudgetChange, row_id)
            start.wait(120)
            transfers.post(desk.session, desk.actor, row, Instrument(on(6, 20), MFBM), key=key())
            desk.session.commit()
        except Exception as refusal:
            refusals.append(refusal)
        finally:
            desk.session.close()

    ways = [threading.Thread(target=go, args=one) for one in ((cast.mbhte, received.id), (cast.moh, taken.id))]
    for one in ways:
        one.start()
    for one in ways:
        one.join(300)
    assert refusals == []
    assert education.state() == (pesos("7M"), pesos("1M"), 0)
    assert health.state(health.mooe) == (pesos("8M"), pesos("5M"), pesos("4M"), 0)


def give_back(education, health) -> BudgetChange:
    """Education offers 1 M that is not released."""
    rahma, hadji = education.rahma, education.hadji
    answers = {
        "fiscal_year": YEAR, "reference": f"T {key()}", "dated": on(6, 1), "reason": REASON, "authority": MFBM,
        "counterpart_id": health.rahma.actor.organization_id,
    }  # fmt: skip
    row = transfers.offer(rahma.session, rahma.actor, answers, [moved(education.account, "0", "-1M")])
    rahma.session.commit()
    requested_and_approved(rahma, hadji, row)
    return row


def take_back(health, offered: BudgetChange) -> BudgetChange:
    """Health receives it."""
    rahma, hadji = health.rahma, health.hadji
    answers = {"fiscal_year": YEAR, "reference": f"In {key()}", "dated": on(6, 5), "reason": REASON, "authority": MFBM}
    line = moved(health.mooe, "0", "1M")
    row = transfers.receive(rahma.session, rahma.actor, offered.pair_key or "", answers, [line])
    rahma.session.commit()
    requested_and_approved(rahma, hadji, row)
    return row


def requested_and_approved(rahma, hadji, row: BudgetChange) -> None:
    steps.request(rahma.session, rahma.actor, at(rahma, row))
    rahma.session.commit()
    theirs = at(hadji, row)
    steps.approve(hadji.session, hadji.actor, theirs, seen=steps.mark_of(queries.balances_of(hadji.session, theirs)))
    hadji.session.commit()
