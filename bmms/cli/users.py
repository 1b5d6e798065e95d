"""Commands that make people: one by one, or from a file."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from bmms.cli.output import REFUSED, SKIPPED, format_option, problem, refusals_exit_1, result
from bmms.cli.progress import progress
from bmms.cli.session import command_session
from bmms.domain.people import central
from bmms.domain.people.checking import Demands
from bmms.domain.people.creation import check_pilot_user
from bmms.domain.people.creation import create_pilot_user as create
from bmms.domain.people.credential_sheet import reserved_file, write_credentials
from bmms.domain.people.fields import shown
from bmms.domain.people.imports.preview import Fate, Preview, PreviewRow
from bmms.domain.people.imports.run import Choices, ImportResult, import_users_from_csv
from bmms.domain.people.role_table import create_pilot_roles

ONE_PERSON = Demands(names=False, username=True, pilot=True)


def not_blank(context: click.Context, option: click.Parameter, value: str) -> str:
    """An empty text is as good as none: wrong usage, exit code 2."""
    if not value.strip():
        raise click.BadParameter("must not be empty.")
    return value


@click.command("create_pilot_user")
@click.option("--username", required=True, callback=not_blank)
@click.option("--email", required=True, callback=not_blank)
@click.option("--organization", required=True, callback=not_blank, help="Code of a pilot MOA, in any case.")
@click.option("--role", required=True, callback=not_blank, help="pilot_planner or planner, pilot_admin or admin, …")
@click.option("--first-name", default="")
@click.option("--last-name", default="")
@click.option("--phone", default="", help="+63 and ten digits, or 09…")
@click.option("--position", default="")
@click.option("--department", default="")
@click.option("--password", default="", help="An explicit temporary password; without it a random one is made.")
@click.option("--send-email", is_flag=True, help="Send the welcome mail with the temporary password.")
@click.option("--no-email", is_flag=True, hidden=True)
@click.option("--dry-run", is_flag=True, help="Only check.")
@format_option
@with_appcontext
@refusals_exit_1
def create_pilot_user(send_email: bool, no_email: bool, dry_run: bool, as_json: bool, **data: str) -> None:
    """Make one account in a pilot MOA, with its role and a temporary password."""
    with command_session("create_pilot_user") as (session, actor):
        if dry_run:
            checked = check_pilot_user(session, actor, data, demands=ONE_PERSON)
            _tell_of_warnings(checked.warnings)
            told = {"dry_run": True, "username": checked.values["username"], "warnings": checked.warnings}
            result(told, f"User {checked.values['username']} can be created.", as_json)
            return
        create_pilot_roles(session, actor)
        new = create(session, actor, data, send_email=send_email, demands=ONE_PERSON)
    _tell_of_warnings(new.warnings)
    told = {
        "username": new.username,
        "email": new.email,
        "organization": new.organization,
        "role": new.role,
        "expires_at": new.expires_at,
        "welcome_email": "queued" if send_email else "not asked for",
        "warnings": new.warnings,
    }
    text = f"User {new.username} created successfully.\n"
    if send_email:
        text += "Welcome email queued."
    else:
        told["temporary_password"] = new.password
        text += f"Temporary password, shown only now: {new.password}"
    result(told, text, as_json)


@click.command("create_superadmin")
@click.option("--username", required=True, callback=not_blank)
@click.option("--email", required=True, callback=not_blank)
@click.option("--first-name", required=True, callback=not_blank)
@click.option("--last-name", required=True, callback=not_blank)
@format_option
@with_appcontext
@refusals_exit_1
def create_superadmin(as_json: bool, **data: str) -> None:
    """Make a platform administrator, who belongs to no organization, with a temporary password."""
    with command_session("create_superadmin") as (session, actor):
        user, password = central.create_superadmin(session, actor, data)
        told = {"username": user.username, "email": user.email, "temporary_password": password}
    text = f"Platform administrator {told['username']} created.\nTemporary password, shown only now: {password}"
    result(told, text, as_json)


def _tell_of_warnings(warnings: Iterable[str]) -> None:
    for warning in warnings:
        problem(f"Warning: {warning}")


@click.command("import_pilot_users")
@click.argument("csv_file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check everything, write and send nothing.")
@click.option("--send-emails", is_flag=True, help="Send welcome mails with the temporary passwords.")
@click.option("--skip-invalid", is_flag=True, help="Import the good rows and leave out the others (exit code 3).")
@click.option("--update-existing", is_flag=True, help="Bring people up to date who have an account already.")
@click.option(
    "--credentials-out",
    type=click.Path(path_type=Path),
    help="Write the temporary passwords into this new file (.csv or .xlsx).",
)
@format_option
@with_appcontext
@refusals_exit_1
def import_pilot_users(
    csv_file: Path,
    dry_run: bool,
    send_emails: bool,
    skip_invalid: bool,
    update_existing: bool,
    credentials_out: Path | None,
    as_json: bool,
) -> None:
    """Import the people of CSV_FILE (or an .xlsx workbook) into pilot MOAs: all of them or none."""
    choices = Choices(update_existing=update_existing, skip_invalid=skip_invalid, send_emails=send_emails, pilot=True)
    with ExitStack() as stack:
        sheet = None
        if credentials_out and not dry_run:
            sheet = stack.enter_context(reserved_file(credentials_out, ".csv", ".xlsx"))
        session, actor = stack.enter_context(command_session("import_pilot_users"))
        if not dry_run:
            create_pilot_roles(session, actor)
        with progress("Creating users") as watch:
            done = import_users_from_csv(session, actor, csv_file, choices, dry_run=dry_run, watch=watch)
        _tell_of_rows(done.preview, choices)
        if done.refused and not dry_run:
            _tell_of_refusal(done, as_json)
            raise SystemExit(REFUSED)
        if sheet:
            write_credentials(session, actor, sheet, done.created)
    if dry_run:
        result(_as_data(done, dry_run=True), _as_dry_run(done.preview), as_json)
        raise SystemExit(REFUSED if done.refused else 0)
    if done.created and not send_emails and not sheet:
        problem("Warning: nobody has received a password. Use --send-emails or --credentials-out.")
    result(_as_data(done, dry_run=False), _as_text(done, choices), as_json)
    raise SystemExit(SKIPPED if done.skipped else 0)


def _tell_of_rows(preview: Preview, choices: Choices) -> None:
    _tell_of_warnings(preview.warnings)
    for row in preview.wrong:
        problem(f"Row {row.number}: {' '.join(map(str, row.problems))}")
    if preview.knows_people and not choices.update_existing:
        problem("People who have an account already are brought up to date with --update-existing.")


def _tell_of_refusal(done: ImportResult, as_json: bool) -> None:
    if as_json:
        result(_as_data(done, dry_run=False), "", as_json)
    wrong, rows = len(done.preview.wrong), len(done.preview.rows)
    problem(f"Nothing was created: {wrong} of {rows} rows have errors. Correct them, or use --skip-invalid.")


def _as_dry_run(preview: Preview) -> str:
    by_code = ", ".join(f"{count} {code}" for code, count in preview.new_by_organization.items())
    total = preview.count(Fate.CREATE)
    lines = [f"Would create {_count(total, 'user')}" + (f" ({by_code})" if by_code else "")]
    if preview.count(Fate.UPDATE) or preview.count(Fate.UNCHANGED):
        updates, unchanged = preview.count(Fate.UPDATE), preview.count(Fate.UNCHANGED)
        lines.append(f"Would update {_count(updates, 'user')}; {unchanged} unchanged")
    return "\n".join([*lines, *(_as_line(row) for row in preview.rows)])


def _as_line(row: PreviewRow) -> str:
    where, role = (shown(row.cells.get(name, "").strip()) or "-" for name in ("organization", "role"))
    return f"  row {row.number}: {row.fate:9} {row.username or '-'}  {where.upper()}  {role}"


def _as_text(done: ImportResult, choices: Choices) -> str:
    text = f"Created {_count(len(done.created), 'user')}."
    if choices.update_existing:
        text += f" Updated {_count(done.updated, 'user')}, {done.unchanged} unchanged."
    if choices.send_emails:
        text += f" Sent {_count(done.mails, 'welcome email')}."
    return text + (f" Skipped {_count(done.skipped, 'row')}." if done.skipped else "")


def _count(count: int, noun: str) -> str:
    return f"{count} {noun if count == 1 else f'{noun}s'}"


def _as_data(done: ImportResult, *, dry_run: bool) -> dict[str, Any]:
    preview = done.preview
    return {
        "file": preview.table.file_name,
        "sha256": preview.table.sha256,
        "dry_run": dry_run,
        "refused": done.refused,
        "created": preview.count(Fate.CREATE) if dry_run else len(done.created),
        "updated": preview.count(Fate.UPDATE) if dry_run else done.updated,
        "unchanged": done.unchanged,
        "skipped": done.skipped,
        "emails": done.mails,
        "by_organization": dict(preview.new_by_organization),
        "warnings": preview.warnings,
        "rows": [
            {
                "row": row.number,
                "username": row.username,
                "fate": row.fate,
                "problems": [{"field": one.field, "message": str(one)} for one in row.problems],
            }
            for row in preview.rows
        ],
    }


COMMANDS = (create_pilot_user, create_superadmin, import_pilot_users)
