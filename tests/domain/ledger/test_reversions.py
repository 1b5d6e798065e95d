"""What is not obligated when its time is over goes back: proposed by BMMS, posted by the review (Sec. 35)."""

import io
from datetime import date
from functools import partial

import pytest
from sqlalchemy import select

from bmms.domain import clock
from bmms.domain.actors import system_actor
from bmms.domain.authority import extensions, lapsing
from bmms.domain.changes import reversions
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken
from bmms.domain.files.store import Upload
from bmms.domain.obligations import adjustments
from bmms.models.audit import AuditEvent
from bmms.models.authority import Appropriation, AppropriationStatus, ValidityExtension
from bmms.models.changes import ChangeStatus
from bmms.models.obligations import Obligation
from bmms.models.reference import ExpenseClass
from tests.execution import YEAR, Treasury, allot, key, obligate, on, pay, pesos, tried
from tests.uploads import PDF

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


def supplies_of(office: Treasury) -> Obligation:
    return office.rahma.session.scalars(select(Obligation)).one()


def status_of(office: Treasury) -> str:
    office.idris.session.expire_all()
    return office.idris.session.get(Appropriation, law_of(office)).status


def lapse(office: Treasury) -> int:
    count = lapsing.lapse_all(office.idris.session, system_actor("calendar", office.idris.actor.organization_id))
    office.idris.session.commit()
    return count


def extend(office: Treasury, until: date) -> None:
    """A law of the new year lets all of it be paid until a day."""
    rahma, idris, law = office.rahma, office.idris, law_of(office)
    extension = extensions.enter(
        rahma.session, rahma.actor, rahma.session.get(Appropriation, law), law="BAA No. 100", effective_on=NEW_YEAR,
        obligate_until=until, pay_until=until, file=Upload(io.BytesIO(PDF), "law.pdf"),
    )  # fmt: skip
    rahma.session.commit()
    row = idris.session.get(Appropriation, law)
    extensions.confirm(idris.session, idris.actor, row, idris.session.get(ValidityExtension, extension.id))
    idris.session.commit()


def test_a_law_lapses_with_the_last_of_its_money(office):
    assert lapse(office) == 0, "something is left that has to go back first"
    with clock.stopped_at(clock.now().replace(year=YEAR, month=12, day=31, hour=3)):
        assert lapse(office) == 0
    revert(office)
    assert status_of(office) == AppropriationStatus.LAPSED
    acts = office.idris.session.execute(
        select(AuditEvent.action, AuditEvent.changes)
        .where(AuditEvent.subject_type == "appropriations")
        .order_by(AuditEvent.id)
    ).all()
    assert acts[-1] == ("appropriations:lapse", {"status": ["in_force", "lapsed"]})
    assert lapse(office) == 0, "once"


def test_a_law_that_is_spent_lapses_by_night_and_a_longer_time_takes_it_up(office):
    revert(office)
    paid_late = partial(pay, office, supplies_of(office), "1M", day=date(YEAR + 1, 1, 20))
    assert isinstance(tried(office.omar, paid_late), RuleBroken)
    extend(office, date(2099, 1, 1))
    assert status_of(office) == AppropriationStatus.IN_FORCE
    assert lapse(office) == 0
    assert tried(office.omar, paid_late) is None


def test_what_becomes_free_after_a_law_lapsed_goes_back_too(office):
    revert(office)
    rahma, salma, day = office.rahma, office.salma, date(YEAR + 1, 1, 10)
    supplies = supplies_of(office)
    adjustment = adjustments.enter(
        rahma.session, rahma.actor, supplies, dated=day, reason="The supplier went out of business.", closes=True
    )
    rahma.session.commit()
    theirs, adjustment = salma.session.get(Obligation, supplies.id), salma.session.merge(adjustment)
    adjustments.certify(salma.session, salma.actor, theirs, adjustment, certified=True, key=key())
    salma.session.commit()
    [proposal] = reversions.proposals(office.idris.session)
    assert proposal.appropriation == pesos("4M")
    revert(office, day=date(YEAR + 1, 1, 11), reference="The rest")
    assert office.state(office.mooe) == (0, 0, 0, 0)


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
