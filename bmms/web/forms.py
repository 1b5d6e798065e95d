"""The root of all forms: inline checks, rules that speak to fields, and forms that come back after a lost sign-in."""

from collections.abc import Callable
from typing import Any

from flask import g, request
from flask_wtf import FlaskForm
from wtforms import Field, StringField

from bmms.domain.errors import RuleBroken
from bmms.web import refusals
from bmms.web.fields import VersionField


class Form(FlaskForm):
    """A question set. The guard has checked the CSRF token before the view runs."""

    def checked_field(self) -> Field | None:
        """The one field that the browser asks about (`?check=<name>`), or None."""
        return self._fields.get(request.args.get("check", ""))

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """Was the form sent, is it good, and may it act? A form that only came back never acts (decision D46)."""
        return not g.get("resuming") and super().validate_on_submit(extra_validators=extra_validators)

    def acts(self, act: Callable[[], Any]) -> Any:
        """Was the form sent, is it good, and did the act go through? A rule that it breaks is told at its field.

        Returns:
            what the act returns (True for nothing), so that one can go there; None: the page has to be shown.
        """
        if not self.validate_on_submit():
            return None
        try:
            return act() or True
        except RuleBroken as broken:
            self.show(broken)
            return None

    def set_apart(self, mark: object) -> None:
        """Give its fields ids of their own, so that another form of its kind can stand on the same page."""
        for field in self:
            field.id = field.label.field_id = f"{field.id}-{mark}"

    def answers(self) -> dict[str, Any]:
        """Field name to value, without what only the form itself needs; a text that was not sent is an empty one."""
        fields = {name: field for name, field in self._fields.items() if name != "csrf_token"}
        return {
            name: field.data or "" if isinstance(field, StringField) else field.data for name, field in fields.items()
        }

    def show(self, broken: RuleBroken) -> None:
        """Put what a rule said at the field it belongs to, or above the form."""
        refusals.note(broken)
        for name, message in (broken.fields or {"": str(broken)}).items():
            field = self._fields.get(name)
            if field is None:
                self.form_errors.append(message)
            else:
                field.errors = [*field.errors, message]


class VersionedForm(Form):
    """Asks about a row that others may change meanwhile; alone it is a question that is answered with yes."""

    row_version = VersionField()
