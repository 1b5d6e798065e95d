"""Who takes which step with calls and central acts, in recorded and in operated years: every role, grant and verb."""

from itertools import product

import pytest
from sqlalchemy.orm.attributes import set_committed_value

from bmms.domain.actors import Actor
from bmms.domain.calls import steps
from bmms.domain.offices.acting import desk_here
from bmms.domain.permissions import RULES, permissions_of
from bmms.domain.proposals import central, endorsements
from bmms.domain.workflow import Step
from bmms.models.budgets import BudgetCall
from bmms.models.compliance import Desk
from bmms.models.proposals import BudgetProposal

ENTERS, CONFIRMS, MFBM = {"pilot_budget_officer"}, {"budget_review"}, {"mfbm"}


def about(model: type, *, operated: bool):
    """A row of a year that is recorded or operated."""
    row = model()
    set_committed_value(row, "is_operated", operated)
    return row


def who(need) -> set[str]:
    """The roles and grants that carry a permission."""
    return {code for code in RULES if need in permissions_of({code})}


def takers(step: Step) -> set[tuple[str, str]]:
    """(role or grant, status) of all who may take the step, and when."""
    actors = {code: Actor(1, "Somebody", permissions=permissions_of({code})) for code in RULES}
    statuses = type(step.target)
    return {(code, status) for code, actor in actors.items() for status in statuses if step.possible(actor, status)}


@pytest.mark.parametrize("operated", [False, True])
@pytest.mark.parametrize("verb", central.CENTRAL_STEPS)
def test_central_acts_by_status_verb_and_role(verb, operated):
    step = central.steps_of(about(BudgetProposal, operated=operated))[verb]
    assert takers(step) == set(product(MFBM if operated else ENTERS, central.CENTRAL_STEPS[verb].sources))


def test_who_enters_and_who_confirms_central_acts():
    recorded, operated = about(BudgetProposal, operated=False), about(BudgetProposal, operated=True)
    assert (who(central.who_enters(recorded)), who(central.who_confirms(recorded))) == (ENTERS, CONFIRMS)
    assert (who(central.who_enters(operated)), who(central.who_confirms(operated))) == (MFBM, MFBM)


@pytest.mark.parametrize("operated", [False, True])
@pytest.mark.parametrize("verb", steps.CALL_STEPS)
def test_calls_by_status_verb_and_role(verb, operated):
    recorded = ENTERS if verb == "amend" else CONFIRMS
    step = steps.steps_of(about(BudgetCall, operated=operated))[verb]
    assert takers(step) == set(product(MFBM if operated else recorded, steps.CALL_STEPS[verb].sources))


@pytest.mark.parametrize("code", RULES)
def test_who_answers_for_an_office_by_role(code):
    actor = Actor(1, "Somebody", permissions=permissions_of({code}))
    recorded = endorsements.answering(actor, about(BudgetProposal, operated=False))
    everybody = frozenset(Desk)
    assert recorded.enters == (everybody if code in ENTERS else frozenset())
    assert recorded.confirms == (everybody if code in CONFIRMS else frozenset())
    for office in ("bpda", "mpw", "mfbm"):
        speaker = Actor(1, "Somebody", permissions=permissions_of({code}), offices=frozenset({office}))
        operated = endorsements.answering(speaker, about(BudgetProposal, operated=True))
        own = frozenset(desk for desk in Desk if desk == office and code in ("bpda", "endorse"))
        assert operated == endorsements.Answering(own, own)
    alone = endorsements.answering(actor, about(BudgetProposal, operated=True))
    assert alone == endorsements.Answering(), "the permission without the office answers for nobody"


def test_a_desk_is_the_grant_in_its_own_organization():
    member, outsider = (Actor(1, "Nora", rights=frozenset({"endorse"}), belongs=one) for one in (True, False))
    assert desk_here(member, "MPW") == "mpw"
    assert desk_here(member, "MOH") is None
    assert desk_here(outsider, "MPW") is None, "who speaks for MENRE is a guest in MPW"
    assert desk_here(Actor(1, "Other"), "MPW") is None
