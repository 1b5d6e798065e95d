"""What is not obligated when its time is over goes back: proposed by BMMS, posted by the review (Sec. 35)."""

from datetime import date

import pytest

from bmms.domain import clock
from bmms.domain.changes import reversions
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken
from bmms.models.authority import ValidityExtension
from bmms.models.changes import ChangeStatus
from bmms.models.reference import ExpenseClass
from tests.execution import YEAR, Treasury, allot, key, obligate, on, pesos

NEW_YEAR = date(YEAR + 1, 1, 2)


@pytest.fixture
def office(treasury) -> Treasury:
    """Of 10 M for MOOE 6 M are released and 4 M obligated; all of it could be used until the end of the year."""
    allot(treasury, treasury.mooe, "6M")
    obligate(treasury, treasury.mooe, "4M")
    return treasury


def law_of(office: Treasury) -> int:
    return office.account(office.mooe).appropriation_id


def revert(office: Treasury, button: str = "", day: date = NEW_YEAR, reference: str = "Reversion"):
    idris = office.idris
    row = reversions.revert(
        idris.session, idris.actor, law_of(office), reference=reference, dated=day, key=button or key()
    )
    idris.session.commit()
    return row


def test_what_is_not_obligated_is_withdrawn_and_taken_out(office):
    [proposal] = reversions.proposals(office.idris.session)
    assert (proposal.allotment, proposal.appropriation) == (pesos("2M"), pesos("31M"))
    first = revert(office, "the same button")
    assert revert(office, "the same button").id == first.id
    assert first.status == ChangeStatus.POSTED
    assert office.state(office.mooe) == (pesos("4M"), pesos("4M"), pesos("4M"), 0)
    assert office.state(office.co) == (0, 0, 0, 0)
    assert reversions.proposals(office.idris.session) == []
    with pytest.raises(NotFound):
        revert(office, reference="Again")


def test_nothing_goes_back_before_the_time_is_over(office):
    with pytest.raises(RuleBroken, match="Give a day after 31 December"):
        revert(office, day=on(12, 31))
    office.idris.session.rollback()
    with clock.stopped_at(clock.now().replace(year=YEAR, month=12, day=31, hour=3)):
        assert reversions.proposals(office.idris.session) == []


def test_a_law_that_extends_the_time_of_a_class_keeps_its_money(office):
    rahma = office.rahma
    rahma.session.add(ValidityExtension(
        appropriation_id=law_of(office), law="BAA No. 100", expense_class=ExpenseClass.CO, effective_on=NEW_YEAR,
        obligate_until=date(2099, 1, 1), pay_until=date(2099, 1, 1), entered_by=rahma.actor.user_id,
        confirmed_by=office.idris.actor.user_id, confirmed_at=clock.now(),
    ))  # fmt: skip
    rahma.session.commit()
    revert(office)
    assert office.state(office.co)[0] == pesos("10M")
    assert office.state(office.ps)[0] == 0


def test_only_the_review_posts_it(office):
    for desk in (office.rahma, office.hadji, office.salma):
        with pytest.raises(NotAllowed):
            reversions.revert(desk.session, desk.actor, law_of(office), reference="R", dated=NEW_YEAR, key=key())
        desk.session.rollback()
