"""Word and Excel files: ZIP archives that are looked at with care before anything opens them (decision D44)."""

import struct
import zlib
from io import BytesIO
from xml.etree.ElementTree import ParseError
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bmms.domain.files.kinds import DOCX, SAVE_AS, UNLOCK, XLSX, Kind, Refused

MOST_UNPACKED = 50 * 1024 * 1024
MOST_ENTRIES = 2_000
MOST_DIRECTORY = 1024 * 1024  # bytes of the archive's list of entries
MOST_TYPES = 1024 * 1024  # bytes of [Content_Types].xml
TYPES = "[Content_Types].xml"

_MAIN = "application/vnd.openxmlformats-officedocument.{}.main+xml"
MAIN_PARTS = {_MAIN.format("wordprocessingml.document"): DOCX, _MAIN.format("spreadsheetml.sheet"): XLSX}
ACTIVE_TYPES = ("macroenabled", "vbaproject", "macrosheet", "activex")
ACTIVE_PARTS = ("vbaproject", "vbadata", "/macrosheets/", "/activex/")
ENCRYPTED = 0x1  # bit 0 of an entry's flags
END, END_SIZE = b"PK\x05\x06", 22
LOCATOR_64, LOCATOR_64_SIZE = b"PK\x06\x07", 20

_DAMAGED = ("is damaged", "Open it in Word or Excel, save it again and upload that.")
_TOO_LARGE = ("is too large inside", "Take out pictures or rows that are not needed and upload that.")


def kind_of(content: bytes) -> Kind:
    """DOCX or XLSX.

    Raises:
        Refused: it unpacks to more than 50 MB or 2,000 entries (found before anything is parsed), is damaged, locked,
            holds macros, or is another kind of archive.
    """
    _check_directory(content)
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_entries(entries)
            _unpack(archive, entries)
            return _kind(archive, [entry.filename for entry in entries])
    except (BadZipFile, zlib.error, struct.error, EOFError, ValueError, NotImplementedError):
        raise Refused(*_DAMAGED) from None


def _check_directory(content: bytes) -> None:
    """Nothing after the archive's end, and a list of entries that may be read. What Office writes has no comment."""
    end = content[-END_SIZE:]
    if not end.startswith(END):
        raise Refused(*_DAMAGED)
    entries, size = struct.unpack("<10xHL6x", end)
    is_64 = content[-END_SIZE - LOCATOR_64_SIZE :].startswith(LOCATOR_64)
    if is_64 or entries > MOST_ENTRIES or size > MOST_DIRECTORY:
        raise Refused(*_TOO_LARGE)


def _check_entries(entries: list[ZipInfo]) -> None:
    names = [entry.filename.lower() for entry in entries]
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise Refused(*_TOO_LARGE)
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise Refused("is protected by a password", UNLOCK)
    strange = any(entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for entry in entries)
    if strange or len(set(names)) < len(names) or min((entry.header_offset for entry in entries), default=1) > 0:
        raise Refused(*_DAMAGED)


def _unpack(archive: ZipFile, entries: list[ZipInfo]) -> None:
    """Read everything once: no entry gives more than it declares, and its checksum fits.

    Raises:
        BadZipFile: one does not.
    """
    for entry in entries:
        with archive.open(entry) as part:
            while part.read(65_536):
                pass


def _kind(archive: ZipFile, names: list[str]) -> Kind:
    if TYPES not in names:
        if "mimetype" in names:
            raise Refused("is an OpenDocument file", SAVE_AS)
        raise Refused("is an archive", "Upload the files in it one by one.")
    types = _types(archive)
    active = any(word in kind for kind in types for word in ACTIVE_TYPES)
    if active or any(word in f"/{name.lower()}" for name in names for word in ACTIVE_PARTS):
        raise Refused("holds macros or controls", "Save it without them and upload that.")
    main = {kind for name, kind in MAIN_PARTS.items() if name in types}
    if len(main) != 1:
        raise Refused("is neither a Word document nor an Excel workbook", SAVE_AS)
    return main.pop()


def _types(archive: ZipFile) -> set[str]:
    """The content types that the package declares, in lower case."""
    if archive.getinfo(TYPES).file_size > MOST_TYPES:
        raise Refused(*_TOO_LARGE)
    try:
        root = fromstring(archive.read(TYPES), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        raise Refused(*_DAMAGED) from None
    return {element.get("ContentType", "").lower() for element in root}
