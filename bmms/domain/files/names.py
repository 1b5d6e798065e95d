"""The names of uploads: kept for people to read, never used to find a file or to tell what it is."""

import unicodedata

from bmms.domain.files.kinds import Kind

LONGEST = 200


def readable(name: str) -> str:
    """The last part of a name, without folders and without signs that nobody sees, such as those that turn its end.

    Browsers send whatever the person's computer allows; nothing but this goes into messages, rows and headers.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(sign for sign in last if sign.isspace() or not unicodedata.category(sign).startswith("C"))
    return " ".join(seen.split()).lstrip(". ") or "The file"


def fitting(name: str, kind: Kind) -> str:
    """A readable name of at most 200 characters whose ending says what the file is: `memo.exe` that is a PDF becomes
    `memo.exe.pdf`.
    """
    stem, ending = name, kind.endings[0]
    for known in kind.endings:
        if name.lower().endswith(known):
            stem, ending = name[: -len(known)], name[-len(known) :]
    return stem[: LONGEST - len(ending)].rstrip(". ") + ending
