"""The budget accounts: what may be spent, what is left, and the register of one account."""

from flask import Response, request

from bmms.blueprints.execution import bp
from bmms.blueprints.execution.documents import address_of
from bmms.domain.alerts import kinds
from bmms.domain.alerts import queries as alerts
from bmms.domain.authority import queries as authority
from bmms.domain.ledger import accounts, register
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.reference import ExpenseClass
from bmms.web.guard import guard
from bmms.web.paging import paginate, paginate_list
from bmms.web.respond import page


@bp.get("/")
@guard(Permission.LEDGER_VIEW)
def account_list() -> Response:
    """The accounts of a fiscal year with what is released, obligated, paid and left."""
    session, years = db.session(), accounts.years_of(db.session())
    asked = request.args.get("year", type=int)
    year = asked if asked in years else years[0] if years else None
    search, kind = request.args.get("q", "").strip(), request.args.get("class", "")
    expense_class = ExpenseClass(kind) if kind in set(ExpenseClass) else None
    shown = accounts.list_accounts(session, year, search=search, kind=expense_class) if year else []
    listed = paginate_list(shown)
    return page(
        "execution/account_list.html", fragment="results", years=years, year=year, search=search, kind=kind,
        accounts=listed, alerts=alerts.open_of_accounts(session, [one.account.id for one in listed.items]),
        severities=kinds.SEVERITY, alert_kinds=kinds.KINDS, totals=accounts.totals_of(shown),
        proof=accounts.proof_of_list(session, shown),
        classes=list(ExpenseClass), demo=any(one.account.is_demo for one in shown),
    )  # fmt: skip


@bp.get("/accounts/<int:account_id>")
@guard(Permission.LEDGER_VIEW)
def account_show(account_id: int) -> Response:
    """One account: the chain from appropriation to payment, its days, its register."""
    session, shown = db.session(), accounts.get_account(db.session(), account_id)
    law = authority.get_appropriation(session, shown.account.appropriation_id)
    return page(
        "execution/account_show.html", fragment="results", shown=shown, account=shown.account, law=law,
        stages=register.stages_of(shown.account), rows=paginate(register.rows_of(shown.account)),
        proof=register.proof_of(session, shown.account), address_of=address_of,
        alerts=alerts.shown(session, alerts.open_of_accounts(session, [account_id]).get(account_id, [])),
        severities=kinds.SEVERITY, alert_kinds=kinds.KINDS,
        extensions=[one for one in authority.extensions_of(session, law) if one.confirmed_at],
    )  # fmt: skip
