"""Central offices at work: their queues, and what they read and do in the organizations of others (D16, D24)."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.models.offices import OfficeMatter
from bmms.models.proposals import BudgetProposal
from bmms.tenancy import bind_office, bind_platform, bind_scope
from tests.client import check_page
from tests.offices import NEXT_YEAR, begin_works, hire_offices
from tests.proposals import make_signed, set_up_office
from tests.uploads import send
from tests.web.test_central import filled, memo, went


@pytest.fixture
def signed(engine, app, cast, ground) -> str:
    """The address of a signed proposal; the offices act themselves."""
    proposal_id = make_signed(engine, app, cast, ground)
    hire_offices(engine, cast)
    return f"/moa/MOH/budgeting/proposals/{proposal_id}"


@pytest.fixture
def draft(engine, app, cast, ground) -> str:
    """The address of a draft with a line of infrastructure; the offices act themselves, and nothing was asked yet."""
    return f"/moa/MOH/budgeting/proposals/{begin_works(engine, app, cast, ground)}"


def link(page, words: str) -> str:
    """Where the link with these words leads."""
    found = page.find("a", string=words)
    assert found, f"no link {words!r} in {page.get_text(' ', strip=True)[:1500]}"
    return found["href"]


def test_mfbm_evaluates_and_enacts_what_was_transmitted_to_it(signed, reader):
    rahma, zaida, omar = reader("rahma"), reader("zaida"), reader("omar")
    assert "Nothing waits here." in zaida.get("/mfbm/").get_text()
    assert zaida.get(signed, status=404)
    went(rahma.post(f"{signed}/transmit", {"number": "T-7", "day": clock.today().isoformat()}))
    queue = zaida.get("/mfbm/")
    here = link(queue, "MOH FY 2027 Budget Proposal")
    assert here == signed
    page = zaida.get(here)
    assert page.find("a", string="Back to the list of MFBM")["href"] == "/mfbm/"
    assert not page.find("a", string="My work")
    assert "Acting for MFBM" in page.get_text(" ", strip=True)
    assert not page.find("a", string="Comments"), "the talk of the organization is its own"
    assert not rahma.get(signed).find("a", string="Enter an evaluation")
    assert rahma.get(f"{signed}/central/evaluate", status=403)
    evaluate = link(page, "Enter an evaluation")
    amounts = filled(zaida.get(evaluate))
    went(send(zaida, evaluate, memo(**amounts)))
    assert reader("idris").post(f"{signed}/central/1/confirm").status_code in (403, 404)
    confirm = link(omar.get(signed), "Confirm")
    own = zaida.post(confirm)
    assert "You entered this. Somebody else confirms it." in check_page(own).get_text()
    went(omar.post(confirm))
    for verb, more in (("Enter its place in the CM's budget", {}), ("Enter the enactment", {"total": "7,192,000.00"})):
        form = link(omar.get(signed), verb)
        went(send(omar, form, memo(**more, **filled(omar.get(form)))))
        went(zaida.post(link(zaida.get(signed), "Confirm")))
    assert rahma.get(signed).select_one("#workflow .pill").get_text() == "Enacted"
    law = link(zaida.get("/mfbm/"), "Appropriation: MFBM Memo 12")
    assert law.startswith("/moa/MOH/execution/appropriations/")
    assert reader("idris").post(f"{law}/confirm", {"sure": "y"}).status_code == 403
    own = omar.post(f"{law}/confirm", {"sure": "y", "sent_key": "own"})
    assert "You entered this appropriation" in check_page(own).get_text()
    went(zaida.post(f"{law}/confirm", {"sure": "y", "sent_key": "other"}))
    assert "Nothing waits here." in zaida.get("/mfbm/").get_text()
    assert zaida.get("/mfbm/?state=done").find("a", string="MOH FY 2027 Budget Proposal")
    assert ", MFBM" in rahma.get(signed).select_one("#log ~ *, .log").get_text(), "the record says for whom"


def test_a_desk_answers_for_itself_while_the_proposal_is_a_draft(draft, reader):
    rahma, farid, nora = reader("rahma"), reader("farid"), reader("nora")
    assert "Nothing waits here." in farid.get("/moa/MPW/budgeting/endorsements").get_text()
    assert farid.get(f"{draft}/compliance", status=404)
    went(rahma.post(f"{draft}/compliance/desks/mpw/ask"))
    queue = farid.get("/moa/MPW/budgeting/endorsements")
    here = link(queue, "MOH FY 2027 Budget Proposal")
    assert here == f"{draft}/compliance#desks"
    assert link(farid.get("/moa/MPW/"), "MOH FY 2027 Budget Proposal") == here
    papers = f"{draft}/documents"
    assert not farid.get(draft).select(f"form[action='{papers}']"), "a desk makes no paper of a draft"
    assert farid.post(papers).status_code == 403
    page = farid.get(here)
    assert "Acting for MPW" in page.get_text(" ", strip=True)
    assert rahma.get(f"{draft}/compliance/desks/mpw")
    refused = send(rahma, f"{draft}/compliance/desks/mpw", memo())
    assert refused.status_code == 403
    went(send(farid, link(page, "Enter the answer"), memo(reference="MPW-12")))
    assert "Waits for confirmation" in nora.get("/moa/MPW/budgeting/endorsements").get_text()
    idris = reader("idris")
    assert "waits for your confirmation" not in idris.get("/moa/MOH/").get_text(), "the office confirms it"
    assert idris.post(f"{draft}/compliance/desks/mpw/confirm").status_code == 403
    confirm = link(nora.get(here), "Confirm")
    own = farid.post(confirm)
    assert "You entered this" in check_page(own).get_text()
    went(nora.post(confirm))
    assert "Nothing waits here." in farid.get("/moa/MPW/budgeting/endorsements").get_text()
    assert "MPW-12" in rahma.get(here).get_text()
    assert "has endorsed" in rahma.get("/moa/MOH/notices/").get_text()


def test_a_desk_that_does_not_endorse_says_why_and_can_be_asked_again(draft, reader):
    rahma, farid = reader("rahma"), reader("farid")
    went(rahma.post(f"{draft}/compliance/desks/mpw/ask"))
    decline = link(farid.get(f"{draft}/compliance"), "Not endorsed")
    short = farid.post(decline, {"note": "No"})
    assert "at least 20 characters" in check_page(short).select_one("#note-error").get_text()
    went(farid.post(decline, {"note": "The plans of the building are missing."}))
    page = rahma.get(f"{draft}/compliance")
    assert "The plans of the building are missing." in page.get_text()
    assert "does not endorse" in rahma.get("/moa/MOH/notices/").get_text()
    assert "Nothing waits here." in farid.get("/moa/MPW/budgeting/endorsements").get_text()
    went(rahma.post(f"{draft}/compliance/desks/mpw/ask"))
    assert farid.get("/moa/MPW/budgeting/endorsements").find("a", string="MOH FY 2027 Budget Proposal")


def test_bpda_certifies_what_asks_for_it(draft, reader):
    rahma, lina, samir = reader("rahma"), reader("lina"), reader("samir")
    assert lina.get(draft, status=404)
    went(rahma.post(f"{draft}/compliance/desks/bpda/ask"))
    here = link(lina.get("/bpda/"), "MOH FY 2027 Budget Proposal")
    compliance = here
    went(send(lina, link(lina.get(compliance), "Enter the answer"), memo(reference="BPDA-3")))
    assert lina.get(f"{draft}/compliance/desks/mpw", status=404), "nothing was asked of that desk"
    went(samir.post(link(samir.get(compliance), "Confirm")))
    assert "Nothing waits here." in lina.get("/bpda/").get_text()


def test_an_office_answers_for_nobody_else(draft, reader):
    rahma, farid, lina = reader("rahma"), reader("farid"), reader("lina")
    for desk in ("mpw", "bpda"):
        went(rahma.post(f"{draft}/compliance/desks/{desk}/ask"))
    assert send(farid, f"{draft}/compliance/desks/bpda", memo()).status_code == 403
    assert send(lina, f"{draft}/compliance/desks/mpw", memo()).status_code == 403
    assert (
        lina.post(f"{draft}/compliance/desks/mpw/decline", {"note": "Twenty characters and more."}).status_code == 403
    )


def test_recorded_years_stay_with_the_organization(engine, draft, reader):
    rahma, farid = reader("rahma"), reader("farid")
    went(reader("sitti").post("/admin/years", {"year": NEXT_YEAR, "central_acts": "recorded"}))
    went(rahma.post(f"{draft}/compliance/desks/mpw/ask"))
    assert not farid.get(f"{draft}/compliance").find("a", string="Enter the answer")
    assert send(farid, f"{draft}/compliance/desks/mpw", memo()).status_code == 403
    went(send(rahma, f"{draft}/compliance/desks/mpw", memo()))


def test_mfbm_enters_the_call_of_an_operated_year(engine, app, cast, ground, reader):
    set_up_office(engine, cast, ground)
    hire_offices(engine, cast)
    rahma, zaida, omar = reader("rahma"), reader("zaida"), reader("omar")
    today = clock.today()
    answers = {
        "fiscal_year": NEXT_YEAR, "title": "Budget call", "reference": "Memo 1", "issued_on": today.isoformat(),
        "opens_on": today.isoformat(), "due_on": (today + timedelta(days=60)).isoformat(), "ceiling": "50,000,000.00",
    }  # fmt: skip
    assert send(rahma, "/moa/MOH/budgeting/calls/new", answers | {"file": memo()["file"]}).status_code == 403
    assert link(zaida.get("/mfbm/"), cast.moh.name) == "/moa/MOH/budgeting/calls"
    went(send(zaida, "/moa/MOH/budgeting/calls/new", answers | {"file": memo()["file"]}))
    call = link(omar.get("/moa/MOH/budgeting/calls"), "Budget call")
    assert reader("idris").post(f"{call}/open").status_code == 403
    assert "You entered a part of this call" in check_page(zaida.post(f"{call}/open")).get_text()
    went(omar.post(f"{call}/open"))
    assert "Open" in rahma.get(call).get_text()
    assert not rahma.get(call).find("a", string="Extend")
    assert link(zaida.get(call), "Extend")


OWN = (
    "/", "/planning/plans", "/budgeting/calendar", "/admin/users", "/people", "/notices/", "/search",
    "/budgeting/proposals/new",
)  # fmt: skip


@pytest.mark.parametrize("path", OWN)
@pytest.mark.parametrize("name", ["zaida", "lina", "farid"])
def test_any_other_page_of_an_organization_is_404_for_an_office(draft, reader, name, path):
    assert reader(name).get(f"/moa/MOH{path}", status=404)


def test_a_desk_reads_no_calls_and_no_proposal_that_does_not_name_it(draft, reader):
    farid = reader("farid")
    assert farid.get("/moa/MOH/budgeting/calls", status=404)
    page = farid.get("/moa/MOH/budgeting/")
    assert not page.find("a", string="MOH FY 2027 Budget Proposal")
    assert "50,000,000" not in page.get_text()
    colleague = reader("colleague")
    assert colleague.get("/moa/MOH/budgeting/", status=404)
    assert colleague.get("/moa/MPW/budgeting/endorsements", status=403)
    assert reader("rahma").get("/moa/MOH/budgeting/endorsements", status=403)
    assert farid.get("/mfbm/", status=403)
    assert reader("zaida").get("/bpda/", status=403)


def test_files_of_an_organization_stay_shut_to_an_office_unless_they_hang_on_its_proposal(engine, draft, reader):
    rahma, farid, zaida = reader("rahma"), reader("farid"), reader("zaida")
    went(rahma.post(f"{draft}/compliance/desks/mpw/ask"))
    went(send(farid, f"{draft}/compliance/desks/mpw", memo()))
    with engine.connect() as connection:
        connection.execute(text("SELECT set_config('bmms.organization_id', (SELECT id::text FROM organizations "
                                "WHERE code = 'MOH'), true)"))  # fmt: skip
        files = dict(connection.execute(text("SELECT purpose, max(id) FROM stored_files GROUP BY purpose")).all())
    own, call = (f"/moa/MOH/files/{files[purpose]}" for purpose in ("budget_proposal", "budget_call"))
    found = {(one.username, path): one.browser.get(path) for one in (farid, zaida) for path in (own, call)}
    for answer in found.values():
        answer.close()
    assert [key for key, answer in found.items() if answer.status_code == 200] == [("farid", own), ("zaida", call)]
    assert {answer.status_code for answer in found.values()} == {200, 404}


def test_the_routing_table_is_read_by_the_office_and_the_organization_only_and_written_by_nobody(
    engine, cast, draft, reader
):
    went(reader("rahma").post(f"{draft}/compliance/desks/mpw/ask"))

    def rows(*bind) -> int:
        with Session(engine) as session:
            for how, what in bind:
                how(session, what)
            return len(session.query(OfficeMatter).all())

    assert rows((bind_office, "mpw")) == 1
    assert rows((bind_scope, cast.moh.id)) == 1
    assert rows((bind_office, "mfbm")) == 0
    assert rows((bind_scope, cast.mbhte.id)) == 0
    assert rows((bind_platform, "tests")) == 0
    for attack in ("DELETE FROM office_matters", "UPDATE office_matters SET title = 'x'"):
        with Session(engine) as session:
            bind_scope(session, cast.moh.id)
            with pytest.raises(ProgrammingError, match="permission denied"):
                session.execute(text(attack))
    with Session(engine) as session:
        bind_office(session, "mpw")
        assert session.execute(text("SELECT count(*) FROM budget_proposals")).scalar() == 0
        assert session.execute(text("SELECT count(*) FROM memberships")).scalar() == 0


def test_a_desk_does_not_endorse_the_proposal_that_its_own_people_prepared(engine, cast, draft, reader):
    went(reader("rahma").post(f"{draft}/compliance/desks/mpw/ask"))
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        bind_platform(session, "tests")
        farid = session.execute(text("SELECT id FROM users WHERE username = 'farid'")).scalar()
        session.query(BudgetProposal).one().created_by = farid
        session.commit()
    refused = send(reader("farid"), f"{draft}/compliance/desks/mpw", memo())
    assert "You submitted this proposal yourself" in check_page(refused).get_text()


def test_an_office_is_told_by_mail_and_a_recorded_year_tells_nobody(engine, draft, reader):
    def told() -> list[str]:
        with Session(engine) as session:
            bind_platform(session, "tests")
            query = "SELECT username FROM outbox JOIN users ON users.id = user_id WHERE kind = 'office_asked'"
            return sorted(session.scalars(text(query)))

    rahma = reader("rahma")
    went(rahma.post(f"{draft}/compliance/desks/mpw/ask"))
    assert told() == ["farid", "nora"]
    went(reader("sitti").post("/admin/years", {"year": NEXT_YEAR, "central_acts": "recorded"}))
    went(rahma.post(f"{draft}/compliance/desks/bpda/ask"))
    assert told() == ["farid", "nora"]
    went(reader("sitti").post("/admin/years", {"year": NEXT_YEAR, "central_acts": "operated"}))
    went(rahma.post(f"{draft}/compliance/desks/bpda/ask"))
    assert told() == ["farid", "lina", "nora", "samir"]


def test_the_platform_says_who_acts_in_a_year(cast, reader):
    sitti = reader("sitti")
    assert "All years are recorded." in sitti.get("/admin/years").get_text()
    wrong = sitti.post("/admin/years", {"year": "1999", "central_acts": "operated"})
    assert "from 2020 to 2100" in check_page(wrong).select_one("#year-error").get_text()
    went(sitti.post("/admin/years", {"year": "2028", "central_acts": "operated"}))
    assert "Operated by the offices" in sitti.get("/admin/years").select_one("table").get_text()
    assert "FY 2028" in sitti.get("/admin/audit").get_text()
    assert reader("jamila").get("/admin/years", status=403)
