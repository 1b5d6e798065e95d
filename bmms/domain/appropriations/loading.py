"""Load an act as printed: whole or not at all, and once (decision D22)."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.appropriations.adding_up import Added, Finding, Line, add_up, findings_of
from bmms.domain.appropriations.amounts import Amounts, summed
from bmms.domain.appropriations.reading import Act
from bmms.domain.errors import RuleBroken
from bmms.models.appropriations import ActBody, ActFinding, ActLine, AppropriationAct, LineKind
from bmms.models.locks import Lock


class DoesNotReconcile(RuleBroken):
    """An act that was not loaded, for it does not reach the total that it states; the fields say where."""

    def __init__(self, title: str, reasons: list[str]) -> None:
        super().__init__(
            f"{title} does not reconcile, so nothing was loaded. Compare the rows with the printed act; "
            f"to load it as it stands: --accept-discrepancies",
            **{f"reason {number}": reason for number, reason in enumerate(reasons, 1)},
        )


@dataclass(frozen=True)
class Loaded:
    """What became of an act, to be told."""

    act: Act
    bodies: list[Added]
    expected: Decimal | None
    is_new: bool

    @property
    def amounts(self) -> Amounts:
        """The sums over all bodies."""
        return summed(body.body.amounts for body in self.bodies)

    @property
    def added_lines(self) -> int:
        """How many lines say what the act does not break down."""
        return sum(line.kind != LineKind.PRINTED for body in self.bodies for line in body.lines)

    @property
    def findings(self) -> list[Finding]:
        """Where the act does not add up."""
        return list(findings_of(self.bodies))

    @property
    def difference(self) -> Decimal | None:
        """Of the sum against the expected total; None when nothing was expected."""
        return None if self.expected is None else self.amounts.total - self.expected


def find(session: Session, act: Act) -> AppropriationAct | None:
    """The act of this year and title as it is loaded, perhaps with other rows."""
    same = (AppropriationAct.fiscal_year == act.fiscal_year, AppropriationAct.title == act.title)
    return session.scalar(select(AppropriationAct).where(*same))


def load_act(
    session: Session, actor: Actor, act: Act, *, expected: Decimal | None = None, accept: bool = False,
    dry_run: bool = False,
) -> Loaded:  # fmt: skip
    """Load an act, unless the same is there already.

    Args:
        expected: the grand total that the printed act states, pesos.
        accept: load it although it does not reconcile.
        dry_run: tell what would become of it, and change nothing.

    Raises:
        DoesNotReconcile: its bodies miss the expected total, or the lines of a body are over what it states.
        RuleBroken: this act is loaded with other figures.
    """
    session.execute(select(func.pg_advisory_xact_lock(Lock.ACTS)))  # two operators: one waits
    loaded = Loaded(act, add_up(act), expected, is_new=True)
    if not accept and (reasons := _reasons(loaded)):
        raise DoesNotReconcile(act.title, reasons)
    if there := find(session, act):
        if there.sha256 != act.sha256:
            raise RuleBroken(
                f"{act.title} is loaded already, with other rows. If those were wrong, remove it first: "
                f"flask remove_act {there.key}"
            )
        return Loaded(act, loaded.bodies, expected, is_new=False)
    if dry_run:
        return loaded
    _write(session, loaded)
    audit.record(
        session, actor, "appropriation_acts:load", label=act.title, total=(None, loaded.amounts.total),
        rows=(None, act.row_count), findings=(None, [str(one) for one in loaded.findings]),
    )  # fmt: skip
    return loaded


def remove_act(session: Session, actor: Actor, key: str) -> str:
    """Take an act out again, with all its lines; returns its title.

    Raises:
        RuleBroken: there is no such act.
    """
    act = session.scalar(select(AppropriationAct).where(AppropriationAct.key == key))
    if act is None:
        known = session.scalars(select(AppropriationAct.key).order_by(AppropriationAct.key)).all()
        raise RuleBroken(f"There is no act {key!r}. Known: {', '.join(known) or 'none'}.")
    session.delete(act)
    audit.record(session, actor, "appropriation_acts:remove", label=act.title, total=(act.total, None))
    session.flush()
    return act.title


def _reasons(loaded: Loaded) -> list[str]:
    reasons = [str(one) for one in loaded.findings if one.breaks]
    if loaded.difference:
        sum_of, stated = f"{loaded.amounts.total:,.2f}", f"{loaded.expected:,.2f}"
        reasons.append(f"The bodies come to {sum_of}, expected were {stated}: difference {loaded.difference:,.2f}")
    return reasons


def _write(session: Session, loaded: Loaded) -> None:
    act = loaded.act
    row = AppropriationAct(
        key=_free_key(session, act.fiscal_year), fiscal_year=act.fiscal_year, title=act.title,
        stated_total=loaded.expected, row_count=act.row_count, sha256=act.sha256, **loaded.amounts.columns,
    )  # fmt: skip
    session.add(row)
    session.flush()
    bodies = [
        {
            "act_id": row.id, "ordinal": number, "code": one.body.code, "name": one.body.name,
            "is_group": one.body.is_group, "note": one.body.note, "source": one.body.source,
            **one.body.amounts.columns,
        }
        for number, one in enumerate(loaded.bodies, 1)
    ]  # fmt: skip
    session.execute(insert(ActBody), bodies)
    known = session.execute(select(ActBody.code, ActBody.id).where(ActBody.act_id == row.id))
    ids = {found.code: found.id for found in known}
    lines = [_columns(ids[one.body.code], line) for one in loaded.bodies for line in one.lines]
    session.execute(insert(ActLine), lines)
    if found := [{"act_id": row.id, **_told(one)} for one in loaded.findings]:
        session.execute(insert(ActFinding), found)


def _columns(body_id: int, line: Line) -> dict[str, object]:
    printed = line.printed
    return {
        "body_id": body_id, "ordinal": line.ordinal, "above": line.above, "section": line.section, "level": line.level,
        "kind": line.kind, "title": line.title, "counts": line.counts, "is_on_top": line.is_on_top,
        "row_number": printed.number if printed else None, "note": printed.note if printed else "",
        "source": printed.source if printed else "", **line.amounts.columns,
    }  # fmt: skip


def _told(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code, "place": finding.place, "kind": finding.kind, "expense_class": finding.expense_class,
        "difference": finding.difference,
    }  # fmt: skip


def _free_key(session: Session, fiscal_year: int) -> str:
    """The word in addresses: the year, with a number for a further act of the same year."""
    taken = set(session.scalars(select(AppropriationAct.key).where(AppropriationAct.fiscal_year == fiscal_year)))
    tries = (str(fiscal_year), *(f"{fiscal_year}-{number}" for number in range(2, 100)))
    return next(key for key in tries if key not in taken)
