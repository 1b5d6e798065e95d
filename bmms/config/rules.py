"""What single settings must keep to: addresses, hosts, keys, senders. Each rule names the variable, never a secret."""

import re
from email.utils import parseaddr
from urllib.parse import SplitResult, urlsplit

import limits
import psycopg
from psycopg.conninfo import conninfo_to_dict

from bmms.config.reader import Reader
from bmms.launch.address import plain

SECRET_LENGTH, DATA_KEY_LENGTH = 50, 32
PLACEHOLDERS = ("change", "secret", "example", "placeholder", "xxxx")
DUMMIES = ("change-me", "change_me", "changeme", "placeholder")  # a password may hold "secret"; a key does not
RESERVED = re.compile(r"(.+\.)?(example(\.com|\.net|\.org)?|invalid|test|localhost)", re.IGNORECASE)
UNREADABLE = "cannot be read. In its password write @ as %40, / as %2F, : as %3A, % as %25."


def hardened(environment: str) -> bool:
    """Staging and production serve people: what is lax in development is refused there."""
    return environment in ("staging", "production")


def database(read: Reader, name: str, environment: str) -> str:
    """The address of a database, without a driver's name."""
    url = plain(read.text(name))
    if url and (fault := _fault(read.text(name), url, environment)):
        read.complain(name, fault)
    return url


def _fault(given: str, url: str, environment: str) -> str:
    """What is wrong with this address; nothing of its password is in the answer.

    libpq ends the password at the first @ or /. What is left of it would become a host, a port or a database, would
    be looked up as such and be printed with the error.
    """
    if not re.match(r"postgres(ql)?(\+psycopg)?://", given):
        return "must start with postgresql://."
    try:
        parts = {part: str(value) for part, value in conninfo_to_dict(url).items()}
    except psycopg.Error:
        return UNREADABLE
    places = (parts.get("host", ""), parts.get("port", ""), parts.get("dbname", ""))
    if any("@" in place for place in places) or not re.fullmatch(r"[\d,]*", places[1]):
        return UNREADABLE
    if not places[0] and "hostaddr" not in parts:
        return "names no host. A socket is named like this: postgresql://LOGIN@/DATABASE?host=/run/postgresql."
    if not places[2]:
        return "names no database. It reads postgresql://LOGIN:PASSWORD@HOST:PORT/DATABASE."
    return dummy(parts.get("password", ""), environment)


def dummy(password: str, environment: str) -> str:
    """What to say of a password that was copied from an example."""
    if hardened(environment) and any(word in password.lower() for word in DUMMIES):
        return "holds the placeholder of an example in place of a password."
    return ""


def password(read: Reader, name: str, environment: str) -> str:
    """A password, and not that of the example."""
    if fault := dummy(read.text(name), environment):
        read.complain(name, fault)
    return read.text(name)


def key(read: Reader, name: str, value: str, least: int, environment: str) -> None:
    """Long enough, and no placeholder."""
    if not value or not hardened(environment):
        return
    if any(word in value.lower() for word in PLACEHOLDERS):
        read.complain(name, f"is a placeholder; it must be {least} or more random characters.")
    elif len(value) < least:
        read.complain(name, f"must be {least} or more random characters; this one has {len(value)}.")


def _split(address: str) -> SplitResult | None:
    """The parts of a web address; None if it is none, or if it carries a sign-in, which would be printed with it."""
    try:
        parts = urlsplit(address)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return None
    return parts if known and "@" not in parts.netloc else None


def base_url(read: Reader, default: str) -> str:
    """Where people reach BMMS, without a slash at the end."""
    address = read.text("BASE_URL", default).rstrip("/")
    if _split(address) is None:
        read.complain("BASE_URL", "must start with http:// or https:// and name a host.")
    return address


def origins(read: Reader, name: str) -> tuple[str, ...]:
    """Origins as browsers send them."""
    found = read.words(name)
    if bad := [one for one in found if (parts := _split(one)) is None or f"{parts.scheme}://{parts.netloc}" != one]:
        read.complain(
            name, f"need a scheme and no slash at the end: {', '.join(one.rpartition('@')[2] for one in bad)}."
        )
    return found


def hosts(read: Reader, name: str) -> tuple[str, ...]:
    """Host names as they are compared: each in full."""
    found = read.words(name)
    if bad := [one for one in found if not re.fullmatch(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]", one)]:
        read.complain(name, f"are full host names without scheme, port or path: {', '.join(bad)}.")
    return found


def mail_address(read: Reader, name: str, default: str, environment: str) -> str:
    """An address that mails may bear, with or without a name; the reserved domains of examples serve nobody."""
    value = read.text(name, default)
    _check_address(read, name, value, hardened(environment) and value != default)
    return value


def mail_addresses(read: Reader, name: str, default: tuple[str, ...], environment: str) -> tuple[str, ...]:
    """Several of them, with commas; the default was looked at under its own name."""
    found = read.words(name)
    for value in found:
        _check_address(read, name, value, hardened(environment))
    return found or default


def _check_address(read: Reader, name: str, value: str, is_served: bool) -> None:
    domain = parseaddr(value)[1].rpartition("@")[2]
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(value)[1]):
        read.complain(name, "must be an address like BMMS <no-reply@staging.bmms.gov.ph>.")
    elif is_served and RESERVED.fullmatch(domain):
        read.complain(name, "is a placeholder: nobody receives mail there.")


def rate(read: Reader, name: str, default: str) -> str:
    """A rate in Flask-Limiter's words."""
    value = read.text(name, default)
    try:
        limits.parse_many(value)
    except ValueError:
        read.complain(name, f"must be a rate like 5 per minute, not {value!r}.")
    return value


def storage(read: Reader, name: str, default: str) -> str:
    """Where rates are counted. It may hold a password."""
    value = read.text(name, default)
    if not re.match(r"[a-z0-9+]+://", value):
        read.complain(name, "must be an address such as memory:// or redis://…")
    return value


def endpoint(read: Reader, name: str) -> str:
    """The web address of a service, if one is named."""
    value = read.text(name)
    if value and _split(value) is None:
        read.complain(name, "must start with http:// or https:// and name a host.")
    return value
