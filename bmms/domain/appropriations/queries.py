"""The acts as pages show them: bodies, lines, what does not add up, and the years side by side. Open to everybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import CLASSES, NONE, Amounts, shares
from bmms.domain.errors import NotFound
from bmms.domain.proofs import Proof
from bmms.models.appropriations import ActBody, ActFinding, ActLine, AppropriationAct
from bmms.models.organizations import Organization

FUNDS = {
    "CF": "Contingent Fund",
    "LGSF": "Local Government Support Fund",
    "MPBF": "Miscellaneous Personnel Benefits Fund",
    "PGF": "Pension and Gratuity Fund",
    "SDF": "Special Development Fund",
}  # names of funds where an act prints the code alone
GROUP = "-SUB"  # the end of the code of a group: the offices under one body (decision D22)


@dataclass(frozen=True)
class Shown:
    """A body of an act as a row: its name, and its share in the act as a fraction of one."""

    body: ActBody
    name: str
    share: Decimal | None


@dataclass(frozen=True)
class Absent:
    """An organization without a line of its own; `carried_by` is the body whose budget holds its own, if known."""

    label: str
    carried_by: str


@dataclass(frozen=True)
class Year:
    """What one act gives, beside other years; None where it has no line."""

    act: AppropriationAct
    amounts: Amounts | None


@dataclass(frozen=True)
class Placed:
    """A line with its depth, 0 at the top."""

    line: ActLine
    depth: int


def list_acts(session: Session) -> Sequence[AppropriationAct]:
    """All acts, the latest first."""
    order = (AppropriationAct.fiscal_year.desc(), AppropriationAct.id.desc())
    return session.scalars(select(AppropriationAct).order_by(*order)).all()


def get_act(session: Session, key: str) -> AppropriationAct:
    """The act of an address. Raises NotFound."""
    act = session.scalar(select(AppropriationAct).where(AppropriationAct.key == key))
    if act is None:
        raise NotFound("There is no such act.")
    return act


def get_body(session: Session, act: AppropriationAct, code: str) -> Shown:
    """What an act gives one body. Raises NotFound."""
    for shown in bodies_of(session, act):
        if shown.body.code == code:
            return shown
    raise NotFound("This act has no line of its own for that body.")


def bodies_of(session: Session, act: AppropriationAct) -> list[Shown]:
    """All bodies in the order of the act; the shown shares add up to 100 %."""
    bodies = session.scalars(select(ActBody).where(ActBody.act_id == act.id).order_by(ActBody.ordinal)).all()
    names, parts = _names(session, bodies), shares({body.code: body.total for body in bodies}, places=2)
    return [Shown(body, names.get(body.code, _own_name(body)), parts[body.code]) for body in bodies]


def absent_from(session: Session, act: AppropriationAct) -> list[Absent]:
    """The MOAs that the act gives no line of their own."""
    here = select(ActBody.code).where(ActBody.act_id == act.id)
    found = select(Organization).where(Organization.code.not_in(here)).order_by(Organization.code)
    return [Absent(f"{one.code} {one.name}", one.parent_code) for one in session.scalars(found)]


def findings_of(session: Session, act: AppropriationAct, code: str = "") -> Sequence[ActFinding]:
    """Where the act does not add up, in its order; of one body when `code` is given."""
    query = select(ActFinding).where(ActFinding.act_id == act.id).order_by(ActFinding.id)
    return session.scalars(query.where(ActFinding.code == code) if code else query).all()


def lines_of(session: Session, body: ActBody) -> list[Placed]:
    """All lines of a body, those below others after them."""
    depths: dict[int, int] = {}
    placed = []
    below: dict[int | None, list[ActLine]] = {}
    for line in session.scalars(select(ActLine).where(ActLine.body_id == body.id).order_by(ActLine.ordinal)):
        below.setdefault(line.above, []).append(line)
    waiting = list(reversed(below.get(None, ())))
    while waiting:
        line = waiting.pop()
        depths[line.ordinal] = depths.get(line.above or 0, -1) + 1
        placed.append(Placed(line, depths[line.ordinal]))
        waiting += reversed(below.get(line.ordinal, ()))
    return placed


def years_of(session: Session, code: str = "") -> list[Year]:
    """All acts in the order of years with what each gives: to the whole region, or to one body."""
    acts = list(reversed(list_acts(session)))
    if not code:
        return [Year(act, _amounts_of(act)) for act in acts]
    bodies = {body.act_id: body for body in session.scalars(select(ActBody).where(ActBody.code == code))}
    return [Year(act, _amounts_of(bodies[act.id]) if act.id in bodies else None) for act in acts]


def proof_of_act(session: Session, act: AppropriationAct) -> Proof:
    """The bodies against the act."""
    rows, total = session.execute(
        select(func.count(ActBody.id), func.sum(ActBody.total)).where(ActBody.act_id == act.id)
    ).one()
    stated = act.stated_total
    return Proof(rows, ("body", "bodies"), total, act.total if stated is None else stated, "the act")


def proof_of_body(session: Session, body: ActBody) -> Proof:
    """The lines that count against what the act states for the body."""
    rows, total = session.execute(
        select(func.count(ActLine.id), func.sum(ActLine.total)).where(ActLine.body_id == body.id, ActLine.counts)
    ).one()
    return Proof(rows, ("line", "lines"), total, body.total, "the total that the act states")


def proof_of_years(session: Session, years: Sequence[Year], code: str = "") -> Proof:
    """What the acts give side by side, against the lines of all acts that count: of the region, or of one body."""
    shown = [year.amounts.total for year in years if year.amounts]
    query = select(func.sum(ActLine.total)).join(ActBody, ActBody.id == ActLine.body_id).where(ActLine.counts)
    lines = session.scalar(query.where(ActBody.code == code) if code else query)
    return Proof(len(shown), ("act", "acts"), sum(shown, NONE), lines or NONE, "the lines of these acts")


def classes_of(parts: Sequence[Any]) -> Mapping[str, str]:
    """The columns that hold anything, with PS, MOOE and CO always: column to label."""
    always = ("ps", "mooe", "co")
    return {
        name: label for name, label in CLASSES.items() if name in always or any(getattr(part, name) for part in parts)
    }


def _amounts_of(row: ActBody | AppropriationAct) -> Amounts:
    return Amounts(**{name: getattr(row, name) for name in CLASSES})


def _names(session: Session, bodies: Sequence[ActBody]) -> dict[str, str]:
    """Names of organizations by code."""
    codes = [body.code for body in bodies]
    found = session.execute(select(Organization.code, Organization.name).where(Organization.code.in_(codes)))
    return {row.code: row.name for row in found}


def _own_name(body: ActBody) -> str:
    """What is no organization: a fund as the act calls it, or a group of offices."""
    if body.is_group:
        return f"Offices under {body.code.removesuffix(GROUP)}, together"
    return body.name or FUNDS.get(body.code, "a fund that the act does not name in full")
