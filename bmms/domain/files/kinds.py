"""The kinds of files that BMMS takes in (decision D44), and how it says no to all others."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of file: what people call it, its media type, and how names of such files end (the usual one first)."""

    label: str
    media_type: str
    endings: tuple[str, ...]
    is_image: bool = False


_OFFICE = "application/vnd.openxmlformats-officedocument"
PDF = Kind("PDF", "application/pdf", (".pdf",))
DOCX = Kind("DOCX", f"{_OFFICE}.wordprocessingml.document", (".docx",))
XLSX = Kind("XLSX", f"{_OFFICE}.spreadsheetml.sheet", (".xlsx",))
CSV = Kind("CSV", "text/csv", (".csv",))  # handed out by BMMS; lists that come in as CSV are read and not kept
JPG = Kind("JPG", "image/jpeg", (".jpg", ".jpeg"), is_image=True)
PNG = Kind("PNG", "image/png", (".png",), is_image=True)

IMAGES = (JPG, PNG)
SCANS = (PDF, *IMAGES)
EVERY = (PDF, DOCX, XLSX, *IMAGES)


class Refused(Exception):
    """This content is not taken in.

    Args:
        what: what is wrong with it, as the end of a sentence that begins with the file's name.
        remedy: a sentence that says what to do; `{kinds}` in it becomes the kinds that are taken here.
    """

    def __init__(self, what: str, remedy: str = "Choose a file of the kind {kinds}.") -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


SAVE_AS = "Save it as {kinds} and upload that."
UNLOCK = "Save it without protection and upload that."


def named(kinds: Collection[Kind]) -> str:
    """`PDF, JPG or PNG`."""
    labels = [kind.label for kind in kinds]
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} or {labels[-1]}"


def label_of(media_type: str) -> str:
    """What people call a kind that is stored already: `PDF`."""
    return next((kind.label for kind in EVERY if kind.media_type == media_type), media_type)
