"""Commands that give and take roles."""

import click
from flask.cli import with_appcontext

from bmms.cli.output import format_option, problem, refusals_exit_1, result
from bmms.cli.session import command_session
from bmms.cli.users import not_blank
from bmms.domain.people import roles
from bmms.domain.people.finding import find_organization, find_person, home_of
from bmms.domain.people.role_rules import role_warnings
from bmms.domain.people.role_table import create_pilot_roles
from bmms.domain.people.roles import RightsChange
from bmms.domain.permissions import canonical


@click.command("assign_pilot_role")
@click.option("--user", "login", required=True, callback=not_blank, help="Username or email address.")
@click.option("--organization", "code", required=True, callback=not_blank)
@click.option("--role", required=True, callback=not_blank)
@click.option("--add", is_flag=True, help="Keep the roles held already.")
@click.option("--remove", is_flag=True, help="Take this role away.")
@click.option("--create-membership", is_flag=True, help="Let the person join the organization if need be.")
@format_option
@with_appcontext
@refusals_exit_1
def assign_pilot_role(
    login: str, code: str, role: str, add: bool, remove: bool, create_membership: bool, as_json: bool
) -> None:
    """Give a person a role in an organization; it takes the place of the roles held there."""
    if remove and (add or create_membership):
        raise click.UsageError("--remove goes with neither --add nor --create-membership.")
    with command_session("assign_pilot_role") as (session, actor):
        create_pilot_roles(session, actor)
        user, organization = find_person(session, login), find_organization(session, code)
        if remove:
            change = roles.remove_role(session, actor, user, organization, role)
        else:
            change = roles.assign_role(
                session, actor, user, organization, role, add=add, create_membership=create_membership
            )
        _tell(change, role, "removed" if remove else "added" if add else "assigned", as_json)


@click.command("assign_role")
@click.argument("login", metavar="USERNAME", callback=not_blank)
@click.argument("role", callback=not_blank)
@format_option
@with_appcontext
@refusals_exit_1
def assign_role(login: str, role: str, as_json: bool) -> None:
    """Give a person a role in the primary organization; see assign_pilot_role."""
    with command_session("assign_role") as (session, actor):
        create_pilot_roles(session, actor)
        user = find_person(session, login)
        change = roles.assign_role(session, actor, user, home_of(session, user), role)
        _tell(change, role, "assigned", as_json)


def _tell(change: RightsChange, role: str, verb: str, as_json: bool) -> None:
    name, who, where = canonical(role) or role, change.user.username, change.organization.code
    for warning in [] if verb == "removed" else role_warnings(change.organization, name):
        problem(f"Warning: {warning}")
    held = ", ".join(change.roles_before) or "none"
    if not change.changed:
        text = f"{who} does not have role {name} at {where}." if verb == "removed" else ""
        text = text or f"{who} already has role {name} at {where}."
    elif verb == "removed":
        text = f"Role {name} removed from {who} at {where} (was {held})."
    else:
        text = f"Role {name} {verb} to {who} at {where} (was {held})."
    told = {"user": who, "organization": where, "role": name, "changed": change.changed}
    result(told | {"before": change.before, "after": change.after}, text, as_json)


COMMANDS = (assign_pilot_role, assign_role)
