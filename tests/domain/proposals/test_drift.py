"""Centavos never drift: random edits of lines against a model of Decimals (2,000 here, 100,000 by `make drill`)."""

import os
import random
from decimal import ROUND_HALF_UP, Decimal

import pytest
from sqlalchemy import text

from bmms.domain.errors import RuleBroken
from bmms.domain.proposals import figures, lines
from bmms.models.proposals import BudgetLine
from tests.proposals import line_answers

EDITS = 100_000 if os.environ.get("BMMS_DRILL") else 2_000
OBJECTS = {"5010101001": "ps", "5020201000": "mooe", "5030104000": "finex", "5060404001": "co"}
CHECKED_EVERY = 100


class Model:
    """The lines of a proposal as a clerk would keep them: quantity, unit cost and class, by id."""

    def __init__(self) -> None:
        self.lines: dict[int, tuple[int, str, Decimal, Decimal]] = {}

    def amount(self, line_id: int) -> Decimal:
        _, _, quantity, unit_cost = self.lines[line_id]
        return (quantity * unit_cost).quantize(Decimal("0.01"), ROUND_HALF_UP)

    def total(self, part_id: int, column: str) -> Decimal:
        here = [key for key, (part, kind, _, _) in self.lines.items() if (part, kind) == (part_id, column)]
        return sum(map(self.amount, here), Decimal("0.00"))


def draw_figures(draw: random.Random) -> tuple[Decimal, Decimal]:
    """A quantity with up to four decimals and a unit cost in centavos; small ones, odd ones, and very large ones."""
    quantity = Decimal(draw.choice([draw.randint(1, 9), draw.randint(1, 99_999), draw.randint(1, 10**8)])) / 10_000
    unit_cost = Decimal(draw.choice([draw.randint(1, 99), draw.randint(1, 10**7), draw.randint(1, 10**12)])) / 100
    return quantity, unit_cost


def draw_quarters(draw: random.Random, amount: Decimal) -> dict[str, Decimal | None]:
    """Evenly, or cut at random points; sometimes a centavo too much, which has to be refused."""
    if draw.random() < 0.5:
        return dict.fromkeys(lines.QUARTERS)
    cuts = sorted(draw.randint(0, int(amount * 100)) for _ in range(3))
    edges = [0, *cuts, int(amount * 100)]
    parts = [Decimal(after - before) / 100 for before, after in zip(edges, edges[1:], strict=False)]
    if draw.random() < 0.1:
        parts[draw.randrange(4)] += Decimal("0.01")
    return dict(zip(lines.QUARTERS, parts, strict=True))


@pytest.mark.timeout(4 * 3600 if EDITS > 2_000 else 300)
@pytest.mark.parametrize("seed", [20261128])
def test_inv_18_19_totals_equal_the_model_after_any_edits(prepared, seed):
    draw, model, desk = random.Random(seed), Model(), prepared.office.rahma
    session, proposal = desk.session, prepared.proposal
    parts = {prepared.support.id: prepared.support, prepared.immunization.id: prepared.immunization}
    refused = 0
    for edit in range(1, EDITS + 1):
        verb = draw.choice(["add", "change", "change", "remove"]) if model.lines else "add"
        if verb == "remove" or len(model.lines) > 60:
            line_id = draw.choice(list(model.lines))
            lines.remove_line(session, desk.actor, proposal, session.get_one(BudgetLine, line_id))
            del model.lines[line_id]
        else:
            code, (quantity, unit_cost) = draw.choice(list(OBJECTS)), draw_figures(draw)
            amount = (quantity * unit_cost).quantize(Decimal("0.01"), ROUND_HALF_UP)
            quarters = draw_quarters(draw, amount)
            answers = line_answers(object_code=code, quantity=quantity, unit_cost=unit_cost, **quarters)
            fits = amount > 0 and (quarters["quarter1"] is None or sum(quarters.values()) == amount)  # type: ignore[arg-type]
            line_id = draw.choice(list(model.lines)) if verb == "change" else 0
            try:
                if line_id:
                    line = session.get_one(BudgetLine, line_id)
                    lines.change_line(session, desk.actor, proposal, line, answers)
                else:
                    part = draw.choice(list(parts.values()))
                    line = lines.add_line(session, desk.actor, proposal, part, answers)
            except RuleBroken:
                assert not fits, answers
                refused += 1
            else:
                assert fits, answers
                model.lines[line.id] = (line.proposal_program_id, OBJECTS[code], quantity, unit_cost)
        if edit % CHECKED_EVERY == 0 or edit == EDITS:
            session.commit()
            sums = figures.sums_of(session, proposal)
            for part_id in parts:
                for column in OBJECTS.values():
                    assert getattr(sums.of(part_id).amounts, column) == model.total(part_id, column), edit
            assert figures.proof_of(session, proposal, sums).difference == 0
            off = "SELECT count(*) FROM budget_lines WHERE q1 + q2 + q3 + q4 <> amount"
            assert session.execute(text(off)).scalar_one() == 0
    assert refused > EDITS / 100, "some were wrong on purpose"
