"""The welcome mail (onboarding 3.5): asked for here, rendered and sent by the worker."""

from sqlalchemy.orm import Session

from bmms.domain import outbox
from bmms.models.accounts import User
from bmms.models.organizations import Organization
from bmms.models.outbox import OutboxMessage


def generate_welcome_email(session: Session, user: User | int, organization: Organization | int) -> OutboxMessage:
    """Put the welcome mail of one person (or user id) into the outbox.

    The row holds ids only; the temporary password is read from its encrypted place when the mail is rendered.
    """
    user_id = user.id if isinstance(user, User) else user
    organization_id = organization.id if isinstance(organization, Organization) else organization
    return outbox.write(session, "welcome", user_id=user_id, organization_id=organization_id)
