"""The proposal on paper: what it says, that its figures add up, who sees it, and when it no longer holds."""

import hashlib
import logging
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bmms.domain import clock
from bmms.domain.documents import actions as documents
from bmms.domain.documents import queries
from bmms.domain.documents.papers import paper_of
from bmms.domain.errors import NotFound
from bmms.domain.files import store
from bmms.domain.proposals import actions, compliance, endorsements, papers, steps, targets
from bmms.domain.proposals.facts import facts_of
from bmms.domain.proposals.queries import programs_of
from bmms.domain.signatories.actions import Line, change_block
from bmms.domain.signatories.kinds import DocumentKind
from bmms.models.compliance import Answer, Desk
from bmms.models.documents import Document
from bmms.models.lists import UnitOfMeasure
from bmms.models.organizations import StoredFile
from bmms.models.proposals import BudgetProposal, ProposalAmount
from tasks import documents as printing
from tasks import pdf
from tests import proposal_papers, uploads
from tests.budgets import memorandum
from tests.laid import Laid, print_out, serve
from tests.planning import Desk as Seat
from tests.planning import desk_of
from tests.proposals import ask_for

PROJECT = Path(__file__).resolve().parents[3]
SMALL = {"programs": 1, "lines": 2}
PESO = "₱\N{NO-BREAK SPACE}"


def make(seat: Seat, proposal: BudgetProposal) -> Document:
    """Have the proposal printed, as the button does."""
    document = documents.make(seat.session, seat.actor, papers.PROPOSAL, proposal.id)
    seat.session.commit()
    return document


def standing(seat: Seat, document: Document) -> str:
    return queries.standing(seat.session, document.code)


def take(seat: Seat, proposal: BudgetProposal, verb: str, **other: object) -> None:
    """Take a step with the proposal; committed."""
    theirs = seat.session.get_one(BudgetProposal, proposal.id)
    steps.take(seat.session, seat.actor, theirs, verb, note="Twenty characters and more.", **other)
    seat.session.commit()


@pytest.fixture
def complete(prepared):
    """The proposal with all that its submission needs."""
    rahma, idris = prepared.office.rahma, prepared.office.idris
    session, actor, proposal = rahma.session, rahma.actor, prepared.proposal
    chosen = programs_of(session, proposal)[1]
    unit_id = session.scalars(select(UnitOfMeasure.id)).first()
    for level in ("output", "outcome"):
        named = {"indicator_id": None, "name": f"Children, {level}", "level": level, "unit_of_measure_id": unit_id}
        targets.add_target(session, actor, proposal, chosen, {**named, "target": Decimal(12500)})
    for number in range(5):
        ask_for(rahma, proposal, prepared.immunization, description=f"Training {number}")
    ask_for(rahma, proposal, prepared.support, gad_percent=Decimal(100), unit_cost=Decimal("5000.01"))
    for desk in (Desk.BPDA, Desk.BWC):
        row = endorsements.ask(session, actor, facts_of(session, proposal), desk)
        endorsements.enter(
            session, actor, proposal, row, reference=f"{desk} 7", issued_on=clock.today(), file=memorandum()
        )
        session.commit()
        theirs = idris.session.get_one(BudgetProposal, proposal.id)
        endorsements.confirm(
            idris.session, idris.actor, theirs, endorsements.get_endorsement(idris.session, theirs, desk)
        )
        idris.session.commit()
        session.expire_all()
    for code in ("C-10", "C-32"):
        point = compliance.get_point(session, facts_of(session, proposal), code)
        compliance.answer(session, actor, proposal, point, said=Answer.MET, note="See the annex", file=memorandum())
    session.commit()
    return prepared


# What it says.


def test_a_paper_keeps_the_proposal_and_what_stands_around_it(prepared, cast) -> None:
    rahma = prepared.office.rahma
    ask_for(rahma, prepared.proposal, prepared.support)
    ask_for(rahma, prepared.proposal, prepared.immunization, object_code="5010101001", unit_cost=Decimal("1000.01"))
    document = make(rahma, prepared.proposal)
    said, about = document.payload["content"], document.payload["paper"]
    assert (document.title, document.proposal_id) == (prepared.proposal.title, prepared.proposal.id)
    assert (about["period"], about["status"], about["is_open"], about["is_final"]) == (
        "Fiscal year 2027", "Draft", True, False,
    )  # fmt: skip
    assert [line[0] for line in about["signatories"]] == ["Prepared by", "Reviewed by", "Approved by"]
    assert (document.made_by, document.made_by_label) == (cast.rahma.id, rahma.actor.signature)
    assert (said["total"], said["ceiling"], said["left"]) == ("1554401.16", "50000000.00", "48445598.84")
    assert said["proof"] == {"rows": "2", "total": "1554401.16", "source": "1554401.16", "difference": "0.00"}
    support, immunization, outside, whole = said["table"]
    assert (support["mooe"], support["ps"], immunization["ps"]) == ("1438400.00", "0.00", "116001.16")
    assert outside["title"] == "Not in this proposal"
    assert whole["before"] == [f"{year.whole.total:.2f}" for year in facts_of(rahma.session, prepared.proposal).years]
    assert Decimal(whole["before"][1]) > 0
    assert said["quarters"] == {"q1": "388600.29", "q2": "388600.29", "q3": "388600.29", "q4": "388600.29"}
    assert said["programs"][1]["classes"] == [
        {"label": "PS", "before": ["0.00", "0.00"], "requested": "116001.16", "previous_actual": "", "recommended": "",
         "approved": "", "change": ""}
    ]  # fmt: skip


def test_who_signs_is_printed_as_named(engine, app, cast, prepared) -> None:
    jamila = desk_of(engine, app, cast, "jamila")
    change_block(jamila.session, jamila.actor, DocumentKind.PROPOSAL, [Line("Approved by", name="Maria Santos")])
    jamila.session.commit()
    jamila.session.close()
    document = make(prepared.office.rahma, prepared.proposal)
    assert document.payload["paper"]["signatories"] == [["Approved by", "Maria Santos", ""]]


def test_later_figures_stand_beside_what_was_asked_for(prepared, owner) -> None:
    rahma = prepared.office.rahma
    ask_for(rahma, prepared.proposal, prepared.support)
    rahma.session.add(
        ProposalAmount(
            proposal_program_id=prepared.support.id, expense_class="MOOE", previous_actual=Decimal("1100000.00")
        )
    )
    rahma.session.commit()
    with owner.begin() as connection:  # as if it were transmitted: a draft takes no recommended amounts
        connection.execute(text("ALTER TABLE proposal_amounts DISABLE TRIGGER keep_content"))
        connection.execute(text("UPDATE proposal_amounts SET recommended = 1300000.00"))
        connection.execute(text("ALTER TABLE proposal_amounts ENABLE TRIGGER keep_content"))
    rahma.session.expire_all()
    said = make(rahma, prepared.proposal).payload["content"]
    assert said["later"] == ["recommended"]
    assert [row["recommended"] for row in said["table"]] == ["1300000.00", "", "", "1300000.00"]
    (mooe,) = said["programs"][0]["classes"]
    assert (mooe["requested"], mooe["recommended"], mooe["previous_actual"]) == (
        "1438400.00", "1300000.00", "1100000.00",
    )  # fmt: skip


@pytest.mark.pdf
def test_each_amount_and_the_proof_stand_on_the_paper(app, prepared) -> None:
    rahma = prepared.office.rahma
    costs = [Decimal("12400.00"), Decimal("1000.01"), Decimal("7777.77"), Decimal("999999999.99")]
    lines = [ask_for(rahma, prepared.proposal, prepared.immunization, unit_cost=cost) for cost in costs]
    lines.append(ask_for(rahma, prepared.proposal, prepared.support, gad_percent=Decimal("12.5")))
    document = make(rahma, prepared.proposal)
    with app.app_context():
        laid = Laid(document)
    said = laid.said
    total = sum(line.amount for line in lines)
    for line in lines:
        assert f" {line.amount:,.2f} " in said
    money = f"{PESO}{total:,.2f}".replace("\N{NO-BREAK SPACE}", " ")
    assert f"5 lines, together {money}; programs by class: {money}; difference ₱ 0.00" in said
    assert f"Asked for {money}" in said
    for words in (
        "Ministry of Health", "Budget proposal, annual", "Budget Memorandum 2026-01", "Not approved", "Immunization",
        "5-02-02-010-00 Training Expenses · Region-wide · GAAB, regular · GAD 12.50 %", "Reach every child",
        "Working reference.", "C-32", "BPDA: certification against the priority agenda", "Prepared by", "₱ 0.00",
    ):  # fmt: skip
        assert words in said, words
    assert all("DRAFT" in text for text in laid.texts)
    assert all(f"Page {number} of {len(laid.pages)}" in re.sub(r"\s+", " ", text)
               for number, text in enumerate(laid.texts, 1))  # fmt: skip
    wide = [page.width > page.height for page in laid.pages]
    assert [wide[laid.anchors[name] - 1] for name in ("summary", "program-2", "compliance")] == [True, True, False]


@pytest.mark.pdf
def test_a_sum_that_does_not_add_up_says_so(app) -> None:
    paper = proposal_papers.proposal(**SMALL)
    with app.app_context():
        assert "Does not add up" not in printing.page_of(paper)
        paper.payload["content"]["proof"]["difference"] = "0.01"
        assert "Does not add up" in printing.page_of(paper)


@pytest.mark.pdf
def test_a_long_program_keeps_its_heads_and_its_rows_together(app) -> None:
    with app.app_context():
        laid = Laid(proposal_papers.proposal(programs=1, lines=60))
    said = [re.sub(r"\s+", " ", text) for text in laid.texts]
    bearing = [text for text in said if "batch" in text]
    assert len(bearing) > 2
    assert all("Line Quantity Unit cost Amount Q1 Q2 Q3 Q4" in text for text in bearing)
    assert sum(text.count("12,400.00") for text in bearing) == 60
    assert sum(text.count("batch") for text in said) == 60


@pytest.mark.pdf
@pytest.mark.parametrize("unit_cost", ["12400.00", "12345678901.25", "12345678901234.56"])
def test_amounts_of_any_size_stay_in_one_piece(app, unit_cost) -> None:
    paper = proposal_papers.proposal(**SMALL, unit_cost=unit_cost)
    with app.app_context():
        texts = [text for page in Laid(paper).pages for text in _pieces(page._page_box)]
    line = paper.payload["content"]["programs"][0]["lines"][0]
    for name in ("unit_cost", "amount", "q1", "q4"):
        assert f"{Decimal(line[name]):,.2f}" in texts, name
    assert f"{Decimal(paper.payload['content']['total']):,.2f}" in texts


def _pieces(box):
    if hasattr(box, "text"):
        yield box.text
    for child in getattr(box, "children", ()):
        yield from _pieces(child)


@pytest.mark.pdf
def test_an_empty_draft_prints_too(app, prepared) -> None:
    document = make(prepared.office.rahma, prepared.proposal)
    with app.app_context():
        said = Laid(document).said
        assert printing.page_of(document).count("No lines yet.</p>") == 2
        bare = Laid(proposal_papers.proposal(programs=0, lines=0)).said
    assert "no lines, together ₱ 0.00" in said
    assert "No line needs the word of another office yet." in said
    assert "No programs yet." in bare


# The same snapshot gives the same bytes.


@pytest.mark.pdf
def test_the_same_snapshot_gives_the_same_bytes_in_another_process_too(app, database) -> None:
    with app.app_context():
        printed = print_out(proposal_papers.proposal(**SMALL))
        assert printed == print_out(proposal_papers.proposal(**SMALL))
        assert printed != print_out(proposal_papers.proposal(**SMALL, final=True))
    code = (
        "import hashlib\n"
        "from wsgi import app\n"
        "from tests import proposal_papers\n"
        "from tests.laid import print_out\n"
        "with app.app_context():\n"
        f"    content = print_out(proposal_papers.proposal(**{SMALL}))\n"
        "print(hashlib.sha256(content).hexdigest())"
    )
    environ = {
        "BMMS_ENV": "test", "BMMS_INSTANCE": app.instance_path, "SECRET_KEY": "tests " * 12, "DATA_KEYS": "a key",
        "DATABASE_URL": database["DATABASE_URL"], "BASE_URL": "http://localhost", "PYTHONPATH": str(PROJECT),
        "PATH": os.environ["PATH"], "PYTHONHASHSEED": "7",
    }  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environ, cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert ran.stdout.split() == [hashlib.sha256(printed).hexdigest()], ran.stderr


@pytest.mark.pdf
def test_a_stored_snapshot_prints_the_same_after_the_proposal_has_changed(app, prepared) -> None:
    rahma = prepared.office.rahma
    ask_for(rahma, prepared.proposal, prepared.support)
    document = make(rahma, prepared.proposal)
    with app.app_context():
        before = print_out(document)
        ask_for(rahma, prepared.proposal, prepared.support, description="One more")
        rahma.session.expire_all()
        assert print_out(rahma.session.get_one(Document, document.id)) == before
        assert print_out(make(rahma, prepared.proposal)) != before


@pytest.mark.pdf
def test_every_letter_has_a_glyph_of_the_named_fonts(app, caplog) -> None:
    paper = proposal_papers.proposal(**SMALL)
    paper.payload["content"]["programs"][0]["lines"][0]["description"] = "Niños, وزارة الصحة, ₱"
    with app.app_context():
        page = printing.page_of(paper)
        with caplog.at_level(logging.WARNING, "weasyprint"):
            pdf.write_pdf(page, serve(paper), paper.code)
            assert caplog.messages == []
            pdf.write_pdf(page.replace("Niños", "\U0010fffd", 1), serve(paper), paper.code)
    assert [told.partition(" rendered")[0] for told in caplog.messages] == [".notdef glyph"], "the test bites"


# When it no longer holds, and who sees it.


def test_the_submission_supersedes_what_was_printed_of_the_draft(complete) -> None:
    rahma = complete.office.rahma
    draft = make(rahma, complete.proposal)
    take(rahma, complete.proposal, "submit", certified=True)
    assert standing(rahma, draft) == "superseded"
    submitted = make(rahma, complete.proposal)
    about = submitted.payload["paper"]
    assert (about["status"], about["is_open"], about["is_final"]) == ("Under review", False, False)
    assert standing(rahma, submitted) == "genuine"
    take(rahma, complete.proposal, "withdraw")
    assert standing(rahma, submitted) == "superseded"


def test_the_signature_supersedes_and_the_paper_says_who_signed(engine, app, cast, complete) -> None:
    rahma, idris = complete.office.rahma, complete.office.idris
    take(rahma, complete.proposal, "submit", certified=True)
    take(idris, complete.proposal, "take_up")
    take(idris, complete.proposal, "endorse")
    reviewed = make(idris, complete.proposal)
    assert reviewed.payload["content"]["endorsements"][0]["reference"] == "bpda 7"
    amina = desk_of(engine, app, cast, "amina")
    take(amina, complete.proposal, "sign", signed_copy=store.Upload(memorandum().content, "signed.pdf"))
    assert standing(amina, reviewed) == "superseded"
    amina.session.close()
    rahma.session.expire_all()
    signed = make(rahma, complete.proposal)
    about = signed.payload["paper"]
    assert (about["status"], about["is_final"], about["version"]) == ("Approved", True, 1)
    assert (about["approved_by"], about["is_open"]) == ("Amina Salik", False)


@pytest.mark.parametrize("verb", ["return", "hand_back"])
def test_a_returned_proposal_leaves_no_paper_in_force(engine, app, cast, complete, verb) -> None:
    rahma, idris = complete.office.rahma, complete.office.idris
    take(rahma, complete.proposal, "submit", certified=True)
    submitted = make(rahma, complete.proposal)
    take(idris, complete.proposal, "take_up")
    assert standing(idris, submitted) == "genuine"
    who = idris
    if verb == "hand_back":
        take(idris, complete.proposal, "endorse")
        who = desk_of(engine, app, cast, "amina")
    take(who, complete.proposal, verb)
    assert standing(who, submitted) == "superseded"
    if who is not idris:
        who.session.close()
    rahma.session.expire_all()
    returned = make(rahma, complete.proposal)
    assert (returned.payload["paper"]["status"], standing(rahma, returned)) == ("Returned", "genuine")


def test_the_checklist_stays_as_it_was_submitted(complete) -> None:
    """After the deadline of the call C-01 would no longer be met."""
    rahma = complete.office.rahma
    take(rahma, complete.proposal, "submit", certified=True)
    first = make(rahma, complete.proposal)
    with clock.stopped_at(clock.now().replace(month=9)):
        assert make(rahma, complete.proposal).id == first.id, "nothing has changed"
    point = next(told for told in first.payload["content"]["compliance"] if told["code"] == "C-01")
    assert (point["answer"], point["is_hard"]) == ("met", "yes")
    satisfied, applicable = first.payload["content"]["scores"]["hard"]
    assert satisfied == applicable


def test_a_cancelled_proposal_leaves_no_paper_in_force(prepared) -> None:
    rahma = prepared.office.rahma
    document = make(rahma, prepared.proposal)
    take(rahma, prepared.proposal, "cancel")
    assert standing(rahma, document) == "superseded"


def test_a_deleted_draft_takes_its_papers_along(prepared) -> None:
    rahma = prepared.office.rahma
    document = make(rahma, prepared.proposal)
    code = document.code
    documents.finish(rahma.session, rahma.actor, document, uploads.PDF, "proposal.pdf")
    rahma.session.commit()
    printed = select(StoredFile.id).where(StoredFile.purpose == queries.FILE)
    assert len(rahma.session.scalars(printed).all()) == 1
    actions.delete_proposal(rahma.session, rahma.actor, prepared.proposal)
    rahma.session.commit()
    assert rahma.session.scalars(select(Document.id)).all() == []
    assert rahma.session.scalars(printed).all() == []
    assert queries.standing(rahma.session, code) == "unknown"


def test_nothing_new_is_printed_while_nothing_has_changed(prepared) -> None:
    rahma, nurul = prepared.office.rahma, prepared.office.nurul
    first = make(rahma, prepared.proposal)
    assert make(nurul, prepared.proposal).id == first.id
    ask_for(rahma, prepared.proposal, prepared.support)
    second = make(rahma, prepared.proposal)
    assert (standing(rahma, first), standing(rahma, second)) == ("superseded", "genuine")


def test_papers_of_drafts_are_for_those_who_see_drafts_and_of_no_other_ministry(engine, app, cast, prepared) -> None:
    rahma = prepared.office.rahma
    draft = make(rahma, prepared.proposal)
    yusuf, ben = desk_of(engine, app, cast, "yusuf"), desk_of(engine, app, cast, "ben", cast.mbhte)
    for seat in (yusuf, ben):
        with pytest.raises(NotFound):
            documents.make(seat.session, seat.actor, papers.PROPOSAL, prepared.proposal.id)
        seen = queries.documents_of(seat.actor, papers.PROPOSAL, prepared.proposal.id)
        assert seat.session.scalars(seen).all() == []
        assert standing(seat, draft) == "genuine", "the code is for everybody who holds the paper"
        seat.session.close()


def test_the_kind_is_known_by_its_name() -> None:
    assert paper_of("proposal") is papers.PROPOSAL
    assert papers.PROPOSAL.name == "Budget proposal"
