"""Put what was checked into a draft: its lines, and the unpaid obligations that wait with it for the confirmation."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.imports.watching import Watch, nobody_watches
from bmms.domain.openings.drafts import empty
from bmms.domain.openings.quarters import day_of, quarter_of
from bmms.domain.openings.sheets.contents import folded
from bmms.domain.openings.sheets.rows import Checked, Unpaid, entries_of, pay_in_quarters
from bmms.models.obligations import Obligation, ObligationLine, ObligationStatus, ObligationType
from bmms.models.openings import OpeningLine, OpeningPosition
from bmms.models.payees import Payee, PayeeKind


def write(
    session: Session, actor: Actor, opening: OpeningPosition, checked: Checked, watch: Watch = nobody_watches
) -> None:
    """Take the place of what was imported before; payees are found by their names, or made.

    Args:
        watch: told how many lines are written.
    """
    empty(session, opening)
    pay_in_quarters(checked.position, checked.unpaid)
    payees = _payees(session, checked)
    lines = _documents(session, actor, opening, checked, payees)
    entries = entries_of(checked.position, checked.unpaid, quarter_of(opening.cut_over))
    session.add_all(
        OpeningLine(
            opening_id=opening.id, account_id=one.account_id, object_code=one.object_code,
            line_id=lines[id(one.unpaid)].id if one.unpaid else None, dated=day_of(one.quarter, opening.cut_over),
            allotted=one.allotted, obligated=one.obligated, due=one.due, disbursed=one.disbursed,
        )
        for one in entries
    )  # fmt: skip
    opening.entered_by, opening.entered_label = actor.user_id, actor.signature
    session.flush()
    watch(len(entries), len(entries))
    told: dict[str, Any] = {name: (None, total) for name, total in checked.totals.items()}
    told |= {"rows": (None, len(checked.lines)), "unpaid": (None, len(checked.unpaid))}
    told["sha256"] = (None, checked.table.sha256)
    audit.record(session, actor, "opening_positions:import", opening, label=opening.reference, **told)


def _payees(session: Session, checked: Checked) -> dict[str, int]:
    """Payees by their names as compared."""
    known = {name: ids[0] for name, ids in checked.contents.payees.items()}
    made: dict[str, Payee] = {}
    for one in checked.unpaid:
        name = folded(one.values["payee"])
        if name not in known and name not in made:
            made[name] = Payee(name=" ".join(one.values["payee"].split()), kind=PayeeKind.OTHER)
    session.add_all(made.values())
    session.flush()
    return known | {name: payee.id for name, payee in made.items()}


def _documents(
    session: Session, actor: Actor, opening: OpeningPosition, checked: Checked, payees: dict[str, int]
) -> dict[int, ObligationLine]:
    """An obligation for each number; returns the line of each row, by the identity of the row."""
    groups: dict[str, list[Unpaid]] = {}
    for one in checked.unpaid:
        groups.setdefault(one.values["ors_no"], []).append(one)
    documents = {
        number: _document(actor, opening, number, rows, checked, payees[folded(rows[0].values["payee"])])
        for number, rows in groups.items()
    }
    session.add_all(documents.values())
    session.flush()
    lines = {
        id(one): ObligationLine(
            obligation_id=documents[number].id, account_id=one.key[0], object_code=one.key[1],
            amount=one.amount("amount"),
        )
        for number, rows in groups.items()
        for one in rows
    }  # fmt: skip
    session.add_all(lines.values())
    session.flush()
    return lines


def _document(
    actor: Actor, opening: OpeningPosition, number: str, rows: Sequence[Unpaid], checked: Checked, payee_id: int
) -> Obligation:
    account = checked.contents.accounts[rows[0].key[0]].account
    particulars = list(dict.fromkeys(one.values["particulars"] for one in rows))
    return Obligation(
        fiscal_year=opening.fiscal_year, fund_cluster=account.fund_cluster, ors_no=number,
        dated=rows[0].values["dated"], payee_id=payee_id, kind=ObligationType.OTHER,
        particulars="; ".join(particulars), total=sum((one.amount("amount") for one in rows), NONE),
        status=ObligationStatus.DRAFT, entered_by=actor.user_id, entered_label=actor.signature, is_opening=True,
    )  # fmt: skip
