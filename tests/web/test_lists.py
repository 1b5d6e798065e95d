"""Tables, pagers, filters, steps, progress and other lists: roles, labels, links that keep the address."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask_sqlalchemy.pagination import Pagination

from tests.small_app import make_app

HOSTILE = "<script>alert('x')</script>\" onload=\"y"
Render = Callable[..., BeautifulSoup]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return make_app(tmp_path_factory.mktemp("static"))


@pytest.fixture
def render(app: Flask) -> Any:
    """`render(template, **values)`: the parsed output of a template given as text, on a page with a query."""

    def _render(template: str, **values: Any) -> BeautifulSoup:
        return BeautifulSoup(app.jinja_env.from_string(template).render(**values), "html5lib")

    with app.test_request_context("/list?q=rice&page=2"):
        yield _render


TABLE = """{% call(row, key) ui.table("People", [("name", "Name", "sort"), ("amount", "Amount", "num sort"),
("acts", "Acts", "unnamed")], rows, sort=sort, bad="wrong", foot=foot) %} {{ row[key] }} {% endcall %}"""
ROWS = [
    {"name": "Amina", "amount": "5", "acts": "", "wrong": True},
    {"name": HOSTILE, "amount": "6", "acts": "", "wrong": False},
]


def test_a_table_keeps_its_roles_and_labels(render: Render) -> None:
    soup = render(TABLE, rows=ROWS, sort="", foot={"name": "Total", "amount": "11"})
    table = soup.table
    assert table["role"] == "table"
    assert table.caption.get_text() == "People"
    assert {group["role"] for group in table.select("thead, tbody, tfoot")} == {"rowgroup"}
    assert {row["role"] for row in table.select("tr")} == {"row"}
    assert {cell["role"] for cell in table.select("thead th")} == {"columnheader"}
    assert [cell["role"] for cell in table.select("tbody tr")[0].find_all(recursive=False)] == [
        "rowheader",
        "cell",
        "cell",
    ]
    assert [cell.get("data-label") for cell in table.select("tbody tr")[0].select("td")] == ["Amount", None]
    assert [cell.get_text() for cell in table.select("tfoot :is(th, td)")] == ["Total", "11", ""]
    assert [row.get("class") for row in table.select("tbody tr")] == [["is-bad"], None]
    assert table.select("tbody th")[1].get_text() == HOSTILE


@pytest.mark.parametrize(
    ("sort", "links", "said"),
    [
        ("", ["?q=rice&sort=name", "?q=rice&sort=amount"], [None, None, None]),
        ("name", ["?q=rice&sort=-name", "?q=rice&sort=amount"], ["ascending", None, None]),
        ("-amount", ["?q=rice&sort=name", "?q=rice&sort=amount"], [None, "descending", None]),
    ],
)
def test_sorting_keeps_the_search_and_goes_back_to_page_one(render: Render, sort, links, said) -> None:
    head = render(TABLE, rows=ROWS, sort=sort, foot={}).thead
    assert [link["href"] for link in head.select("a")] == links
    assert [link["hx-get"] for link in head.select("a")] == links
    assert [cell.get("aria-sort") for cell in head.select("th")] == said


class People(Pagination):
    """A page of so many people, as `db.paginate` would give it."""

    def _query_items(self) -> list[Any]:
        return list(range(self._query_args["people"]))[(self.page - 1) * self.per_page :][: self.per_page]

    def _query_count(self) -> int:
        return self._query_args["people"]


def test_the_pager_counts_and_keeps_the_search(render: Render) -> None:
    soup = render("{{ ui.pager(page, 'person', 'people') }}", page=People(page=2, per_page=25, people=310))
    assert soup.p.get_text().replace("\N{NO-BREAK SPACE}", " ") == "26 to 50 of 310 people"
    assert soup.p.has_attr("data-announce")
    assert soup.nav["aria-label"] == "Pages"
    assert soup.select_one("[aria-current=page]").get_text() == "2"
    assert soup.select_one("a[rel=next]")["href"] == "?q=rice&page=3"
    assert soup.select_one("a[aria-label='Page 1']")["hx-get"] == "?q=rice&page=1"


@pytest.mark.parametrize(("total", "said"), [(0, "No people found"), (1, "1 person"), (25, "25 people")])
def test_one_page_needs_no_links(render: Render, total: int, said: str) -> None:
    soup = render("{{ ui.pager(page, 'person', 'people') }}", page=People(page=1, per_page=25, people=total))
    assert soup.p.get_text().replace("\N{NO-BREAK SPACE}", " ") == said
    assert soup.nav is None


def test_filters_are_a_get_form_with_labels(render: Render) -> None:
    soup = render(
        "{% call ui.filter_bar('/people') %}{{ ui.search_field(q) }}"
        "{{ ui.filter_choice('role', 'Role', [('', 'Any'), ('v', 'Viewer')], 'v') }}{% endcall %}",
        q=HOSTILE,
    )
    assert (soup.form["method"], soup.form["action"]) == ("get", soup.form["hx-get"])
    assert soup.form["hx-trigger"] == "input delay:400ms, submit"
    assert soup.select_one("#filter-q")["value"] == HOSTILE
    assert {label["for"] for label in soup.select("label")} == {"filter-q", "filter-role"}
    assert soup.select_one("option[selected]").get_text() == "Viewer"
    assert soup.select_one("form button[type=submit]")


def test_steps_say_which_are_done_and_which_is_now(render: Render) -> None:
    soup = render("{{ ui.steps('Import', ['Upload', ('Check', '5 rows'), 'Create'], 2) }}")
    assert soup.ol["aria-label"] == "Import"
    assert [item.get_text(" ", strip=True) for item in soup.select("li")] == ["Upload , done", "Check 5 rows", "Create"]
    assert [item.get("aria-current") for item in soup.select("li")] == [None, "step", None]


def test_changes_show_nothing_as_a_dash(render: Render) -> None:
    soup = render("{{ ui.changes([('Phone', none, hostile), ('Role', 'Viewer', '')]) }}", hostile=HOSTILE)
    assert [row.get_text("|", strip=True) for row in soup.select("tbody tr")] == [f"Phone|–|{HOSTILE}", "Role|Viewer|–"]
    assert [each.get_text() for each in soup.select("ins, del")] == [HOSTILE, "Viewer"]


def job(**values: Any) -> SimpleNamespace:
    return SimpleNamespace(**{"active": True, "poll_seconds": 5, "percent": 40, "file_name": "", **values})


def test_progress_polls_itself_until_the_job_ends(render: Render) -> None:
    running = render("{{ ui.progress(job, '/jobs/7') }}", job=job()).section
    assert (running["id"], running["role"], running["hx-get"]) == ("progress", "status", "/jobs/7")
    assert (running["hx-trigger"], running["hx-swap"]) == ("every 5s", "outerHTML")
    assert running.a["href"] == "/jobs/7"
    ended = render(
        "{{ ui.progress(job, '/jobs/7', '/jobs/7/file') }}", job=job(active=False, percent=100, file_name="a.xlsx")
    )
    assert not [name for name in ended.section.attrs if name.startswith("hx-")]
    assert ended.a["href"] == "/jobs/7/file"
    assert ended.a.get_text() == "Download a.xlsx"
    failed = render("{{ ui.progress(job, '/jobs/7') }}", job=job(active=False)).section
    assert failed.a is None


def test_dates_carry_their_machine_form(render: Render) -> None:
    soup = render(
        "{{ ui.day(d) }} {{ ui.moment(t) }} {{ ui.day(none) }} {{ ui.period(d, none) }}",
        d=date(2026, 11, 8), t=datetime(2026, 11, 8, 16, 30, tzinfo=UTC),
    )  # fmt: skip
    assert soup.body.get_text() == "8 November 2026 9 November 2026, 00:30 – from 8 November 2026"
    assert [each["datetime"] for each in soup.select("time")][:2] == ["2026-11-08", "2026-11-08T16:30:00+00:00"]


def test_shares_figures_facts_files_and_crumbs(render: Render) -> None:
    soup = render(
        "{{ ui.share(share, 'Released') }}{{ ui.figures([('People', '16', 'active', '/p'), ('Seats', '—')]) }}"
        "{{ ui.facts([('Code', hostile)]) }}<ul>{{ ui.attachment('a.pdf', '/f', 'PDF', 217088) }}</ul>"
        "{{ ui.crumbs([('People', '/p'), (hostile, none)]) }}",
        share=Decimal("0.472"), hostile=HOSTILE,
    )  # fmt: skip
    assert soup.progress["aria-label"] == "Released"
    assert soup.progress["value"] == "47.2"
    assert soup.select_one(".figures a")["href"] == "/p"
    assert soup.select_one(".facts dd").get_text() == HOSTILE
    assert "PDF, 212\N{NO-BREAK SPACE}KB" in soup.select_one("ul").get_text()
    assert soup.select_one(".crumbs [aria-current]").get_text() == HOSTILE
