"""The life of a proposal: every (state, verb, role), who decides about whose work, what each decision keeps."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from bmms.domain import clock
from bmms.domain.errors import NotAllowed, RuleBroken
from bmms.domain.proposals import lines, queries, snapshots, steps
from bmms.models.collaboration import Notification
from bmms.models.proposals import BudgetLine, BudgetProposal, ProposalStatus, ProposalVersion
from bmms.models.proposals import ProposalStatus as S
from tests.budgets import memorandum
from tests.planning import Desk, desk_of
from tests.proposals import line_answers

NOTE = "Twenty characters and more."
ALLOWED = {
    ("draft", "submit"), ("draft", "cancel"), ("returned", "submit"), ("returned", "cancel"),
    ("submitted", "withdraw"), ("submitted", "take_up"), ("submitted", "reject"),
    ("under_review", "return"), ("under_review", "endorse"), ("under_review", "reject"),
    ("for_signature", "sign"), ("for_signature", "hand_back"), ("for_signature", "reject"),
    ("approved", "reject"),
}  # fmt: skip
WHO = {
    "submit": "rahma", "withdraw": "rahma", "cancel": "rahma", "take_up": "idris", "return": "idris",
    "endorse": "idris", "sign": "amina", "hand_back": "amina", "reject": "amina",
}  # fmt: skip


@pytest.fixture
def amina(engine, app, cast, complete):
    """The head."""
    desk = desk_of(engine, app, cast, "amina")
    yield desk
    desk.session.close()


def take(desk: Desk, proposal: BudgetProposal, verb: str, note: str = NOTE) -> BudgetProposal:
    """Take a step as the person of this desk; committed."""
    desk.session.expire_all()
    theirs = desk.session.get_one(BudgetProposal, proposal.id)
    more = {"certified": True} if verb == "submit" else {"signed_copy": memorandum()} if verb == "sign" else {}
    steps.take(desk.session, desk.actor, theirs, verb, note=note, **more)
    desk.session.commit()
    return theirs


def test_inv_72_every_status_and_verb_is_in_the_table_or_refused(complete, amina, owner):
    desks = {"rahma": complete.office.rahma, "idris": complete.office.idris, "amina": amina}
    rahma_id = complete.office.rahma.actor.user_id
    for status in ProposalStatus:
        for verb, person in WHO.items():
            desk = desks[person]
            with owner.begin() as connection:
                connection.execute(text("ALTER TABLE budget_proposals DISABLE TRIGGER USER"))
                connection.execute(
                    text(
                        "UPDATE budget_proposals SET law = 'x', enacted_total = 1, status = :status, "
                        "submitted_by = :who, resume_status = NULL"
                    ),
                    {"status": status.value, "who": rahma_id},
                )
                connection.execute(text("ALTER TABLE budget_proposals ENABLE TRIGGER USER"))
            desk.session.expire_all()
            theirs = desk.session.get_one(BudgetProposal, complete.proposal.id)
            more = {"certified": True} if verb == "submit" else {"signed_copy": memorandum()} if verb == "sign" else {}
            if (status.value, verb) in ALLOWED:
                steps.take(desk.session, desk.actor, theirs, verb, note=NOTE, **more)
                assert theirs.status == steps.PROPOSAL_STEPS[verb].target
            else:
                with pytest.raises(RuleBroken, match="already"):
                    steps.take(desk.session, desk.actor, theirs, verb, note=NOTE, **more)
                assert theirs.status == status
            desk.session.rollback()
            for other, stranger in desks.items():
                if not stranger.actor.may(steps.PROPOSAL_STEPS[verb].need):
                    stranger.session.expire_all()
                    seen = stranger.session.get_one(BudgetProposal, complete.proposal.id)
                    with pytest.raises(NotAllowed):
                        steps.take(stranger.session, stranger.actor, seen, verb, note=NOTE, **more)
                    stranger.session.rollback()
                else:
                    assert other == person, f"{other} may {verb} too"


def test_the_whole_way_keeps_what_lay_before_each_person(complete, amina):
    rahma, idris = complete.office.rahma, complete.office.idris
    with clock.stopped_at(datetime(2026, 2, 3, 1, tzinfo=UTC)):
        take(rahma, complete.proposal, "submit")
    take(idris, complete.proposal, "take_up")
    take(idris, complete.proposal, "return")
    proposal = rahma.session.get_one(BudgetProposal, complete.proposal.id)
    rahma.session.expire_all()
    assert (proposal.status, proposal.resume_status) == (S.RETURNED, S.UNDER_REVIEW)
    line = rahma.session.scalars(select(BudgetLine).order_by(BudgetLine.id)).first()
    lines.change_line(
        rahma.session, rahma.actor, proposal, line, line_answers(quantity=Decimal(115), gad_percent=Decimal(10))
    )
    rahma.session.commit()
    assert take(rahma, proposal, "submit").status == S.UNDER_REVIEW, "it resumes where it was returned"
    take(idris, proposal, "endorse")
    take(amina, proposal, "hand_back")
    assert take(rahma, proposal, "submit").status == S.FOR_SIGNATURE
    signed = take(amina, proposal, "sign")
    assert (signed.status, signed.signed_by) == (S.APPROVED, amina.actor.user_id)
    rahma.session.expire_all()
    taken = queries.decisions_of(rahma.session, proposal)
    told = [(one.decision.verb, one.version) for one in reversed(taken)]
    assert [verb for verb, _ in told] == [
        "submit", "take_up", "return", "submit", "endorse", "hand_back", "submit", "sign",
    ]  # fmt: skip
    numbers = [version for _, version in told]
    assert numbers[0] == numbers[1] == numbers[2] == 1, "nobody changed anything between"
    assert numbers[3] == numbers[-1] == 2, "one version for what changed, whoever looked at it"
    first, second = rahma.session.scalars(select(ProposalVersion).order_by(ProposalVersion.number)).all()
    assert Decimal(first.payload["total"]) - Decimal(second.payload["total"]) == Decimal("12400.00")
    assert first.payload["programs"][1]["lines"][0]["amount"] == "1438400.00"
    with pytest.raises(ProgrammingError, match="permission denied"):
        rahma.session.execute(text("UPDATE proposal_versions SET sha256 = 'x'"))
    rahma.session.rollback()


def test_inv_7_nobody_decides_about_what_he_or_she_submitted(complete, amina):
    nurul = complete.office.nurul
    take(nurul, complete.proposal, "submit")
    with pytest.raises(RuleBroken, match="submitted this proposal yourself"):
        take(nurul, complete.proposal, "take_up")
    nurul.session.rollback()
    with pytest.raises(RuleBroken, match="Only the person who submitted"):
        take(complete.office.rahma, complete.proposal, "withdraw")
    complete.office.rahma.session.rollback()
    take(nurul, complete.proposal, "withdraw")


def test_who_reviewed_it_does_not_sign_it(complete, engine, app, cast):
    from sqlalchemy.orm import Session

    from bmms.models.memberships import MembershipRight
    from bmms.tenancy import bind_platform

    with Session(engine) as session:
        bind_platform(session, "tests")
        session.add(
            MembershipRight(
                membership_id=cast.memberships["idris"].id,
                organization_id=cast.moh.id,
                code="budget_approve",
                given_at=clock.now(),
            )
        )
        session.commit()
    idris = desk_of(engine, app, cast, "idris")
    take(complete.office.rahma, complete.proposal, "submit")
    take(idris, complete.proposal, "take_up")
    take(idris, complete.proposal, "endorse")
    with pytest.raises(RuleBroken, match="You reviewed this proposal"):
        take(idris, complete.proposal, "sign")
    idris.session.close()


def test_a_signature_needs_the_signed_copy(complete, amina):
    take(complete.office.rahma, complete.proposal, "submit")
    take(complete.office.idris, complete.proposal, "take_up")
    take(complete.office.idris, complete.proposal, "endorse")
    theirs = amina.session.get_one(BudgetProposal, complete.proposal.id)
    with pytest.raises(RuleBroken, match="Attach the signed copy"):
        steps.take(amina.session, amina.actor, theirs, "sign")
    amina.session.rollback()


def test_an_incomplete_or_uncertified_proposal_is_not_submitted(prepared):
    desk = prepared.office.rahma
    with pytest.raises(RuleBroken, match="Tick the certification"):
        steps.take(desk.session, desk.actor, prepared.proposal, "submit")
    with pytest.raises(
        RuleBroken, match="is not complete: Immunization: no output and no outcome with a target and 16 more"
    ):
        steps.take(desk.session, desk.actor, prepared.proposal, "submit", certified=True)
    assert prepared.proposal.status == S.DRAFT


def test_a_hard_item_that_fell_away_stops_the_endorsement_too(complete):
    take(complete.office.rahma, complete.proposal, "submit")
    take(complete.office.idris, complete.proposal, "take_up")
    idris = complete.office.idris
    idris.session.execute(text("DELETE FROM proposal_endorsements WHERE desk = 'bpda'"))
    idris.session.commit()
    with pytest.raises(RuleBroken, match="C-05 is not met any more"):
        take(idris, complete.proposal, "endorse")
    idris.session.rollback()


def test_inv_17_after_a_rejection_the_year_is_free_for_another_proposal(complete, amina):
    from tests.proposals import begin_proposal

    take(complete.office.rahma, complete.proposal, "submit")
    with pytest.raises(RuleBroken, match="20 characters"):
        take(amina, complete.proposal, "reject", note="No")
    amina.session.rollback()
    take(amina, complete.proposal, "reject")
    again = begin_proposal(complete.office.rahma)
    assert (again.number, again.status) == (2, S.DRAFT)


def test_those_for_whom_it_waits_are_told_and_then_the_preparers(complete, amina):
    rahma, idris = complete.office.rahma, complete.office.idris

    def told() -> list[str]:
        rahma.session.commit()
        found = rahma.session.scalars(select(Notification).where(Notification.kind.startswith("proposal_")))
        return sorted(one.kind for one in found)

    take(rahma, complete.proposal, "submit")
    assert told() == ["proposal_submit"] * 2, "Idris and Nurul review"
    take(idris, complete.proposal, "take_up")
    take(idris, complete.proposal, "endorse")
    assert told().count("proposal_endorse") == 1, "Amina signs"
    take(amina, complete.proposal, "sign")
    assert told().count("proposal_sign") == 1


def test_my_work_shows_what_waits_for_each_person(complete, amina, cast):
    from bmms.domain.proposals.waiting import matters_of

    def waiting(name: str, desk: Desk) -> list[str]:
        desk.session.expire_all()
        return [one.word for one in matters_of(desk.session, desk.actor, cast.memberships[name])]

    rahma, idris, nurul = complete.office.rahma, complete.office.idris, complete.office.nurul
    assert waiting("rahma", rahma) == waiting("idris", idris) == waiting("amina", amina) == []
    take(nurul, complete.proposal, "submit")
    assert (waiting("idris", idris), waiting("nurul", nurul)) == (["Waits for your review"], []), "not about the own"
    take(idris, complete.proposal, "take_up")
    take(idris, complete.proposal, "endorse")
    assert (waiting("idris", idris), waiting("amina", amina)) == ([], ["Waits for your signature"])
    take(amina, complete.proposal, "hand_back")
    assert waiting("rahma", rahma) == waiting("nurul", nurul) == ["Returned to you"], "who began and who submitted it"
    take(nurul, complete.proposal, "submit")
    take(amina, complete.proposal, "sign")
    assert waiting("rahma", rahma) == ["Signed: transmit it to MFBM"]


def test_the_clock_of_an_office_reminds_before_and_after_once(complete):
    from datetime import date

    from bmms.domain.actors import system_actor
    from bmms.domain.proposals import endorsements, reminders
    from bmms.domain.proposals.facts import facts_of
    from bmms.models.compliance import Desk as Office
    from tests.proposals import ask_for

    desk = complete.office.rahma
    ask_for(desk, complete.proposal, complete.support, sphere="ict")
    endorsements.ask(desk.session, desk.actor, facts_of(desk.session, complete.proposal), Office.BICTO)
    actor = system_actor("calendar", desk.actor.organization_id)
    told = [(day, reminders.remind(desk.session, actor, date(2026, 2, day))) for day in (10, 15, 15, 16, 17, 18)]
    assert told == [(10, 0), (15, 2), (15, 0), (16, 0), (17, 2), (18, 0)], "Rahma and Nurul; due on 16 February"
    texts = {
        one.text for one in desk.session.scalars(select(Notification).where(Notification.kind == "endorsement_due"))
    }
    assert texts == {
        "The answer of BICTO on “MOH FY 2027 Budget Proposal” is due tomorrow.",
        "The answer of BICTO on “MOH FY 2027 Budget Proposal” was due on 16 February 2026.",
    }


def test_a_proposal_for_a_demo_call_is_demo_and_goes_with_it(complete, amina, owner):
    with owner.begin() as connection:
        connection.execute(text("UPDATE budget_proposals SET is_demo = true"))
        connection.execute(text("UPDATE budget_calls SET is_demo = true"))
    take(complete.office.rahma, complete.proposal, "submit")
    with owner.begin() as connection:
        connection.execute(text("DELETE FROM budget_proposals WHERE is_demo"))
        connection.execute(text("DELETE FROM budget_calls WHERE is_demo"))
        assert connection.execute(text("SELECT count(*) FROM budget_lines")).scalar_one() == 0
    from tests.budgets import enter, step
    from tests.proposals import begin_proposal

    rahma = complete.office.rahma
    call = enter(rahma, memorandum())
    call.is_demo = True
    rahma.session.commit()
    step(complete.office.idris, call, "open")
    rahma.session.expire_all()
    assert begin_proposal(rahma).is_demo


def test_what_is_not_demo_does_not_rest_on_demo_data(prepared):
    from bmms.domain.proposals import actions, programs, queries, targets
    from bmms.models.indicators import Indicator, IndicatorLevel
    from bmms.models.planning import StrategicPlan
    from bmms.models.programs import CostStructure, Program, ProgramLevel
    from tests.proposals import proposal_answers

    desk = prepared.office.rahma
    plan = StrategicPlan(title="Demo", start_year=2027, end_year=2029, is_demo=True)
    program = Program(
        code="MOH-D", cost_structure=CostStructure.STO, level=ProgramLevel.PROGRAM, title="D", normal_title="d",
        is_demo=True,
    )  # fmt: skip
    desk.session.add_all([plan, program])
    desk.session.commit()
    with pytest.raises(RuleBroken, match="plan is demo data"):
        actions.change_proposal(desk.session, desk.actor, prepared.proposal, proposal_answers(plan_id=plan.id))
    with pytest.raises(RuleBroken, match="program is demo data"):
        programs.add_program(desk.session, desk.actor, prepared.proposal, {"program_id": program.id})
    chosen = queries.programs_of(desk.session, prepared.proposal)[0]
    for word, is_demo in (("real", False), ("demo", True)):
        desk.session.add(
            Indicator(
                code=f"PI-{word}", name=word, level=IndicatorLevel.OUTPUT, program_id=chosen.program.id, is_demo=is_demo
            )
        )
    desk.session.flush()
    offered = targets.indicator_choices(desk.session, prepared.proposal, chosen)
    assert [name for _, name in offered if name.startswith(("real", "demo"))] == ["real (output, PI-real)"]


def test_inv_24_a_submission_and_a_change_wait_for_each_other(complete, engine):
    """Whichever comes first: nothing arrives in a proposal after it was submitted, and a submission misses nothing."""
    from concurrent.futures import ThreadPoolExecutor
    from contextvars import copy_context

    from tests.planning import until_somebody_waits

    rahma, nurul = complete.office.rahma, complete.office.nurul
    theirs = nurul.session.get_one(BudgetProposal, complete.proposal.id)
    line = lines.add_line(rahma.session, rahma.actor, complete.proposal, complete.support, line_answers())
    with ThreadPoolExecutor(1) as pool:
        submitted = pool.submit(
            copy_context().run, steps.take, nurul.session, nurul.actor, theirs, "submit", certified=True
        )
        until_somebody_waits(engine)
        rahma.session.commit()
        submitted.result(timeout=300)
    version = nurul.session.scalars(select(ProposalVersion)).one()
    assert Decimal(version.payload["total"]) == Decimal("8630400.00"), "the line that was being added is in it"
    with ThreadPoolExecutor(1) as pool:
        answers = line_answers(quantity=Decimal(1))
        change = pool.submit(lines.change_line, rahma.session, rahma.actor, complete.proposal, line, answers)
        until_somebody_waits(engine)
        nurul.session.commit()
        with pytest.raises(RuleBroken, match="is submitted and stays"):
            change.result(timeout=300)
    rahma.session.rollback()
    assert rahma.session.get_one(BudgetLine, line.id).quantity == 116


def test_a_version_whose_lines_miss_its_total_says_by_how_much():
    programs = [{"lines": [{"amount": "4.10"}, {"amount": "5.00"}]}, {"lines": []}]
    proof = snapshots.proof_of({"total": "10.00", "programs": programs})
    assert (proof.rows, proof.total, proof.difference) == (2, Decimal("9.10"), Decimal("-0.90"))
