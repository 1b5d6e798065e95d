"""The list of all MOAs and the Parliament: `bmms/reference/moas.csv` (decision D11)."""

import re
from dataclasses import dataclass
from pathlib import Path

from bmms.domain.reference import rows
from bmms.domain.reference.rows import Row
from bmms.models.organizations import OrganizationKind

FILE = rows.FOLDER / "moas.csv"
COLUMNS = ("code", "name", "kind", "cluster", "parent_code", "website", "central_oversight", "one_of_44")


@dataclass(frozen=True)
class Moa:
    """What the list says of one body."""

    code: str
    name: str
    kind: OrganizationKind
    cluster: str
    parent_code: str
    website: str
    central_oversight: bool
    counts_as_moa: bool

    @property
    def facts(self) -> dict[str, object]:
        """What the list decides for ever; people do not change it, and loading again sets it right."""
        return {
            "name": self.name,
            "kind": self.kind,
            "cluster": self.cluster,
            "parent_code": self.parent_code,
            "central_oversight": self.central_oversight,
            "counts_as_moa": self.counts_as_moa,
        }


def read_moas(path: Path = FILE) -> dict[str, Moa]:
    """The list by code, in its own order.

    Raises:
        RuleBroken: the file is malformed; the text names file, row and column.
    """
    listed: dict[str, Moa] = {}
    parents: list[Row] = []
    for row in rows.read(path, *COLUMNS):
        moa = _moa(row)
        if moa.code in listed:
            row.refuse("code", f"{moa.code} stands in the list already.")
        listed[moa.code] = moa
        parents += [row] if moa.parent_code else []
    for row in parents:
        if row.text("parent_code") not in listed:
            row.refuse("parent_code", f"{row.text('parent_code')} is not in the list.")
    return listed


def _moa(row: Row) -> Moa:
    code = row.text("code")
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9-]{0,19}", code):
        row.refuse("code", f"must be up to 20 of A-Z, 0-9 and hyphen, not {code!r}.")
    return Moa(
        code=code,
        name=row.text("name", 200, required=True),
        kind=row.word("kind", OrganizationKind),
        cluster=row.text("cluster", 100),
        parent_code=row.text("parent_code"),
        website=row.text("website", 200),
        central_oversight=row.yes("central_oversight"),
        counts_as_moa=row.yes("one_of_44"),
    )
