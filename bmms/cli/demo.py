"""The command with which `make run` furnishes a fresh installation."""

from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from bmms.cli.output import format_option, problem, refusals_exit_1, result
from bmms.cli.reference import fill_registers
from bmms.cli.session import command_session
from bmms.domain import clock
from bmms.domain.appropriations import loading, reading
from bmms.domain.calls import demo as calls
from bmms.domain.disbursements import demo as execution
from bmms.domain.people import demo
from bmms.domain.people.credential_sheet import reserved_file
from bmms.domain.planning import demo as plans
from bmms.domain.programs import loader as programs
from bmms.domain.proposals import demo as proposals
from bmms.domain.reference.rows import FOLDER
from bmms.domain.workplans import demo as work_plans
from bmms.models.organizations import Organization


@click.command("load_demo", hidden=True)
@click.option("--signins", type=click.Path(path_type=Path), required=True, help="Where the sign-ins are written (CSV).")
@click.option("--reset-passwords", is_flag=True, help="Give all demo people new passwords and write the file anew.")
@click.option("--years", type=click.IntRange(min=0), help="Years of spending to make: the latest ones. Without: all.")
@format_option
@with_appcontext
@refusals_exit_1
def load_demo(signins: Path, reset_passwords: bool, years: int | None, as_json: bool) -> None:
    """Furnish an installation with organizations, reference data and one demo person of each duty; once."""
    with command_session("load_demo") as (session, actor):
        is_loaded = demo.is_loaded(session)
    if is_loaded and not reset_passwords:
        _load_acts()
        _furnish_pilots(years)
        _tell_that_it_stands(signins, as_json)
        return
    fresh = signins.with_name(f".{signins.name}.new")
    fresh.unlink(missing_ok=True)
    with reserved_file(fresh), command_session("load_demo") as (session, actor):
        sign_ins = demo.reset_passwords(session, actor) if is_loaded else demo.load_demo(session, actor)
        demo.write_sign_ins(fresh, sign_ins)
    fresh.replace(signins)
    _load_acts()
    _furnish_pilots(years)
    verb = "have new passwords" if is_loaded else "were made"
    text = f"{len(sign_ins)} demo people {verb}; their passwords are in {signins}"
    result({"people": len(sign_ins), "file": str(signins)}, text, as_json)


def _load_acts() -> None:
    """The acts that BMMS brings along, and the registers of programs that they fill; none of it is demo.

    An act that is there stays as it is, also when somebody has loaded it with mended rows.
    """
    acts = [reading.read(path) for path in sorted(FOLDER.glob("gaab_*.csv"))]
    with command_session("load_demo") as (session, actor):
        missing = [act for act in acts if loading.find(session, act) is None]
        for act in missing:
            loading.load_act(session, actor, act)
    if missing:
        fill_registers("load_demo")


def _furnish_pilots(years: int | None) -> None:
    """Demo plans, a demo work plan, call, proposal and years of spending for each pilot MOA, as far as missing."""
    with command_session("load_demo") as (session, _):
        pilots = session.scalars(select(Organization.id).where(Organization.is_pilot).order_by(Organization.code)).all()
    for organization_id in pilots:
        with command_session("load_demo", organization_id=organization_id) as (session, actor):
            organization = session.get_one(Organization, organization_id)
            programs.load_programs(session, actor, organization)
            year = clock.today().year
            plans.furnish(session, actor, organization, year)
            work_plans.furnish(session, organization, year, programs=4, activities=6)
            calls.furnish(session, actor, organization, year + 1)
            proposals.furnish(session, organization, year + 1)
            execution.furnish(session, organization, years=years)


def _tell_that_it_stands(signins: Path, as_json: bool) -> None:
    if not signins.exists():
        problem(
            f"The demo people are there, but {signins} with their passwords is gone. "
            f"For new passwords: bmms load_demo --signins {signins} --reset-passwords"
        )
    result({"people": 0, "file": str(signins)}, "The demo is loaded already.", as_json)


COMMANDS = (load_demo,)
