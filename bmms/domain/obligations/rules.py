"""What an obligation request must be before it is kept: each fault is told at its field (modules 2.6 and 2.7)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.errors import RuleBroken
from bmms.domain.ledger import accounts
from bmms.domain.money import is_pesos
from bmms.domain.workflow import LEAST_REMARK
from bmms.models.authority import BudgetAccount
from bmms.models.ledger import AccountingPeriod
from bmms.models.obligations import Obligation
from bmms.models.payees import Payee
from bmms.models.reference import ObjectCode
from bmms.models.work import AnnualWorkPlan, WorkItem

MOST_LINES = 40
_WINDOWS = text("""
SELECT account.id, dated.day, law.reference, law.status, account.obligate_until,
       may_charge(account, dated.day, 'obligation') AS is_open,
       longer.law AS longer_law, longer.effective_on, longer.obligate_until AS longer_until
FROM budget_accounts account JOIN appropriations law ON law.id = account.appropriation_id
CROSS JOIN unnest(CAST(:days AS date[])) AS dated(day)
LEFT JOIN LATERAL (
    SELECT extension.law, extension.effective_on, extension.obligate_until FROM validity_extensions extension
    WHERE extension.appropriation_id = law.id AND extension.confirmed_at IS NOT NULL
      AND coalesce(extension.expense_class, account.expense_class) = account.expense_class
    ORDER BY extension.obligate_until DESC LIMIT 1
) AS longer ON true
WHERE account.id = ANY(:account_ids)
""")


@dataclass(frozen=True)
class Line:
    """An amount in an account and an object, pesos; None where nothing was chosen or typed."""

    account_id: int | None
    object_code: str | None
    amount: Decimal | None
    item_id: int | None = None
    row: int = 1  # of the form, at which faults are told: amount_1


Asked = tuple[Obligation, Sequence[Line]]  # a request, kept or not, with its lines


@dataclass(frozen=True)
class Known:
    """What requests and their lines name, looked up once for all of them."""

    closed: date | None  # the latest month that is closed
    payees: Mapping[int, Payee]
    accounts: Mapping[int, tuple[BudgetAccount, str]]
    windows: Mapping[tuple[int, date], Any]  # by account and day
    objects: Mapping[str, ObjectCode]
    items: Mapping[int, int]  # work item to the fiscal year of its plan


def require_sound(session: Session, obligation: Obligation, lines: Sequence[Line]) -> None:
    """Go on only when nothing is wrong. Raises RuleBroken with a message for each field."""
    refuse(wrong_in(session, obligation, lines))


def refuse(wrong: Mapping[str, str]) -> None:
    """Raises RuleBroken for all that is wrong, or nothing."""
    if wrong:
        (field, message), *rest = wrong.items()
        raise RuleBroken(message, field=field, **dict(rest))


def wrong_in(session: Session, obligation: Obligation, lines: Sequence[Line]) -> dict[str, str]:
    """Field name to what is wrong there: of the document, and of each of its lines."""
    return wrong_of(obligation, lines, look_up(session, [(obligation, lines)]))


def wrong_of(obligation: Obligation, lines: Sequence[Line], known: Known) -> dict[str, str]:
    """The same of what is looked up already (`look_up`)."""
    wrong = _wrong_day(obligation.dated, known.closed, "request", "dated")
    if not obligation.particulars.strip():
        wrong["particulars"] = "Say what the money is for."
    if not obligation.office.strip():
        wrong["office"] = "Name the office that asks for it."
    if obligation.expected_on and obligation.expected_on < obligation.dated:
        wrong["expected_on"] = "It cannot be paid before the day of the request."
    if obligation.reference_on and obligation.reference_on > clock.today():
        wrong["reference_on"] = "The day of the reference lies in the future."
    wrong |= _wrong_payee(obligation, known)
    if not lines:
        return wrong | {"account_1": "Give at least one account its amount."}
    if len(lines) > MOST_LINES:
        return wrong | {"account_1": f"A request has {MOST_LINES} lines at most. Make a second one for the others."}
    for line in lines:
        wrong |= _wrong_line(obligation, line, known)
    return wrong


def wrong_day(session: Session, day: date, what: str, field: str = "dated") -> dict[str, str]:
    """A day in the future, and a closed month (E-13)."""
    return _wrong_day(day, None if day > clock.today() else _latest_closed(session), what, field)


def wrong_amount(amount: Decimal | None) -> str:
    """Why this is no amount in pesos above zero; empty when it is one."""
    if amount is None:
        return "Type the amount."
    if not amount.is_finite() or amount <= 0:
        return "An amount is above zero."
    return "" if is_pesos(amount) else "An amount has two decimals at most."


def wrong_accounts(
    session: Session, obligation: Obligation, named: Mapping[int, tuple[BudgetAccount, str]], day: date
) -> dict[int, str]:  # fmt: skip
    """Account id to why it cannot be charged on a day: law, window (E-8), demo.

    Args:
        named: the accounts by id, each with its full name.
    """
    windows = _windows_of(session, named, [day])
    found = {key: _wrong_account(obligation, account, windows[key, day], day) for key, (account, _) in named.items()}
    return {key: f"{named[key][1]}: {message}" for key, message in found.items() if message}


def require_reason(text: str, field: str = "reason") -> None:
    """Twenty characters at least, blanks counted once. Raises RuleBroken."""
    if len(" ".join(text.split())) < LEAST_REMARK:
        raise RuleBroken(f"Write at least {LEAST_REMARK} characters, so that it can be understood later.", field=field)


def _wrong_day(day: date, closed: date | None, what: str, field: str) -> dict[str, str]:
    if day > clock.today():
        return {field: f"The day of the {what} lies in the future."}
    if closed is not None and closed >= day.replace(day=1):
        return {field: f"{closed:%B %Y} is closed (E-13). Date the {what} in a later month that is open."}
    return {}


def _latest_closed(session: Session) -> date | None:
    return session.scalar(select(func.max(AccountingPeriod.month)).where(AccountingPeriod.is_closed))


def _wrong_payee(obligation: Obligation, known: Known) -> dict[str, str]:
    payee = known.payees.get(obligation.payee_id) if obligation.payee_id else None
    if payee is None:
        return {"payee_id": "Choose the payee."}
    if not payee.is_active:
        return {"payee_id": f"{payee.name} is not in use any more. Choose another payee."}
    if payee.is_demo and not obligation.is_demo:
        return {"payee_id": "This payee is demonstration data. Demonstration and real data do not mix."}
    return {}


def _windows_of(session: Session, ids: Iterable[int], days: Iterable[date]) -> dict[tuple[int, date], Any]:
    rows = session.execute(_WINDOWS, {"account_ids": list(ids), "days": list(days)})
    return {(row.id, row.day): row for row in rows}


def look_up(session: Session, asked: Sequence[Asked]) -> Known:
    """What these requests and their lines name, in a number of statements that does not grow with them."""
    lines = [line for _, each in asked for line in each]
    ids = sorted({line.account_id for line in lines if line.account_id})
    codes = {line.object_code for line in lines if line.object_code}
    items = {line.item_id for line in lines if line.item_id}
    # The latest closed month comes with the payees, or alone where there are none.
    closed = select(func.max(AccountingPeriod.month).label("closed")).where(AccountingPeriod.is_closed).subquery()
    payees = {one.payee_id for one, _ in asked if one.payee_id}
    found = session.execute(select(closed.c.closed, Payee).outerjoin(Payee, Payee.id.in_(payees))).all()
    years = select(WorkItem.id, AnnualWorkPlan.fiscal_year).join(
        AnnualWorkPlan, AnnualWorkPlan.id == WorkItem.work_plan_id
    )
    return Known(
        found[0].closed,
        {one.id: one for _, one in found if one is not None},
        accounts.named(session, ids),
        _windows_of(session, ids, {one.dated for one, _ in asked}),
        {one.code: one for one in session.scalars(select(ObjectCode).where(ObjectCode.code.in_(codes)))},
        {row.id: row.fiscal_year for row in session.execute(years.where(WorkItem.id.in_(items)))} if items else {},
    )


def _wrong_line(obligation: Obligation, line: Line, known: Known) -> dict[str, str]:
    wrong, row = {}, line.row
    if message := wrong_amount(line.amount):
        wrong[f"amount_{row}"] = message
    found = known.accounts.get(line.account_id or 0)
    if found is None:
        wrong[f"account_{row}"] = "Choose the account." if not line.account_id else "This account is no longer there."
    else:
        account, name = found
        if message := _wrong_account(
            obligation, account, known.windows[account.id, obligation.dated], obligation.dated
        ):
            wrong[f"account_{row}"] = f"{name}: {message}"
    if message := _wrong_object(obligation, line, found, known):
        wrong[f"object_{row}"] = message
    if line.item_id and known.items.get(line.item_id) != obligation.fiscal_year:
        wrong[f"item_{row}"] = f"This activity is not in the work plan of {obligation.fiscal_year}."
    return wrong


def _wrong_account(obligation: Obligation, account: BudgetAccount, window: Any, day: date) -> str:
    if account.is_demo != bool(obligation.is_demo):
        return "demonstration data and real data do not mix."
    if account.fund_cluster != obligation.fund_cluster:
        return f"it belongs to fund cluster {account.fund_cluster}. One request keeps to one fund cluster."
    if window.status != "in_force":
        return f"{window.reference} is not in force."
    if day.year < account.fiscal_year:
        return f"it can be charged from 1 January {account.fiscal_year} on (E-8)."
    if not window.is_open:
        longer = (
            f", and by {window.longer_law} from {window.effective_on:%d %B %Y} until {window.longer_until:%d %B %Y}"
            if window.longer_law
            else ""
        )
        return (
            f"{window.reference} could be charged until {window.obligate_until:%d %B %Y}{longer} (E-8). Choose "
            "another account, or have the law recorded that extends it."
        )
    return ""


def _wrong_object(
    obligation: Obligation, line: Line, found: tuple[BudgetAccount, str] | None, known: Known
) -> str:  # fmt: skip
    if not line.object_code:
        return "Choose the object code."
    one = known.objects.get(line.object_code)
    if one is None:
        return "There is no such object code."
    if not one.is_valid_in(obligation.fiscal_year):
        return f"{one.dashed} {one.title} is not valid in {obligation.fiscal_year}."
    if found and one.expense_class != found[0].expense_class:
        return (
            f"{one.dashed} {one.title} is {one.expense_class}; the account gives {found[0].expense_class} only. "
            "Choose an object of that class, or another account."
        )
    return ""
