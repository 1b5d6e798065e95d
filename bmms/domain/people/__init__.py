"""People: accounts, memberships, roles and grants; one by one, in lists and as files.

The operations under the names that the client gave them. Further acts have modules of their own: `status` (deactivate,
reactivate, unlock), `details` (names, address, unit), `roles` (grants), `central`, `imports.preview`, `imports.run`.
"""

from bmms.domain.people.checking import validate_user_data
from bmms.domain.people.creation import bulk_create_users, create_pilot_user
from bmms.domain.people.imports.run import import_users_from_csv
from bmms.domain.people.memberships import assign_to_organization
from bmms.domain.people.role_table import create_pilot_roles, get_role_permissions
from bmms.domain.people.roles import assign_role, bulk_assign_roles, validate_role_assignment
from bmms.domain.people.temporary_passwords import set_temporary_password
from bmms.domain.people.welcome import generate_welcome_email

__all__ = [
    "assign_role",
    "assign_to_organization",
    "bulk_assign_roles",
    "bulk_create_users",
    "create_pilot_roles",
    "create_pilot_user",
    "generate_welcome_email",
    "get_role_permissions",
    "import_users_from_csv",
    "set_temporary_password",
    "validate_role_assignment",
    "validate_user_data",
]
