"""The layouts: toasts, titles, pages of errors, letters, papers, and the frame of a signed-in person."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from flask import Flask, flash, render_template
from jinja2 import ChoiceLoader, DictLoader
from werkzeug.datastructures import MultiDict
from wtforms import Form, StringField
from wtforms.validators import InputRequired

from bmms.blueprints.styleguide import sample
from tests.small_app import make_app

HOSTILE = "<script>alert('x')</script>\" onload=\"y"


class Titled(Form):
    title = StringField("Title", [InputRequired()])


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return make_app(tmp_path_factory.mktemp("static"))


def test_flashed_messages_become_toasts_once(app: Flask) -> None:
    with app.test_request_context():
        flash("Saved.", "success")
        flash(HOSTILE, "error")
        soup = BeautifulSoup(render_template("components/toasts_oob.html"), "html5lib")
        assert soup.select_one("[hx-swap-oob='innerHTML:#toasts']")
        assert [toast["class"] for toast in soup.select(".toast")] == [["toast"], ["toast", "toast--bad"]]
        assert [toast.span.get_text() for toast in soup.select(".toast")] == ["Saved.", HOSTILE]
        assert all(button.get_text() == "Dismiss" for button in soup.select("[data-close]"))


ERRORS = (400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503)


@pytest.mark.parametrize("status", ERRORS)
def test_error_pages_need_neither_session_nor_database(status: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    app = make_app(tmp_path_factory.mktemp("static"))
    app.secret_key = None  # a session that is touched raises now
    with app.test_request_context():
        with pytest.raises(RuntimeError, match="no secret key"):
            flash("the session is out of order")
        page = render_template(f"errors/{status}.html", reference="7F3E-19A2", message=HOSTILE)
    soup = BeautifulSoup(page, "html5lib")
    assert soup.title.get_text() == f"Error: {soup.h1.get_text()} – BMMS"
    assert "7F3E-19A2" in soup.main.get_text()
    assert HOSTILE in soup.main.get_text()
    assert soup.select("main script") == []
    assert soup.select_one("main a.button")["href"].startswith("/")


def test_error_pages_do_without_reference_and_message(app: Flask) -> None:
    with app.test_request_context():
        for status in ERRORS:
            assert "Reference" not in render_template(f"errors/{status}.html")


def test_the_title_says_error_when_the_form_has_errors(app: Flask) -> None:
    page = app.jinja_env.from_string("{% extends 'layouts/public.html' %}{% block title %}Plan & more{% endblock %}")
    form = Titled(MultiDict())
    with app.test_request_context():
        assert "<title>Plan &amp; more – BMMS</title>" in page.render(form=form)
        form.validate()
        assert "<title>Error: Plan &amp; more – BMMS</title>" in page.render(form=form)


MAIL = (
    "{% extends 'layouts/email.html' %}{% block subject %}Welcome, {{ name }}{% endblock %}"
    "{% block body %}<h1>Assalamu alaikum, {{ name }}</h1>{% endblock %}"
)


def test_a_letter_escapes_and_carries_its_own_style_only(app: Flask) -> None:
    soup = BeautifulSoup(
        app.jinja_env.from_string(MAIL).render(name=HOSTILE, support_email="help@bmms.example"), "html5lib"
    )
    assert soup.title.get_text() == f"Welcome, {HOSTILE}"
    assert soup.h1.get_text() == f"Assalamu alaikum, {HOSTILE}"
    assert soup.select("script, link, img, table, [style]") == []
    assert len(soup.head.select("style")) == 1
    assert soup.select_one("a[href='mailto:help@bmms.example']")


def test_the_plain_letter_is_not_escaped(app: Flask) -> None:
    body = "{% extends 'layouts/email.txt' %}{% block body %}Assalamu alaikum, {{ name }}{% endblock %}"
    letters = app.jinja_env.overlay(loader=ChoiceLoader([DictLoader({"body.txt": body}), app.jinja_env.loader]))
    text = letters.get_template("body.txt").render(name="Nora & Lim")
    assert "Assalamu alaikum, Nora & Lim\n" in text
    assert "help desk" not in text
    assert "tell the help desk: help@bmms.example" in letters.get_template("body.txt").render(
        name="", support_email="help@bmms.example"
    )


def test_a_paper_has_letterhead_mark_and_signatures(app: Flask) -> None:
    page = app.jinja_env.from_string(
        "{% extends 'layouts/print.html' %}{% block title %}List{% endblock %}{% block main %}text{% endblock %}"
        "{% block signatures %}{{ ui.signatures([('Approved by', 'Maria Santos', 'Head')]) }}{% endblock %}"
    )
    with app.test_request_context():
        soup = BeautifulSoup(
            page.render(organization=SimpleNamespace(name="Ministry of Health"), contains_demo=True), "html5lib"
        )
        clean = page.render(organization=None, contains_demo=False)
    assert "Ministry of Health" in soup.select_one(".letterhead").get_text()
    assert soup.select_one(".demo").get_text() == "Contains demo figures"
    assert "Maria Santos" in soup.select_one(".signatures").get_text()
    assert soup.select("script, nav, form") == []
    assert "demo figures" not in clean
    assert "Office of the Chief Minister" in clean


MODULE = (
    "{% extends 'layouts/module.html' %}{% set crumbs = [('People', '/people'), ('Amina', none)] %}"
    "{% block title %}Amina Salik{% endblock %}{% block lead %}Planner{% endblock %}"
    "{% block acts %}{{ ui.link_button('Edit', '/edit') }}{% endblock %}{% block main %}<p>text</p>{% endblock %}"
)


def frame(app: Flask, **changes: object) -> BeautifulSoup:
    with app.test_request_context():
        page = app.jinja_env.from_string(MODULE).render(shell=replace(sample.Shell(), **changes))
    return BeautifulSoup(page, "html5lib")


def test_the_frame_of_an_organization(app: Flask) -> None:
    soup = frame(app)
    assert soup.title.get_text() == "Amina Salik – MOH – BMMS"
    assert [each.get_text() for each in soup.select("h1")] == ["Amina Salik"]
    assert soup.select_one(".org").get_text(" ", strip=True) == "Ministry of Health MOH"
    assert soup.select_one(".skip")["href"] == "#main"
    assert soup.select_one(".nav [aria-current=page]").get_text() == "Settings"
    assert [each.get_text(strip=True) for each in soup.select(".dock > ul > li > a")] == [
        "My work",
        "Planning",
        "Calendar",
        "Settings",
    ]
    assert soup.select_one(".crumbs [aria-current=page]").get_text() == "Amina"
    assert soup.select_one(".pilot a")["href"] == "mailto:help@bmms.example"
    assert soup.select_one(".count").get_text() == "3 unread"
    for form in soup.select("form[method=post]"):
        assert form.select_one("input[name=csrf_token]")["value"]
    identifiers = [tag["id"] for tag in soup.select("[id]")]
    assert len(identifiers) == len(set(identifiers))
    assert {field.get("id") for field in soup.select("input:not([type=hidden])")} <= {
        label["for"] for label in soup.select("label")
    }


def test_the_frame_of_a_central_area(app: Flask) -> None:
    soup = frame(app, organization=None, area="Platform administration", memberships_url=None, search_url=None,
                 notices_url=None, pilot=False, nav=(), dock=())  # fmt: skip
    assert soup.title.get_text() == "Amina Salik – BMMS"
    assert soup.select_one(".org").get_text(strip=True) == "Platform administration"
    assert soup.select("a.org, .seek, .pilot, .nav") == []
    assert "Notices" not in soup.get_text()


def test_a_paper_from_the_browser_says_who_printed_it(app: Flask) -> None:
    printed = frame(app).select(".only-print")
    assert "Ministry of Health" in printed[0].get_text()
    assert printed[1].get_text().startswith("Printed by Amina Salik from BMMS, as of ")


@pytest.mark.parametrize("layout", ["public", "module", "error", "print"])
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(app: Flask, layout: str) -> None:
    page = f"{{% extends 'layouts/{layout}.html' %}}{{% block title %}}T{{% endblock %}}"
    with app.test_request_context():
        text = app.jinja_env.from_string(page).render(shell=sample.Shell(), organization=None, contains_demo=False)
    soup = BeautifulSoup(text, "html5lib")
    assert soup.select("style, [style], script:not([src])") == []
    assert not [tag for tag in soup.find_all() for name in tag.attrs if name.startswith(("on", "hx-on"))]
    for tag in soup.select("[src], link[href], use[href]"):
        assert tag.get("src", tag.get("href")).startswith("/static/")
