"""What is typed about disbursement vouchers. Nothing of a draft counts before somebody else has paid it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bmms.domain import audit, merging
from bmms.domain.actors import Actor
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.disbursements import checks, queries
from bmms.domain.disbursements.labels import STATUS, called
from bmms.domain.disbursements.queries import Payable
from bmms.domain.errors import NotAllowed, RuleBroken
from bmms.domain.money import is_pesos
from bmms.domain.permissions import P
from bmms.models.disbursements import Disbursement, DisbursementLine, DisbursementStatus
from bmms.models.obligations import Obligation
from bmms.models.payees import Payee

Amounts = Mapping[int, Decimal | None]  # line of an obligation to pesos; none or zero: nothing of it is paid


def require_preparer(actor: Actor) -> None:
    """Raises NotAllowed unless the actor may write vouchers: budget officers and accountants."""
    if not queries.may_prepare(actor):
        raise NotAllowed(f"This needs the permission {P.LEDGER_EDIT} or {P.LEDGER_PAY}.")


def create_voucher(
    session: Session, actor: Actor, obligation: Obligation, answers: Mapping[str, Any], amounts: Amounts
) -> Disbursement:
    """Draft a voucher.

    Args:
        obligation: one of those that it pays; it says who is paid, and out of which fund cluster.
        answers: dated, mode, instrument, particulars, tax (pesos).

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: with a message for each wrong field (`checks.wrong`).
    """
    require_preparer(actor)
    if session.scalar(select(Payee.is_active).where(Payee.id == obligation.payee_id)) is False:
        raise RuleBroken("This payee is inactive. Activate the payee in the register before you go on.")
    lines = _lines(session, amounts)
    voucher = Disbursement(
        fund_cluster=obligation.fund_cluster, payee_id=obligation.payee_id, is_demo=obligation.is_demo,
        **_figures(answers, lines),
    )  # fmt: skip
    _require_sound(session, voucher, lines)
    session.add(voucher)
    session.flush()
    _write_lines(session, voucher, lines)
    audit.record(
        session, actor, "disbursements:create", voucher, label=called(voucher), gross=(None, voucher.gross),
        tax=(None, voucher.tax), dated=(None, voucher.dated),
    )  # fmt: skip
    return voucher


def change_voucher(
    session: Session, actor: Actor, voucher: Disbursement, answers: Mapping[str, Any], amounts: Amounts,
    seen: Mapping[str, str] | None = None, chosen: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Change a draft.

    Raises:
        NotAllowed: the permission is missing.
        Conflicts: somebody else changed the same answers meanwhile.
        RuleBroken: it is no draft any more, or an answer is wrong.
    """
    require_preparer(actor)
    session.refresh(voucher, with_for_update=True)
    require_draft(voucher)
    before = {one.line.id: one.amount for one in queries.lines_of(session, voucher)}
    names = {queries.field_of(line_id): line_id for line_id in (*before, *amounts)}
    changed = merging.save_linked(
        {name: before.get(line_id) for name, line_id in names.items()},
        {queries.field_of(line_id): amount for line_id, amount in amounts.items()}, seen=seen, chosen=chosen,
    )  # fmt: skip
    typed = {**before, **{names[name]: amount for name, amount in changed.items()}}
    with session.no_autoflush:
        changes = merging.save(session, voucher, answers, seen=seen, chosen=chosen)
        lines = _lines(session, typed, voucher)
        kept = {name: getattr(voucher, name) for name in answers}
        for name, value in _figures(kept, lines).items():
            setattr(voucher, name, value)
        try:
            _require_sound(session, voucher, lines)
        except RuleBroken:
            session.expire(voucher)
            raise
        changes |= audit.changed_fields(voucher, "gross", "tax", "net")
    session.flush()
    _write_lines(session, voucher, lines)
    audit.record(session, actor, "disbursements:change", voucher, label=called(voucher), **changes)


def delete_voucher(session: Session, actor: Actor, voucher: Disbursement) -> None:
    """Remove a draft, which has no number yet. Raises RuleBroken."""
    require_preparer(actor)
    session.refresh(voucher, with_for_update=True)
    require_draft(voucher)
    audit.record(session, actor, "disbursements:delete", voucher, label=called(voucher), gross=(voucher.gross, None))
    session.delete(voucher)
    session.flush()


def require_draft(voucher: Disbursement) -> None:
    """Raises RuleBroken unless it may be changed."""
    if voucher.status != DisbursementStatus.DRAFT:
        raise RuleBroken(f"This voucher is no draft any more: {STATUS[voucher.status][0].lower()}.")


def _lines(session: Session, amounts: Amounts, of: Disbursement | None = None) -> list[Payable]:
    given = {line_id: amount for line_id, amount in amounts.items() if amount}
    return queries.payable_lines(session, of=of, amounts=given)


def _figures(answers: Mapping[str, Any], lines: list[Payable]) -> dict[str, Any]:
    """The columns of a voucher; gross is the sum of its lines, net what is left after tax."""
    gross, tax = sum((one.amount or NONE for one in lines), NONE), answers.get("tax") or NONE
    found = {**answers, "gross": gross, "tax": tax, "net": gross - tax}
    return found | {"fiscal_year": found["dated"].year}


def _require_sound(session: Session, voucher: Disbursement, lines: list[Payable]) -> None:
    found = checks.wrong(session, voucher.dated, lines)
    for one in lines:
        if one.obligation.payee_id != voucher.payee_id:
            found[one.field] = f"{one.called} is owed to somebody else. One voucher pays one payee."
        elif one.obligation.fund_cluster != voucher.fund_cluster:
            found["lines"] = "One voucher pays out of one fund cluster. Write one voucher for each."
        elif one.obligation.is_demo != voucher.is_demo:
            found[one.field] = f"{one.called}: demonstration data and real data do not mix."
    if voucher.tax < 0 or not is_pesos(voucher.tax):
        found["tax"] = "The tax is zero or more, with two decimals at most."
    elif voucher.net < 0 and lines:
        found["tax"] = f"The tax is more than the gross amount, ₱ {voucher.gross:,.2f}."
    if found:
        (field, message), *rest = found.items()
        raise RuleBroken(message, field=field, **dict(rest))


def _write_lines(session: Session, voucher: Disbursement, lines: list[Payable]) -> None:
    session.execute(delete(DisbursementLine).where(DisbursementLine.disbursement_id == voucher.id))
    session.add_all(
        DisbursementLine(disbursement_id=voucher.id, line_id=one.line.id, amount=one.amount) for one in lines
    )
    session.flush()
