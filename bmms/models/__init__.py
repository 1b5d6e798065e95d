"""All tables. Importing this package makes the metadata complete."""

from bmms.models import (
    accounts,
    audit,
    collaboration,
    documents,
    drafts,
    indicators,
    jobs,
    lists,
    memberships,
    organizations,
    outbox,
    planning,
    programs,
    reference,
    work,
)

__all__ = [
    "accounts",
    "audit",
    "collaboration",
    "documents",
    "drafts",
    "indicators",
    "jobs",
    "lists",
    "memberships",
    "organizations",
    "outbox",
    "planning",
    "programs",
    "reference",
    "work",
]
