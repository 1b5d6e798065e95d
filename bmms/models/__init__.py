"""All tables. Importing this package makes the metadata complete."""

from bmms.models import (
    accounts,
    appropriations,
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
    "appropriations",
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
