"""Laws that are typed by hand: supplemental, continuing, automatic appropriations, the reenacted budget."""

from functools import partial
from typing import Any

from flask import Response, g, request, url_for

from bmms.blueprints.execution import bp
from bmms.blueprints.execution.forms_authority import LawForm, amounts_typed, kept_file, law_form
from bmms.domain import clock
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.authority import actions, by_hand, queries, steps
from bmms.domain.errors import NotFound
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.authority import Appropriation, LawKind
from bmms.models.proposals import FundingSource
from bmms.models.reference import ExpenseClass
from bmms.web.addresses import LARGEST_ID
from bmms.web.form_rows import highest, with_rows
from bmms.web.guard import guard
from bmms.web.look_up_pages import look_up_page
from bmms.web.respond import form_page, see_other

CENTRAL = Permission.BUDGET_DECIDE  # what lets MFBM in: in operated years it acts itself


@bp.route("/appropriations/type", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT, central=CENTRAL)
def law_type() -> Response:
    """Type a law; with `?reenacts=` the amounts of that one stand in the form for the year after it."""
    session = db.session()
    places = by_hand.places(session)
    form = _made(places, None, _first_answers(places))
    if "more" not in request.form and (row := form.acts(partial(_enter, form))):
        return see_other(_url(row), "The law is entered. Somebody else puts it in force.")
    return _form_page(form, None)


@bp.route("/appropriations/<int:appropriation_id>/edit", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT, central=CENTRAL)
def law_edit(appropriation_id: int) -> Response:
    """Change a typed law that is not in force."""
    session, row = db.session(), queries.get_appropriation(db.session(), appropriation_id)
    g.actor.require(steps.who_enters(row))
    if not by_hand.is_by_hand(row):
        raise NotFound("Only a law that was typed and is not in force can be changed.")
    amounts, version = queries.amounts_of(session, row), row.row_version
    places = by_hand.places(session, {program_id for _, program_id, _ in amounts if program_id})
    source, cluster = by_hand.written_in(session, row)
    form = _made(places, row, {"source": source, "fund_cluster": cluster, **amounts_typed(places, amounts)})
    if "more" not in request.form and form.acts(partial(_change, form, row)):
        return see_other(_url(row), "The law is saved.")
    form.look_again(version)
    return _form_page(form, row)


@bp.get("/appropriations/look-up/<any(programs):kind>")
@guard(Permission.LEDGER_EDIT, central=CENTRAL)
def law_look_up(kind: str) -> Response:
    """Programs and parts of the budget, looked up by their names."""
    known = {place.name: place.title for place in by_hand.places(db.session())}
    return look_up_page(kind, known, ("Appropriations", url_for(".appropriation_list")))


def _made(places: list[by_hand.Place], row: Appropriation | None, typed: dict[str, Any]) -> LawForm:
    kind_of = partial(law_form, is_new=row is None)
    form = with_rows(kind_of, row, typed, stored=highest(typed), first=3, most=2 * len(places))
    form.offer(places)
    return form


def _enter(form: LawForm) -> Appropriation:
    amounts = form.amounts()
    return by_hand.enter(db.session(), g.actor, {**form.columns(), **kept_file(form)}, amounts)


def _change(form: LawForm, row: Appropriation) -> None:
    amounts, answers = form.amounts(), form.columns()
    written = {"source": answers.pop("source"), "fund_cluster": answers.pop("fund_cluster")}
    answers |= kept_file(form)
    actions.change(
        db.session(), g.actor, row, answers, amounts, version=form.row_version.data, **written
    )  # fmt: skip


def _first_answers(places: list[by_hand.Place]) -> dict[str, Any]:
    """What the form says before anybody has typed."""
    session, key = db.session(), request.args.get("reenacts", 0, type=int)
    if not 0 < key < LARGEST_ID:
        year = clock.today().year
        answers: dict[str, Any] = {"kind": LawKind.SUPPLEMENTAL, "source": FundingSource.SUPPLEMENTAL}
    else:
        before = queries.get_appropriation(session, key)
        year, amounts = before.fiscal_year + 1, by_hand.reenacted(session, before)
        source, cluster = by_hand.written_in(session, before)
        answers = {
            "kind": LawKind.REENACTED, "reference": f"{before.reference}, reenacted",
            "total": sum(amounts.values(), NONE), "effective_on": actions.first_day(year), "source": source,
            "fund_cluster": cluster, **amounts_typed(places, amounts),
        }  # fmt: skip
    last = actions.last_day(year)
    return {"fiscal_year": year, "fund_cluster": "01", "obligate_until": last, "pay_until": last, **answers}


def _url(row: Appropriation) -> str:
    return url_for(".appropriation_show", appropriation_id=row.id)


def _form_page(form: LawForm, row: Appropriation | None) -> Response:
    sums = form.sums()
    return form_page(
        "execution/law_form.html", form, row=row, classes=list(ExpenseClass), sums=sums,
        typed=sum(sums.values(), NONE),
    )  # fmt: skip
