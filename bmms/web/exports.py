"""Small tables as CSV, made while the person waits. Everything larger is made by the worker (decision D48)."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

from bmms.domain.imports.csv_file import neutral


def csv_response(file_name: str, heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """A CSV file in UTF-8 with a byte-order mark, so that spreadsheets read the peso sign."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows([[neutral(cell) for cell in row] for row in rows])
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response("\ufeff" + text.getvalue(), mimetype="text/csv", headers=headers)
