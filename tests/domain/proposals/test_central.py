"""After the signature: transmitted, evaluated, included, enacted; two persons each, three figures (INV-22, INV-25)."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bmms.domain.errors import NotAllowed, RuleBroken
from bmms.domain.proposals import central, figures, queries, steps
from bmms.domain.proposals.programs import figures_of
from bmms.models.proposals import BudgetProposal, CentralAct
from bmms.models.proposals import ProposalStatus as S
from bmms.models.reference import ExpenseClass
from tests.budgets import memorandum
from tests.planning import Desk, desk_of

NOTE = "Twenty characters and more."
MEMO = {"reference": "MFBM Memo 12", "issued_on": date(2026, 2, 1)}
ALLOWED = {
    ("transmitted", "evaluate"), ("transmitted", "send_back"), ("transmitted", "include"), ("transmitted", "turn_down"),
    ("endorsed", "enact"), ("endorsed", "turn_down"),
}  # fmt: skip


def fresh(desk: Desk, proposal: BudgetProposal) -> BudgetProposal:
    desk.session.expire_all()
    return desk.session.get_one(BudgetProposal, proposal.id)


@pytest.fixture
def signed(complete, engine, app, cast):
    """The complete proposal, signed by Amina."""
    amina = desk_of(engine, app, cast, "amina")
    office = complete.office
    for desk, verb in ((office.rahma, "submit"), (office.idris, "take_up"), (office.idris, "endorse"), (amina, "sign")):
        more = {"certified": True} if verb == "submit" else {"signed_copy": memorandum()} if verb == "sign" else {}
        steps.take(desk.session, desk.actor, fresh(desk, complete.proposal), verb, note=NOTE, **more)
        desk.session.commit()
    amina.session.close()
    fresh(office.rahma, complete.proposal)
    return complete


@pytest.fixture
def transmitted(signed):
    desk = signed.office.rahma
    central.transmit(desk.session, desk.actor, signed.proposal, number="T-7", day=date(2026, 2, 2))
    desk.session.commit()
    return signed


def amounts(prepared, **other: Decimal) -> dict[tuple[int, ExpenseClass], Decimal]:
    """What is requested, with another amount for the support of operations."""
    session = prepared.office.rahma.session
    sums = figures.sums_of(session, prepared.proposal)
    programs = queries.programs_of(session, prepared.proposal)
    places = central.places_of(programs, sums, figures_of(session, prepared.proposal))
    found = {place: sums.of(place[0]).amounts.mooe for place in places}
    return found | {(prepared.support.id, ExpenseClass.MOOE): other["support"]} if other else found


def enter(prepared, verb: str, desk: Desk | None = None, **other) -> CentralAct:
    desk = desk or prepared.office.rahma
    act = central.enter(
        desk.session, desk.actor, fresh(desk, prepared.proposal), verb, note=NOTE,
        **{**MEMO, "file": memorandum(), **other},
    )  # fmt: skip
    desk.session.commit()
    return act


def confirm(prepared, act: CentralAct, desk: Desk | None = None) -> BudgetProposal:
    desk = desk or prepared.office.idris
    proposal = fresh(desk, prepared.proposal)
    central.confirm(desk.session, desk.actor, proposal, desk.session.get_one(CentralAct, act.id))
    desk.session.commit()
    fresh(prepared.office.rahma, prepared.proposal)
    return proposal


def test_the_way_to_the_law_keeps_three_figures_side_by_side(transmitted):
    less = Decimal("1000000.00")
    confirm(transmitted, enter(transmitted, "evaluate", amounts=amounts(transmitted, support=less)))
    confirm(transmitted, enter(transmitted, "evaluate", amounts=amounts(transmitted, support=less + 1)))
    assert confirm(transmitted, enter(transmitted, "include")).status == S.ENDORSED
    wanted = amounts(transmitted, support=Decimal("900000.00"))
    total = sum(wanted.values())
    law = {"reference": "BAA No. 99", "issued_on": date(2026, 2, 2)}
    enacted = confirm(transmitted, enter(transmitted, "enact", amounts=wanted, total=total, **law))
    assert (enacted.status, enacted.law, enacted.enacted_total) == (S.ENACTED, "BAA No. 99", total)
    session = transmitted.office.rahma.session
    row = figures_of(session, transmitted.proposal)[transmitted.support.id][ExpenseClass.MOOE]
    asked = figures.sums_of(session, transmitted.proposal).of(transmitted.support.id).total
    assert (asked, row.recommended, row.approved) == (Decimal("1438400.00"), less + 1, Decimal("900000.00"))
    verbs = [one.decision.verb for one in queries.decisions_of(session, transmitted.proposal)]
    assert verbs[:5] == ["enact", "include", "evaluate", "evaluate", "transmit"]
    versions = [one.version for one in queries.decisions_of(session, transmitted.proposal)]
    assert versions[0] > versions[2] > versions[3] > versions[4], "each decision that changed a figure has its version"


def test_inv_72_every_status_and_verb_of_the_central_offices(complete, owner):
    desk = complete.office.rahma
    for status in S:
        with owner.begin() as connection:
            connection.execute(text("ALTER TABLE budget_proposals DISABLE TRIGGER USER"))
            connection.execute(
                text("UPDATE budget_proposals SET law = 'x', enacted_total = 1, status = :status"),
                {"status": status.value},
            )
            connection.execute(text("ALTER TABLE budget_proposals ENABLE TRIGGER USER"))
        for verb in central.CENTRAL_STEPS:
            proposal = fresh(desk, complete.proposal)
            given = amounts(complete)
            more = {"amounts": given} if verb in central.FIGURE_OF else {}
            more |= {"total": sum(given.values())} if verb == "enact" else {}
            act = lambda: central.enter(  # noqa: E731
                desk.session, desk.actor, proposal, verb, note=NOTE, file=memorandum(), **MEMO, **more  # noqa: B023
            )  # fmt: skip
            if (status.value, verb) in ALLOWED:
                assert act().verb == verb
            else:
                with pytest.raises(RuleBroken, match="already"):
                    act()
            desk.session.rollback()


def test_one_enters_another_confirms_and_one_thing_waits_at_a_time(transmitted):
    nurul, rahma = transmitted.office.nurul, transmitted.office.rahma
    act = enter(transmitted, "send_back", nurul)
    with pytest.raises(RuleBroken, match="You entered this"):
        confirm(transmitted, act, nurul)
    nurul.session.rollback()
    with pytest.raises(NotAllowed):
        confirm(transmitted, act, rahma)
    rahma.session.rollback()
    with pytest.raises(RuleBroken, match="waits for confirmation"):
        enter(transmitted, "turn_down")
    rahma.session.rollback()
    with pytest.raises(IntegrityError, match="two_persons"):
        rahma.session.execute(text("UPDATE central_acts SET confirmed_by = entered_by"))
    rahma.session.rollback()
    returned = confirm(transmitted, act)
    assert (returned.status, returned.resume_status) == (S.RETURNED, S.TRANSMITTED)
    with pytest.raises(RuleBroken, match="confirmed already"):
        confirm(transmitted, act)
    transmitted.office.idris.session.rollback()
    proposal = fresh(rahma, transmitted.proposal)
    steps.take(rahma.session, rahma.actor, proposal, "submit", certified=True)
    assert proposal.status == S.TRANSMITTED, "it resumes where it was returned"


def test_what_nobody_confirmed_can_be_withdrawn(transmitted):
    rahma = transmitted.office.rahma
    act = enter(transmitted, "turn_down")
    central.withdraw(rahma.session, rahma.actor, fresh(rahma, transmitted.proposal), act)
    rahma.session.commit()
    assert central.acts_of(rahma.session, transmitted.proposal) == []
    act = enter(transmitted, "turn_down")
    assert confirm(transmitted, act).status == S.REJECTED
    with pytest.raises(RuleBroken, match="confirmed and stays"):
        central.withdraw(rahma.session, rahma.actor, transmitted.proposal, rahma.session.get_one(CentralAct, act.id))


@pytest.mark.parametrize(
    ("other", "field", "words"),
    [
        ({"file": None}, "file", "Attach the instrument"),
        ({"issued_on": date(2026, 2, 3)}, "issued_on", "lies in the future"),
        ({"amounts": {}}, "", "Type the amount"),
        ({"support": Decimal("-0.01")}, "", "not below zero"),
        ({"support": Decimal("0.005")}, "", "two decimals"),
    ],
)
def test_what_is_wrong_with_an_evaluation_is_told_at_its_field(transmitted, other, field, words):
    more = dict(other)
    if "support" in more:
        more["amounts"] = amounts(transmitted, support=more.pop("support"))
    field = field or central.field_of(transmitted.support.id, ExpenseClass.MOOE)
    with pytest.raises(RuleBroken) as refused:
        enter(transmitted, "evaluate", **{"amounts": amounts(transmitted), **more})
    assert words in refused.value.fields[field]


def test_nothing_is_included_before_all_of_it_is_recommended(transmitted):
    with pytest.raises(RuleBroken, match="Nothing is recommended yet for General administration and support, MOOE"):
        confirm(transmitted, enter(transmitted, "include"))


def test_inv_25_what_is_enacted_comes_to_the_total_of_the_law_and_the_database_agrees(transmitted):
    confirm(transmitted, enter(transmitted, "evaluate", amounts=amounts(transmitted)))
    confirm(transmitted, enter(transmitted, "include"))
    given = amounts(transmitted)
    with pytest.raises(RuleBroken, match="₱ 0.01 short of the total of the law"):
        enter(transmitted, "enact", amounts=given, total=sum(given.values()) + Decimal("0.01"))
    rahma = transmitted.office.rahma
    rahma.session.rollback()
    for attack in (
        "UPDATE budget_proposals SET status = 'enacted'",
        "UPDATE budget_proposals SET status = 'enacted', law = 'x', enacted_total = 1",
    ):
        with pytest.raises(IntegrityError):
            rahma.session.execute(text(attack))
        rahma.session.rollback()


@pytest.mark.parametrize("figure", ["recommended", "approved", "planning_figure", "previous_actual"])
def test_inv_22_no_figure_is_written_before_its_time_or_over_another(complete, figure):
    session = complete.office.rahma.session
    row = f"({complete.proposal.organization_id}, {complete.support.id}, 'PS', 1)"
    sql = f"INSERT INTO proposal_amounts (organization_id, proposal_program_id, expense_class, {figure}) VALUES {row}"
    if figure in ("recommended", "approved"):
        with pytest.raises(IntegrityError, match=f"amounts are {figure} while"):
            session.execute(text(sql))
    else:
        session.execute(text(sql))
        with pytest.raises(IntegrityError, match="amounts are recommended while"):
            session.execute(text("UPDATE proposal_amounts SET recommended = 2"))
    session.rollback()


def test_the_transmittal_needs_the_signature_and_a_day_that_has_come(signed, complete):
    desk = signed.office.rahma
    with pytest.raises(RuleBroken, match="lies in the future"):
        central.transmit(desk.session, desk.actor, signed.proposal, number="T-7", day=date(2026, 2, 3))
    desk.session.rollback()
    central.transmit(desk.session, desk.actor, signed.proposal, number="T-7", day=date(2026, 2, 2))
    with pytest.raises(RuleBroken, match="Only a signed proposal"):
        central.transmit(desk.session, desk.actor, signed.proposal, number="T-7", day=date(2026, 2, 2))
