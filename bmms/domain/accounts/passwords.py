"""Passwords: the policy, temporary ones, and their hashes (onboarding 3.4, rules S1, S2 and S4)."""

import secrets
import string
from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

LEAST = 12
MOST = 200
REMEMBERED = 5
UPPER, LOWER, DIGITS, SYMBOLS = "ABCDEFGHJKMNPQRSTUVWXYZ", "abcdefghjkmnpqrstuvwxyz", "23456789", "@#$%"
ALPHABET = UPPER + LOWER + DIGITS + SYMBOLS  # 58 signs that nobody mistakes for one another: 5.86 bits each

_chosen = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=2)
_temporary = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)  # >= 90 random bits need no slow hash


def new_temporary_password(length: int = 16) -> str:
    """A random password with each class of signs, from the system's generator. 16 signs carry 93 bits.

    It begins with a letter or digit, because spreadsheets take a leading @ for a formula.
    """
    if length < LEAST:
        raise ValueError(f"a temporary password has at least {LEAST} signs")
    while True:
        password = "".join(secrets.choice(ALPHABET) for _ in range(length))
        if password[0] not in SYMBOLS and all(set(password) & set(kind) for kind in (UPPER, LOWER, DIGITS, SYMBOLS)):
            return password


def hash_chosen(password: str) -> str:
    """The argon2id hash of a password that a person chose: the full profile (64 MiB)."""
    return _chosen.hash(password)


def hash_temporary(password: str) -> str:
    """The argon2id hash of a password of `new_temporary_password`; the light profile, for 90 random bits or more.

    Raises:
        ValueError: the password is too short to deserve the light profile.
    """
    if len(password) < LEAST + 4:
        return _chosen.hash(password)
    return _temporary.hash(password)


def matches(stored: str, password: str) -> bool:
    """Does the password belong to the hash? An empty or broken hash matches nothing, after the same effort."""
    try:
        return _chosen.verify(stored or _decoy(), password) and bool(stored)
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _decoy() -> str:
    return _chosen.hash(secrets.token_urlsafe(24))


@cache
def _common() -> frozenset[str]:
    return frozenset(files("bmms.reference").joinpath("common_passwords.txt").read_text().split())


def weaknesses(password: str, *, names: tuple[str, ...] = ()) -> list[str]:
    """What a chosen password lacks, one sentence each; empty when it is good.

    Args:
        names: username, email, first and last name, which it may not resemble.
    """
    found = []
    if len(password) < LEAST:
        found.append(f"Use {LEAST} characters or more; this has {len(password)}.")
    if len(password) > MOST:
        found.append(f"Use at most {MOST} characters.")
    if password and password.isdigit():
        found.append("Use more than digits.")
    for word, test in (
        ("an upper-case letter", str.isupper),
        ("a lower-case letter", str.islower),
        ("a digit", str.isdigit),
        ("a sign that is neither letter nor digit", lambda sign: not sign.isalnum() and sign not in string.whitespace),
    ):
        if not any(test(sign) for sign in password):
            found.append(f"Add {word}.")
    if _too_common(password):
        found.append("This is a common password; choose another.")
    if _resembles(password, names):
        found.append("Do not use your name, username or email in it.")
    return found


def _too_common(password: str) -> bool:
    plain = password.lower()
    bare = plain.strip(string.digits + string.punctuation)
    return plain in _common() or (len(bare) >= 4 and bare in _common())


def _resembles(password: str, names: tuple[str, ...]) -> bool:
    plain = password.lower()
    parts = {
        part for name in names for part in (name.lower(), *name.lower().replace("@", ".").replace("_", ".").split("."))
    }
    return any(len(part) >= 4 and (part in plain or part[::-1] in plain) for part in parts)
