"""A paper that stands for a memorandum or an instrument in demo data: a PDF that says so (decision D19)."""

from io import BytesIO

from bmms.domain.files.store import Upload

STAMP = "DEMO. Invented for training, not an official paper."


def demo_paper(name: str, *words: str) -> Upload:
    """A PDF of one page.

    Args:
        words: its lines, in plain letters.
    """
    return Upload(BytesIO(_pdf((STAMP, "", *words))), f"{name}.pdf")


def _pdf(lines: tuple[str, ...]) -> bytes:
    shown = "".join(f"({_escaped(line)}) Tj T* " for line in lines)
    page = f"BT /F1 13 Tf 20 TL 60 760 Td {shown}ET".encode("ascii")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    content, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, rows)
    return content + table + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(content))


def _escaped(line: str) -> str:
    plain = line.encode("ascii", "replace").decode("ascii")
    return plain.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
