"""Reading what an answer to a form says."""

import csv
import io

from bs4 import BeautifulSoup
from werkzeug.test import TestResponse


def soup(answer: TestResponse) -> BeautifulSoup:
    """An answer as HTML."""
    return BeautifulSoup(answer.get_data(as_text=True), "html.parser")


def errors(answer: TestResponse) -> dict[str, str]:
    """Field id to what stands at it, of an answer with a form."""
    slots = {slot["id"].removesuffix("-error"): slot.get_text() for slot in soup(answer).select(".field__error")}
    return {name: said.removeprefix("Error: ") for name, said in slots.items() if said}


def summary(answer: TestResponse) -> str:
    """The error summary above the form."""
    return soup(answer).select_one("[role=alert]").get_text()


def hidden(page: BeautifulSoup) -> dict[str, str]:
    """The hidden fields of a form."""
    return {box["name"]: box["value"] for box in page.select("#form input[type=hidden]")}


def csv_rows(answer: TestResponse) -> list[list[str]]:
    """A CSV answer as rows."""
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def words(page: BeautifulSoup) -> str:
    """All text of a page, with plain spaces."""
    return page.get_text().replace("\xa0", " ")
