"""Changes of the budget in the year: entered with their lines, listed, shown."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from flask import Response, g, request, url_for

from bmms.blueprints.execution import bp
from bmms.blueprints.execution.forms_changes import ChangeForm, change_form, known_amounts, typed_lines
from bmms.domain import clock
from bmms.domain.changes import actions, labels, offers, queries, rules, steps, transfers
from bmms.domain.changes.queries import Place
from bmms.domain.changes.rules import Sums, Way
from bmms.domain.ledger import accounts, files, register
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.authority import BudgetAccount
from bmms.models.changes import BudgetChange, ChangeStatus
from bmms.models.ledger import DocumentKind
from bmms.web.guard import guard
from bmms.web.paging import paginate
from bmms.web.respond import form_page, page, see_other

WAYS = f"any({', '.join(labels.WAY)})"


@dataclass(frozen=True)
class Meter:
    """What is typed so far; of a change that has to come to zero, what is still to be given. Pesos."""

    appropriation: Sums
    released: Sums
    zero: bool  # it has to come to nothing

    @property
    def is_even(self) -> bool:
        """Is all that is taken also given?"""
        return not self.appropriation.left and not self.released.left


@dataclass(frozen=True)
class Sheet:
    """The form of a change with the rows that its amounts are typed in."""

    way: Way
    about: BudgetAccount
    places: list[Place]
    form: ChangeForm

    @property
    def meter(self) -> Meter:
        """What is typed in it."""
        lines = typed_lines(self.form, self.way, self.places)
        return Meter(
            rules.sums_of([line.appropriation for line in lines]), rules.sums_of([line.allotment for line in lines]),
            rules.KIND_OF[self.way] in rules.ZERO_SUM,
        )  # fmt: skip

    def answers(self) -> tuple[dict[str, Any], list[rules.Line]]:
        """For the action that enters or changes it."""
        answers = {**self.form.columns(), "fiscal_year": self.about.fiscal_year, "is_demo": self.about.is_demo}
        if upload := self.form.file.upload:
            answers["file_id"] = files.keep(db.session(), g.actor, upload)
        return answers, typed_lines(self.form, self.way, self.places)


@bp.get("/changes")
@guard(Permission.LEDGER_VIEW)
def change_list() -> Response:
    """The changes, the latest first."""
    session = db.session()
    year, status = request.args.get("year", type=int), request.args.get("status", "")
    asked = ChangeStatus(status) if status in set(ChangeStatus) else None
    rows = paginate(queries.list_changes(g.actor, fiscal_year=year, status=asked))
    return page(
        "execution/change_list.html", fragment="results", years=accounts.years_of(session), year=year, chosen=status,
        labels=labels, changes=rows, moved=queries.moved_of(session, [row.id for row in rows.items]),
        proof=queries.proof_of_list(session, year), offered=offers.list_offers(session),
    )  # fmt: skip


@bp.route(f"/changes/new/<{WAYS}:way>", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def change_new(way: str) -> Response:
    """Enter a change of this kind for the program (the account, the law) of `?account=`; without it, choose one."""
    session, chosen = db.session(), Way(way)
    about_id = request.args.get("account", type=int)
    if about_id is None:
        starts = queries.starts(session, chosen)
        return page("execution/change_start.html", way=chosen, starts=starts, labels=labels)
    sheet = _sheet(chosen, accounts.get_account(session, about_id).account)
    offer, enter = partial(transfers.offer, session, g.actor), partial(actions.enter, session, g.actor, chosen)
    act = offer if chosen == Way.TRANSFER else enter
    if not _is_check() and (row := sheet.form.acts(lambda: act(*sheet.answers()))):
        return see_other(_url(row), "The change is entered. Look it through, then request its approval.")
    return _form(sheet, None, url_for(".change_new", way=way, account=about_id))


@bp.route("/changes/receive", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def change_receive() -> Response:
    """Enter where the offer `?offer=` of another organization goes, in the law of `?account=`."""
    session, pair_key = db.session(), request.args.get("offer", "")
    found, about_id = offers.get_offer(session, pair_key), request.args.get("account", type=int)
    if about_id is None:
        starts = queries.starts(session, Way.RECEIPT)
        return page("execution/change_start.html", way=Way.RECEIPT, starts=starts, labels=labels, offered=found)
    sheet = _sheet(Way.RECEIPT, accounts.get_account(session, about_id).account)
    receive = partial(transfers.receive, session, g.actor, pair_key)
    if not _is_check() and (row := sheet.form.acts(lambda: receive(*sheet.answers()))):
        return see_other(_url(row), "The transfer is entered. Look it through, then request its approval.")
    return _form(sheet, None, url_for(".change_receive", offer=pair_key, account=about_id), found)


@bp.route("/changes/<int:change_id>/edit", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def change_edit(change_id: int) -> Response:
    """Change a draft."""
    session, row = db.session(), change_of(change_id)
    actions.require_draft(row)
    lines = queries.lines_of(session, row)
    way = rules.way_of(row, lines)
    most = max(lines, key=lambda line: line.appropriation)
    about = accounts.get_account(session, most.account_id).account
    sheet = _sheet(way, about, row, **known_amounts(way, lines), **_further_objects(session, way, about, lines))
    act = partial(actions.change, session, g.actor, row, way)
    if not _is_check() and sheet.form.acts(lambda: act(*sheet.answers(), row_version=sheet.form.row_version.data)):
        return see_other(_url(row), "The change is saved.")
    return _form(sheet, row, url_for(".change_edit", change_id=row.id))


@bp.get("/changes/<int:change_id>")
@guard(Permission.LEDGER_VIEW)
def change_show(change_id: int) -> Response:
    """One change with its lines, and what is missing before it can be requested."""
    session, row = db.session(), change_of(change_id)
    parts = queries.parts_of(session, row)
    lines = [one.line for one in parts]
    classes = {one.line.account_id: one.account.account.expense_class for one in parts}
    is_draft = row.status == ChangeStatus.DRAFT
    return page(
        "execution/change_show.html", change=row, parts=parts, labels=labels, pill=labels.STATUS[row.status],
        steps=steps.offered(g.actor, row, lines), may_edit=is_draft and g.actor.may(Permission.LEDGER_EDIT),
        missing=rules.missing(row, lines, classes) if is_draft else {}, proof=queries.proof_of_change(row, parts),
        by_object=rules.is_by_object(row, lines), other_side=_other_side(row),
        postings=register.documents_of(session, DocumentKind.BUDGET_CHANGE, row.id),
    )  # fmt: skip


def change_of(change_id: int) -> BudgetChange:
    """The change that an address names."""
    return queries.get_change(db.session(), g.actor, change_id)


def _url(row: BudgetChange) -> str:
    return url_for(".change_show", change_id=row.id)


def _other_side(row: BudgetChange) -> str:
    return offers.name_of(db.session(), row.counterpart_id) if row.counterpart_id else ""


def _is_check() -> bool:
    """Is only the meter asked for, or the form with it (without JavaScript)?"""
    return bool(request.args.get("check") or request.form.get("check"))


def _sheet(way: Way, about: BudgetAccount, row: BudgetChange | None = None, **known: Any) -> Sheet:
    session, day = db.session(), _day(row)
    places = queries.places(session, way, about, day)
    objects = (
        queries.other_objects(session, about, [one.object_code for one in places]) if way == Way.OBJECTS else []
    )  # fmt: skip
    form_class = change_form(way, places, objects, new=row is None)
    form = form_class.about(row, None, **({} if row else {"dated": clock.today()}), **known)
    if way == Way.TRANSFER:
        form.counterpart_id.offer(offers.receivers(session), "Choose")
    return Sheet(way, about, places, form)


def _day(row: BudgetChange | None) -> date:
    """From which day on the balances are shown: as typed, as it stands, or today."""
    try:
        return date.fromisoformat(request.form.get("dated", ""))
    except ValueError:
        return row.dated if row else clock.today()


def _further_objects(session: Any, way: Way, about: BudgetAccount, lines: Any) -> dict[str, Decimal | str]:
    """Objects of a draft that the account does not have yet, as the rows in which they were chosen."""
    if way != Way.OBJECTS:
        return {}
    there = {one.object_code for one in queries.objects_of(session, about)}
    further = [line for line in lines if line.object_code and line.object_code not in there]
    known: dict[str, Decimal | str] = {}
    for number, line in enumerate(further, 1):
        known |= {f"m{number}": line.object_code, f"m{number}r": line.allotment}
    return known


def _form(sheet: Sheet, row: BudgetChange | None, here: str, offered: offers.Offered | None = None) -> Response:
    return form_page(
        "execution/change_form.html", sheet.form, fragment="meter" if request.args.get("check") else "form",
        sheet=sheet, change=row, labels=labels, here=here, meter=sheet.meter, offered=offered,
        check_url=f"{here}{'&' if '?' in here else '?'}check=meter",
    )  # fmt: skip
