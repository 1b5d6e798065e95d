"""The ledger from the command line and by night: are its totals what its entries come to?"""

import json
import logging

import pytest
from sqlalchemy import text

from tasks.ledger import lapse_appropriations, reconcile_ledger
from tests.execution import Treasury, allot, opened, set_up_treasury


@pytest.fixture
def office(engine, app, cast, ground):
    ids = set_up_treasury(engine, app, cast, ground)
    with opened(engine, app, cast) as desks:
        found = Treasury(**desks, **ids)
        allot(found, found.mooe, "6M")
        yield found


def test_what_differs_is_told_with_exit_code_3(app, office, owner, cast, caplog):
    runner = app.test_cli_runner()
    ran = runner.invoke(args=["reconcile_ledger", "--moa", "moh"])
    assert (ran.exit_code, ran.stdout.strip()) == (0, "All totals are what the ledger comes to.")
    with app.app_context():
        assert reconcile_ledger() == {}
    with owner.begin() as connection:
        connection.execute(text(f"UPDATE budget_accounts SET obligated = 5 WHERE id = {office.mooe}"))
    ran = runner.invoke(args=["reconcile_ledger", "--format", "json"])
    assert ran.exit_code == 3
    found = json.loads(ran.stdout)["differences"]
    assert [len(found[code]) for code in found if found[code]] == [1]
    assert "obligated is kept as ₱ 5.00, the entries of the ledger come to ₱ 0.00" in ran.stderr
    with app.app_context(), caplog.at_level(logging.ERROR, "bmms.ledger"):
        assert reconcile_ledger() == {"wrong_totals": 1}
    assert "obligated is kept as ₱ 5.00" in caplog.text
    with app.app_context():
        assert reconcile_ledger() == {"wrong_totals": 1}
    with owner.connect() as connection:
        alerts = connection.execute(text("SELECT kind, severity, account_id FROM budget_alerts")).all()
        mails = connection.execute(text("SELECT user_id FROM outbox WHERE kind = 'ledger_differs'")).all()
    assert alerts == [("AL-7", "critical", office.mooe)], "found twice, opened once"
    assert mails == [(cast.sitti.id,)], "the platform team is told once"


def test_by_night_what_is_over_lapses(app, office, owner):
    with app.app_context():
        assert lapse_appropriations() == {}, "money is left that has to go back first"
    with owner.begin() as connection:
        connection.execute(text("UPDATE budget_accounts SET authorised = 0, allotted = 0"))
    with app.app_context():
        assert lapse_appropriations() == {"lapsed": 1}
        assert lapse_appropriations() == {}
    with owner.connect() as connection:
        [(status,)] = connection.execute(text("SELECT status FROM appropriations")).all()
        [(who,)] = connection.execute(
            text("SELECT actor_label FROM audit_events WHERE action = 'appropriations:lapse'")
        ).all()
    assert (status, who) == ("lapsed", "system:calendar")


def test_an_organization_that_is_none_is_refused(app, office):
    ran = app.test_cli_runner().invoke(args=["reconcile-ledger", "--moa", "nowhere"])
    assert ran.exit_code == 1
