"""Documents of every kind posted at once into few accounts: no deadlock surfaces, no rule is broken in any snapshot.

For three seconds in `make test`; `make drill` lets sixteen clients post for sixty. `BMMS_SEED` repeats what was drawn.
"""

import os
import random

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bmms.models.authority import BudgetAccount
from bmms.models.programs import CostStructure
from bmms.models.reference import ExpenseClass
from bmms.tenancy import bind_platform
from tests.drill.mixture import mix
from tests.execution import YEAR, appropriate, on, pesos, set_up_treasury
from tests.factories import make_membership
from tests.planning import desk_of

FULL = bool(os.environ.get("BMMS_DRILL"))
CLIENTS, SECONDS = (16, 60) if FULL else (6, 3)
SEED = int(os.environ.get("BMMS_SEED") or (random.SystemRandom().randrange(10**6) if FULL else 5))
CASH = """
INSERT INTO cash_controls (organization_id, fund_cluster, enforced_from) VALUES (:org, '01', :first);
INSERT INTO cash_authorities (organization_id, fund_cluster, number, received_on, amount, entered_by, confirmed_by,
  confirmed_at) VALUES (:org, '01', 'NCA 1', :first, 6000000, :rahma, :salma, now())
"""


@pytest.fixture
def neighbours(engine, owner, app, cast, ground):
    """Health with its treasury and its cash controlled, Education with an account of 5 M; ids, and that account."""
    ids = set_up_treasury(engine, app, cast, ground)
    with Session(engine, expire_on_commit=False) as session:
        bind_platform(session, "tests")
        for name, rights in (("rahma", ("pilot_budget_officer",)), ("idris", ("pilot_viewer", "budget_review")),
                             ("hadji", ("pilot_approver",))):  # fmt: skip
            make_membership(session, getattr(cast, name), cast.mbhte, *rights, primary=False)
        session.commit()
    with owner.begin() as connection:
        for statement in CASH.split(";"):
            said = {"org": cast.moh.id, "first": on(1, 1), "rahma": cast.rahma.id, "salma": cast.salma.id}
            connection.execute(text(statement), said)
    rahma, idris = (desk_of(engine, app, cast, name, cast.mbhte) for name in ("rahma", "idris"))
    appropriate(rahma, idris, {(CostStructure.GAS, None, ExpenseClass.MOOE): pesos("5M")})
    account = rahma.session.scalars(select(BudgetAccount.id)).one()
    for desk in (rahma, idris):
        desk.session.close()
    with owner.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO accounting_periods (organization_id, month, is_closed, confirmed_at)"
                " VALUES (:org, :month, true, now())"
            ),
            {"org": cast.moh.id, "month": on(1, 1)},
        )
    return ids, account


@pytest.mark.timeout(1800)
def test_a_mixture_of_everything_breaks_no_rule_in_any_snapshot(neighbours, engine, owner, app, cast):
    ids, account = neighbours
    found = mix(engine, owner, app, cast, ids, account, clients=CLIENTS, seconds=SECONDS, seed=SEED)
    print(f"seed {SEED}, {YEAR}: {sum(found.taken.values())} acts taken, {sum(found.refused.values())} refused in"
          f" words, {found.snapshots} snapshots\n{dict(found.taken)}\n{dict(found.refused)}")  # fmt: skip
    assert found.failures == []
    assert found.snapshots > 1
    assert sum(found.taken.values()) > CLIENTS
    if FULL:
        assert set(found.taken) >= {"order", "obligate", "adjust", "due", "pay", "void", "realign", "reverse",
                                    "transfer", "close", "reopen", "withdraw"}  # fmt: skip
