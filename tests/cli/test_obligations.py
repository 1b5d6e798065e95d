"""Obligation requests from the command line: all of them as drafts or none, and which exit code."""

import pytest
from sqlalchemy import func, select

from bmms.models.obligations import Obligation, RequestBatch
from tests.execution import Treasury, allot, on, opened, set_up_treasury

HEADINGS = "Reference no.,Date,Payee,Requesting office,Rests on,Particulars,Account,Object code,Amount"


@pytest.fixture
def office(engine, app, cast, ground):
    """The desks, with 1,000 of MOOE allotted."""
    ids = set_up_treasury(engine, app, cast, ground)
    with opened(engine, app, cast) as desks:
        made = Treasury(**desks, **ids)
        allot(made, made.mooe, "1000")
        yield made


def test_all_or_nothing(runner, office, tmp_path):
    file, year = tmp_path / "log.csv", on(1, 1).year
    account = f"MOH-{year}-{office.account(office.mooe).number:03d}"
    ask = ("import_obligations", str(file), "--organization", "moh", "--year", str(year))
    session = office.rahma.session

    def write(*amounts: str) -> None:
        rows = [
            f"PR {n},{on(2, n)},Regional Medical Supply Depot,Supply,Other,Paper,{account},5-02-03-010-00,{amount}"
            for n, amount in enumerate(amounts, 1)
        ]
        file.write_text("\n".join([HEADINGS, *rows]))

    def kept() -> tuple[int | None, int | None]:
        session.rollback()
        return tuple(session.scalar(select(func.count()).select_from(one)) for one in (Obligation, RequestBatch))

    write("600", "-1")
    refused = runner.invoke(args=[*ask])
    assert (refused.exit_code, kept()) == (1, (0, 0))
    assert "Amount: An amount is above zero" in refused.stderr
    write("600", "500")
    refused = runner.invoke(args=[*ask])
    assert (refused.exit_code, kept()) == (1, (0, 0))
    assert "add --as-they-are" in refused.stderr
    tried = runner.invoke(args=[*ask, "--as-they-are", "--dry-run"])
    assert (tried.exit_code, kept()) == (0, (0, 0)), tried.stderr
    done = runner.invoke(args=[*ask, "--as-they-are"])
    assert (done.exit_code, kept()) == (0, (2, 1)), done.stderr
    assert "imported as drafts: 2 requests, 2 rows, ₱ 1,100.00" in done.stdout
