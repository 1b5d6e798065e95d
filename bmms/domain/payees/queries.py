"""Reads of the register of payees."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.payees import tins
from bmms.models.disbursements import Disbursement
from bmms.models.obligations import Obligation
from bmms.models.payees import Payee, PayeeKind

MOST_NEAR = 200  # rows that are looked at for what somebody types
_FORMS = {"inc", "incorporated", "corp", "corporation"}
_APART = re.compile(r"\s*\((\*{3}-\*{3}-\d{3})?[^()]*\)\s*$")  # what `called` adds to a name


def plain_name(name: str) -> str:
    """A name without case, accents, blanks, punctuation and the words for a corporation."""
    letters = "".join(one for one in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(one))
    words = re.sub(r"[\W_]+", " ", re.sub(r"[.'\u2019]", "", letters)).split()
    return "".join(word for word in words if word not in _FORMS) or "".join(words)


def kind_of(word: str) -> PayeeKind | None:
    """The kind that a filter names, or any."""
    return PayeeKind(word) if word in set(PayeeKind) else None


def list_payees(
    session: Session, *, search: str = "", kind: PayeeKind | None = None, inactive: bool = False
) -> Select[Payee]:
    """The register by names.

    Args:
        search: words of the name, or a whole TIN.
        inactive: those that are no longer chosen, instead of those that are.
    """
    query = select(Payee).where(Payee.is_active.is_(not inactive)).order_by(Payee.name, Payee.id)
    if kind:
        query = query.where(Payee.kind == kind)
    if not search:
        return query
    named = [Payee.name.icontains(word, autoescape=True) for word in search.split()]
    try:
        digits = tins.digits_of(search)
    except RuleBroken:
        return query.where(*named)
    return query.where(Payee.tin_digest == tins.digest(session, digits))


def get_payee(session: Session, payee_id: int) -> Payee:
    """One payee. Raises NotFound."""
    payee = session.scalar(select(Payee).where(Payee.id == payee_id))
    if payee is None:
        raise NotFound("There is no such payee.")
    return payee


def is_named(session: Session, payee: Payee) -> bool:
    """Does an obligation or a voucher name this payee?"""
    used = (exists().where(model.payee_id == payee.id) for model in (Obligation, Disbursement))
    return bool(session.scalar(select(or_(*used))))


def like(session: Session, name: str, tin_digest: bytes | None, but: int | None = None) -> Sequence[Payee]:
    """Payees of the same plain name, or with the same TIN; those with the same TIN first."""
    wanted = plain_name(name)
    names = session.execute(select(Payee.id, Payee.name))
    same = {payee_id for payee_id, other in names if plain_name(other) == wanted}
    query = select(Payee).where(or_(Payee.id.in_(same), Payee.tin_digest == tin_digest), Payee.id != (but or 0))
    if tin_digest is None:
        query = select(Payee).where(Payee.id.in_(same), Payee.id != (but or 0))
    found = session.scalars(query.order_by(Payee.id)).all()
    return sorted(found, key=lambda one: tin_digest is None or one.tin_digest != tin_digest)


def called(payees: Iterable[Payee]) -> dict[int, str]:
    """Ids to names that nobody else among them has: with the end of the TIN, else the address, else the number."""
    rows = list(payees)
    names = {one.id: f"{one.name} ({tins.masked(one)})" if one.tin_end else one.name for one in rows}
    told = list(names.values())
    for one in rows:
        if told.count(names[one.id]) > 1:
            apart = ", ".join(filter(None, [tins.masked(one), one.address.replace("(", "").replace(")", "")]))
            names[one.id] = f"{one.name} ({apart or 'no address'}, no. {one.id})"
    return names


def near(session: Session, typed: str, also: int | None = None) -> dict[int, str]:
    """Active payees whose names hold every word that is typed: id to name. Few columns of few rows are read.

    Args:
        also: one who is found whatever was typed: whom a document names already.
    """
    words = _APART.sub("", typed).split()
    if not words:
        return {}
    named = [Payee.name.icontains(word, autoescape=True) for word in words]
    query = select(Payee).where(or_(Payee.is_active.is_(True), Payee.id == (also or 0)), *named)
    return called(session.scalars(query.order_by(Payee.name, Payee.id).limit(MOST_NEAR)))
