"""What people of an organization, or the platform's administrators, change about it."""

import unicodedata
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from bmms.domain import versions
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.organizations import changes
from bmms.domain.permissions import Permission
from bmms.models.organizations import MailMode, Module, Organization

LINES = {  # single-line texts and how long they may be
    "acronym": ("acronym", 20),
    "head_official": ("name of the head", 200),
    "head_title": ("title of the head", 100),
    "phone": ("phone number", 40),
}
TEXTS = {"mandate": ("mandate", 5_000), "address": ("address", 1_000), "training_note": ("training note", 5_000)}
MAILS = {"email": "email address", "reply_to": "reply-to address"}
DATES = {
    "pilot_starts_on": "start of the pilot",
    "pilot_ends_on": "end of the pilot",
    "onboarded_on": "day of onboarding",
    "go_live_on": "go-live day",
}
ORDERED = (("pilot_starts_on", "pilot_ends_on"), ("onboarded_on", "go_live_on"))
CHANGEABLE = (*LINES, *TEXTS, *MAILS, "website", "mail_mode", *DATES)
MODULE_LABELS = {
    Module.PLANNING: "Planning",
    Module.BUDGETING: "Budgeting",
    Module.MONITORING: "M&E",
    Module.COORDINATION: "Coordination",
    Module.POLICIES: "Policies",
    Module.MANA: "MANA",
}
NEED_PLANNING = (Module.BUDGETING, Module.MONITORING)


def change_settings(
    session: Session, actor: Actor, organization: Organization, *, row_version: int | None = None, **fields: Any
) -> bool:
    """Change contacts, texts, mail mode and dates; other fields stay as they are.

    Args:
        row_version: the version that the person looked at.
        fields: names out of CHANGEABLE; texts as typed, dates as date or None.

    Returns:
        whether anything did change.

    Raises:
        RuleBroken: something is wrong; `fields` of it holds a message for each field, and nothing is changed.
        Stale: somebody else changed the settings meanwhile.
    """
    actor.require(Permission.SETTINGS_CHANGE)
    versions.require_unchanged(organization, row_version, f"the settings of {organization.code}")
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, value in fields.items():
        try:
            values[name] = _checked(name, value)
        except ValueError as wrong:
            problems[name] = str(wrong)
    problems = _out_of_order(organization, values) | problems
    if problems:
        (field, message), *others = problems.items()
        raise RuleBroken(message, field=field, **dict(others))
    return changes.change(session, actor, "change_settings", organization, values)


def switch_module(
    session: Session,
    actor: Actor,
    organization: Organization,
    module: Module,
    on: bool,
    *,
    row_version: int | None = None,
) -> list[str]:
    """Switch a module on or off. Off closes its pages and keeps its data.

    Returns:
        warnings, when Budgeting or M&E are on while Planning, on which they depend, is off.

    Raises:
        Stale: somebody else changed the settings meanwhile.
    """
    actor.require(Permission.SETTINGS_CHANGE)
    versions.require_unchanged(organization, row_version, f"the settings of {organization.code}")
    changes.change(session, actor, "switch_module", organization, {f"enable_{module}": on})
    return switch_warnings(organization, module, on)


def switch_warnings(organization: Organization, module: Module, on: bool) -> list[str]:
    """What a person should know before (and after) switching: Budgeting and M&E depend on Planning."""
    if module == Module.PLANNING:
        planning, concerned = on, organization.enabled_modules
    else:
        planning, concerned = organization.enable_planning, [module] if on else []
    return [
        f"{MODULE_LABELS[needy]} depends on Planning: while that is off, "
        "what is linked to plans stays, but no new links can be made."
        for needy in NEED_PLANNING
        if needy in concerned and not planning
    ]


def _checked(name: str, value: Any) -> Any:
    """The value as it is stored.

    Raises:
        ValueError: with the message for the person.
    """
    if name in LINES:
        return _text(*LINES[name], " ".join(value.split()))
    if name in TEXTS:
        return _text(*TEXTS[name], value.replace("\r\n", "\n").strip())
    if name in MAILS:
        return _mail(MAILS[name], value.strip())
    if name == "website":
        return _website(value.strip())
    if name == "mail_mode":
        if value not in tuple(MailMode):
            raise ValueError(f"The mail mode must be one of {', '.join(MailMode)}.")
        return MailMode(value)
    if name in DATES:
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            raise ValueError(f"The {DATES[name]} must be a date.")
        return value
    raise ValueError(f"{name} cannot be changed here.")


def _text(label: str, at_most: int, value: str) -> str:
    if len(value) > at_most:
        raise ValueError(f"The {label} has {len(value)} characters; at most {at_most} fit.")
    if any(unicodedata.category(letter) == "Cc" and letter not in "\n\t" for letter in value):
        raise ValueError(f"The {label} holds a control character. Type it again instead of pasting it.")
    return value


def _mail(label: str, value: str) -> str:
    if not value:
        return ""
    try:
        return validate_email(value, check_deliverability=False, allow_smtputf8=False).normalized.lower()
    except EmailNotValidError as wrong:
        raise ValueError(f"The {label} {value!r} is not valid: {wrong}") from None


def _website(value: str) -> str:
    _text("website", 200, value)
    try:
        parts = urlsplit(value)
        bad = parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc
    except ValueError:
        bad = True
    if value and (bad or any(letter.isspace() for letter in value)):
        raise ValueError(f"The website {value!r} is not valid. Write it like https://moh.example.org/.")
    return value


def _out_of_order(organization: Organization, values: dict[str, Any]) -> dict[str, str]:
    found = {}
    for first, last in ORDERED:
        starts, ends = (values.get(name, getattr(organization, name)) for name in (first, last))
        if starts and ends and ends < starts and {first, last} & set(values):
            found[last if last in values else first] = f"The {DATES[last]} lies before the {DATES[first]}."
    return found
