"""Tax identification numbers: read as typed, sealed at rest, found again by a keyed digest, shown by three digits.

A number has 9 digits, or 12 to 14 with the code of a branch. No message and no record repeats it.
"""

import re

from cryptography.fernet import InvalidToken
from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.errors import RuleBroken
from bmms.domain.installation import installation_of
from bmms.models.payees import Payee

PURPOSE = "payee-tin"
_WRITTEN = re.compile(r"[0-9][0-9\s-]*", re.ASCII)
WRONG = "A TIN has 9 digits, or 12 to 14 with the code of the branch. Type it like 123-456-789 or 123-456-789-00001."


def digits_of(typed: str) -> str:
    """The digits of a number that was typed with or without dashes and blanks; empty when nothing was typed.

    Raises:
        RuleBroken: it has another number of digits, or other signs.
    """
    typed = typed.strip()
    if not typed:
        return ""
    digits = re.sub(r"[\s-]", "", typed)
    if not _WRITTEN.fullmatch(typed) or len(digits) not in (9, 12, 13, 14):
        raise RuleBroken(WRONG, field="tin")
    return digits


def is_written_as_number(typed: str) -> bool:
    """Is it digits, dashes and blanks only, as a TIN (or its beginning) is typed?"""
    return bool(_WRITTEN.fullmatch(typed.strip()))


def digest(session: Session, digits: str) -> bytes:
    """By which a number is found. Branch 000 is the head office, 001 and 00001 are one branch."""
    branch = int(digits[9:] or 0)
    return installation_of(session).digest(PURPOSE, f"{digits[:9]}{branch:05d}")


def keep(session: Session, payee: Payee, digits: str) -> None:
    """Put a number into the row of a payee; none takes it out."""
    payee.tin_sealed = installation_of(session).payee_tins.seal(digits) if digits else None
    payee.tin_digest = digest(session, digits) if digits else None
    payee.tin_end = digits[6:9]


def opened(session: Session, payee: Payee) -> str:
    """The digits, for a form of the tax office; empty without one. Raises InvalidToken when no key opens it."""
    return installation_of(session).payee_tins.open(payee.tin_sealed) if payee.tin_sealed else ""


def masked(payee: Payee) -> str:
    """As screens show it; empty without one."""
    return f"***-***-{payee.tin_end}" if payee.tin_end else ""


def reseal_all(session: Session) -> tuple[int, int]:
    """Encrypt every number of the organization with the newest key (decision D36).

    Returns:
        how many were encrypted anew, and how many no key of DATA_KEYS opens.
    """
    vault, resealed, lost = installation_of(session).payee_tins, 0, 0
    for payee in session.scalars(select(Payee).where(Payee.tin_sealed.is_not(None)).with_for_update()):
        if vault.is_newest(payee.tin_sealed or b""):
            continue
        try:
            payee.tin_sealed = vault.seal(opened(session, payee))
            resealed += 1
        except InvalidToken:
            lost += 1
    return resealed, lost
