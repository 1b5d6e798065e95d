"""Commands for plans: are the computed figures what follows from their parts?"""

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from bmms.cli.output import SKIPPED, format_option, problem, refusals_exit_1, result
from bmms.cli.session import command_session
from bmms.domain.people.finding import find_organization
from bmms.domain.workplans import rollup
from bmms.models.organizations import Organization


@click.command("check_rollups")
@click.option("--moa", help="Code of one organization; all when left out.")
@format_option
@with_appcontext
@refusals_exit_1
def check_rollups(moa: str | None, as_json: bool) -> None:
    """Compute all progress again from the reports of officers and tell what is stored otherwise (exit code 3)."""
    found: dict[str, list[str]] = {}
    for organization_id, code in _organizations(moa):
        with command_session("check_rollups", organization_id=organization_id) as (session, _):
            found[code] = [str(one) for one in rollup.differences(session)]
    wrong = sum(len(lines) for lines in found.values())
    for code, lines in found.items():
        for line in lines:
            problem(f"{code}: {line}")
    told = "All progress follows from its parts." if not wrong else f"{wrong} figures do not follow from their parts."
    result({"organizations": len(found), "differences": found}, told, as_json)
    if wrong:
        raise SystemExit(SKIPPED)


def _organizations(moa: str | None) -> list[tuple[int, str]]:
    with command_session("check_rollups") as (session, _):
        if moa:
            organization = find_organization(session, moa)
            return [(organization.id, organization.code)]
        rows = session.execute(select(Organization.id, Organization.code).order_by(Organization.code))
        return [(key, code) for key, code in rows]


COMMANDS = (check_rollups,)
