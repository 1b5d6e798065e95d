"""Files as people choose them, good and bad, made on the spot: nothing of them lies in the repository."""

import struct
import zipfile
from io import BytesIO

import openpyxl
from bs4 import BeautifulSoup
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from tests.client import Reader

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"
LOCKED_PDF = PDF.replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt 2 0 R")
WORD_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
WORD_MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object) -> bytes:
    """A picture whose left half is red."""
    image = Image.new(mode, size, "blue" if mode in ("RGB", "RGBA") else 0)
    image.paste("red" if mode in ("RGB", "RGBA") else 1, (0, 0, size[0] // 2, size[1]))
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def photo_with_place(orientation: int = 1) -> bytes:
    """A photo that tells the camera, and the place where it was taken: 7.2 N, 124.2 E."""
    exif = Image.Exif()
    exif[0x0110] = "Camera of the tests"
    exif[0x0112] = orientation
    exif.get_ifd(0x8825).update({1: "N", 2: (7.0, 12.0, 0.0), 3: "E", 4: (124.0, 12.0, 0.0)})
    return picture(exif=exif, comment=b"taken at the office")


def archive(entries: dict[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP file."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return out.getvalue()


def docx(main: str = WORD_MAIN, **more: bytes | str) -> bytes:
    """A Word document of one paragraph; `more` are further entries, with `__` for `/`."""
    parts = {
        "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'content-types"><Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        "word/document.xml": '<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/'
        'wordprocessingml/2006/main"><w:body><w:p/></w:body></w:document>',
    }
    return archive(parts | {name.replace("__", "/"): content for name, content in more.items()})


def xlsx() -> bytes:
    """An Excel workbook as openpyxl writes it."""
    out = BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["name", "code"])
    book.save(out)
    return out.getvalue()


def locked_office() -> bytes:
    """The beginning of a password-protected Office file: an OLE container with an encrypted package in it."""
    return bytes.fromhex("D0CF11E0A1B11AE1") + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(512)


def bomb_that_lies(declared: int = 1_000) -> bytes:
    """A document whose part of 60 MB says of itself that it has 1,000 bytes."""
    content = bytearray(docx(word__media="\0" * (60 * 1024 * 1024)))
    real, lie = struct.pack("<L", 60 * 1024 * 1024), struct.pack("<L", declared)
    return bytes(content.replace(real, lie))


def send(reader: Reader, endpoint: str, fields: dict, *, htmx: bool = False, **values: object) -> TestResponse:
    """Post a form with files (content, name), in memory: the test client itself would leave temporary files open."""
    parts = {name: FileStorage(*value) if isinstance(value, tuple) else value for name, value in fields.items()}
    boundary, body = encode_multipart({"csrf_token": reader.token(), **parts})
    return reader.browser.post(
        reader.address(endpoint, **values),
        input_stream=BytesIO(body),
        content_type=f'multipart/form-data; boundary="{boundary}"',
        content_length=len(body),
        headers={"HX-Request": "true"} if htmx else {},
    )


def soup(answer: TestResponse) -> BeautifulSoup:
    """What came back, to be looked at."""
    return BeautifulSoup(answer.get_data(as_text=True), "html.parser")
