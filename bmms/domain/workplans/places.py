"""Places as people write them, one a line: `Upi, Maguindanao del Norte: Barangay Mirab` (decision D51)."""

from difflib import get_close_matches
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from bmms.domain.errors import RuleBroken
from bmms.models.reference import Place

LONGEST_BARANGAY = 120
TOWNS = ("municipality", "city")


class Gazetteer:
    """The places of the region by name, read when the first is asked for."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def names(self) -> dict[str, str]:
        """PSGC code to name, towns with their province, in the order of names."""
        above = aliased(Place)
        query = (
            select(Place.psgc, Place.name, Place.level, above.name)
            .outerjoin(above, above.psgc == Place.parent_psgc)
            .where(Place.in_barmm)
            .order_by(above.name.nulls_first(), Place.name, Place.psgc)
        )
        return {
            psgc: f"{name}, {province}" if province and level in TOWNS else name
            for psgc, name, level, province in self._session.execute(query)
        }

    @cached_property
    def _by_name(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for psgc, name in self.names.items():
            for called in {_plain(name), _plain(name.split(",")[0])}:
                found.setdefault(called, set()).add(psgc)
        return found

    def read(self, text: str) -> list[tuple[str, str]]:
        """(PSGC code, barangay) of each line.

        Raises:
            RuleBroken: naming the line that is no place, and what it may have meant.
        """
        found: dict[tuple[str, str], None] = {}
        for line in filter(None, (" ".join(each.split()) for each in text.splitlines())):
            name, _, barangay = line.partition(":")
            found[self.code_of(name), barangay.strip()[:LONGEST_BARANGAY]] = None
        return list(found)

    def code_of(self, name: str) -> str:
        """The PSGC code of a place. Raises RuleBroken, see `read`."""
        codes = self._by_name.get(_plain(name), set())
        if len(codes) == 1:
            return next(iter(codes))
        if codes:
            meant = " or ".join(sorted(self.names[code] for code in codes))
            raise RuleBroken(f"There is more than one {name.strip()}: write {meant}.", field="places")
        near = get_close_matches(_plain(name), self._by_name, 1)
        hint = f" Do you mean {self.names[min(self._by_name[near[0]])]}?" if near else ""
        raise RuleBroken(f"“{name.strip()}” is no place in the list.{hint}", field="places")

    def write(self, psgc: str, barangay: str) -> str:
        """One line."""
        name = self.names.get(psgc, psgc)
        return f"{name}: {barangay}" if barangay else name


def _plain(name: str) -> str:
    words = name.casefold().replace("city of", "").replace("(", " ").replace(")", " ").split()
    return " ".join(word for word in words if word not in ("city", "municipality", "province", "of"))
