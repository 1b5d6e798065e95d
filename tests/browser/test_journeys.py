"""What people do, from end to end, in a real browser: on a desk and a phone, with JavaScript and without."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bmms.domain.accounts import credentials
from bmms.models.accounts import User
from bmms.models.outbox import OutboxMessage
from bmms.tenancy import bind_platform
from tasks import worker
from tests import planning
from tests.browser.walks import WAYS
from tests.cast import Cast
from tests.workplans import make_tree

pytestmark = pytest.mark.browser

OWN = "Dagat&Bundok9-Araw"


@pytest.fixture
def platform(app: Flask, engine: Engine, cast: Cast):
    """A session over all accounts, as the command line has it."""
    with Session(engine, expire_on_commit=False, info={"installation": app.extensions["installation"]}) as session:
        bind_platform(session, "tests")
        yield session


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_the_first_sign_in(walk, cast, platform, width, javascript):
    user = platform.get_one(User, cast.badar.id)
    user.privacy_version = ""
    temporary = credentials.give_temporary_password(platform, user)
    platform.commit()
    badar = walk(width, javascript)
    badar.sign_in("badar", temporary)
    badar.look("Choose your own password")
    badar.type("Current password", temporary)
    badar.type("New password", "short")
    badar.type("New password again", "short")
    badar.press("Save the new password")
    badar.says("12 characters or more; this has 5")
    badar.look("Choose your own password")
    badar.type("Current password", temporary)
    badar.type("New password", OWN)
    badar.type("New password again", OWN)
    badar.press("Save the new password")
    badar.look("Privacy notice")
    badar.page.get_by_label("I have read this notice").check()
    badar.press("Go on")
    badar.look(re.compile("^Good (morning|afternoon|evening), Badar$"))


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_a_list_with_errors_is_mended_and_imported(walk, cast, owner, tmp_path: Path, width, javascript):
    wrong, right = tmp_path / "wave1.csv", tmp_path / "wave1-mended.csv"
    header = "email,first_name,last_name,organization,role\n"
    wrong.write_text(
        f"{header}nora.lim@moh.gov.ph,Nora,Lim,MOH,planner\nidris@moh.gov.ph,Idris,Latip,MOHE,finance clerk\n"
    )
    right.write_text(
        f"{header}nora.lim@moh.gov.ph,Nora,Lim,MOH,planner\nidris@moh.gov.ph,Idris,Latip,MOH,budget officer\n"
    )
    jamila = walk(width, javascript)
    jamila.sign_in("jamila")
    jamila.open("/moa/MOH/admin/")
    jamila.look("Administration")
    jamila.follow(re.compile("^People"))
    jamila.look("People")
    jamila.follow("Import a list")
    jamila.look("Import a list of people")
    jamila.page.get_by_label("File", exact=True).set_input_files(wrong)
    jamila.press("Upload and check")
    jamila.look("Check the import")
    jamila.says("Did you mean MOH?")
    jamila.follow("Errors 1")
    expect(jamila.page.locator("#results tbody tr")).to_have_count(1)
    with jamila.page.expect_download() as download:
        jamila.follow("Download the list with the errors marked")
    assert "Unknown role 'finance clerk'" in download.value.path().read_text(encoding="utf-8-sig")
    jamila.follow("Upload a corrected file")
    jamila.page.get_by_label("File", exact=True).set_input_files(right)
    jamila.press("Upload and check")
    jamila.look("Check the import")
    jamila.page.get_by_label("Send welcome mails with temporary passwords").uncheck()
    jamila.press("Create 2 accounts")
    jamila.look("The list is imported")
    with jamila.page.expect_download() as download:
        jamila.press("Take the sheet (CSV)")
    assert "idris@moh.gov.ph" in download.value.path().read_text(encoding="utf-8-sig")
    jamila.follow("See the people")
    jamila.says("Idris Latip")
    with owner.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM users WHERE email LIKE '%@moh.gov.ph'")).scalar_one() == 2


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_a_new_person_then_the_welcome_mail_again(walk, cast, platform, width, javascript):
    jamila = walk(width, javascript)
    jamila.sign_in("jamila")
    jamila.open("/moa/MOH/admin/users")
    jamila.follow("Add a person")
    jamila.look("Add a person")
    jamila.type("First name", "Nora")
    jamila.type("Email", "badar@example.gov.ph")
    jamila.press("Make the account")
    jamila.says("Last name is required.")
    jamila.look("Add a person")
    expect(jamila.page.get_by_label("First name", exact=True)).to_have_value("Nora")
    jamila.type("Last name", "Pendatun")
    jamila.type("Email", "nora@moh.gov.ph")
    jamila.page.get_by_role("radio", name=re.compile("^Planning Officer")).check()
    jamila.press("Make the account")
    jamila.look("Nora Pendatun")
    user = platform.query(User).filter_by(email="nora@moh.gov.ph").one()
    earlier = credentials.waiting_password(platform, user.id)
    platform.query(OutboxMessage).filter_by(user_id=user.id).update({"status": "failed", "error": "550 no such box"})
    platform.commit()
    jamila.follow("Security")
    jamila.look("Nora Pendatun")
    jamila.says("550 no such box")
    jamila.press("Send the welcome mail again")
    jamila.says("A new welcome mail for Nora Pendatun is queued.")
    platform.rollback()
    assert credentials.waiting_password(platform, user.id) != earlier


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_a_role_is_given_and_taken_and_its_person_sees_it_at_once(walk, cast, width, javascript):
    jamila, badar = walk(width, javascript), walk(width, javascript)
    badar.sign_in("badar")
    badar.open("/moa/MOH/admin/users")
    badar.look(re.compile("not"))
    jamila.sign_in("jamila")
    rights = f"/moa/MOH/admin/users/{cast.memberships['badar'].id}/rights"
    jamila.open(rights)
    jamila.look("Badar Lim")
    jamila.follow("Give a role or grant")
    jamila.look("Give Badar Lim a role or grant")
    jamila.page.get_by_label("Role or grant", exact=True).select_option("pilot_admin")
    jamila.page.get_by_label("Last day").fill("2020-01-01")
    jamila.press("Give")
    jamila.says("The last day lies in the past.")
    jamila.look("Give Badar Lim a role or grant")
    jamila.page.get_by_label("Last day").fill("")
    jamila.press("Give")
    jamila.look("Badar Lim")
    jamila.says("given MOA Administrator")
    badar.open("/moa/MOH/admin/users")
    badar.look("People")
    jamila.follow(re.compile("^Take away MOA Administrator"))
    jamila.look("Take “MOA Administrator” away from Badar Lim?")
    jamila.press("Take it away")
    jamila.look("Badar Lim")
    badar.page.reload()
    badar.look(re.compile("not"))


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_search_and_one_persons_pages(walk, cast, width, javascript):
    jamila = walk(width, javascript)
    jamila.sign_in("jamila")
    jamila.open("/moa/MOH/admin/users")
    jamila.page.get_by_label("Name, username or email").fill("badar")
    if not javascript:
        jamila.press("Show")
    expect(jamila.page.locator("#results tbody tr")).to_have_count(1)
    expect(jamila.page).to_have_url(re.compile(r"[?&]q=badar"))
    jamila.follow("Badar Lim")
    jamila.look("Badar Lim")
    for tab in ("Roles", "Security", "History"):
        jamila.follow(tab)
        jamila.look("Badar Lim")
    jamila.follow("Details")
    jamila.follow("Edit")
    jamila.look("Edit Badar Lim")
    jamila.page.locator("#position").fill("Planner")
    jamila.press("Save")
    jamila.look("Badar Lim")
    jamila.says("Planner")
    jamila.follow("Make inactive")
    jamila.look("Make Badar Lim inactive?")
    jamila.page.locator("#reason").fill("Study leave")
    jamila.press("Make inactive")
    jamila.look("Badar Lim")
    jamila.says("This person cannot sign in")
    jamila.follow("Deactivate")
    jamila.look("Deactivate Badar Lim for good?")
    jamila.press("Deactivate for good")
    jamila.says("Say why.")
    jamila.look("Deactivate Badar Lim for good?")


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_somebody_of_two_moas_changes_between_them(walk, cast, width, javascript):
    yusuf = walk(width, javascript)
    yusuf.sign_in("yusuf")
    yusuf.says("Ministry of Health")
    yusuf.page.locator("a.org").click()
    yusuf.look("Your organizations")
    yusuf.follow("Ministry of Basic, Higher and Technical Education")
    expect(yusuf.page).to_have_url(re.compile("/moa/MBHTE/$"))
    yusuf.look(re.compile("Yusuf$"))
    yusuf.open("/organizations")
    yusuf.press("Open this one first")
    yusuf.says("This organization opens first from now on.")
    yusuf.open("/")
    expect(yusuf.page).to_have_url(re.compile("/moa/MBHTE/$"))


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_the_platform_gives_a_second_organization_and_a_central_role(walk, cast, width, javascript):
    sitti = walk(width, javascript)
    sitti.sign_in("sitti")
    sitti.look("Platform administration")
    sitti.open("/admin/users")
    sitti.look("People")
    sitti.follow("Ben Cruz")
    sitti.look("Ben Cruz")
    sitti.follow("Organizations")
    sitti.look("Ben Cruz")
    sitti.follow("Add to an organization")
    sitti.look("Add Ben Cruz to an organization")
    sitti.page.get_by_label("Organization", exact=True).select_option("MOH")
    sitti.page.get_by_role("radio", name=re.compile("^Viewer")).check()
    sitti.press("Add")
    sitti.says("Ben Cruz works in MOH.")
    sitti.follow("Give a central role")
    sitti.look("Give Ben Cruz a central role")
    sitti.page.get_by_role("radio", name=re.compile("^Developer")).check()
    sitti.press("Give")
    sitti.look("Ben Cruz")
    sitti.says("Ben Cruz is Developer")


@pytest.fixture
def work(app: Flask, queue: None) -> Callable[[], object]:
    """Let the worker do what waits; in a thread of its own, for Playwright minds this one's loop."""

    def run() -> object:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(worker.run_once, app).result()

    return run


@pytest.fixture
def work_plan(app: Flask, engine: Engine, cast: Cast) -> str:
    """The address of Badar's draft work plan of six items."""
    badar, amina = (planning.desk_of(engine, app, cast, username) for username in ("badar", "amina"))
    strategic = planning.make_plan(badar, *planning.make_lists(engine), cast.memberships["badar"].id)
    planning.bring_to(strategic, badar, amina, "submit", "approve", "activate")
    tree = make_tree(badar, strategic, cast.memberships["badar"].id)
    badar.session.commit()
    address = f"/moa/MOH/planning/work-plans/{tree['project'].work_plan_id}"
    for desk in (badar, amina):
        desk.session.close()
    return address


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_a_work_plan_goes_out_as_a_workbook_and_comes_back_changed(walk, work_plan, work, tmp_path, width, javascript):
    badar, workbook = walk(width, javascript), tmp_path / "work-plan.xlsx"
    badar.sign_in("badar")
    badar.open(work_plan)
    badar.press("Export to Excel")
    badar.says("as it stood on")
    work()
    if not javascript:
        badar.follow("Refresh")
    with badar.page.expect_download() as download:
        badar.follow(re.compile("^Download BMMS_Work-Plan_MOH_FY2026_"))
    download.value.save_as(workbook)
    book = openpyxl.load_workbook(workbook)
    places = {cell.value: cell.column for cell in book["Items"][1]}
    for row, heading, value in (
        (2, "Title", "Help line and desk"), (8, "Kind", "Activity"), (8, "Title", "Answer mails"),
        (8, "Parent code", 1), (8, "End", "15 Nov 2026"),
    ):  # fmt: skip
        book["Items"].cell(row, places[heading]).value = value
    book.save(workbook)
    badar.follow("import it again")
    badar.look("Import from Excel")
    badar.page.get_by_label("File", exact=True).set_input_files(workbook)
    badar.press("Upload and check")
    badar.says("The file is being checked")
    work()
    if not javascript:
        badar.follow("Refresh")
    badar.look("Check the import")
    badar.follow("Changed 1")
    badar.says("Title: Help line → Help line and desk")
    badar.press("Import 2 items")
    badar.says("The work plan is being imported")
    work()
    if not javascript:
        badar.follow("Refresh")
    badar.says("The work plan is imported")
    badar.follow("See the work plan")
    badar.follow("Items")
    badar.says("Help line and desk")
    badar.says("Answer mails")
