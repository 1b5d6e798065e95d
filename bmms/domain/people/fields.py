"""What may stand in each field of a person, and the words that refuse it (onboarding 3.2). Asks no database."""

import re
import unicodedata
from collections.abc import Mapping

from email_validator import EmailNotValidError, validate_email

from bmms.domain.accounts import passwords
from bmms.domain.people.problems import Problem
from bmms.domain.permissions import ROLES, canonical

REQUIRED = ("email", "first_name", "last_name", "organization", "role")
OPTIONAL = ("phone", "department", "position", "username")
LABELS = {
    "username": "Username",
    "email": "Email",
    "first_name": "First name",
    "last_name": "Last name",
    "organization": "Organization",
    "role": "Role",
    "phone": "Phone",
    "department": "Department",
    "position": "Position",
}
LONGEST = {"first_name": 150, "last_name": 150, "department": 200, "position": 200}
PREFERRED_DOMAIN = ".gov.ph"

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,149}")
_PHONE = re.compile(r"[+]63[0-9]{10}")
_PHONE_SPACING = re.compile(r"[ .()\[\]\u00a0-]")
_HIDDEN = {"Cc", "Cs", "Zl", "Zp"}  # control signs, halves of signs, line separators
_UNSEEN = {"\u00ad", "\u200b", "\u2060", "\ufeff"}  # two names that look the same would not be; joiners are writing
_TURNING = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}  # could show a name backwards


def shown(value: str) -> str:
    """A value as messages and terminals repeat it: shortened, nothing invisible or steering in it."""
    text = "".join(sign if sign.isprintable() else "?" for sign in value)
    return f"{text[:60]}…" if len(text) > 60 else text


def quoted(value: str) -> str:
    """A value as messages repeat it, in quotes."""
    return f"'{shown(value)}'"


def clean(
    data: Mapping[str, str | None], *, names: bool = True, username: bool = False
) -> tuple[dict[str, str], list[Problem]]:
    """Bring one person's data into the form in which it is stored.

    Args:
        data: field name to text as it was typed; missing and None count as blank.
        names: first and last name must be given.
        username: the username must be given; otherwise a blank one is derived later (`usernames`).

    Returns:
        the cleaned values of all fields but the password, and what is wrong with them; the organization is upper-cased
        and the role canonical, but whether the organization exists is for `checking` to find out.
    """
    values = {name: unicodedata.normalize("NFC", data.get(name) or "").strip() for name in LABELS}
    required = {name for name in REQUIRED if names or not name.endswith("_name")}
    required |= {"username"} if username else set()
    checks = {"username": clean_username, "email": clean_email, "phone": clean_phone, "role": clean_role}
    problems = []
    for name, value in values.items():
        if value:
            check = checks.get(name)
            values[name], message = check(value) if check else clean_text(name, value)
        else:
            message = f"{LABELS[name]} is required." if name in required else ""
        problems += [Problem(name, message)] if message else []
    values["organization"] = values["organization"].upper()
    return values, problems


def clean_text(name: str, value: str) -> tuple[str, str]:
    """A free text: inner blanks become single ones. Returns the text and, when it is refused, why."""
    if any(unicodedata.category(sign) in _HIDDEN or sign in _TURNING | _UNSEEN for sign in value):
        return "", f"{LABELS[name]} contains a line break or another invisible sign."
    text = " ".join(value.split())
    if len(text) > LONGEST.get(name, 200):
        return text, f"{LABELS[name]} is too long (max {LONGEST.get(name, 200)})."
    return text, ""


def clean_username(value: str) -> tuple[str, str]:
    """A username, lower-cased. Returns it and, when it is refused, why."""
    name = value.lower()
    if _USERNAME.fullmatch(name):
        return name, ""
    return name, "Username may contain only letters, digits, dot, underscore and hyphen (3-150 characters)."


def clean_email(value: str) -> tuple[str, str]:
    """An email address, lower-cased; plain ASCII, because a name that mail servers spell differently is no sign-in."""
    address = value.lower()
    try:
        if not address.isascii():
            raise EmailNotValidError
        validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return address, f"{quoted(value)} is not a valid email address."
    return address, ""


def clean_phone(value: str) -> tuple[str, str]:
    """A Philippine number as +63 and ten digits. Returns it and, when it is refused, why."""
    number = _PHONE_SPACING.sub("", value)
    if number.startswith("09"):
        number = f"+63{number[1:]}"
    if _PHONE.fullmatch(number):
        return number, ""
    return number, "Phone must be +63 followed by 10 digits, e.g. +639171234567."


def clean_role(value: str) -> tuple[str, str]:
    """A role under any of its names. Returns the canonical name and, when there is none, which ones there are."""
    role = canonical(value)
    return (role, "") if role else (value, f"Unknown role {quoted(value)}. Valid roles: {', '.join(sorted(ROLES))}.")


def check_password(password: str, values: Mapping[str, str]) -> list[Problem]:
    """What an explicit password lacks by the policy (onboarding 3.4), as one problem that names each unmet rule."""
    names = tuple(values.get(name, "") for name in ("username", "email", "first_name", "last_name"))
    lacking = passwords.weaknesses(password, names=tuple(name for name in names if name))
    return [Problem("password", " ".join(lacking))] if lacking else []


def email_warnings(email: str) -> list[str]:
    """Addresses outside the government's domain are accepted with a word of caution."""
    return [] if not email or email.endswith(PREFERRED_DOMAIN) else [f"{email}: not a {PREFERRED_DOMAIN} address."]
