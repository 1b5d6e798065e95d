"""The questions that only the platform asks: where somebody works, and roles above the organizations."""

from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from bmms.domain.permissions import CENTRAL_ROLES, ROLES
from bmms.web.forms import Form
from bmms.web.people_forms import note, role_choices


class MembershipForm(Form):
    """Another organization for somebody who has an account."""

    organization = SelectField("Organization", [InputRequired("Choose an organization.")])
    role = RadioField("Role", [InputRequired("Choose a role.")], choices=role_choices(ROLES))
    reason = note("Reason", description="For the record.")


class CentralRoleForm(Form):
    """A role above the organizations."""

    role = RadioField("Central role", [InputRequired("Choose a role.")], choices=role_choices(CENTRAL_ROLES))
    note = note("Note", description="Why, or by whose order.")
