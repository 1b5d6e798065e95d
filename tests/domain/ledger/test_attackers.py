"""Raw SQL with the application's own login against each rule of the ledger: the database alone refuses (E-1 to E-14).

Each attack writes what the domain would never write, and commits. What refuses is named by its constraint.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from tests.execution import MACHINE, PAPER, YEAR, Treasury, allot, line_of, obligate, on, pay, pesos

DENIED = "permission denied"


@dataclass
class Attacker:
    """Somebody at a prompt, signed in as the application and bound to Health."""

    engine: Engine
    office: Treasury
    organization_id: int
    said: list[str] = field(default_factory=list)

    def tries(self, *statements: str, **values: Any) -> str:
        """Run all in one transaction and commit; returns the name of what refuses, or an empty text."""
        try:
            with self.engine.begin() as connection:
                connection.execute(
                    text("SELECT set_config('bmms.organization_id', :id, true)"), {"id": str(self.organization_id)}
                )
                for statement in statements:
                    connection.execute(text(statement), {"org": self.organization_id, **self.people, **values})
        except DBAPIError as error:
            name = getattr(error.orig, "diag", None)
            return (name and name.constraint_name) or (DENIED if DENIED in str(error) else str(error))
        return ""

    @property
    def people(self) -> dict[str, Any]:
        """Who they pretend to be."""
        return {"rahma": self.office.rahma.actor.user_id, "salma": self.office.salma.actor.user_id, "year": YEAR}

    def posts(self, kind: str, document: str, day: date, *, by: str = "salma", first: tuple[str, ...] = ()) -> str:
        """Make a document by `first`, whose id the subquery `document` tells, and put it into the ledger."""
        return self.tries(*first, posting_of(kind, document, day, by), entries_for(kind, document))


def posting_of(kind: str, document: str, day: date, by: str = "salma", verb: str = "post") -> str:
    return (
        "INSERT INTO ledger_postings (organization_id, key, document_kind, document_id, verb, doc_date, label,"
        f" posted_by, posted_label) VALUES (:org, 'forged', '{kind}', ({document}), '{verb}', '{day}', 'Forged',"
        f" :{by}, '')"
    )


def entries_for(kind: str, document: str, factor: str = "1") -> str:
    return (
        "INSERT INTO ledger_entries (organization_id, posting_id, account_id, object_code, obligation_line_id, measure,"
        " statement_column, amount, doc_date) SELECT :org, (SELECT max(id) FROM ledger_postings), account_id,"
        f" object_code, obligation_line_id, measure, statement_column, amount * {factor}, doc_date"
        f" FROM entries_of('{kind}', ({document}))"
    )


def obligation_of(
    account_id: int,
    amount: str,
    day: date,
    *,
    object_code: str = PAPER,
    requested_by: str = "rahma",
    demo: bool = False,
) -> tuple[str, ...]:
    """An obligation that claims to be certified by Salma."""
    return (
        "INSERT INTO obligations (organization_id, fiscal_year, dated, payee_id, kind, particulars, total,"
        " requested_by, certified_by, ors_no, is_demo) VALUES (:org, :year, "
        f"'{day}', (SELECT min(id) FROM payees), 'other', 'x', {pesos(amount)}, :{requested_by}, :salma, 'F-1',"
        f" {demo})",
        "INSERT INTO obligation_lines (organization_id, obligation_id, account_id, object_code, amount) VALUES (:org,"
        f" (SELECT max(id) FROM obligations), {account_id}, '{object_code}', {pesos(amount)})",
        "UPDATE obligations SET status = 'obligated' WHERE id = (SELECT max(id) FROM obligations)",
    )


LAST_OBLIGATION = "SELECT max(id) FROM obligations"
LAST_ORDER = "SELECT max(id) FROM allotment_orders"
LAST_CHANGE = "SELECT max(id) FROM budget_changes"
LAST_VOUCHER = "SELECT max(id) FROM disbursements"


def order_of(account_id: int, amount: str, day: date, kind: str = "special") -> tuple[str, ...]:
    """An order that claims to be released by Salma."""
    return (
        "INSERT INTO allotment_orders (organization_id, fiscal_year, number, kind, dated, request, total, entered_by,"
        f" released_by) VALUES (:org, :year, 'F-1', '{kind}', '{day}', 'x', {pesos(amount)}, :rahma, :salma)",
        "INSERT INTO allotment_lines (organization_id, order_id, account_id, amount) VALUES (:org,"
        f" ({LAST_ORDER}), {account_id}, {pesos(amount)})",
        f"UPDATE allotment_orders SET status = 'released' WHERE id = ({LAST_ORDER})",
    )


def voucher_of(line_id: int, amount: str, day: date) -> tuple[str, ...]:
    """A voucher that claims to be paid by the budget reviewer, whoever that is."""
    return (
        "INSERT INTO disbursements (organization_id, fiscal_year, dated, payee_id, mode, gross, net, submitted_by,"
        f" paid_by, dv_no) VALUES (:org, :year, '{day}', (SELECT min(id) FROM payees), 'check', {pesos(amount)},"
        f" {pesos(amount)}, :rahma, :omar, 'F-1')",
        "INSERT INTO disbursement_lines (organization_id, disbursement_id, line_id, amount) VALUES (:org,"
        f" ({LAST_VOUCHER}), {line_id}, {pesos(amount)})",
        f"UPDATE disbursements SET status = 'paid' WHERE id = ({LAST_VOUCHER})",
    )


def change_of(kind: str, *lines: tuple[int, str, str], law: str = "") -> tuple[str, ...]:
    """A change of the budget that claims to be approved; lines are (account, appropriation, allotment)."""
    pair = "'p'" if kind.startswith("transfer") else "NULL"
    return (
        "INSERT INTO budget_changes (organization_id, fiscal_year, kind, reference, dated, cited_law, reason, pair_key,"
        f" requested_by, approved_by, savings, declared_by) VALUES (:org, :year, '{kind}', 'F-1',"
        f" '{on(6, 1)}', '{law}',"
        f" repeat('x', 100), {pair}, :rahma, :salma, 'finished', 'Head')",
        *(
            "INSERT INTO budget_change_lines (organization_id, change_id, account_id, appropriation, allotment) VALUES"
            f" (:org, ({LAST_CHANGE}), {account_id}, {pesos(appropriation)}, {pesos(allotment)})"
            for account_id, appropriation, allotment in lines
        ),
        f"UPDATE budget_changes SET status = 'posted' WHERE id = ({LAST_CHANGE})",
    )


@pytest.fixture
def attacker(engine, cast, treasury) -> Attacker:
    allot(treasury, treasury.mooe, "5M", day=on(1, 10))
    return Attacker(engine, treasury, cast.moh.id)


FORBIDDEN = [
    "UPDATE budget_accounts SET allotted = allotted + 1",
    "UPDATE budget_accounts SET obligate_until = '2099-12-31'",
    "DELETE FROM budget_accounts",
    "UPDATE ledger_entries SET amount = amount + 1",
    "DELETE FROM ledger_entries",
    "UPDATE ledger_postings SET label = 'x'",
    "DELETE FROM ledger_postings",
    "UPDATE obligation_lines SET paid = amount",
    "UPDATE budget_account_objects SET obligated = 0",
    "INSERT INTO obligation_lines (organization_id, obligation_id, account_id, object_code, amount, paid)"
    " VALUES (:org, 1, 1, '5020301000', 1, 1)",
    "INSERT INTO budget_accounts (organization_id, fiscal_year, number, appropriation_id, source, fund_cluster,"
    " cost_structure, expense_class, obligate_until, pay_until, authorised)"
    " VALUES (:org, 2025, 99, 1, 'gaab', '01', 'gas', 'PS', '2099-01-01', '2099-01-01', 1000000)",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_sums_and_entries_are_beyond_the_application(attacker, statement):
    assert attacker.tries(statement) == DENIED


def test_e1_e2_more_is_taken_or_allotted_than_appropriated(attacker):
    office = attacker.office
    taken = attacker.posts(
        "budget_change", LAST_CHANGE, on(6, 1), first=change_of("reduction", (office.co, "-11M", "0"))
    )
    assert taken == "ck_budget_accounts_e1_appropriation"
    first = order_of(office.mooe, "6M", on(2, 1))
    assert attacker.posts("allotment_order", LAST_ORDER, on(2, 1), first=first) == "ck_budget_accounts_e2_allotment"
    below = change_of("reduction", (office.mooe, "-6M", "0"))
    assert attacker.posts("budget_change", LAST_CHANGE, on(6, 1), first=below) == "ck_budget_accounts_e2_allotment"


def test_e3_more_is_obligated_than_allotted(attacker):
    first = obligation_of(attacker.office.mooe, "5000000.01", on(2, 1))
    assert attacker.posts("obligation", LAST_OBLIGATION, on(2, 1), first=first) == "ck_budget_accounts_e3_obligation"
    exact = obligation_of(attacker.office.mooe, "5M", on(2, 1))
    assert attacker.posts("obligation", LAST_OBLIGATION, on(2, 1), first=exact) == "", (
        "the forger can post what is right"
    )


def test_e4_e5_more_is_paid_than_obligated(attacker):
    office = attacker.office
    one = line_of(office, obligate(office, office.mooe, "1M"))
    obligate(office, office.mooe, "2M")
    attempt = attacker.tries(
        *voucher_of(one.id, "1000000.01", on(3, 1)), posting_of("disbursement", LAST_VOUCHER, on(3, 1), "omar"),
        entries_for("disbursement", LAST_VOUCHER), omar=office.omar.actor.user_id,
    )  # fmt: skip
    assert attempt == "ck_obligation_lines_e5_line"
    opening = (
        "INSERT INTO opening_positions (organization_id, fiscal_year, reference, cut_over, stated_allotted,"
        f" stated_obligated, stated_disbursed, entered_by, confirmed_by) VALUES (:org, :year, 'F', '{on(6, 30)}', 0, 0,"
        " 4000000, :rahma, :salma)",
        "INSERT INTO opening_lines (organization_id, opening_id, account_id, object_code, dated, disbursed) VALUES"
        " (:org,"
        f" (SELECT max(id) FROM opening_positions), {office.mooe}, NULL, '{on(6, 30)}', 4000000)",
        "UPDATE opening_positions SET status = 'posted'",
    )
    found = attacker.posts("opening", "SELECT max(id) FROM opening_positions", on(6, 30), first=opening)
    assert found == "ck_budget_accounts_e4_disbursement"


def test_e6_an_object_without_its_own_allotment(attacker, owner):
    with owner.begin() as connection:
        connection.execute(text("UPDATE object_codes SET is_controlled = true WHERE code = :code"), {"code": PAPER})
    first = obligation_of(attacker.office.mooe, "1M", on(2, 1))
    assert attacker.posts("obligation", LAST_OBLIGATION, on(2, 1), first=first) == "ck_budget_account_objects_e6_object"


def test_e7_entries_are_what_the_document_says_and_come_at_once(attacker):
    office = attacker.office
    first = obligation_of(office.mooe, "1M", on(2, 1))
    posting = posting_of("obligation", LAST_OBLIGATION, on(2, 1))
    wrong = "e7_lines_of_document"
    assert attacker.tries(*first, posting, entries_for("obligation", LAST_OBLIGATION, "2")) == wrong
    other_account = entries_for("obligation", LAST_OBLIGATION).replace(" account_id,\n", f" {office.ps},")
    assert (
        attacker.tries(
            *first,
            posting,
            other_account.replace(
                "SELECT :org, (SELECT max(id) FROM ledger_postings), account_id,",
                f"SELECT :org, (SELECT max(id) FROM ledger_postings), {office.ps},",
            ),
        )
        == wrong
    )
    entries = entries_for("obligation", LAST_OBLIGATION)
    assert attacker.tries(*first, posting, entries, entries) == wrong, "no second helping"
    assert attacker.tries(*first, posting) == wrong, "no posting without entries"
    assert attacker.tries(*first) == "inv31_posted_or_not", "no status without a posting"
    more = ("UPDATE obligations SET total = total + 1",)
    assert attacker.tries(*first[:2], *more, first[2], posting, entries) == wrong, "the lines come to the total"


def test_e8_outside_the_window_and_from_its_extension_on(attacker, engine):
    office, late = attacker.office, date(YEAR + 1, 1, 15)
    first = obligation_of(office.mooe, "1M", late)
    assert attacker.posts("obligation", LAST_OBLIGATION, late, first=first) == "e8_window"
    law = (
        "INSERT INTO validity_extensions (organization_id, appropriation_id, law, effective_on, obligate_until,"
        " pay_until, entered_by, confirmed_by, confirmed_at) VALUES (:org, (SELECT min(id) FROM appropriations), 'BAA',"
        f" '{date(YEAR + 1, 1, 20)}', '{date(YEAR + 1, 3, 31)}', '{date(YEAR + 1, 3, 31)}', :rahma, :salma, now())"
    )
    assert attacker.tries(law) == ""
    assert attacker.posts("obligation", LAST_OBLIGATION, late, first=first) == "e8_window", "only from its own date"
    later = date(YEAR + 1, 1, 20)
    assert attacker.posts("obligation", LAST_OBLIGATION, later, first=obligation_of(office.mooe, "1M", later)) == ""


def test_e9_paid_before_it_was_obligated(attacker):
    office = attacker.office
    obligate(office, office.mooe, "1M", day=on(2, 1))
    line = line_of(office, obligate(office, office.mooe, "1M", day=on(4, 1)))
    attempt = attacker.tries(
        *voucher_of(line.id, "1M", on(3, 1)), posting_of("disbursement", LAST_VOUCHER, on(3, 1), "omar"),
        entries_for("disbursement", LAST_VOUCHER), omar=office.omar.actor.user_id,
    )  # fmt: skip
    assert attempt == "e9_order_of_days"


def test_e10_more_is_paid_than_cash_was_received(attacker):
    office = attacker.office
    line = line_of(office, obligate(office, office.mooe, "2M"))
    assert attacker.tries(
        "INSERT INTO cash_controls (organization_id, fund_cluster, enforced_from) VALUES (:org, '01', "
        f"'{on(1, 1)}')",
        "INSERT INTO cash_authorities (organization_id, fund_cluster, number, received_on, amount, entered_by,"
        f" confirmed_by, confirmed_at) VALUES (:org, '01', 'NCA', '{on(1, 5)}', 1000000, :rahma, :salma, now())",
    ) == ""  # fmt: skip
    for amount, refusal in (("1000000.01", "e10_cash"), ("1M", "")):
        attempt = attacker.tries(
            *voucher_of(line.id, amount, on(3, 1)), posting_of("disbursement", LAST_VOUCHER, on(3, 1), "omar"),
            entries_for("disbursement", LAST_VOUCHER), omar=office.omar.actor.user_id,
        )  # fmt: skip
        assert attempt == refusal


def test_e12_dated_back_below_zero(attacker):
    office = attacker.office
    obligate(office, office.mooe, "4M", day=on(5, 1))
    allot(office, office.mooe, "3M", day=on(6, 1))
    first = obligation_of(office.mooe, "2M", on(4, 1))
    assert attacker.posts("obligation", LAST_OBLIGATION, on(4, 1), first=first) == "e12_each_day"


def test_e13_into_a_closed_month(attacker):
    closed = "INSERT INTO accounting_periods (organization_id, month, is_closed) VALUES (:org, :month, true)"
    assert attacker.tries(closed, month=on(2, 1)) == ""
    for day, refusal in ((on(2, 28), "e13_closed_month"), (on(1, 31), "e13_closed_month"), (on(3, 1), "")):
        first = obligation_of(attacker.office.mooe, "1M", day)
        assert attacker.posts("obligation", LAST_OBLIGATION, day, first=first) == refusal


def test_e14_a_comprehensive_order_of_capital_outlay(attacker):
    first = order_of(attacker.office.co, "1M", on(2, 1), "comprehensive")
    assert attacker.posts("allotment_order", LAST_ORDER, on(2, 1), first=first) == "e14_order"
    without = order_of(attacker.office.co, "1M", on(2, 1))[0].replace("'x'", "''")
    assert attacker.tries(without) == "ck_allotment_orders_e14_request"


def test_nobody_posts_what_they_prepared(attacker):
    office = attacker.office
    own = obligation_of(office.mooe, "1M", on(2, 1), requested_by="salma")
    assert attacker.tries(*own) == "ck_obligations_two_persons"
    first = obligation_of(office.mooe, "1M", on(2, 1))
    assert attacker.posts("obligation", LAST_OBLIGATION, on(2, 1), by="rahma", first=first) == "two_persons"
    line = line_of(office, obligate(office, office.mooe, "1M"))
    voucher = voucher_of(line.id, "1M", on(3, 1))
    certifier = attacker.tries(
        *voucher, posting_of("disbursement", LAST_VOUCHER, on(3, 1), "salma"),
        entries_for("disbursement", LAST_VOUCHER),
        omar=office.salma.actor.user_id,
    )  # fmt: skip
    assert certifier == "two_persons", "who certified the obligation does not pay it"


def test_what_is_posted_stays_as_it_is(attacker):
    office = attacker.office
    obligation = obligate(office, office.mooe, "1M")
    pay(office, obligation, "1M")
    kept = "inv29_never_changed"
    assert attacker.tries("UPDATE obligations SET total = 5") == kept
    assert attacker.tries("UPDATE obligations SET dated = dated + 1") == kept
    assert attacker.tries("UPDATE obligations SET status = 'draft'") == kept
    assert attacker.tries("UPDATE allotment_orders SET number = 'x'") == kept
    assert attacker.tries("UPDATE disbursements SET status = 'draft'") == kept
    assert attacker.tries("DELETE FROM disbursements") in (kept, "document_open")
    assert attacker.tries("UPDATE obligation_lines SET amount = 5") == "document_open"
    assert attacker.tries("DELETE FROM obligation_lines") == "document_open"
    assert attacker.tries("UPDATE disbursement_lines SET amount = 5") == "document_open"
    assert attacker.tries("UPDATE disbursements SET status = 'void'") == "inv31_posted_or_not"


def test_inv33_nothing_before_the_appropriation_is_in_force(attacker):
    assert attacker.tries(
        "INSERT INTO appropriations (organization_id, fiscal_year, reference, dated, effective_on, obligate_until,"
        f" pay_until, total) VALUES (:org, :year, 'Draft', '{on(1, 1)}', '{on(1, 1)}', '{on(12, 31)}',"
        f" '{on(12, 31)}', 5)",
        "INSERT INTO budget_accounts (organization_id, fiscal_year, number, appropriation_id, source, fund_cluster,"
        f" cost_structure, expense_class, obligate_until, pay_until) VALUES (:org, :year, 99, (SELECT max(id) FROM"
        f" appropriations), 'gaab', '01', 'gas', 'MOOE', '{on(12, 31)}', '{on(12, 31)}')",
    ) == ""  # fmt: skip
    first = order_of(99, "1", on(2, 1))
    account = "(SELECT id FROM budget_accounts WHERE number = 99)"
    first = (first[0], first[1].replace(" 99, ", f" {account}, "), first[2])
    assert attacker.posts("allotment_order", LAST_ORDER, on(2, 1), first=first) == "inv33_in_force"


def test_inv34_realignments_come_to_zero(attacker):
    office = attacker.office
    for lines, law, refusal in (
        (((office.mooe, "-1M", "0"), (office.co, "2M", "0")), "", "inv34_zero_sum"),
        (((office.mooe, "-1M", "0"), (office.ps, "1M", "0")), "", "inv34_zero_sum"),
        (((office.mooe, "-1M", "0"), (office.support, "1M", "0")), "", "inv34_zero_sum"),
        (((office.mooe, "-1M", "0"), (office.ps, "1M", "0")), "BAA No. 5", ""),
    ):
        first = change_of("realignment", *lines, law=law)
        assert attacker.posts("budget_change", LAST_CHANGE, on(6, 1), first=first) == refusal
    alone = change_of("transfer_out", (office.co, "-1M", "0"))
    alone = (alone[0].replace("'F-1'", "'F-2'"), *alone[1:])
    attempt = attacker.tries(
        *alone, posting_of("budget_change", LAST_CHANGE, on(6, 1)).replace("'forged'", "'forged 2'"),
        entries_for("budget_change", LAST_CHANGE),
    )  # fmt: skip
    assert attempt == "both_sides"


def test_an_object_of_another_class(attacker):
    first = obligation_of(attacker.office.mooe, "1M", on(2, 1), object_code=MACHINE)
    assert attacker.posts("obligation", LAST_OBLIGATION, on(2, 1), first=first) == "object_of_class"


def test_demo_and_real_do_not_mix(attacker):
    first = obligation_of(attacker.office.mooe, "1M", on(2, 1), demo=True)
    posting = (
        posting_of("obligation", LAST_OBLIGATION, on(2, 1))
        .replace("posted_label)", "posted_label, is_demo)")
        .replace(", '')", ", '', true)")
    )
    entries = (
        entries_for("obligation", LAST_OBLIGATION)
        .replace("doc_date)", "doc_date, is_demo)", 1)
        .replace("amount * 1, doc_date", "amount * 1, doc_date, true")
    )
    assert attacker.tries(*first, posting, entries) == "inv33_in_force"


def test_a_day_in_the_future_is_refused(attacker, owner):
    with owner.connect() as connection:
        tomorrow = connection.execute(text("SELECT (now() AT TIME ZONE 'Asia/Manila')::date + 1")).scalar_one()
    first = obligation_of(attacker.office.mooe, "1M", tomorrow)
    assert attacker.posts("obligation", LAST_OBLIGATION, tomorrow, first=first) == "not_in_the_future"
