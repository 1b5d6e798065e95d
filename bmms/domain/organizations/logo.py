"""The logo that stands in the head of printed pages (onboarding 1.1)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import versions
from bmms.domain.actors import Actor
from bmms.domain.files import kinds, rights, store
from bmms.domain.organizations import changes
from bmms.domain.permissions import Permission
from bmms.models.documents import Document
from bmms.models.organizations import Organization, StoredFile

LOGO = "logo"  # the purpose of its file
MOST_BYTES = 500 * 1024
LONGEST_SIDE = 400  # pixels: 17 mm at 600 dots an inch


def change_logo(
    session: Session,
    actor: Actor,
    organization: Organization,
    file: store.Upload,
    *,
    row_version: int | None = None,
) -> None:
    """Put a JPG or PNG of at most 500 KB in the place of the present logo; the old one is forgotten.

    Raises:
        RuleBroken: the file is none of these.
        Stale: somebody else changed the settings meanwhile.
    """
    actor.require(Permission.SETTINGS_CHANGE)
    versions.require_unchanged(organization, row_version, f"the settings of {organization.code}")
    kept = store.keep(
        session, actor, file.content, file.name, LOGO,
        allowed=kinds.IMAGES, at_most=MOST_BYTES, longest_side=LONGEST_SIDE,
    )  # fmt: skip
    _put(session, actor, organization, kept.id)


def remove_logo(session: Session, actor: Actor, organization: Organization, *, row_version: int | None = None) -> None:
    """Print without a logo from now on.

    Raises:
        Stale: somebody else changed the settings meanwhile.
    """
    actor.require(Permission.SETTINGS_CHANGE)
    versions.require_unchanged(organization, row_version, f"the settings of {organization.code}")
    _put(session, actor, organization, None)


def _put(session: Session, actor: Actor, organization: Organization, file_id: int | None) -> None:
    old = session.get(StoredFile, organization.logo_file_id) if organization.logo_file_id else None
    changes.change(session, actor, "change_logo", organization, {"logo_file_id": file_id})
    if old is not None and not _is_printed(session, old):
        session.delete(old)  # the sweep takes its content


def _is_printed(session: Session, logo: StoredFile) -> bool:
    """Does a paper show it? Then it stays in the store, so that printing again gives the same paper (decision D33)."""
    shown = Document.payload["paper"]["organization"]["logo"].as_string() == logo.sha256
    return session.scalar(select(Document.id).where(shown).limit(1)) is not None


def _is_logo_here(session: Session, actor: Actor, file: StoredFile) -> bool:
    organization = session.get(Organization, file.organization_id)
    return (
        organization is not None
        and organization.logo_file_id == file.id
        and (actor.may(Permission.HOME_VIEW) or not actor.belongs)
    )


rights.readable_when(LOGO, _is_logo_here, outside=True)
