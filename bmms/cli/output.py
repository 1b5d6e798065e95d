"""What commands print: results to stdout, as text or JSON; problems to stderr."""

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

import click
from psycopg.errors import UndefinedTable
from sqlalchemy.exc import OperationalError, ProgrammingError

from bmms.config import ConfigError
from bmms.domain.errors import DomainError, RuleBroken
from bmms.tenancy import PrivilegedLogin

P = ParamSpec("P")
R = TypeVar("R")

REFUSED, SKIPPED = 1, 3  # exit codes; what each means stands in `bmms/cli/__init__.py`

format_option = click.option(
    "--format",
    "as_json",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    callback=lambda context, option, value: value == "json",
    help="How to print the result: for people or for machines.",
)


def result(data: dict[str, Any], text: str, as_json: bool) -> None:
    """Print the outcome to stdout: `text` for people, `data` as one JSON object for machines (dates as ISO text)."""
    click.echo(json.dumps(data, indent=2, default=str) if as_json else text)


def problem(message: str) -> None:
    """Print what went wrong, or what to look at, to stderr."""
    click.echo(message, err=True)


def refusals_exit_1(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what a rule or the database refuses into messages on stderr and exit code 1.

    A RuleBroken prints its text and then each further message of its fields. The transaction is gone by then.
    Machines (`--format json`) get the same as an object on stdout.
    """

    @functools.wraps(command)
    def guarded(*arguments: P.args, **options: P.kwargs) -> R:
        fields: Mapping[str, str] = {}
        try:
            return command(*arguments, **options)
        except DomainError as refusal:
            messages = _messages(refusal)
            fields = refusal.fields if isinstance(refusal, RuleBroken) else {}
        except (ConfigError, PrivilegedLogin) as wrong:
            messages = [str(wrong)]
        except OperationalError as failure:
            messages = [f"The database did not answer: {_first_line(failure)}"]
        except ProgrammingError as failure:
            if not isinstance(failure.orig, UndefinedTable):
                raise
            messages = ["The database has no tables of BMMS yet. Run `flask db upgrade` first."]
        for message in messages:
            problem(message)
        if options.get("as_json"):
            result({"refused": True, "problems": messages, "fields": fields}, "", True)
        raise SystemExit(REFUSED)

    return guarded


def _messages(refusal: DomainError) -> list[str]:
    further = refusal.fields.values() if isinstance(refusal, RuleBroken) else ()
    return list(dict.fromkeys([str(refusal), *further]))


def _first_line(failure: OperationalError) -> str:
    return str(failure.orig).strip().partition("\n")[0]
