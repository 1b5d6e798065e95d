"""The register of payees: TINs sealed and found by their digest, nobody twice, nothing lost that documents name."""

from dataclasses import replace

import pytest
from sqlalchemy import select, text

from bmms.domain.errors import NotAllowed, RuleBroken, Stale
from bmms.domain.payees import actions, queries, tins
from bmms.domain.permissions import RULES, permissions_of
from bmms.models.audit import AuditEvent
from bmms.models.payees import Payee, PayeeKind
from tests.execution import allot, obligate, tried

TIN = "123-456-789"


def enter(desk, name: str, tin: str = "", **other) -> Payee:
    """A payee, committed."""
    answers = {"name": name, "kind": PayeeKind.SUPPLIER, "address": "Cotabato City"}
    made = actions.create_payee(desk.session, desk.actor, answers, tin=tin, **other)
    desk.session.commit()
    return made


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("123-456-789", "123456789"), (" 123 456 789 ", "123456789"), ("123456789001", "123456789001"),
        ("123-456-789-0001", "1234567890001"), ("123-456-789-00001", "12345678900001"), ("", ""),
    ],
)  # fmt: skip
def test_a_tin_is_read_with_and_without_dashes(typed, digits):
    assert tins.digits_of(typed) == digits


@pytest.mark.parametrize(
    "typed", ["12345678", "1234567890", "12345678901", "123456789000001", "abc", "١٢٣٤٥٦٧٨٩", "12+4"]
)
def test_what_is_no_tin_is_refused_without_repeating_it(typed):
    with pytest.raises(RuleBroken) as refusal:
        tins.digits_of(typed)
    assert refusal.value.field == "tin"
    assert typed not in str(refusal.value)


@pytest.mark.parametrize(
    "other",
    ["ACME Trading", "acme   trading, Inc.", "Acme-Trading Corp.", "A.C.M.E. Trading Corporation", "Ácme Trading"],
)
def test_names_are_compared_without_case_blanks_and_punctuation(other):
    assert queries.plain_name("Acme Trading") == queries.plain_name(other)
    assert queries.plain_name("Acme Trading") != queries.plain_name("Acme Builders")
    assert queries.plain_name("Inc.") == "inc", "a name is never nothing"


def test_a_tin_rests_sealed_and_stands_in_no_record(treasury, owner):
    rahma = treasury.rahma
    payee = enter(rahma, "Acme Trading", TIN)
    actions.change_payee(
        rahma.session,
        rahma.actor,
        payee,
        {"name": "Acme", "kind": PayeeKind.SUPPLIER, "address": "X"},
        tin="987-654-321",
    )
    rahma.session.commit()
    assert tins.masked(payee) == "***-***-321"
    assert tins.opened(rahma.session, payee) == "987654321"
    assert b"987654321" not in bytes(payee.tin_sealed)
    events = rahma.session.scalars(select(AuditEvent).where(AuditEvent.subject_type == "payees")).all()
    assert {one.action for one in events} == {"payees:create", "payees:change"}
    assert [one.changes["tin"] for one in events if one.action == "payees:change"] == [["given", "given anew"]]
    with owner.connect() as connection:
        told = connection.execute(text("SELECT row_to_json(h)::text FROM row_history h WHERE table_name = 'payees'"))
        kept = "".join(told.scalars()) + "".join(str(one.changes) for one in events)
    assert "Acme" in kept
    assert "\\x" not in kept, "no sealed number, no digest"
    for number in ("123456789", "987654321"):
        assert number not in kept


def test_one_is_found_by_words_of_the_name_or_a_whole_tin(treasury):
    rahma = treasury.rahma
    payee = enter(rahma, "Acme Trading", TIN)

    def found(search: str) -> list[str]:
        return [one.name for one in rahma.session.scalars(queries.list_payees(rahma.session, search=search))]

    assert found("trading acme") == ["Acme Trading"]
    assert found("123 456 789") == found("123456789000") == ["Acme Trading"]
    assert found("123456") == []
    assert found("123-456-780") == []
    actions.deactivate_payee(rahma.session, rahma.actor, payee)
    assert found(TIN) == []


def test_a_name_or_tin_that_is_there_asks_whether_it_is_somebody_else(treasury):
    rahma = treasury.rahma
    first = enter(rahma, "Acme Trading", TIN)
    with pytest.raises(actions.Duplicate, match=r"Acme Trading \(\*\*\*-\*\*\*-789\)") as by_name:
        enter(rahma, "ACME TRADING, Inc.")
    assert (by_name.value.field, [one.id for one in by_name.value.others]) == ("name", [first.id])
    with pytest.raises(actions.Duplicate) as by_tin:
        enter(rahma, "Somebody", "123456789")
    assert (by_tin.value.field, [one.id for one in by_tin.value.others]) == ("tin", [first.id])
    assert enter(rahma, "ACME TRADING, Inc.", somebody_else=True).id
    assert enter(rahma, "Somebody", "123456789", somebody_else=True).id
    with pytest.raises(actions.Duplicate, match="with this TIN is in the register already"):
        enter(rahma, "acme trading corp", "123456789", somebody_else=True)
    with pytest.raises(actions.Duplicate, match="cannot be told apart"):
        enter(rahma, "ACME TRADING, Inc.", somebody_else=True)


def test_of_two_who_enter_the_same_at_once_the_second_is_told(treasury, monkeypatch):
    """Both have looked before either has saved: the database tells the second."""
    enter(treasury.rahma, "Acme Trading")
    monkeypatch.setattr(queries, "like", lambda *_: [])
    refusal = tried(treasury.omar, lambda: enter(treasury.omar, "Acme Trading"))
    assert isinstance(refusal, RuleBroken)
    assert refusal.field == "name"


def test_a_correction_asks_only_about_what_it_changes(treasury):
    rahma = treasury.rahma
    enter(rahma, "Acme Trading", TIN)
    second = enter(rahma, "Acme Trading", "111-222-333", somebody_else=True)
    answers = {"name": "Acme Trading", "kind": PayeeKind.AGENCY, "address": "Marawi City"}
    actions.change_payee(rahma.session, rahma.actor, second, answers)
    assert (second.kind, second.tin_end) == (PayeeKind.AGENCY, "333")
    with pytest.raises(actions.Duplicate, match="with this TIN"):
        actions.change_payee(rahma.session, rahma.actor, second, answers, tin=TIN, somebody_else=True)
    actions.change_payee(rahma.session, rahma.actor, second, answers, without_tin=True, somebody_else=True)
    assert (second.tin_end, second.tin_sealed, second.tin_digest) == ("", None, None)
    with pytest.raises(Stale):
        actions.change_payee(rahma.session, rahma.actor, second, answers, row_version=0)


def test_whom_a_document_names_is_deactivated_and_not_deleted(treasury):
    rahma = treasury.rahma
    unused = enter(rahma, "Acme Trading")
    actions.delete_payee(rahma.session, rahma.actor, unused)
    rahma.session.commit()
    allot(treasury, treasury.mooe, "1M")
    obligate(treasury, treasury.mooe, 100)
    named = rahma.session.get_one(Payee, treasury.payee)
    with pytest.raises(RuleBroken, match="Deactivate"):
        actions.delete_payee(rahma.session, rahma.actor, named)
    actions.deactivate_payee(rahma.session, rahma.actor, named)
    rahma.session.commit()
    assert queries.near(rahma.session, "medical") == {}
    assert queries.near(rahma.session, "medical", named.id) == {named.id: "Regional Medical Supply Depot"}
    with pytest.raises(RuleBroken, match="inactive already"):
        actions.deactivate_payee(rahma.session, rahma.actor, named)
    actions.activate_payee(rahma.session, rahma.actor, named)
    assert queries.near(rahma.session, "medical depot") == {named.id: "Regional Medical Supply Depot"}


def test_names_that_two_have_are_told_apart(treasury):
    rahma = treasury.rahma
    enter(rahma, "Juan Cruz", TIN)
    enter(rahma, "Juan Cruz", "222-333-789", somebody_else=True)
    names = queries.near(rahma.session, "cruz")
    assert len(set(names.values())) == 2
    for payee_id, name in names.items():
        found = queries.near(rahma.session, name)
        assert found[payee_id] == name, "what is proposed is found again"


@pytest.mark.parametrize("code", RULES)
def test_who_keeps_the_register(treasury, code):
    actor = replace(treasury.rahma.actor, permissions=permissions_of({code}))
    answers = {"name": "Acme Trading", "kind": PayeeKind.OTHER, "address": ""}
    if code in ("pilot_budget_officer", "accounting"):
        assert actions.create_payee(treasury.rahma.session, actor, answers).id
    else:
        with pytest.raises(NotAllowed):
            actions.create_payee(treasury.rahma.session, actor, answers)
    treasury.rahma.session.rollback()


def test_numbers_are_sealed_anew_with_the_newest_key(treasury, app, monkeypatch):
    session = treasury.rahma.session
    payee = enter(treasury.rahma, "Acme Trading", TIN)
    installation = app.extensions["installation"]
    newer = type(installation)(replace(installation.config, data_keys=("a newer key", *installation.config.data_keys)))
    session.info["installation"] = newer
    assert tins.reseal_all(session) == (1, 0)
    assert tins.reseal_all(session) == (0, 0)
    session.info["installation"] = type(installation)(replace(installation.config, data_keys=("a newer key",)))
    assert tins.opened(session, payee) == "123456789"
    session.info["installation"] = type(installation)(replace(installation.config, data_keys=("a third key",)))
    assert tins.reseal_all(session) == (0, 1)
