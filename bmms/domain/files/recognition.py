"""What an upload is, found from its content alone (rule S26): a name is a promise of the sender, not a fact."""

import re

from bmms.domain.files import ooxml
from bmms.domain.files.kinds import JPG, PDF, PNG, SAVE_AS, UNLOCK, Kind, Refused

OLD_OFFICE = bytes.fromhex("D0CF11E0A1B11AE1")
ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")
ENCRYPTED_PDF = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")
PDF_ENDS_WITHIN = 1024

STRANGERS = (  # what the content begins with, what it is, and what to do
    (rb"MZ|\x7fELF|#!|\xca\xfe\xba\xbe", ("is a program",)),
    (
        rb"GIF8|BM....\0\0\0\0|II\*\0|MM\0\*|RIFF....WEBP|....ftyp(?:hei|hev|mif1|msf1|avif)",
        ("is a picture of another kind", "Save it as JPG or PNG and upload that."),
    ),
    (rb"Rar!|7z\xbc\xaf|\x1f\x8b|BZh|PK\x05\x06", ("is an archive", "Upload the files in it one by one.")),
    (rb"\{\\rtf", ("is a Rich Text file", SAVE_AS)),
    (rb"(?:\xef\xbb\xbf)?\s*<", ("is a web page or a drawing in code (HTML, XML or SVG)",)),
)


def kind_of(content: bytes) -> Kind:
    """The kind of a file.

    Raises:
        Refused: it is of none of the kinds that BMMS takes, is protected by a password, holds macros, or is damaged.
    """
    if not content:
        raise Refused("is empty", "Choose the file again.")
    if content.startswith(b"%PDF-"):
        return _whole_pdf(content)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPG
    if content.startswith(b"PK\x03\x04"):
        return ooxml.kind_of(content)
    if content.startswith(OLD_OFFICE):
        raise _old_office(content)
    for beginning, said in STRANGERS:
        if re.match(beginning, content, re.DOTALL):
            raise Refused(*said)
    raise Refused("is of a kind that BMMS does not know")


def _whole_pdf(content: bytes) -> Kind:
    """Complete, and open without a password. A PDF ends within its last kilobyte (ISO 32000-1, annex H)."""
    if b"%%EOF" not in content.rstrip(b"\0\r\n\t ")[-PDF_ENDS_WITHIN:]:
        raise Refused("is damaged or cut off", "Open it to see whether it is whole, then upload it again.")
    if ENCRYPTED_PDF.search(content):
        raise Refused("is protected by a password", UNLOCK)
    return PDF


def _old_office(content: bytes) -> Refused:
    if ENCRYPTED_OFFICE in content:
        return Refused("is protected by a password", UNLOCK)
    return Refused("is in an old format of Word, Excel or PowerPoint", SAVE_AS)
