"""The payee in forms: a name that is typed and found in the register, with proposals while one types.

There may be thousands, so only those that fit the words are read. Drafts never keep the field (decision D45): its name
holds the word payee, and neither the device nor the server keeps such a field.
"""

from typing import Any

from sqlalchemy.orm import Session

from bmms.domain.payees import queries
from bmms.web.fields import as_id
from bmms.web.look_up_fields import LookUpField

ENDPOINT = "execution.payee_names"


class PayeeField(LookUpField):
    """One payee by id, or none; name the field `payee_id`, and call `offer_payees` before the form is looked at."""

    def __init__(self, label: str = "Payee", validators: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("description", "Type words of the name.")
        super().__init__(label, "payees", ENDPOINT, validators, as_id, **kwargs)

    def process_data(self, value: Any) -> None:
        """The id of a payee."""
        super().process_data(as_id(value))

    def offer_payees(self, session: Session) -> None:
        """Let it find active payees by what was typed, and show the one whom the document names already."""
        before = as_id(self.object_data)
        if self.typed:
            self.offer(queries.near(session, self.typed, before))
        elif self.data:
            self.offer(queries.called([queries.get_payee(session, self.data)]))
