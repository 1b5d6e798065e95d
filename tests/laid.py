"""Papers laid out and printed without a database or a queue, for the tests that look at them."""

import contextlib
import re
import zlib
from collections.abc import Iterator
from typing import Any

from bmms.models.documents import Document
from tasks import documents, pdf


def serve(document: Document) -> pdf.Serve:
    """What a paper without a logo refers to."""
    return documents.shelf(None, document)  # type: ignore[arg-type]


def print_out(document: Document) -> bytes:
    """The paper as bytes."""
    return pdf.write_pdf(documents.page_of(document), serve(document), document.code)


def opened(content: bytes) -> bytes:
    """The objects of a PDF, unpacked."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    found = [content]
    for each in packed:
        with contextlib.suppress(zlib.error):
            found.append(zlib.decompress(each))
    return b"\n".join(found)


class Laid:
    """A paper as it is laid out: texts by page, and on which page what begins."""

    def __init__(self, document: Document) -> None:
        self.pages = pdf.prepare(documents.page_of(document), serve(document)).render().pages
        self.texts = [" ".join(_texts(page._page_box)) for page in self.pages]
        self.anchors = {name: number for number, page in enumerate(self.pages, 1) for name in page.anchors}

    @property
    def said(self) -> str:
        """All of it, with single spaces."""
        return re.sub(r"\s+", " ", " ".join(self.texts))


def _texts(box: Any) -> Iterator[str]:
    if hasattr(box, "text"):
        yield box.text
    for child in getattr(box, "children", ()):
        yield from _texts(child)
