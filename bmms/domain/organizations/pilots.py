"""The MOAs of the pilot (onboarding 4.1)."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.installation import installation_of
from bmms.domain.organizations import changes
from bmms.domain.organizations.moas import Moa, read_moas
from bmms.domain.permissions import Permission


@dataclass(frozen=True)
class Loaded:
    """What became of the pilot MOAs, as codes in the order of the setting."""

    created: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]
    warnings: tuple[str, ...]


def load_pilot_moas(session: Session, actor: Actor) -> Loaded:
    """Make or set right the organizations that PILOT_ORGANIZATION_CODES names; running it again changes nothing.

    They become active pilots with Planning, Budgeting, M&E and Coordination on and MANA off. Contacts, members, dates
    and the switch of Policies stay as they are.

    Raises:
        RuleBroken: the setting names a code that `moas.csv` does not know.
    """
    actor.require(Permission.ORGANIZATION_CREATE)
    chosen = _chosen(installation_of(session).config.pilot.organization_codes)
    present = changes.all_by_code(session)
    created: list[str] = []
    updated: list[str] = []
    unchanged: list[str] = []
    warnings: list[str] = []
    for code, moa in chosen.items():
        if code not in present:
            changes.create(session, actor, moa, pilot=True)
            created.append(code)
            continue
        if (kind := present[code].kind) != moa.kind:
            warnings.append(f"{code} was registered as {kind}; it is now {moa.kind}.")
        values = {**moa.facts, "acronym": code, **changes.PILOT}
        same = not changes.change(session, actor, "load_pilot", present[code], values)
        (unchanged if same else updated).append(code)
    if others := sorted(row.code for code, row in present.items() if row.is_pilot and code not in chosen):
        warnings.append(f"Other organizations are flagged as pilots too: {', '.join(others)}.")
    return Loaded(tuple(created), tuple(updated), tuple(unchanged), tuple(warnings))


def _chosen(codes: tuple[str, ...]) -> dict[str, Moa]:
    listed = read_moas()
    if unknown := [code for code in dict.fromkeys(codes) if code not in listed]:
        raise RuleBroken(
            f"PILOT_ORGANIZATION_CODES names codes that moas.csv does not know: {', '.join(unknown)}. "
            "Correct the setting; nothing was changed."
        )
    return {code: listed[code] for code in codes}
