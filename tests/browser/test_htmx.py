"""What we ask of the vendored htmx, and every handler of bmms.js, against a small application.

The contract is that of house 7.1: a 422 is swapped, a 409 only toasts, a 204 redirects, a search waits for the last
key and pushes its address. Names of htmx 2 events are tried by sending the events themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from flask import Flask, Response, flash, make_response, redirect, render_template, render_template_string, request
from flask_wtf import FlaskForm
from playwright.sync_api import Page, expect
from wtforms import BooleanField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired

from tests.browser.walks import wait_until
from tests.small_app import make_app

pytestmark = pytest.mark.browser

LAYOUT = "{% extends 'layouts/public.html' %}{% block title %}Plans{% endblock %}{% block main %}"
FORM = """{% call ui.form_region(form, "/plans") %}{{ ui.field(form.title, check="/plans") }}{{ ui.field(form.unit) }}
{{ ui.field(form.shared) }}{% call ui.actions() %}{{ ui.button("Save") }}{% endcall %}{% endcall %}"""
LIST = """<section id="results"><p data-announce>{{ found|length|plural("plan") }}</p>
{% for plan in found %}<p>{{ plan }}</p>{% endfor %}</section>"""
STEP = """<section id="plan"><h2 tabindex="-1" data-focus>{{ state }}</h2>
{{ ui.post_button("Approve", "/approve", target="plan") }}{{ ui.post_button("Refuse", "/refuse", target="plan") }}
{{ ui.post_button("Break", "/break", target="plan") }}</section>"""
POLL = """<section id="progress" role="status"{% if left %} hx-get="/job?left={{ left - 1 }}" hx-trigger="every 1s"
hx-swap="outerHTML"{% endif %}>{{ left }} left</section>"""
PLANS = ["Rice", "Roads", "Reading"]


class PlanForm(FlaskForm):
    title = StringField("Title", [InputRequired("Enter a title.")])
    unit = SelectField("Unit", choices=[SelectChoice("a", "A"), SelectChoice("b", "B")], default="b")
    shared = BooleanField("Shared")


@dataclass
class Site:
    """The running application, what it was asked for, and switches for what may go wrong."""

    address: str = ""
    signed_out: bool = False
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def running(serve: Callable[[Flask], str], tmp_path_factory: pytest.TempPathFactory) -> Site:
    app, site = make_app(tmp_path_factory.mktemp("static")), Site()

    @app.before_request
    def meet() -> Response | None:
        site.asked.append(f"{request.method} {request.full_path.rstrip('?')}")
        if site.signed_out and request.method == "POST":
            return make_response(f"<h1>Sign in</h1><p>kept: {request.form.get('title')}</p>", 401)
        return make_response("<h1>Sign in</h1>", 401) if site.signed_out and "HX-Request" in request.headers else None

    @app.route("/plans", methods=["GET", "POST"])
    def plans() -> Response:
        form = PlanForm()
        if checked := request.args.get("check"):
            form.validate()
            return make_response(render_template("components/field_error.html", field=form[checked]))
        if form.title.data == "Kept":
            return make_response("", 204)
        if form.validate_on_submit():
            flash(f"Saved {form.title.data}.", "success")
            return make_response("", 204, {"HX-Redirect": "/list"}) if request.htmx else redirect("/list", 303)
        template = FORM if request.htmx else LAYOUT + FORM + "{% endblock %}"
        return make_response(render_template_string(template, form=form), 422 if form.errors else 200)

    @app.get("/list")
    def plan_list() -> str:
        search = request.args.get("q", "")
        found = [plan for plan in PLANS if search.casefold() in plan.casefold()]
        bar = "{% call ui.filter_bar('/list') %}{{ ui.search_field(search) }}{% endcall %}"
        partial = request.htmx and not request.htmx.history_restore_request
        template = LIST if partial else LAYOUT + bar + LIST + "{% endblock %}"
        return render_template_string(template, found=found, search=search)

    @app.get("/plan")
    def plan() -> str:
        return render_template_string(LAYOUT + STEP + "{% endblock %}", state="Draft")

    @app.post("/approve")
    def approve() -> str:
        flash("Status changed.", "success")
        return render_template_string(STEP, state="Approved") + render_template("components/toasts_oob.html")

    @app.post("/refuse")
    def refuse() -> Response:
        flash("This is already approved.", "error")
        return make_response(render_template("components/toasts_oob.html"), 409, {"HX-Reswap": "none"})

    @app.post("/break")
    def break_() -> Response:
        return make_response("<h1>Bad gateway</h1>", 502)

    @app.get("/job")
    def job() -> str:
        left = request.args.get("left", 2, int)
        return render_template_string(POLL if request.htmx else LAYOUT + POLL + "{% endblock %}", left=left)

    site.address = serve(app)
    return site


@pytest.fixture
def site(running: Site) -> Site:
    running.signed_out = False
    running.asked.clear()
    return running


def open_at(page: Page, site: Site, path: str) -> Page:
    page.goto(site.address + path)
    wait_until(page, "typeof htmx === 'object'")
    return page


# --- the contract with htmx ---


def test_the_version_in_the_browser(page_at, site) -> None:
    page = open_at(page_at(1280), site, "/plan")
    assert page.evaluate("htmx.version") == "4.0.1"
    assert page.evaluate("[htmx.config.includeIndicatorCSS, htmx.config.noSwap.join()]") == [
        False,
        "204,304,401,404,5xx",
    ]


def test_a_422_comes_back_as_the_form_with_its_summary_focused(page_at, site) -> None:
    page = open_at(page_at(1280), site, "/plans")
    page.get_by_label("Shared").check()
    page.get_by_role("button", name="Save").click()
    summary = page.locator(".errors")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("link")).to_have_text("Title: Enter a title.")
    expect(page.get_by_label("Shared")).to_be_checked()
    assert page.locator("form#form").count() == 1
    assert page.url.endswith("/plans")
    summary.get_by_role("link").click()
    expect(page.get_by_label("Title")).to_be_focused()


def test_a_409_swaps_nothing_and_toasts(page_at, site) -> None:
    page = open_at(page_at(1280), site, "/plan")
    page.get_by_role("button", name="Refuse").click()
    expect(page.locator("#toasts")).to_contain_text("This is already approved.")
    expect(page.get_by_role("heading", level=2)).to_have_text("Draft")
    assert page.locator("#toasts[role=status]").count() == 1


def test_a_step_swaps_the_region_focuses_its_heading_and_toasts(page_at, site) -> None:
    page = open_at(page_at(1280), site, "/plan")
    page.get_by_role("button", name="Approve").click()
    heading = page.get_by_role("heading", level=2)
    expect(heading).to_have_text("Approved")
    expect(heading).to_be_focused()
    expect(page.locator("#toasts .toast")).to_have_text("Status changed.Dismiss")


def test_a_204_with_a_redirect_leads_there_and_the_message_follows(page_at, site) -> None:
    page = open_at(page_at(1280), site, "/plans")
    page.get_by_label("Title").fill("Rice")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/list")
    expect(page.locator("#toasts")).to_contain_text("Saved Rice.")


def test_a_double_click_saves_once(page_at, site) -> None:
    page = open_at(page_at(1280), site, "/plans")
    page.get_by_label("Title").fill("Rice")
    page.get_by_role("button", name="Save").dblclick()
    page.wait_for_url("**/list")
    assert site.asked.count("POST /plans") == 1


def test_a_search_waits_for_the_last_key_and_pushes_its_address(page_at, site) -> None:
    page = open_at(page_at(1280), site, "/list")
    page.get_by_role("searchbox").press_sequentially("roa", delay=60)
    expect(page.locator("#results p")).to_have_text(["1\u00a0plan", "Roads"])
    assert page.url.endswith("/list?q=roa")
    assert [each for each in site.asked if "q=" in each] == ["GET /list?q=roa"]
    expect(page.locator("#announce")).to_have_text("1 plan")
    page.go_back()
    expect(page.locator("#results p")).to_have_count(4)
    page.reload()
    assert page.url.endswith("/list")


def test_a_poll_ends_when_the_work_does(page_at, site) -> None:
    page = open_at(page_at(1280), site, "/job")
    expect(page.locator("#progress")).to_have_text("0 left")
    asked = len(site.asked)
    page.wait_for_timeout(1500)
    assert len(site.asked) == asked


# --- bmms.js ---


def test_a_toast_is_dismissed_by_hand_or_leaves_by_itself(page_at, site) -> None:
    page = open_at(page_at(1280), site, "/plan")
    page.get_by_role("button", name="Refuse").click()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.locator(".toast")).to_have_count(0)
    page.get_by_role("button", name="Approve").click()
    toast = page.locator(".toast")
    expect(toast).to_be_visible()
    page.evaluate("document.getAnimations().forEach((each) => each.finish())")
    expect(toast).to_be_hidden()


def test_an_error_toast_stays(page_at, site) -> None:
    page = open_at(page_at(1280), site, "/plan")
    page.get_by_role("button", name="Refuse").click()
    expect(page.locator(".toast--bad")).to_be_visible()
    assert page.locator(".toast--bad").evaluate("toast => toast.getAnimations().length") == 0


def test_no_connection_is_said_once_and_nothing_typed_is_lost(page_at, site) -> None:
    page = open_at(page_at(1280), site, "/plans")
    page.get_by_label("Title").fill("Rice")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_have_text("No connection; your work is still here.Dismiss")
    page.get_by_role("button", name="Save").click()
    page.wait_for_timeout(300)
    expect(page.locator("#toasts .toast")).to_have_count(1)
    expect(page.get_by_label("Title")).to_have_value("Rice")
    page.context.set_offline(False)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/list")


def test_a_gateway_that_fails_counts_as_no_connection(page_at, site) -> None:
    page = open_at(page_at(1280), site, "/plan")
    page.get_by_role("button", name="Break").click()
    expect(page.locator("#toasts")).to_contain_text("No connection")
    expect(page.get_by_role("heading", level=2)).to_have_text("Draft")


@pytest.mark.parametrize("name", ["htmx:sendError", "htmx:timeout"])
def test_failures_under_their_names_in_htmx_2(page_at, site, name) -> None:
    page = open_at(page_at(1280), site, "/plan")
    page.evaluate("name => document.body.dispatchEvent(new CustomEvent(name, {bubbles: true, detail: {}}))", name)
    expect(page.locator("#toasts")).to_contain_text("No connection")


def test_focus_after_a_swap_under_its_name_in_htmx_2(page_at, site) -> None:
    page = open_at(page_at(1280), site, "/plan")
    page.locator("#plan").evaluate(
        "part => part.dispatchEvent(new CustomEvent('htmx:afterSettle', {bubbles: true, detail: {}}))"
    )
    expect(page.get_by_role("heading", level=2)).to_be_focused()


def test_a_list_asked_for_when_signed_out_reloads_the_page(page_at, site) -> None:
    page = open_at(page_at(1280), site, "/list")
    site.signed_out = True
    with page.expect_event("load"):  # pushing an address loads nothing
        page.get_by_role("searchbox").fill("r")
    pages = [each for each in site.asked if each.startswith("GET /list")]
    assert pages == ["GET /list", "GET /list?q=r", "GET /list"]  # the page, the refused search, the page afresh


def test_a_list_reloads_under_the_names_of_htmx_2(page_at, site) -> None:
    page = open_at(page_at(1280), site, "/list")
    with page.expect_event("load"):
        page.locator(".filters").evaluate(
            "form => form.dispatchEvent(new CustomEvent('htmx:responseError',"
            " {bubbles: true, detail: {xhr: {status: 401}}}))"
        )


def test_a_form_sent_when_signed_out_is_posted_whole(page_at, site) -> None:
    page = open_at(page_at(1280), site, "/plans")
    page.get_by_label("Title").fill("Rice for all")
    page.keyboard.press("Tab")
    expect(page.locator("#title-error")).to_have_text("")
    site.signed_out = True
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("kept: Rice for all")).to_be_visible()


def test_a_field_checked_when_signed_out_keeps_the_page(page_at, site) -> None:
    page = open_at(page_at(1280), site, "/plans")
    site.signed_out = True
    page.get_by_label("Title").fill("Rice")
    page.keyboard.press("Tab")
    expect(page.locator("#toasts")).to_contain_text("You are signed out; your work is still here.")
    expect(page.get_by_label("Title")).to_have_value("Rice")


def asks_before_leaving(page: Page, site: Site) -> bool:
    """Does the browser ask when the page is left? The answer is yes, leave."""
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(f"{site.address}/plan")
    return asked == ["beforeunload"]


@pytest.mark.parametrize(
    ("change", "warned"),
    [
        (lambda page: page.get_by_label("Title").fill("Rice"), True),
        (lambda page: page.get_by_label("Unit").select_option("a"), True),
        (lambda page: page.get_by_label("Shared").check(), True),
        (lambda page: page.get_by_label("Shared").click(), True),
        (lambda page: page.get_by_label("Title").click(), False),
        (lambda page: page.get_by_label("Shared").dblclick(), False),
    ],
    ids=["text", "list", "checkbox", "click", "nothing", "there and back"],
)
def test_leaving_with_unsaved_changes_asks_first(page_at, site, change, warned) -> None:
    page = open_at(page_at(1280), site, "/plans")
    change(page)
    assert asks_before_leaving(page, site) is warned


def test_leaving_after_a_save_that_did_not_arrive_asks(page_at, site) -> None:
    page = open_at(page_at(1280), site, "/plans")
    page.get_by_label("Title").fill("Rice")
    page.context.set_offline(True)
    with page.expect_event("requestfailed", lambda sent: sent.url == f"{site.address}/plans"):
        page.get_by_role("button", name="Save").click()
    expect(page.locator("form[data-sent]")).to_have_count(0)
    page.context.set_offline(False)
    assert asks_before_leaving(page, site)


def test_typing_after_a_save_asks_again(page_at, site) -> None:
    page = open_at(page_at(1280), site, "/plans")
    page.get_by_label("Title").fill("Kept")
    with page.expect_response(lambda answer: answer.status == 204):
        page.get_by_role("button", name="Save").click()
    assert not asks_before_leaving(page, site)
    open_at(page, site, "/plans")
    page.get_by_label("Title").fill("Kept")
    with page.expect_response(lambda answer: answer.status == 204):
        page.get_by_role("button", name="Save").click()
    page.get_by_label("Title").fill("Kept and more")
    assert asks_before_leaving(page, site)


def test_leaving_a_form_that_came_back_with_errors_asks_too(page_at, site) -> None:
    page = open_at(page_at(1280), site, "/plans")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".errors")).to_be_focused()
    assert asks_before_leaving(page, site)


def test_a_dialog_opens_closes_and_posts(page_at, site, serve, tmp_path) -> None:
    app = make_app(tmp_path)
    question = (
        "{% call ui.confirm_link('d', 'Suspend', '/ask', 'Suspend?', 'Yes', action='/done', target='part') %}"
        "<p>Why</p>{% endcall %}<section id='part'>before</section>"
    )
    app.add_url_rule("/", "q", lambda: render_template_string(LAYOUT + question + "{% endblock %}"))
    app.add_url_rule("/done", "d", lambda: "<section id='part'>after</section>", methods=["POST"])
    page = page_at(1280)
    page.goto(serve(app))
    dialog, opener = page.get_by_role("dialog"), page.get_by_role("link", name="Suspend")
    opener.click()
    expect(dialog).to_be_visible()
    page.get_by_role("button", name="Keep as it is").click()
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    opener.press("Enter")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    opener.click()
    page.get_by_role("button", name="Yes").click()
    expect(page.locator("#part")).to_have_text("after")
    expect(dialog).to_be_hidden()


def test_a_menu_closes_by_escape_and_by_a_click_elsewhere(page_at, site, serve, tmp_path) -> None:
    app = make_app(tmp_path)
    menu = "{% call ui.menu('Acts') %}<li><a href='#main'>Copy</a></li>{% endcall %}"
    app.add_url_rule("/", "m", lambda: render_template_string(LAYOUT + menu + "{% endblock %}"))
    page = page_at(1280)
    page.goto(serve(app))
    summary, entry = page.get_by_text("Acts", exact=True), page.get_by_role("link", name="Copy")
    summary.click()
    entry.focus()
    page.keyboard.press("Escape")
    expect(entry).to_be_hidden()
    expect(summary).to_be_focused()
    summary.click()
    expect(entry).to_be_visible()
    page.get_by_role("heading", level=1).click()
    expect(entry).to_be_hidden()
