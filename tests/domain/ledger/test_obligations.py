"""Obligation requests: what is refused at which field, Box A, Box B, two persons, many at once."""

from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest
from sqlalchemy import select, text

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken, Stale
from bmms.domain.ledger.room import Shortfall
from bmms.domain.obligations import actions, headroom, queries, steps
from bmms.domain.obligations.labels import Stage, stage_of
from bmms.domain.obligations.queries import Filters
from bmms.domain.permissions import RULES, permissions_of
from bmms.models.authority import BudgetAccount, ValidityExtension
from bmms.models.collaboration import Notification
from bmms.models.ledger import AccountingPeriod
from bmms.models.obligations import Obligation
from bmms.models.obligations import ObligationStatus as S
from bmms.models.payees import Payee
from tests.execution import (
    MACHINE,
    PAPER,
    YEAR,
    allot,
    appropriate,
    key,
    on,
    pay,
    pesos,
    tried,
)
from tests.obligations import answers, enter, line, lines_in, obligated, requested, rush, take, with_file

REMARK = "The contract is not signed yet, get it first."


@pytest.fixture
def office(treasury):
    """5 M of MOOE and 2 M of CO allotted."""
    allot(treasury, treasury.mooe, "5M")
    allot(treasury, treasury.co, "2M")
    return treasury


def refused(treasury, *lines, **other) -> dict[str, str]:
    """Field to what is said there, of a request that is not kept."""
    with pytest.raises(RuleBroken) as refusal:
        actions.enter(treasury.rahma.session, treasury.rahma.actor, answers(treasury, **other), lines)
    treasury.rahma.session.rollback()
    return refusal.value.fields


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (None, "Type the amount"), ("0", "above zero"), ("-5", "above zero"), (Decimal("NaN"), "above zero"),
        (Decimal("Infinity"), "above zero"), ("10.005", "two decimals"),
    ],
)  # fmt: skip
def test_an_amount_is_pesos_above_zero(office, amount, said):
    assert said in refused(office, line(office.mooe, "5"), line(office.mooe, amount, row=2))["amount_2"]


def test_each_line_says_what_is_wrong_with_it(office):
    found = refused(
        office,
        line(office.mooe, "5", object_code=MACHINE, row=1),
        line(None, "5", row=2),
        line(office.mooe, "5", object_code=None, row=3),
        line(office.mooe, "5", object_code="5999999999", row=4),
        line(987654, "5", row=5),
        line(office.mooe, "5", item_id=987654, row=6),
    )
    assert "is CO; the account gives MOOE only" in found["object_1"]
    assert "Choose the account" in found["account_2"]
    assert "Choose the object" in found["object_3"]
    assert "no such object" in found["object_4"]
    assert "no longer there" in found["account_5"]
    assert f"work plan of {YEAR}" in found["item_6"]


def test_the_document_says_what_is_wrong_with_it(office):
    tomorrow = clock.today() + timedelta(days=1)
    assert "future" in refused(office, line(office.mooe, "5"), dated=tomorrow)["dated"]
    assert "what the money is for" in refused(office, line(office.mooe, "5"), particulars=" ")["particulars"]
    assert "office" in refused(office, line(office.mooe, "5"), office="")["office"]
    assert "paid before" in refused(office, line(office.mooe, "5"), expected_on=on(1, 31))["expected_on"]
    assert "future" in refused(office, line(office.mooe, "5"), reference_on=tomorrow)["reference_on"]
    assert "payee" in refused(office, line(office.mooe, "5"), payee_id=0)["payee_id"]
    assert "at least one account" in refused(office)["account_1"]
    assert "fund cluster 01" in refused(office, line(office.mooe, "5"), fund_cluster="02")["account_1"]
    assert len(refused(office, *(line(office.mooe, "5", row=n) for n in range(1, 42)))) == 1


def test_a_payee_out_of_use_is_refused(office):
    office.rahma.session.get_one(Payee, office.payee).is_active = False
    office.rahma.session.commit()
    assert "not in use" in refused(office, line(office.mooe, "5"))["payee_id"]


def test_a_closed_month_is_named(office):
    office.rahma.session.add(AccountingPeriod(month=on(3, 1), is_closed=True))
    office.rahma.session.commit()
    assert f"March {YEAR} is closed (E-13)" in refused(office, line(office.mooe, "5"), dated=on(2, 1))["dated"]
    enter(office, line(office.mooe, "5"), dated=on(4, 1))


def test_the_window_of_a_law_is_named_with_its_remedy(office):
    late = clock.today()
    said = refused(office, line(office.mooe, "5"), dated=late)["account_1"]
    assert f"until 31 December {YEAR}" in said
    assert "E-8" in said
    assert "have the law recorded that extends it" in said
    account = office.account(office.mooe)
    office.rahma.session.add(
        ValidityExtension(
            appropriation_id=account.appropriation_id, law="BAA No. 120", effective_on=on(12, 31), obligate_until=late,
            pay_until=late, entered_by=office.rahma.actor.user_id, confirmed_by=office.idris.actor.user_id,
            confirmed_at=clock.now(),
        )
    )  # fmt: skip
    office.rahma.session.commit()
    enter(office, line(office.mooe, "5"), dated=late)


def test_a_law_of_the_next_year_is_not_charged_before_it(office):
    amounts = {(office.account(office.mooe).cost_structure, office.account(office.mooe).program_id,
                office.account(office.mooe).expense_class): pesos("1M")}  # fmt: skip
    appropriate(office.rahma, office.idris, amounts, year=YEAR + 1, law="BAA No. 100")
    session = office.rahma.session
    later = session.scalars(select(BudgetAccount.id).where(BudgetAccount.fiscal_year == YEAR + 1)).one()
    assert f"from 1 January {YEAR + 1} on" in refused(office, line(later, "5"))["account_1"]


def test_demo_and_real_do_not_mix(office):
    account = office.account(office.mooe)
    amounts = {(account.cost_structure, account.program_id, account.expense_class): pesos("1M")}
    appropriate(office.rahma, office.idris, amounts, law="Demo law", is_demo=True)
    demo = office.rahma.session.scalars(select(BudgetAccount.id).where(BudgetAccount.is_demo)).one()
    assert "do not mix" in refused(office, line(office.mooe, "5"), line(demo, "5", row=2))["account_2"]
    row = enter(office, line(demo, "5"))
    assert row.is_demo, "a request is a demonstration when its accounts are"
    office.rahma.session.get_one(Payee, office.payee).is_demo = True
    office.rahma.session.commit()
    assert "do not mix" in refused(office, line(office.mooe, "5"))["payee_id"]


def test_who_may_enter_and_change(office):
    with pytest.raises(NotAllowed):
        actions.enter(office.salma.session, office.salma.actor, answers(office), [line(office.mooe, "5")])
    row = enter(office, line(office.mooe, "5"))
    session, actor = office.nurul.session, office.nurul.actor
    theirs = session.get_one(Obligation, row.id)
    actions.change(session, actor, theirs, answers(office), [line(office.mooe, "7"), line(office.mooe, "8")], version=1)
    session.commit()
    assert [one.amount for one in lines_in(office, row)] == [7, 8]
    with pytest.raises(Stale):
        actions.change(
            office.rahma.session, office.rahma.actor, row, answers(office), [line(office.mooe, "9")], version=1
        )
    office.rahma.session.rollback()
    with pytest.raises(RuleBroken):
        actions.change(session, actor, theirs, answers(office, particulars=""), [line(office.mooe, "9")])
    session.commit()
    assert theirs.particulars == "Bond paper", "nothing of a refused change is kept"
    take(office.rahma, with_file(office, row), "request")
    with pytest.raises(RuleBroken, match="no draft any more"):
        actions.change(session, actor, theirs, answers(office), [line(office.mooe, "9")])


def test_box_a_needs_tick_file_and_room(office):
    rahma = office.rahma
    small = enter(office, line(office.mooe, "50000"))
    with pytest.raises(RuleBroken, match="Tick the certification of Box A"):
        steps.take(rahma.session, rahma.actor, small, "request")
    rahma.session.rollback()
    assert take(rahma, small, "request").status == S.REQUESTED, "50,000.00 needs no file"
    large = enter(office, line(office.mooe, "50000.01"))
    with pytest.raises(RuleBroken, match="needs at least one file"):
        steps.take(rahma.session, rahma.actor, large, "request", certified=True)
    rahma.session.rollback()
    take(rahma, with_file(office, large), "request")
    much = with_file(
        office,
        enter(office, line(office.mooe, "4M"), line(office.mooe, "2M"), line(office.co, "1M", object_code=MACHINE)),
    )
    with pytest.raises(Shortfall) as refusal:
        steps.take(rahma.session, rahma.actor, much, "request", certified=True)
    assert set(refusal.value.fields) == {"amount_1", "amount_2"}, "at the lines that ask for too much"
    assert "₱ 1,000,000.00 too much" in refusal.value.fields["amount_1"]


def test_box_b_posts_with_number_person_and_balance(office):
    row = requested(office, line(office.mooe, "3M"), line(office.co, "1M", object_code=MACHINE))
    row = take(office.salma, row, "certify")
    assert (row.status, row.ors_no) == (S.OBLIGATED, f"01-{YEAR}-02-0001")
    assert (row.certified_by, row.certified_label) == (office.salma.actor.user_id, office.salma.actor.signature)
    assert row.balances_seen == {str(office.mooe): "5000000.00", str(office.co): "2000000.00"}
    assert office.state(office.mooe) == (pesos("10M"), pesos("5M"), pesos("3M"), 0)
    second = take(office.salma, requested(office, line(office.mooe, "1M")), "certify")
    assert second.ors_no == f"01-{YEAR}-02-0002"
    assert second.balances_seen == {str(office.mooe): "2000000.00"}


def test_nobody_certifies_what_he_or_she_typed_or_requested(office):
    nurul = office.nurul
    own = requested(office, line(office.mooe, "5"), by="nurul")
    with pytest.raises(RuleBroken, match="You entered or requested this"):
        take(nurul, own, "certify")
    nurul.session.rollback()
    typed = enter(office, line(office.mooe, "5"), by="nurul")
    session = office.rahma.session
    theirs = session.get_one(Obligation, typed.id)
    actions.change(session, office.rahma.actor, theirs, answers(office), [line(office.mooe, "6")])
    session.commit()
    take(office.rahma, theirs, "request")
    with pytest.raises(RuleBroken, match="You entered or requested this"):
        take(nurul, typed, "certify")
    nurul.session.rollback()
    assert take(office.salma, typed, "certify").status == S.OBLIGATED


def test_a_certification_is_ticked_and_of_what_was_seen(office):
    row = requested(office, line(office.mooe, "5"))
    with pytest.raises(RuleBroken, match="Tick the certification of Box B"):
        take(office.salma, row, "certify", certified=False)
    office.salma.session.rollback()
    with pytest.raises(Stale):
        take(office.salma, row, "certify", version=1)


def test_a_button_pressed_twice_posts_once(office):
    row, button = requested(office, line(office.mooe, "5")), key()
    take(office.salma, row, "certify", key=button)
    take(office.salma, row, "certify", key=button)
    with pytest.raises(RuleBroken, match="already obligated"):
        take(office.salma, row, "certify")
    office.salma.session.rollback()
    assert office.state(office.mooe)[2] == 5


def test_what_became_wrong_meanwhile_is_told_at_box_b(office):
    row = requested(office, line(office.mooe, "3M"))
    obligated(office, line(office.mooe, "3M"))
    with pytest.raises(Shortfall) as refusal:
        take(office.salma, row, "certify")
    assert f"ORS 01-{YEAR}-02-0001" in refusal.value.fields["amount_1"], "the competing document is named"
    office.salma.session.rollback()
    office.rahma.session.add(AccountingPeriod(month=on(2, 1), is_closed=True))
    office.rahma.session.commit()
    with pytest.raises(RuleBroken, match="E-13"):
        take(office.salma, row, "certify")


def test_a_controlled_object_keeps_to_its_own_allotment(office, owner):
    with owner.begin() as connection:
        connection.execute(text("UPDATE object_codes SET is_controlled = true WHERE code = :code"), {"code": PAPER})
    row = with_file(office, enter(office, line(office.mooe, "5")))
    with pytest.raises(RuleBroken) as refusal:
        steps.take(office.rahma.session, office.rahma.actor, row, "request", certified=True)
    assert "E-6" in refusal.value.fields["amount_1"]
    [_, room] = headroom.rooms_of(office.rahma.session, [line(office.mooe, "5")], on(2, 1))
    assert (room.available, room.short) == (0, 5)


def test_return_withdraw_cancel(office):
    row = requested(office, line(office.mooe, "5"))
    with pytest.raises(RuleBroken, match="at least 20 characters"):
        take(office.salma, row, "return", note="Not so")
    office.salma.session.rollback()
    row = take(office.salma, row, "return", note=REMARK)
    assert (row.status, row.remarks, stage_of(row, row.total, pesos(0))) == (S.DRAFT, REMARK, Stage.RETURNED)
    row = take(office.rahma, row, "request")
    assert row.remarks == ""
    with pytest.raises(RuleBroken, match="takes it back"):
        take(office.nurul, row, "withdraw")
    office.nurul.session.rollback()
    with pytest.raises(RuleBroken, match="takes it back"):
        take(office.nurul, row, "cancel", note=REMARK)
    office.nurul.session.rollback()
    row = take(office.rahma, row, "withdraw")
    assert (row.status, row.requested_by, row.requested_at) == (S.DRAFT, None, None)
    row = take(office.rahma, row, "request")
    row = take(office.rahma, row, "cancel", note=REMARK)
    assert row.status == S.CANCELLED
    assert office.state(office.mooe)[2] == 0
    with pytest.raises(RuleBroken, match="already cancelled"):
        take(office.rahma, row, "request")
    office.rahma.session.rollback()
    dropped = take(office.nurul, enter(office, line(office.mooe, "5")), "cancel", note=REMARK)
    assert dropped.status == S.CANCELLED, "a draft is anybody's in the budget office"


BUDGET, CERTIFIES = {"pilot_budget_officer"}, {"allotment_certify"}
MAY = {
    "request": (BUDGET, {S.DRAFT}),
    "withdraw": (BUDGET, {S.REQUESTED}),
    "cancel": (BUDGET, {S.DRAFT, S.REQUESTED}),
    "certify": (CERTIFIES, {S.REQUESTED}),
    "return": (CERTIFIES, {S.REQUESTED}),
}


@pytest.mark.parametrize("verb", steps.OBLIGATION_STEPS)
def test_steps_by_status_verb_and_role(verb):
    actors = {code: Actor(1, "Somebody", permissions=permissions_of({code})) for code in RULES}
    step = steps.OBLIGATION_STEPS[verb]
    found = {(code, status) for code, actor in actors.items() for status in S if step.possible(actor, status)}
    assert found == set(product(*MAY[verb]))


def test_steps_are_refused_in_every_other_status(office):
    rows = {
        S.DRAFT: enter(office, line(office.mooe, "5")),
        S.REQUESTED: requested(office, line(office.mooe, "5")),
        S.OBLIGATED: obligated(office, line(office.mooe, "5")),
        S.CANCELLED: take(office.rahma, enter(office, line(office.mooe, "5")), "cancel", note=REMARK),
    }
    for (status, row), verb in product(rows.items(), steps.OBLIGATION_STEPS):
        desk = office.salma if verb in ("certify", "return") else office.rahma
        if status in steps.OBLIGATION_STEPS[verb].sources:
            continue
        refusal = tried(desk, lambda desk=desk, row=row, verb=verb: take(desk, row, verb, note=REMARK))
        assert isinstance(refusal, RuleBroken), (status, verb, refusal)
        assert "already" in str(refusal), (status, verb)


def test_who_sees_drafts(office):
    row = enter(office, line(office.mooe, "5"))
    with pytest.raises(NotFound):
        queries.get_obligation(office.salma.session, office.salma.actor, row.id)
    assert queries.get_obligation(office.nurul.session, office.nurul.actor, row.id).id == row.id
    take(office.rahma, row, "request")
    assert queries.get_obligation(office.idris.session, office.idris.actor, row.id).payee.name
    take(office.salma, row, "return", note=REMARK)
    assert queries.get_obligation(office.salma.session, office.salma.actor, row.id), "it has left the draft once"


def test_the_list_by_stage_account_and_words(office):
    draft = enter(office, line(office.co, "5", object_code=MACHINE), particulars="A printer")
    whole = obligated(office, line(office.mooe, "100"), particulars="Paid in full")
    part = obligated(office, line(office.mooe, "100"), particulars="Paid in part")
    none = obligated(office, line(office.mooe, "100"), particulars="100%_sure")
    pay(office, whole, "100")
    pay(office, part, "40")
    session, actor = office.rahma.session, office.rahma.actor
    session.commit()

    def listed(**filters) -> set[int]:
        return {row.Obligation.id for row in session.execute(queries.list_obligations(actor, Filters(**filters)))}

    assert listed() == {draft.id, whole.id, part.id, none.id}
    assert listed(stage=Stage.DRAFT) == {draft.id}
    assert listed(stage=Stage.OBLIGATED) == {none.id}
    assert listed(stage=Stage.PARTLY_PAID) == {part.id}
    assert listed(stage=Stage.PAID) == {whole.id}
    assert listed(stage=Stage.REQUESTED) == set()
    assert listed(account_id=office.co) == {draft.id}
    assert listed(search="paid in") == {whole.id, part.id}
    assert listed(search="%_") == {none.id}
    assert listed(fiscal_year=YEAR - 1) == set()
    proof = queries.proof_of_list(session, actor, Filters())
    assert (proof.rows, proof.total, proof.source_total, proof.difference) == (3, 300, 300, 0)


def test_those_whom_it_concerns_are_told(office):
    row = requested(office, line(office.mooe, "5"))
    take(office.salma, row, "return", note=REMARK)
    take(office.rahma, row, "request")
    take(office.salma, row, "certify")
    session = office.rahma.session
    session.commit()
    told = session.execute(
        select(Notification.kind, Notification.membership_id).order_by(Notification.id)
    ).all()  # fmt: skip
    kinds = [kind for kind, _ in told]
    assert kinds.count("obligation_request") == 2 * 2, "Salma and Nurul certify, each time"
    assert (kinds.count("obligation_return"), kinds.count("obligation_certify")) == (1, 1), "Rahma, who asked"


def test_twenty_certify_at_once_and_the_allotment_holds(treasury, engine, app, cast):
    rush(treasury, engine, app, cast, requests=20, room=7)
