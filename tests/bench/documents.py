"""What printing a paper costs: a plan of 7 goals x 5 objectives x 5 KPIs, and a budget proposal of 40 programs with 400
lines, beside WeasyPrint's own time for that HTML.

Run by `make bench`; needs Pango and the fonts, no database. Each figure is the best of three runs in one process, and
loading WeasyPrint counts for neither.
"""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask

from bmms.app import create_app
from bmms.config import Config
from bmms.models.documents import Document
from tasks import documents, pdf
from tests import papers, proposal_papers

ROUNDS = 3


def seconds(*ways: Callable[[], object]) -> list[float]:
    """The best of a few runs of each way; they take turns, so that a busy machine is busy for both."""
    taken: list[list[float]] = [[] for _ in ways]
    for _ in range(ROUNDS):
        for work, times in zip(ways, taken, strict=True):
            began = time.perf_counter()
            work()
            times.append(time.perf_counter() - began)
    return [min(times) for times in taken]


def megabytes() -> float:
    """The most memory that this process has had so far."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024**2 if sys.platform == "darwin" else 1024)


def measure(app: Flask) -> None:
    """Print what each paper takes."""
    before, loaded = megabytes(), "weasyprint" in sys.modules
    with app.app_context():
        print(f"the application alone {before:.0f} MB, WeasyPrint loaded: {loaded}")
        for name, paper in (
            ("strategic plan", papers.document(final=True)),
            ("budget proposal", proposal_papers.proposal(40, 10, final=True)),
        ):
            _measure_one(name, paper)
    print(f"most memory of the worker: {megabytes():.0f} MB")


def _measure_one(name: str, paper: Document) -> None:
    serve = documents.shelf(None, paper)  # type: ignore[arg-type]
    html = documents.page_of(paper)
    pdf.prepare("<p>", serve).write_pdf()
    alone, ours = seconds(
        lambda: pdf.prepare(html, serve).write_pdf(),
        lambda: pdf.write_pdf(documents.page_of(paper), serve, paper.code),
    )
    pages = len(pdf.prepare(html, serve).render().pages)
    print(
        f"{name}, {pages} pages, HTML {len(html):,} characters: WeasyPrint alone {alone:.1f} s, the task {ours:.1f} s, "
        f"{ours / alone:.2f} x"
    )


def main() -> None:
    """Measure in a folder that is thrown away; nothing here asks a database."""
    with TemporaryDirectory() as folder:
        measure(
            create_app(
                Config(
                    environment="test", instance=Path(folder), secret_key="bench " * 12, data_keys=("a key",),
                    database_url="postgresql://nobody@127.0.0.1:1/none", base_url="https://bmms.example",
                    log_level="ERROR",
                )
            )
        )  # fmt: skip


if __name__ == "__main__":
    main()
