"""Components and layouts rendered with real forms and rows: names, descriptions, roles, escaping."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask, render_template
from flask_wtf import FlaskForm
from jinja2 import ChoiceLoader, DictLoader, Environment, UndefinedError
from jinja2_fragments import render_block
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FileField,
    Form,
    FormField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from bmms.web.components import Components
from tests.small_app import make_app

HOSTILE = "<script>alert('x')</script>\" onload=\"y"
Render = Callable[..., BeautifulSoup]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return make_app(tmp_path_factory.mktemp("static"))


@pytest.fixture
def render(app: Flask) -> Any:
    """`render(template, **values)`: the parsed output of a template given as text."""

    def _render(template: str, **values: Any) -> BeautifulSoup:
        return BeautifulSoup(app.jinja_env.from_string(template).render(**values), "html5lib")

    with app.test_request_context():
        yield _render


class Line(Form):
    amount = StringField("Amount", [InputRequired("Enter the amount.")])


class Sample(Form):
    title = StringField("Title", [InputRequired("Enter a title.")], description="As in the work plan")
    note = TextAreaField("Note")
    start = DateField("First day", [InputRequired("Choose the first day.")])
    unit = SelectField("Unit", choices=[SelectChoice("", "Choose"), SelectChoice("a", "A & B")])
    paper = FileField("Paper")
    role = RadioField(
        "Role", [InputRequired("Choose a role.")], choices=[SelectChoice("p", "Planner"), SelectChoice("v", "Viewer")]
    )
    duties = SelectMultipleField(
        "Duties",
        choices=[SelectChoice("x", "Approves"), SelectChoice("y", "Verifies")],
        widget=ListWidget(),
        option_widget=CheckboxInput(),
    )
    mail = BooleanField("Send the mail")
    lines = FieldList(FormField(Line), min_entries=1)

    def validate_note(self, field: TextAreaField) -> None:
        if field.data == HOSTILE:
            raise ValidationError(f"{HOSTILE} is no note.")


class Posted(FlaskForm):
    title = StringField("Title")


def sample(**data: str) -> Sample:
    return Sample(MultiDict({"unit": "", **data}))


def described_by(soup: BeautifulSoup, element: Tag) -> list[str]:
    """The texts that describe an element; fails when an id is missing."""
    ids = element["aria-describedby"]
    return [soup.select_one(f"#{each}").get_text() for each in (ids.split() if isinstance(ids, str) else ids)]


# --- fields ---


def test_a_field_is_label_hint_error_input_in_that_order(render: Render) -> None:
    soup = render("{{ ui.field(form.title) }}", form=sample())
    box = soup.select_one("div.field")
    assert [child.name for child in box.find_all(recursive=False)] == ["label", "p", "p", "input"]
    assert box.label["for"] == box.input["id"] == "title"
    assert described_by(soup, box.input) == ["As in the work plan", ""]
    assert "required" in box.input.attrs
    assert "aria-invalid" not in box.input.attrs
    assert "(optional)" not in box.label.get_text()


def test_a_field_with_an_error_says_so_thrice(render: Render) -> None:
    form = sample()
    assert not form.validate()
    soup = render("{{ ui.field(form.title) }}", form=form)
    assert soup.input["aria-invalid"] == "true"
    assert described_by(soup, soup.input) == ["As in the work plan", "Error: Enter a title."]
    assert "field--bad" in soup.select_one("div.field")["class"]


@pytest.mark.parametrize(
    ("name", "tag"), [("note", "textarea"), ("start", "input"), ("unit", "select"), ("paper", "input")]
)
def test_every_kind_of_field_has_a_label_and_an_error_slot(render: Render, name: str, tag: str) -> None:
    soup = render("{{ ui.field(form[name], hint='') }}", form=sample(), name=name)
    control = soup.select_one(tag)
    assert soup.label["for"] == control["id"] == name
    assert control["aria-describedby"] == f"{name}-error"
    assert soup.select_one(f"#{name}-error").get_text() == ""
    assert ("(optional)" in soup.label.get_text()) == (name != "start")


@pytest.mark.parametrize(("name", "kind"), [("role", "radio"), ("duties", "checkbox")])
def test_a_group_is_a_fieldset_with_a_legend(render: Render, name: str, kind: str) -> None:
    form = sample(role="v", duties="x")
    soup = render("{{ ui.field(form[name], hints={'v': 'Reads', 'x': 'Signs'}) }}", form=form, name=name)
    assert soup.fieldset.legend.get_text().startswith("Role" if name == "role" else "Duties")
    choices = soup.select(f"input[type={kind}]")
    assert len(choices) == 2
    assert all(choice.find_parent("label") for choice in choices)
    assert [choice["value"] for choice in choices if choice.has_attr("checked")] == ["v" if name == "role" else "x"]
    assert soup.small.get_text() == ("Reads" if name == "role" else "Signs")
    assert soup.fieldset["aria-describedby"] == f"{name}-error"


def test_a_single_checkbox_stands_in_its_label(render: Render) -> None:
    soup = render("{{ ui.field(form.mail) }}", form=sample(mail="y"))
    assert soup.label.input["type"] == "checkbox"
    assert soup.label.get_text(strip=True) == "Send the mail"
    assert soup.input.has_attr("checked")


def test_a_hidden_field_is_only_its_input(render: Render) -> None:
    form = Posted()
    soup = render("{{ ui.field(form.csrf_token) }}", form=form)
    assert [tag.name for tag in soup.body.find_all()] == ["input"]


def test_inline_validation_asks_for_one_field_and_swaps_its_slot_only(render: Render) -> None:
    soup = render(
        "{{ ui.field(form.title, check='/plans/new') }}{{ ui.field(form.note, check='/x?a=1') }}", form=sample()
    )
    assert soup.input["hx-post"] == "/plans/new?check=title"
    assert soup.textarea["hx-post"] == "/x?a=1&check=note"
    assert (soup.input["hx-trigger"], soup.input["hx-swap"]) == ("change", "outerHTML")
    assert soup.input["hx-target"] == "#title-error"


def test_the_answer_to_a_check_is_the_slot_alone(app: Flask) -> None:
    form = sample()
    form.validate()
    with app.test_request_context():
        answers = {name: render_template("components/field_error.html", field=form[name]) for name in ("title", "unit")}
    wrong, right = (BeautifulSoup(answer, "html.parser").find_all(recursive=False) for answer in answers.values())
    assert [(each["id"], each.get_text()) for each in wrong] == [("title-error", "Error: Enter a title.")]
    assert [(each["id"], each.get_text()) for each in right] == [("unit-error", "")]
    assert wrong[0].has_attr("data-announce")


def test_attributes_and_affix_reach_the_input(render: Render) -> None:
    soup = render("{{ ui.field(form.title, affix='₱', autocomplete='off', hint='Pesos') }}", form=sample(title="5"))
    assert soup.select_one(".affix.money input")["autocomplete"] == "off"
    assert soup.input["inputmode"] == "decimal"
    assert soup.input["value"] == "5"
    assert described_by(soup, soup.input)[0] == "Pesos"
    assert soup.select_one(".affix span")["aria-hidden"] == "true"


# --- the form as a whole ---


def test_the_error_summary_links_to_every_field(render: Render) -> None:
    form = sample(**{"lines-0-amount": ""})
    form.validate()
    form.form_errors.append("The period is closed.")
    soup = render(
        "{{ ui.error_summary(form) }}{{ ui.field(form.title) }}{{ ui.field(form.start) }}{{ ui.field(form.role) }}"
        "{{ ui.field(form.lines[0].form.amount) }}",
        form=form,
    )
    box = soup.select_one(".errors")
    assert (box["role"], box["tabindex"]) == ("alert", "-1")
    assert box.has_attr("data-focus")
    assert box.h2.get_text() == "Error: 4 answers need a change"
    assert [line.get_text() for line in box.select("li")] == [
        "The period is closed.",
        "Title: Enter a title.",
        "First day: Choose the first day.",
        "Role: Choose a role.",
        "Amount: Enter the amount.",
    ]
    targets = [link["href"] for link in box.select("a")]
    assert targets == ["#title", "#start", "#role-0", "#lines-0-amount"]
    assert [soup.select_one(target).name for target in targets] == ["input"] * 4


def test_where_no_answer_is_wrong_nothing_was_done(render: Render) -> None:
    form = sample()
    form.form_errors.append("The period is closed.")
    assert render("{{ ui.error_summary(form) }}", form=form).h2.get_text() == "Error: nothing was done"


def test_no_errors_no_summary(render: Render) -> None:
    assert render("{{ ui.error_summary(form) }}", form=sample()).body.get_text(strip=True) == ""


def test_a_form_region_works_with_and_without_htmx(render: Render) -> None:
    form = Posted()
    soup = render("{% call ui.form_region(form, '/plans/new', multipart=true) %}<p>inside</p>{% endcall %}", form=form)
    box = soup.select_one("form#form")
    assert (box["method"], box["action"]) == ("post", "/plans/new")
    assert box["hx-post"] == box["action"]
    assert box["hx-target"] == "#form"
    assert box["enctype"] == box["hx-encoding"] == "multipart/form-data"
    assert box.has_attr("data-warn")
    assert box.select_one("input[name=csrf_token][type=hidden]")["value"]
    assert box.p.get_text() == "inside"


@pytest.mark.parametrize(
    "template",
    [
        "{{ ui.post_button('Send', '/send', target='row', person=7) }}",
        "{% call ui.confirm_page('Return', '/send', '/back') %}Why{% endcall %}",
        "{% call ui.confirm_link('d', 'Return', '/ask', 'Return?', 'Return', action='/send') %}Why{% endcall %}",
    ],
)
def test_every_small_form_posts_with_a_token(render: Render, template: str) -> None:
    form = render(template).form
    assert (form["method"], form["action"]) == ("post", "/send")
    assert form.select_one("input[name=csrf_token]")["value"]


def test_a_question_is_a_link_first_and_a_dialog_second(render: Render) -> None:
    soup = render(
        "{% call ui.confirm_link('d', 'Suspend', '/ask', 'Suspend?', 'Yes', tone='danger') %}Why{% endcall %}"
    )
    assert (soup.a["href"], soup.a["data-dialog"]) == ("/ask", "d")
    dialog = soup.select_one("dialog#d")
    assert soup.select_one(f"#{dialog['aria-labelledby']}").get_text() == "Suspend?"
    assert [button["type"] for button in dialog.select("button")] == ["submit", "button"]
    assert dialog.select("button")[1].has_attr("data-close")


def test_an_act_that_is_not_possible_says_why(render: Render) -> None:
    soup = render("{{ ui.unavailable('Approve', 'You wrote this.', 'why') }}")
    assert soup.button["aria-disabled"] == "true"
    assert soup.button["type"] == "button"
    assert described_by(soup, soup.button) == ["You wrote this."]


# --- words ---

MACROS_WITH_WORDS = [
    "{{ ui.pill(x) }}", "{{ ui.light(x) }}", "{{ ui.toast(x) }}", "{{ ui.button(x) }}", "{{ ui.link_button(x, x) }}",
    "{{ ui.card(x, x, x) }}", "{{ ui.empty(x, x, x) }}", "{{ ui.figures([(x, x, x, x)]) }}",
    "{{ ui.tabs(x, [(x, x, true)]) }}",
    "{{ ui.steps(x, [x, (x, x)], 1) }}", "{{ ui.tasks([(x, x, x, 'ok', x)]) }}", "{{ ui.bad_cell(x, x) }}",
    "{% call ui.note('bad', x) %}{{ x }}{% endcall %}", "{% call ui.disclosure(x) %}{{ x }}{% endcall %}",
    "{% call(e) ui.log([x]) %}{{ e }}{% endcall %}", "{{ ui.signatures([(x, x, x)]) }}",
    "{{ ui.post_button(x, x, a=x) }}",
    "{% call ui.confirm_link('d', x, x, x, x) %}{{ x }}{% endcall %}", "{{ ui.attachment(x, x, x, 5, x) }}",
]  # fmt: skip


@pytest.mark.parametrize("template", MACROS_WITH_WORDS)
def test_hostile_words_stay_words(render: Render, template: str) -> None:
    soup = render(template, x=HOSTILE)
    assert soup.select("script") == []
    assert not [tag for tag in soup.find_all() if tag.has_attr("onload")]
    assert HOSTILE in soup.body.get_text() or HOSTILE in str(soup.find().attrs)


def test_hostile_errors_stay_words(render: Render) -> None:
    form = sample(note=HOSTILE)
    form.validate()
    soup = render("{{ ui.error_summary(form) }}{{ ui.field(form.note) }}", form=form)
    assert soup.select("script") == []
    assert soup.textarea.get_text() == HOSTILE
    assert soup.select_one("#note-error").get_text() == f"Error: {HOSTILE} is no note."


def test_lights_pills_and_icons_have_words(render: Render) -> None:
    soup = render(
        "{{ ui.light('Late', 'late') }}{{ ui.pill('Returned', 'warn') }}"
        "{{ ui.link_button('Export', '/x', icon='download') }}"
    )
    assert soup.get_text(" ", strip=True) == "Late Returned Export"
    assert soup.svg["aria-hidden"] == "true"
    assert re.fullmatch(r"/static/icons\.[0-9a-f]{8}\.svg#download", soup.use["href"])


# --- the namespace ---


def test_a_block_alone_still_finds_the_macros(app: Flask) -> None:
    page = "{% extends 'layouts/public.html' %}{% block main %}{{ ui.pill('Draft') }}{% endblock %}"
    pages = app.jinja_env.overlay(loader=ChoiceLoader([DictLoader({"page.html": page}), app.jinja_env.loader]))
    with app.test_request_context():
        assert render_block(pages, "page.html", "main") == '<span class="pill">Draft</span>'


def test_a_macro_that_is_not_there_is_named(render: Render) -> None:
    with pytest.raises(UndefinedError, match="'bmms.web.components.Components object' has no attribute 'pil'"):
        render("{{ ui.pil('Draft') }}")


IN_LAYOUTS = {"account", "brand", "crumbs", "demo_mark", "entries", "error_slot", "letterhead", "seek"}
PARTS = {"day", "logo", "table_row"}  # shown inside ui.period, ui.letterhead and ui.table


def test_every_component_stands_in_the_style_guide() -> None:
    """House 7.4: one macro, one entry. What the layouts bring stands on each of its pages."""

    def source(*folders: str) -> str:
        paths = [path for folder in folders for path in Path("bmms/templates", folder).glob("*.html")]
        return "".join(path.read_text(encoding="utf-8") for path in paths)

    macros = set(re.findall(r"{% macro ([a-z]\w*)", source("components")))
    assert {name for name in macros if f"ui.{name}(" not in source("styleguide")} - PARTS == IN_LAYOUTS
    assert {name for name in IN_LAYOUTS if f"ui.{name}(" not in source("layouts", "components")} == set()


def test_no_macro_name_is_used_twice() -> None:
    files = {f"components/{name}.html": "{% macro same() %}{% endmacro %}" for name in ("a", "b")}
    with pytest.raises(ValueError, match=r"the macro same stands in both components/a\.html and components/b\.html"):
        Components(Environment(loader=DictLoader(files))).same()  # noqa: S701
