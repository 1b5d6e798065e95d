"""The command that looks at an environment before anything starts with it. It works however bad the settings are."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import click

from bmms.cli.env_checks import Finding, Verdict, check, unknown
from bmms.cli.env_file import EnvFile, read_env_file
from bmms.cli.output import REFUSED, format_option, problem, result
from bmms.config import ENVIRONMENTS, examine

PROFILES = ("development", "staging", "production")
MARKS = {Verdict.HOLDS: "✓", Verdict.DOUBTFUL: "!", Verdict.WRONG: "✗"}
PLAIN_MARKS = {Verdict.HOLDS: "ok", Verdict.DOUBTFUL: "!", Verdict.WRONG: "WRONG"}


@click.command("validate_env")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--profile", type=click.Choice(PROFILES), help="What to check for; else BMMS_ENV, else staging.")
@click.option("--strict", is_flag=True, help="Take warnings for errors.")
@click.option("--check-smtp", "smtp", is_flag=True, help="Call the mail server and sign in; nothing is sent.")
@click.option("--check-s3", "s3", is_flag=True, help="Ask the bucket for copies of backups; nothing is written.")
@format_option
def validate_env(file: Path | None, profile: str | None, strict: bool, smtp: bool, s3: bool, as_json: bool) -> None:
    """Check the environment, or the variables in FILE, a line each. Changes nothing and prints no secret."""
    given = EnvFile(dict(os.environ))
    if file:
        try:
            given = read_env_file(file)
        except (OSError, UnicodeDecodeError) as wrong:
            reason = wrong.strerror if isinstance(wrong, OSError) else "it is no text in UTF-8"
            problem(f"{file} cannot be read: {reason}.")
            raise SystemExit(REFUSED) from wrong
    findings: list[Finding] = []
    for finding in _findings(given, profile, smtp, s3, whole=file is not None):
        findings.append(finding)
        if not as_json:
            click.echo(f"{_marks()[finding.verdict]} {finding.name}: {finding.text}")
    _conclude(findings, strict, as_json)


def _findings(given: EnvFile, profile: str | None, smtp: bool, s3: bool, *, whole: bool) -> Iterator[Finding]:
    """All of them; of a file, which is there for BMMS alone, its unreadable lines and unknown names too."""
    for number in given.unreadable:
        yield Finding(f"Line {number}", "Cannot be read; it must be NAME=value, quotes closed", Verdict.WRONG)
    said = given.values.get("BMMS_ENV", "").strip().lower()
    chosen = profile or (said if said in ENVIRONMENTS else "staging")
    yield _environment(said, chosen)
    environ = given.values | {"BMMS_ENV": chosen}
    yield from check(environ, smtp=smtp, s3=s3)
    if whole:
        yield from unknown(given.values, examine(environ).known)


def _environment(said: str, chosen: str) -> Finding:
    if said == chosen:
        return Finding("BMMS_ENV", chosen)
    if not said:
        return Finding("BMMS_ENV", f"Not set, so BMMS starts as development; checked as {chosen}", Verdict.DOUBTFUL)
    if said not in ENVIRONMENTS:
        return Finding("BMMS_ENV", f"Must be one of {', '.join(PROFILES)}; checked as {chosen}", Verdict.WRONG)
    return Finding("BMMS_ENV", f"Says {said}; checked as {chosen}", Verdict.DOUBTFUL)


def _marks() -> Mapping[Verdict, str]:
    """Ticks and crosses, or words where the terminal or the mail of cron cannot show them."""
    try:
        "".join(MARKS.values()).encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return PLAIN_MARKS
    return MARKS


def _conclude(findings: Iterable[Finding], strict: bool, as_json: bool) -> None:
    """The last line and the exit code."""
    verdicts = [finding.verdict for finding in findings]
    doubts, wrong = verdicts.count(Verdict.DOUBTFUL), verdicts.count(Verdict.WRONG)
    passed = not wrong and not (strict and doubts)
    warnings = f"{doubts} warning{'' if doubts == 1 else 's'}"
    checks = [{"name": each.name, "verdict": each.verdict, "text": each.text} for each in findings]
    ending = "All checks passed" + (f", {warnings}" if doubts else "")
    if passed or as_json:
        result({"passed": passed, "checks": checks}, ending, as_json)
    if not passed:
        problem(f"{wrong} of {len(verdicts)} checks failed" + (f", {warnings}" if doubts else ""))
        raise SystemExit(REFUSED)


COMMANDS = (validate_env,)
