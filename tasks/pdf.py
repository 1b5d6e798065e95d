"""HTML becomes PDF. WeasyPrint is loaded at the first paper, by the worker alone: it takes 50 MB and most of a second.

Nothing is ever fetched: what a page refers to is handed over by the caller, and anything else breaks the printing off.
The same HTML gives the same bytes, on the same fonts and library versions (decision D33).
"""

import logging
from collections.abc import Callable
from typing import Any

BASE = "https://paper.invalid"  # never asked for: only what stands behind it is
Serve = Callable[[str], tuple[bytes, str] | None]  # a path to content and media type, or None


def _matters(record: logging.LogRecord) -> bool:
    """Rules of our sheet that are for screens only are no news; a letter that no font has is."""
    return record.levelno >= logging.ERROR or record.msg.startswith(".notdef")


logging.getLogger("weasyprint").addFilter(_matters)


def write_pdf(html: str, serve: Serve, identifier: str) -> bytes:
    """Print a page.

    Args:
        serve: gives what the page refers to by path, such as the style sheet and the logo.
        identifier: of the document, for the PDF's own.

    Raises:
        weasyprint.urls.FatalURLFetchingError: the page refers to something that `serve` does not have.
    """
    return prepare(html, serve).write_pdf(pdf_identifier=identifier.encode(), pdf_tags=True)


def prepare(html: str, serve: Serve) -> Any:
    """The page as WeasyPrint holds it, not laid out yet."""
    from PIL import ImageFile
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint lets half pictures in, for the whole process

    class Shelf(URLFetcher):
        """Hands out what is there, and knows no network."""

        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            found = serve(url.removeprefix(BASE)) if url.startswith(f"{BASE}/") else None
            if found is None:
                raise ValueError("a paper refers to something outside")
            return URLFetcherResponse(url, found[0], {"Content-Type": found[1]})

    return HTML(string=html, base_url=f"{BASE}/", url_fetcher=Shelf(fail_on_errors=True))
