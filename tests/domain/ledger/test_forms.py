"""The usual forms on paper: what they say is what the ledger says, and who may have them."""

from decimal import Decimal

import pytest
from flask import Flask

from bmms.domain.documents import actions as documents
from bmms.domain.errors import NotFound
from bmms.domain.forms.obligations import CERTIFICATE, NOTICE, REQUEST
from bmms.domain.forms.orders import ORDER
from bmms.domain.forms.vouchers import VOUCHER
from bmms.domain.obligations import adjustments
from bmms.models.obligations import Obligation
from tasks import documents as printing
from tests.execution import Treasury, allot, key, line_of, obligate, on, pay


@pytest.fixture
def context(app: Flask):
    """The application of the worker."""
    printing.huey.app = app
    with app.app_context():
        yield app


def printed(office: Treasury, paper, subject_id: int) -> str:
    """The form as HTML, from its snapshot."""
    session = office.rahma.session
    session.commit()
    document = documents.make(session, office.rahma.actor, paper, subject_id)
    session.commit()
    return " ".join(printing.page_of(document).split())


def test_the_request_says_what_became_of_it(treasury, context):
    allot(treasury, treasury.mooe, "5M", day=on(1, 10))
    obligation = obligate(treasury, treasury.mooe, "3M")
    paid = pay(treasury, obligation, "1M")
    page = printed(treasury, REQUEST, obligation.id)
    assert f"Serial no. {obligation.ors_no}" in page
    assert f"DV {paid.dv_no}" in page
    for amount in ("3,000,000.00", "1,000,000.00", "2,000,000.00"):
        assert amount in page, "obligation, payment, what is not yet due"
    assert "DRAFT" not in page


def test_a_request_that_is_not_certified_is_a_draft(treasury, context):
    allot(treasury, treasury.mooe, "5M")
    obligation = obligate(treasury, treasury.mooe, "1M")
    session = treasury.rahma.session
    copy = Obligation(
        fiscal_year=obligation.fiscal_year, dated=obligation.dated, payee_id=treasury.payee, kind=obligation.kind,
        particulars="Not yet", total=5, entered_by=treasury.rahma.actor.user_id,
    )  # fmt: skip
    session.add(copy)
    session.flush()
    page = printed(treasury, CERTIFICATE, copy.id)
    assert "is not certified" in page
    assert "DRAFT" in page


def test_the_certificate_names_the_amount_and_the_law(treasury, context):
    allot(treasury, treasury.mooe, "5M")
    obligation = obligate(treasury, treasury.mooe, "3M")
    page = printed(treasury, CERTIFICATE, obligation.id)
    assert "BAA No. 84, Sec. 43" in page
    assert "available and obligated" in page


def test_a_notice_shows_decreases_in_brackets(treasury, context):
    allot(treasury, treasury.mooe, "5M")
    obligation = obligate(treasury, treasury.mooe, "3M")
    rahma, salma = treasury.rahma, treasury.salma
    line_id = line_of(treasury, obligation).id
    made = adjustments.enter(
        rahma.session, rahma.actor, obligation, dated=on(4, 1), reason="Fewer boxes were delivered.",
        changes={line_id: Decimal(-500000)}, closes=False,
    )  # fmt: skip
    rahma.session.commit()
    theirs = salma.session.get_one(type(made), made.id)
    owner = salma.session.get_one(Obligation, obligation.id)
    adjustments.certify(salma.session, salma.actor, owner, theirs, certified=True, key=key())
    salma.session.commit()
    page = printed(treasury, NOTICE, made.id)
    assert "(500,000.00)" in page
    assert obligation.ors_no in page


def test_voucher_and_order(treasury, context):
    order = allot(treasury, treasury.mooe, "5M")
    obligation = obligate(treasury, treasury.mooe, "3M")
    voucher = pay(treasury, obligation, "1M")
    page = printed(treasury, VOUCHER, voucher.id)
    assert f"No. {voucher.dv_no}" in page
    assert obligation.ors_no in page
    assert "Amount due" in page
    page = printed(treasury, ORDER, order.id)
    assert f"No. {order.number}" in page
    assert "5,000,000.00" in page


def test_there_is_none_of_what_is_not_there(treasury):
    with pytest.raises(NotFound):
        documents.make(treasury.rahma.session, treasury.rahma.actor, NOTICE, 999)
