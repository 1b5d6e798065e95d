"""Commands for the ledger: are the totals that are kept what its entries come to?"""

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from bmms.cli.output import SKIPPED, format_option, problem, refusals_exit_1, result
from bmms.cli.session import command_session
from bmms.domain.ledger import reconciling
from bmms.domain.people.finding import find_organization
from bmms.models.organizations import Organization


@click.command("reconcile_ledger")
@click.option("--moa", help="Code of one organization; all when left out.")
@format_option
@with_appcontext
@refusals_exit_1
def reconcile_ledger(moa: str | None, as_json: bool) -> None:
    """Add up the ledger again and tell which totals are kept otherwise (E-11; exit code 3)."""
    found: dict[str, list[str]] = {}
    for organization_id, code in _organizations(moa):
        with command_session("reconcile_ledger", organization_id=organization_id) as (session, _):
            found[code] = [str(one) for one in reconciling.differences(session)]
    wrong = sum(len(lines) for lines in found.values())
    for code, lines in found.items():
        for line in lines:
            problem(f"{code}: {line}")
    told = f"{wrong} totals differ from the ledger." if wrong else "All totals are what the ledger comes to."
    result({"organizations": len(found), "differences": found}, told, as_json)
    if wrong:
        raise SystemExit(SKIPPED)


def _organizations(moa: str | None) -> list[tuple[int, str]]:
    with command_session("reconcile_ledger") as (session, _):
        if moa:
            organization = find_organization(session, moa)
            return [(organization.id, organization.code)]
        rows = session.execute(select(Organization.id, Organization.code).order_by(Organization.code))
        return [(key, code) for key, code in rows]


COMMANDS = (reconcile_ledger,)
