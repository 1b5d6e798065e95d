"""Centavos never drift: random edits of lines against a model of Decimals (2,000 here, 100,000 by `make drill`)."""

import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select

from bmms.domain.errors import RuleBroken
from bmms.domain.proposals import figures, lines, proving
from bmms.models.proposals import BudgetLine, Tier
from tests.domain.proposals.conftest import Preparation
from tests.proposals import line_answers

EDITS, AT_ONCE = 2_000, 50  # of one proposal at once; the next example begins with an empty one
ROUNDS = 50 if os.environ.get("BMMS_DRILL") else 1  # each draws its own
ADDED_UP_EVERY = 25
OBJECTS = {"5010101001": "ps", "5020201000": "mooe", "5030104000": "finex", "5060404001": "co"}
CENTAVO, MOST = Decimal("0.01"), Decimal("999999999999999.99")
CENTAVOS_OF_MOST = int(MOST * 100)


@dataclass(frozen=True)
class Kept:
    """A line as a clerk would keep it: where it stands, and what was typed."""

    part_id: int
    column: str
    tier: Tier
    quantity: Decimal
    unit_cost: Decimal

    @property
    def amount(self) -> Decimal:
        """To the centavo; half of one goes up."""
        with localcontext(prec=60):
            return (self.quantity * self.unit_cost).quantize(CENTAVO, ROUND_HALF_UP)

    @property
    def fits(self) -> bool:
        """From one centavo to the largest amount that is kept?"""
        return 0 < self.amount <= MOST


def numbers(*most: int, places: int) -> st.SearchStrategy[Decimal]:
    """Figures of so many decimals, each of the ranges as often as the others."""
    return st.one_of([st.integers(1, one) for one in most]).map(lambda whole: Decimal(whole).scaleb(-places))


# Small ones, odd ones, large ones, and up to the largest that are kept.
QUANTITIES = st.one_of(st.just(Decimal(1)), numbers(9, 99_999, 10**8, 10**18 - 1, places=4))
UNIT_COSTS = st.one_of(st.just(MOST), numbers(99, 10**7, 10**12, CENTAVOS_OF_MOST, places=2))
CUTS = st.one_of(st.none(), st.lists(st.integers(0, 1_000), min_size=3, max_size=3).map(sorted))  # per mille; evenly
FIGURES = {
    "code": st.sampled_from(sorted(OBJECTS)), "tier": st.sampled_from(Tier), "quantity": QUANTITIES,
    "unit_cost": UNIT_COSTS, "cuts": CUTS,
}  # fmt: skip


def quarters_of(amount: Decimal, cuts: list[int] | None) -> dict[str, Decimal | None]:
    """Evenly, or cut at these points."""
    if cuts is None:
        return dict.fromkeys(lines.QUARTERS)
    edges = [0, *(int(amount * 100) * cut // 1_000 for cut in cuts), int(amount * 100)]
    parts = [Decimal(after - before).scaleb(-2) for before, after in zip(edges, edges[1:], strict=False)]
    return dict(zip(lines.QUARTERS, parts, strict=True))


def answers_of(code: str, kept: Kept, quarters: Mapping[str, Decimal | None]) -> dict[str, Any]:
    return line_answers(
        object_code=code, tier=kept.tier, quantity=kept.quantity, unit_cost=kept.unit_cost, **quarters
    )  # fmt: skip


class Edits(RuleBasedStateMachine):
    """Any edits of the lines of one proposal, and the same in a model beside it."""

    ids = Bundle("ids")

    def __init__(self, prepared: Preparation, count: Callable[[str], None]) -> None:
        super().__init__()
        self.desk, self.proposal = prepared.office.rahma, prepared.proposal
        self.parts = {part.id: part for part in (prepared.support, prepared.immunization)}
        self.count, self.looks = count, 0
        self.model: dict[int, Kept] = {}
        self.session = self.desk.session
        self.session.rollback()
        self.session.execute(delete(BudgetLine).where(BudgetLine.proposal_id == self.proposal.id))
        self.session.commit()

    @rule(target=ids, number=st.sampled_from([0, 1]), **FIGURES)
    def add_line(self, number, code, tier, quantity, unit_cost, cuts):
        part = list(self.parts.values())[number]
        kept = Kept(part.id, OBJECTS[code], tier, quantity, unit_cost)
        answers = answers_of(code, kept, quarters_of(kept.amount, cuts))
        with self.judged(kept.fits):
            line = lines.add_line(self.session, self.desk.actor, self.proposal, part, answers)
            self.model[line.id] = kept
            return line.id
        return multiple()

    @rule(line_id=ids, **FIGURES)
    def change_line(self, line_id, code, tier, quantity, unit_cost, cuts):
        kept = Kept(self.model[line_id].part_id, OBJECTS[code], tier, quantity, unit_cost)
        with self.judged(kept.fits):
            self.change(line_id, answers_of(code, kept, quarters_of(kept.amount, cuts)))
            self.model[line_id] = kept

    @rule(line_id=consumes(ids))
    def remove_line(self, line_id):
        self.count("removed")
        line = self.session.get_one(BudgetLine, line_id)
        lines.remove_line(self.session, self.desk.actor, self.proposal, line)
        del self.model[line_id]

    @rule(
        line_id=ids, code=FIGURES["code"], cuts=CUTS.filter(bool), place=st.sampled_from(lines.QUARTERS),
        off=st.sampled_from([CENTAVO, -CENTAVO]),
    )  # fmt: skip
    def miss_by_a_centavo(self, line_id, code, cuts, place, off):
        """The figures of the line as they are, one quarter of it a centavo too much or too little."""
        kept = self.model[line_id]
        quarters = quarters_of(kept.amount, cuts)
        self.count("missed")
        with pytest.raises(RuleBroken) as refused:
            self.change(line_id, answers_of(code, kept, quarters | {place: (quarters[place] or 0) + off}))
        assert set(refused.value.fields) <= set(lines.QUARTERS)

    def change(self, line_id: int, answers: dict[str, Any]) -> None:
        line = self.session.get_one(BudgetLine, line_id)
        lines.change_line(self.session, self.desk.actor, self.proposal, line, answers)

    def judged(self, fits: bool) -> AbstractContextManager[Any]:
        """What fits is taken, all else is refused."""
        self.count("taken" if fits else "refused")
        return nullcontext() if fits else pytest.raises(RuleBroken)

    @invariant()
    def sums_equal_the_model(self):
        """Each program by class and tier, the whole, and how many lines there are."""
        self.looks += 1
        sums = figures.sums_of(self.session, self.proposal)
        wanted: dict[tuple[int, Tier, str], Decimal] = defaultdict(Decimal)
        for kept in self.model.values():
            wanted[kept.part_id, kept.tier, kept.column] += kept.amount
        for part_id in self.parts:
            asked = sums.of(part_id)
            assert asked.lines == sum(kept.part_id == part_id for kept in self.model.values())
            for tier, amounts in ((Tier.WITHIN, asked.within), (Tier.ABOVE, asked.above)):
                for column in OBJECTS.values():
                    assert getattr(amounts, column) == wanted[part_id, tier, column], (part_id, tier, column)
        assert sums.whole.total == sum(wanted.values())
        assert sums.whole.lines == len(self.model)
        if self.looks % ADDED_UP_EVERY == 0:
            self.add_up()

    def add_up(self) -> None:
        """Once more line by line, after the commit, beside which nothing is remembered."""
        self.session.commit()
        columns = (BudgetLine.amount, BudgetLine.q1, BudgetLine.q2, BudgetLine.q3, BudgetLine.q4)
        stored = self.session.execute(
            select(BudgetLine.id, *columns).where(BudgetLine.proposal_id == self.proposal.id)
        ).all()
        assert {row.id: row.amount for row in stored} == {key: kept.amount for key, kept in self.model.items()}
        assert all(row.q1 + row.q2 + row.q3 + row.q4 == row.amount for row in stored)
        sums = figures.sums_of(self.session, self.proposal)
        assert sums.whole.total == proving.stated_of(self.session, self.proposal).requested

    def teardown(self):
        self.session.rollback()


@pytest.mark.timeout(1800)  # twenty seconds on a quiet machine
@pytest.mark.parametrize("number", range(ROUNDS))
def test_inv_18_19_totals_equal_the_model_after_any_edits(prepared, number):
    done: dict[str, int] = defaultdict(int)

    def count(what: str) -> None:
        done[what] += 1

    many = settings(
        max_examples=EDITS // AT_ONCE, stateful_step_count=AT_ONCE, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    while sum(done.values()) < EDITS:  # once as a rule: few examples end before their last step
        run_state_machine_as_test(lambda: Edits(prepared, count), settings=many)
    print(f"{sum(done.values()):,} edits: {dict(done)}")
    assert min(done[what] for what in ("taken", "removed", "refused", "missed")) >= 5, f"too tame: {done}"
