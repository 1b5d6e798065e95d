"""All 44 MOAs and the Parliament (onboarding 4.9, decisions D11 and D35)."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.installation import installation_of
from bmms.domain.organizations import changes
from bmms.domain.organizations.moas import Moa, read_moas
from bmms.domain.permissions import Permission

MOAS_EXPECTED, PILOTS_EXPECTED = 44, 3


@dataclass(frozen=True)
class Seeded:
    """What the seeding did, as codes, and what there is now."""

    created: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]
    deactivated: tuple[str, ...]
    total: int  # all organizations
    moas: int  # those that count among the 44
    pilots: tuple[str, ...]
    warnings: tuple[str, ...]


def seed_organizations(
    session: Session, actor: Actor, *, dry_run: bool = False, deactivate_missing: bool = False
) -> Seeded:
    """Create or update every body of the list, known again by its code; running it again changes nothing.

    Flags of pilots, module switches, contacts and dates of organizations that exist already stay as they are. A new
    organization is open when it is a pilot (PILOT_ORGANIZATION_CODES), else inactive until its wave opens. OCM, MFBM
    and BPDA start inactive too: that closes an organization's pages, not its people's sign-in.

    Args:
        dry_run: tell what would happen, and leave everything as it was.
        deactivate_missing: close organizations that the list does not name; they no longer count among the 44.

    Raises:
        RuleBroken: the list is malformed.
    """
    actor.require(Permission.ORGANIZATION_CREATE)
    listed = read_moas()
    with session.begin_nested() as attempt:
        seeded = _seed(session, actor, listed, deactivate_missing)
        if dry_run:
            attempt.rollback()
    return seeded


def _seed(session: Session, actor: Actor, listed: dict[str, Moa], deactivate_missing: bool) -> Seeded:
    pilot_codes = installation_of(session).config.pilot.organization_codes
    present = changes.all_by_code(session)
    created, updated, unchanged = [], [], []
    for code, moa in listed.items():
        if code not in present:
            present[code] = changes.create(session, actor, moa, pilot=code in pilot_codes)
            created.append(code)
        elif changes.change(session, actor, "seed", present[code], moa.facts):
            updated.append(code)
        else:
            unchanged.append(code)
    missing = [row for code, row in present.items() if code not in listed and (row.is_active or row.counts_as_moa)]
    if deactivate_missing:
        for row in missing:
            changes.change(session, actor, "deactivate", row, {"is_active": False, "counts_as_moa": False})
    missing_codes = tuple(sorted(row.code for row in missing))
    moas = sum(row.counts_as_moa for row in present.values())
    pilots = tuple(sorted(row.code for row in present.values() if row.is_pilot))
    return Seeded(
        tuple(created),
        tuple(updated),
        tuple(unchanged),
        deactivated=missing_codes if deactivate_missing else (),
        total=len(present),
        moas=moas,
        pilots=pilots,
        warnings=_warnings(moas, pilots, () if deactivate_missing else missing_codes),
    )


def _warnings(moas: int, pilots: tuple[str, ...], missing: tuple[str, ...]) -> tuple[str, ...]:
    told = []
    if missing:
        told.append(f"Not in moas.csv: {', '.join(missing)}. Correct the file, or run again with --deactivate-missing.")
    if moas != MOAS_EXPECTED:
        told.append(f"There are {moas} MOAs, not {MOAS_EXPECTED}.")
    if len(pilots) != PILOTS_EXPECTED:
        told.append(f"There are {len(pilots)} pilot MOAs, not {PILOTS_EXPECTED}: {', '.join(pilots) or 'none'}.")
    return tuple(told)
