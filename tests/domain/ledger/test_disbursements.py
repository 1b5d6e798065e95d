"""Disbursement vouchers (modules 8.10): what is refused and why, who pays, and that money moves once."""

import threading
from dataclasses import replace
from datetime import timedelta
from itertools import product
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.disbursements import actions, checks, queries, steps
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken
from bmms.domain.permissions import RULES, permissions_of
from bmms.models.authority import BudgetAccount, ValidityExtension
from bmms.models.collaboration import Notification
from bmms.models.disbursements import Disbursement, DisbursementLine, DisbursementStatus, PaymentMode
from bmms.models.ledger import AccountingPeriod, LedgerPosting
from bmms.models.obligations import Obligation
from bmms.models.payees import Payee
from tests.execution import TRAVEL, YEAR, allot, key, line_of, obligate, on, pay, pesos, tried

REASON = "The check was spoiled before it was released."


@pytest.fixture
def funded(treasury):
    """5 M allotted, of which 3 M are owed for supplies since 1 February."""
    allot(treasury, treasury.mooe, "5M")
    return SimpleNamespace(office=treasury, obligation=obligate(treasury, treasury.mooe, "3M"))


def answers(**other) -> dict:
    return {
        "dated": on(3, 1), "mode": PaymentMode.CHECK, "instrument": "LBP 0001", "particulars": "Supplies",
        "tax": pesos(0), **other,
    }  # fmt: skip


def draft(office, obligation, amount, by="rahma", **other) -> Disbursement:
    """A voucher for the only line of an obligation; committed."""
    desk = getattr(office, by)
    amounts = {line_of(office, obligation).id: pesos(amount)}
    theirs = desk.session.get_one(Obligation, obligation.id)
    voucher = actions.create_voucher(desk.session, desk.actor, theirs, answers(**other), amounts)
    desk.session.commit()
    return voucher


def seen_by(desk, voucher: Disbursement) -> Disbursement:
    """The voucher as somebody else looks at it."""
    desk.session.commit()
    return desk.session.get_one(Disbursement, voucher.id, populate_existing=True)


def step(desk, voucher: Disbursement, verb: str, note: str = "") -> None:
    """Submit, return or cancel; committed."""
    steps.take(desk.session, desk.actor, seen_by(desk, voucher), verb, note=note)
    desk.session.commit()


def submitted(office, obligation, amount, **other) -> Disbursement:
    """A voucher that waits for payment; committed."""
    voucher = draft(office, obligation, amount, **other)
    step(office.rahma, voucher, "submit")
    return voucher


def paid(office, obligation, amount, **other) -> Disbursement:
    """A voucher that Omar has paid; committed."""
    voucher = submitted(office, obligation, amount, **other)
    assert steps.pay(office.omar.session, office.omar.actor, seen_by(office.omar, voucher), key=key())
    office.omar.session.commit()
    return seen_by(office.omar, voucher)


def postings(office, voucher: Disbursement) -> list[str]:
    """Labels of what the ledger holds of a voucher."""
    query = select(LedgerPosting.label).where(
        LedgerPosting.document_kind == "disbursement", LedgerPosting.document_id == voucher.id
    )
    office.rahma.session.commit()
    return list(office.rahma.session.scalars(query.order_by(LedgerPosting.id)))


def test_from_draft_to_payment(funded):
    office = funded.office
    voucher = draft(office, funded.obligation, "2M", tax=pesos(20_000))
    assert (voucher.gross, voucher.tax, voucher.net) == (pesos("2M"), pesos(20_000), pesos(1_980_000))
    assert (voucher.status, voucher.dv_no, voucher.payee_id) == (DisbursementStatus.DRAFT, "", office.payee)
    assert office.state(office.mooe)[3] == 0
    step(office.rahma, voucher, "submit")
    assert office.state(office.mooe)[3] == 0, "what waits counts nowhere (INV-32)"
    told = office.rahma.session.scalars(select(Notification.text)).all()
    assert any("waits for payment" in one for one in told)
    assert not any("Supply Depot" in one or "2,000,000" in one for one in told)
    steps.pay(office.omar.session, office.omar.actor, seen_by(office.omar, voucher), key=key())
    office.omar.session.commit()
    found = seen_by(office.rahma, voucher)
    assert (found.status, found.dv_no) == (DisbursementStatus.PAID, f"{YEAR}-03-0001")
    assert (found.submitted_label, found.paid_label) == (office.rahma.actor.label, office.omar.actor.label)
    line = line_of(office, funded.obligation)
    assert (line.paid, line.unpaid) == (pesos("2M"), pesos("1M"))
    assert office.state(office.mooe)[3] == pesos("2M")
    assert paid(office, funded.obligation, "1M").dv_no == f"{YEAR}-03-0002"


def test_a_voucher_is_never_more_than_is_unpaid_and_names_who_took_it(funded):
    office = funded.office
    first = paid(office, funded.obligation, "2M")
    with pytest.raises(RuleBroken) as refusal:
        draft(office, funded.obligation, 1_500_000)
    line_id = line_of(office, funded.obligation).id
    said = refusal.value.fields[f"amount_{line_id}"]
    assert "₱ 500,000.00 more than is unpaid, ₱ 1,000,000.00" in said
    assert f"DV {first.dv_no} of 1 March {YEAR} took ₱ 2,000,000.00" in said
    office.rahma.session.rollback()
    assert draft(office, funded.obligation, "1M").id, "as much as is unpaid goes"


def test_two_drafts_of_the_same_money_the_later_one_is_stopped_at_submission_and_at_payment(funded):
    office = funded.office
    waits, late = submitted(office, funded.obligation, "2M"), draft(office, funded.obligation, "2M")
    also = submitted(office, funded.obligation, "2M")
    line = queries.lines_of(office.rahma.session, late)[0]
    assert line.waiting == pesos("4M")
    steps.pay(office.omar.session, office.omar.actor, seen_by(office.omar, waits), key=key())
    office.omar.session.commit()
    with pytest.raises(RuleBroken, match="more than is unpaid"):
        step(office.rahma, late, "submit")
    office.rahma.session.rollback()
    refusal = tried(
        office.omar, lambda: steps.pay(office.omar.session, office.omar.actor, seen_by(office.omar, also), key=key())
    )
    assert isinstance(refusal, RuleBroken)
    assert "DV " in str(refusal)
    assert postings(office, also) == []


@pytest.mark.parametrize("amount", [0, -1, "0.001"])
def test_amounts_are_above_zero_in_centavos(funded, amount):
    with pytest.raises(RuleBroken):
        draft(funded.office, funded.obligation, amount)


def test_the_tax_stays_within_the_gross_amount(funded):
    with pytest.raises(RuleBroken) as refusal:
        draft(funded.office, funded.obligation, 100, tax=pesos(101))
    assert refusal.value.field == "tax"
    with pytest.raises(RuleBroken):
        draft(funded.office, funded.obligation, 100, tax=pesos(-1))
    assert draft(funded.office, funded.obligation, 100, tax=pesos(100)).net == 0


def test_the_day_is_after_the_obligation_in_an_open_month_and_within_the_window(funded):
    """E-9, E-13, E-8, each told before anything is posted."""
    office, session = funded.office, funded.office.rahma.session

    def refused(day) -> str:
        with pytest.raises(RuleBroken) as refusal:
            draft(office, funded.obligation, 100, dated=day)
        session.rollback()
        return refusal.value.fields["dated"]

    assert "before its obligation (E-9)" in refused(on(1, 31))
    assert "lies in the future" in refused(clock.today() + timedelta(days=1))
    later = on(12, 31) + timedelta(days=1)
    assert f"until 31 December {YEAR} (E-8)" in refused(later)
    waits = submitted(office, funded.obligation, 100, dated=on(2, 20))
    session.add(AccountingPeriod(month=on(2, 1), is_closed=True))
    session.commit()
    assert f"February {YEAR} is closed (E-13)" in refused(on(2, 28))
    refusal = tried(
        office.omar, lambda: steps.pay(office.omar.session, office.omar.actor, seen_by(office.omar, waits), key=key())
    )
    assert "is closed (E-13)" in str(refusal)
    assert draft(office, funded.obligation, 100, dated=on(3, 1)).id
    law = session.get_one(BudgetAccount, office.mooe).appropriation_id
    session.add(ValidityExtension(
        appropriation_id=law, law="BAA No. 100", effective_on=later, obligate_until=later, pay_until=later,
        entered_by=office.rahma.actor.user_id, confirmed_by=office.idris.actor.user_id, confirmed_at=clock.now(),
    ))  # fmt: skip
    session.commit()
    assert paid(office, funded.obligation, 100, dated=later).status == DisbursementStatus.PAID


def test_one_voucher_pays_several_obligations_of_one_payee_only(funded):
    office, session = funded.office, funded.office.rahma.session
    allot(office, office.support, "1M")
    second = obligate(office, office.support, "1M", object_code=TRAVEL)
    amounts = {line_of(office, one).id: pesos(1000) for one in (funded.obligation, second)}
    voucher = actions.create_voucher(session, office.rahma.actor, funded.obligation, answers(), amounts)
    session.commit()
    assert voucher.gross == pesos(2000)
    step(office.rahma, voucher, "submit")
    steps.pay(office.omar.session, office.omar.actor, seen_by(office.omar, voucher), key=key())
    office.omar.session.commit()
    assert (office.state(office.mooe)[3], office.state(office.support)[3]) == (pesos(1000), pesos(1000))
    other = Payee(name="Somebody else")
    session.add(other)
    session.commit()
    treasury_payee, office.payee = office.payee, other.id
    third = obligate(office, office.mooe, 500)
    office.payee = treasury_payee
    amounts = {line_of(office, one).id: pesos(100) for one in (funded.obligation, third)}
    with pytest.raises(RuleBroken, match="owed to somebody else"):
        actions.create_voucher(session, office.rahma.actor, funded.obligation, answers(), amounts)
    assert [one.id for one in queries.others_of(session, funded.obligation, [funded.obligation.id])] == [second.id]


def test_nothing_is_paid_of_what_is_not_certified(funded):
    session = funded.office.rahma.session
    funded.office.rahma.session.commit()
    row = obligate(funded.office, funded.office.mooe, 100)
    asked = Obligation(
        fiscal_year=YEAR, dated=on(2, 1), payee_id=funded.office.payee, kind=row.kind, particulars="x", total=pesos(5)
    )
    session.add(asked)
    session.flush()
    with pytest.raises(NotFound):
        queries.get_payable(session, asked.id)
    line = replace(queries.payable_lines(session, obligation_ids=[row.id])[0], obligation=asked, amount=pesos(5))
    assert "before the obligation is certified" in checks.wrong_amounts(session, [line])[line.field]


def test_a_change_merges_what_two_people_type_and_keeps_gross_and_net(funded):
    office = funded.office
    voucher = draft(office, funded.obligation, 1000, tax=pesos(10))
    line_id = line_of(office, funded.obligation).id
    nurul = office.nurul
    theirs = seen_by(nurul, voucher)
    actions.change_voucher(nurul.session, nurul.actor, theirs, answers(tax=pesos(20)), {line_id: pesos(2000)})
    nurul.session.commit()
    assert (theirs.gross, theirs.tax, theirs.net) == (pesos(2000), pesos(20), pesos(1980))
    with pytest.raises(RuleBroken, match="at least one line"):
        actions.change_voucher(nurul.session, nurul.actor, theirs, answers(), {line_id: None})
    assert theirs.gross == pesos(2000), "what was refused stays nowhere"
    nurul.session.rollback()
    step(office.rahma, voucher, "submit")
    with pytest.raises(RuleBroken, match="no draft any more"):
        actions.change_voucher(nurul.session, nurul.actor, seen_by(nurul, voucher), answers(), {line_id: pesos(1)})
    with pytest.raises(RuleBroken, match="no draft any more"):
        actions.delete_voucher(nurul.session, nurul.actor, theirs)


def test_a_draft_goes_with_its_lines(funded):
    office = funded.office
    voucher = draft(office, funded.obligation, 1000)
    actions.delete_voucher(office.rahma.session, office.rahma.actor, voucher)
    office.rahma.session.commit()
    assert office.rahma.session.scalar(select(func.count(DisbursementLine.id))) == 0


def test_what_is_returned_is_changed_and_submitted_again_what_is_cancelled_stays(funded):
    office = funded.office
    voucher = submitted(office, funded.obligation, 1000)
    with pytest.raises(RuleBroken, match="at least 20"):
        step(office.omar, voucher, "return", "Too short")
    office.omar.session.rollback()
    step(office.omar, voucher, "return", "The tax has to be withheld, 1 %.")
    found = seen_by(office.rahma, voucher)
    assert (found.status, found.remarks) == (DisbursementStatus.DRAFT, "The tax has to be withheld, 1 %.")
    step(office.rahma, voucher, "submit")
    step(office.omar, voucher, "cancel", "The goods were sent back to the supplier.")
    assert seen_by(office.rahma, voucher).status == DisbursementStatus.CANCELLED
    for verb in ("submit", "return", "cancel"):
        with pytest.raises(RuleBroken, match="already cancelled"):
            step(office.nurul, voucher, verb, REASON)
        office.nurul.session.rollback()
    assert postings(office, voucher) == []


def test_nobody_pays_what_he_or_she_prepared_or_certified(funded):
    office = funded.office
    nurul = office.nurul

    def refused(desk, voucher) -> str:
        theirs = seen_by(desk, voucher)
        refusal = tried(desk, lambda: steps.pay(desk.session, desk.actor, theirs, key=key()))
        assert isinstance(refusal, RuleBroken), refusal
        return str(refusal)

    own = draft(office, funded.obligation, 100, by="nurul")
    step(office.rahma, own, "submit")
    assert "You prepared or submitted this voucher" in refused(nurul, own), "also where somebody else submitted it"
    resent = draft(office, funded.obligation, 100)
    step(nurul, resent, "submit")
    assert "You prepared or submitted" in refused(nurul, resent)
    salma_pays = replace(office.salma, actor=replace(office.salma.actor, permissions=office.omar.actor.permissions))
    certified = submitted(office, funded.obligation, 100)
    assert f"You certified ORS {funded.obligation.ors_no}" in refused(salma_pays, certified)
    deputy = replace(nurul, actor=replace(nurul.actor, principals=(office.salma.actor.user_id,)))
    assert "You certified ORS" in refused(deputy, certified), "for a principal neither"
    assert office.state(office.mooe)[3] == 0


def test_the_database_refuses_the_certifier_too(funded, monkeypatch):
    office = funded.office
    voucher = submitted(office, funded.obligation, 100)
    monkeypatch.setattr(steps, "obstacles", lambda *_: [])
    actor = replace(office.salma.actor, permissions=office.omar.actor.permissions)
    theirs = seen_by(office.salma, voucher)
    refusal = tried(office.salma, lambda: steps.pay(office.salma.session, actor, theirs, key=key()))
    assert "Nobody posts what he or she prepared" in str(refusal)


def test_the_same_button_pressed_five_times_pays_once(funded):
    office, button = funded.office, key()
    voucher = submitted(office, funded.obligation, 1000)
    done = []
    for _ in range(5):
        done.append(steps.pay(office.omar.session, office.omar.actor, seen_by(office.omar, voucher), key=button))
        office.omar.session.commit()
    assert done == [True, False, False, False, False]
    assert len(postings(office, voucher)) == 1
    with pytest.raises(RuleBroken, match="already paid"):
        steps.pay(office.omar.session, office.omar.actor, seen_by(office.omar, voucher), key=key())


def test_two_accountants_pay_the_same_line_at_once(funded, engine):
    """One goes; the other one is told which voucher took it (INV-30)."""
    office = funded.office
    first, second = (submitted(office, funded.obligation, "2M") for _ in range(2))
    gate, told = threading.Barrier(2), {}

    def press(name: str, voucher_id: int) -> None:
        desk = getattr(office, name)
        voucher = desk.session.get_one(Disbursement, voucher_id)
        gate.wait(120)
        told[name] = tried(desk, lambda: steps.pay(desk.session, desk.actor, voucher, key=key()))

    for desk in (office.omar, office.nurul):
        desk.session.rollback()
    threads = [
        threading.Thread(target=press, args=one) for one in (("omar", first.id), ("nurul", second.id))
    ]  # fmt: skip
    for one in threads:
        one.start()
    for one in threads:
        one.join(300)
    refused = [one for one in told.values() if one]
    assert len(told) == 2
    assert len(refused) == 1
    assert isinstance(refused[0], RuleBroken), refused
    assert "more than is unpaid" in str(refused[0])
    assert f"DV {YEAR}-03-0001" in str(refused[0])
    assert line_of(office, funded.obligation).paid == pesos("2M")


def test_void_takes_two_persons_and_gives_the_money_back(funded):
    office = funded.office
    voucher = paid(office, funded.obligation, "2M")
    omar, idris, nurul = office.omar, office.idris, office.nurul

    def ask(desk, day, note=REASON) -> None:
        steps.ask_void(desk.session, desk.actor, seen_by(desk, voucher), voided_on=day, note=note)
        desk.session.commit()

    with pytest.raises(RuleBroken, match="at least 20"):
        ask(omar, on(4, 1), "Spoiled")
    omar.session.rollback()
    with pytest.raises(RuleBroken, match="cannot be void before"):
        ask(omar, on(2, 28))
    with pytest.raises(RuleBroken, match="future"):
        ask(omar, clock.today() + timedelta(days=1))
    with pytest.raises(RuleBroken, match=r"\(E-8\)"):
        ask(omar, on(12, 31) + timedelta(days=1))
    omar.session.rollback()
    theirs = seen_by(idris, voucher)
    with pytest.raises(RuleBroken, match="Nobody asks"):
        steps.void(idris.session, idris.actor, theirs, key=key())
    idris.session.rollback()
    ask(nurul, on(4, 1))
    with pytest.raises(RuleBroken, match="has asked for this already"):
        ask(omar, on(4, 1))
    omar.session.rollback()
    mine = seen_by(nurul, voucher)
    refusal = tried(nurul, lambda: steps.void(nurul.session, nurul.actor, mine, key=key()))
    assert "Somebody else confirms it" in str(refusal)
    assert office.state(office.mooe)[3] == pesos("2M"), "asking moves nothing"
    button = key()
    assert steps.void(idris.session, idris.actor, seen_by(idris, voucher), key=button)
    idris.session.commit()
    assert not steps.void(idris.session, idris.actor, seen_by(idris, voucher), key=button)
    idris.session.commit()
    assert office.state(office.mooe)[3] == 0
    line = line_of(office, funded.obligation)
    assert (line.paid, line.unpaid) == (0, pesos("3M"))
    assert postings(office, voucher) == [f"DV {voucher.dv_no}", f"DV {voucher.dv_no}, void"]
    found = seen_by(office.rahma, voucher)
    assert (found.status, found.dv_no) == (DisbursementStatus.VOID, voucher.dv_no)
    again = paid(office, funded.obligation, "3M", dated=on(5, 1))
    assert again.dv_no[-4:] == "0002", "no number is used twice (INV-41)"


def test_a_voiding_is_dated_in_an_open_month_also_when_it_is_confirmed_later(funded):
    office = funded.office
    voucher = paid(office, funded.obligation, 1000)
    omar, idris = office.omar, office.idris
    steps.ask_void(omar.session, omar.actor, voucher, voided_on=on(4, 1), note=REASON)
    omar.session.commit()
    office.rahma.session.add(AccountingPeriod(month=on(4, 1), is_closed=True))
    office.rahma.session.commit()
    refusal = tried(idris, lambda: steps.void(idris.session, idris.actor, seen_by(idris, voucher), key=key()))
    assert "is closed (E-13)" in str(refusal)
    steps.refuse_void(idris.session, idris.actor, seen_by(idris, voucher), note="The month is closed; ask for May.")
    idris.session.commit()
    found = seen_by(omar, voucher)
    assert (found.status, found.void_asked_by, found.voided_on) == (DisbursementStatus.PAID, None, None)
    steps.ask_void(omar.session, omar.actor, found, voided_on=on(5, 2), note=REASON)
    omar.session.commit()
    assert steps.void(idris.session, idris.actor, seen_by(idris, voucher), key=key())


EDIT, PAY, REVIEW = {"pilot_budget_officer"}, {"accounting"}, {"budget_review"}
TABLE = {
    "submit": (EDIT | PAY, {"draft"}), "return": (PAY, {"for_approval"}), "cancel": (PAY, {"for_approval"}),
    "post": (PAY, {"for_approval"}), "ask_void": (PAY, {"paid"}), "refuse_void": (REVIEW, {"paid"}),
    "void": (REVIEW, {"paid"}),
}  # fmt: skip


@pytest.mark.parametrize("verb", steps.STEPS)
def test_vouchers_by_status_verb_and_role(verb):
    who, when = TABLE[verb]
    found = set()
    for code, status in product(RULES, DisbursementStatus):
        actor = Actor(1, "Somebody", permissions=permissions_of({code}))
        if steps.steps_of(actor)[verb].possible(actor, status):
            found.add((code, status.value))
    assert found == set(product(who, when))


@pytest.mark.parametrize("code", RULES)
def test_who_is_not_in_the_table_is_refused_by_the_domain(funded, code):
    office = funded.office
    waits = submitted(office, funded.obligation, 100)
    actor = replace(office.hadji.actor, permissions=permissions_of({code}))
    session, voucher = office.hadji.session, seen_by(office.hadji, waits)
    acts = {
        "return": lambda: steps.take(session, actor, voucher, "return", note=REASON),
        "cancel": lambda: steps.take(session, actor, voucher, "cancel", note=REASON),
        "post": lambda: steps.pay(session, actor, voucher, key=key()),
        "void": lambda: steps.void(session, actor, voucher, key=key()),
        "refuse_void": lambda: steps.refuse_void(session, actor, voucher, note=REASON),
        "ask_void": lambda: steps.ask_void(session, actor, voucher, voided_on=on(4, 1), note=REASON),
        "submit": lambda: steps.take(session, actor, voucher, "submit"),
        "change": lambda: actions.change_voucher(session, actor, voucher, answers(), {}),
        "delete": lambda: actions.delete_voucher(session, actor, voucher),
    }
    for verb, act in acts.items():
        may = TABLE.get(verb, (EDIT | PAY, None))[0]
        refusal = tried(replace(office.hadji, session=session), act)
        session.refresh(voucher)
        assert isinstance(refusal, NotAllowed) != (code in may), (verb, refusal)
        if voucher.status != DisbursementStatus.FOR_APPROVAL:
            return


def test_drafts_are_seen_by_those_who_write_vouchers(funded):
    office = funded.office
    voucher, waits = draft(office, funded.obligation, 100), submitted(office, funded.obligation, 200)
    for name, drafts in (("rahma", True), ("omar", True), ("salma", False), ("idris", False)):
        desk = getattr(office, name)
        listed = [one.id for one, _ in desk.session.execute(queries.list_disbursements(desk.actor))]
        assert sorted(listed) == ([voucher.id, waits.id] if drafts else [waits.id])
        if not drafts:
            with pytest.raises(NotFound):
                queries.get_disbursement(desk.session, desk.actor, voucher.id)


def test_the_list_filters_and_proves_its_sum(funded):
    office = funded.office
    first, second = paid(office, funded.obligation, 1000, instrument="LBP 77"), paid(office, funded.obligation, 500)
    submitted(office, funded.obligation, 30)
    desk = office.rahma
    desk.session.commit()

    def found(**asked) -> list[int]:
        return [one.id for one, _ in desk.session.execute(queries.list_disbursements(desk.actor, **asked))]

    assert found(number="lbp 77") == [first.id]
    assert found(number=second.dv_no) == [second.id]
    assert len(found(payee="depot medical")) == 3
    assert found(payee="nobody") == []
    assert found(status=DisbursementStatus.PAID) == [second.id, first.id]
    proof = queries.proof_of_list(desk.session, queries.list_disbursements(desk.actor), 2)
    assert (proof.rows, proof.total, proof.source_total, proof.difference) == (2, pesos(1500), pesos(1500), 0)
    one = queries.proof_of_list(desk.session, queries.list_disbursements(desk.actor, number="LBP 77"), 1)
    assert (one.rows, one.total, one.difference) == (1, pesos(1000), 0)


def test_a_proof_shows_what_does_not_add_up(funded, owner):
    """A gross amount that somebody has changed past the ledger."""
    office = funded.office
    voucher = paid(office, funded.obligation, 1000)
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE disbursements DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE disbursements SET gross = 1100, net = 1100 WHERE id = :id"), {"id": voucher.id})
        connection.execute(text("ALTER TABLE disbursements ENABLE TRIGGER USER"))
    desk = office.rahma
    desk.session.commit()
    assert queries.proof_of_list(desk.session, queries.list_disbursements(desk.actor), 1).difference == pesos(100)


def test_vouchers_of_the_tests_helper_and_of_the_domain_number_on(funded):
    office = funded.office
    pay(office, funded.obligation, 100)
    assert paid(office, funded.obligation, 100).dv_no[-4:] == "0002"


def test_an_inactive_payee_gets_no_new_voucher(funded):
    office, session = funded.office, funded.office.rahma.session
    session.get_one(Payee, office.payee).is_active = False
    session.commit()
    with pytest.raises(RuleBroken, match="inactive"):
        draft(office, funded.obligation, 100)


def test_who_reads_only_writes_no_voucher(funded):
    with pytest.raises(NotAllowed):
        draft(funded.office, funded.obligation, 100, by="salma")


def test_nothing_is_locked_for_others_while_a_voucher_is_drafted(funded, engine):
    """A draft takes no lock on accounts: somebody else obligates meanwhile."""
    office = funded.office
    with Session(engine) as _:
        amounts = {line_of(office, funded.obligation).id: pesos(100)}
        actions.create_voucher(office.rahma.session, office.rahma.actor, funded.obligation, answers(), amounts)
        office.salma.session.execute(text("SET LOCAL lock_timeout = '2s'"))
        row = office.salma.session.get_one(BudgetAccount, office.mooe, with_for_update=True)
        assert row.id == office.mooe
        office.salma.session.rollback()
        office.rahma.session.rollback()
