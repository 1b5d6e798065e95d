"""Commands for the operator of an installation: its settings, its database logins, its keys."""

import json

import click
from flask import current_app
from flask.cli import with_appcontext
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import select

from bmms.cli.output import format_option, refusals_exit_1, result
from bmms.cli.session import command_session
from bmms.domain.accounts.credentials import reseal_all
from bmms.domain.payees.actions import reseal_tins
from bmms.launch.address import plain
from bmms.launch.roles import roles_sql
from bmms.models.organizations import Organization


@click.command("config")
@with_appcontext
def show_config() -> None:
    """Print all settings; of secrets only their length."""
    click.echo(json.dumps(current_app.extensions["installation"].config.redacted(), indent=2, default=str))


@click.command("print_roles_sql")
@click.option("--database", default="bmms", show_default=True, help="Name of the database.")
@click.option(
    "--with-passwords", is_flag=True,
    help="Set those of DATABASE_URL, DATABASE_OWNER_URL and DATABASE_OCM_URL; nobody can read them back.",
)  # fmt: skip
@with_appcontext
def print_roles_sql(database: str, with_passwords: bool) -> None:
    """Print what a database administrator runs once: the three logins and the database (decision D28)."""
    click.echo(roles_sql(database, _passwords() if with_passwords else None), nl=False)


def _passwords() -> dict[str, str]:
    """The password of each login whose address is known here."""
    config = current_app.extensions["installation"].config
    addresses = (config.database_url, config.database_owner_url, config.database_ocm_url)
    told = (conninfo_to_dict(plain(address)) for address in addresses if address)
    return {str(one["user"]): str(one["password"]) for one in told if one.get("user") and one.get("password")}


@click.command("rotate_data_keys")
@format_option
@with_appcontext
@refusals_exit_1
def rotate_data_keys(as_json: bool) -> None:
    """Encrypt everything at rest with the newest of DATA_KEYS (decision D36); then the older ones may go."""
    with command_session("rotate_data_keys") as (session, actor):
        resealed, lost = reseal_all(session, actor)
        organization_ids = session.scalars(select(Organization.id).order_by(Organization.id)).all()
    for organization_id in organization_ids:
        with command_session("rotate_data_keys", organization_id=organization_id) as (session, actor):
            more, gone = reseal_tins(session, actor)
            resealed, lost = resealed + more, lost + gone
    text = f"Encrypted {resealed} values with the newest key."
    if lost:
        text += f" {lost} values could not be read with any of DATA_KEYS and were left as they are."
    result({"resealed": resealed, "unreadable": lost}, text, as_json)


COMMANDS = (show_config, print_roles_sql, rotate_data_keys)
