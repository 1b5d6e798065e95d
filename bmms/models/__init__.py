"""All tables. Importing this package makes the metadata complete."""

from bmms.models import accounts, audit, jobs, memberships, organizations, outbox, reference

__all__ = ["accounts", "audit", "jobs", "memberships", "organizations", "outbox", "reference"]
