"""Forms longer than a screen: kept while one types, merged when two type, acted on once (law 3).

A kept form carries `seen` (what each field was when the page was made) and `sent_key` (made with the page). Typing is
saved by draft.js to `drafts.draft_keep`; opening the page again brings it back. What was sent twice acts once. Words
that the device kept of an earlier page bring along its key (`former_key`): nothing of it arrives after this form.
"""

import json
from collections.abc import Mapping
from typing import Any, Self

from flask import Flask, Response, g, request, url_for
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField
from wtforms.validators import Length

from bmms.domain import drafts, merging
from bmms.domain.errors import RuleBroken
from bmms.domain.merging import MINE, THEIRS, Conflict, Conflicts
from bmms.extensions import db
from bmms.models.base import Base
from bmms.models.drafts import Draft, SentForm
from bmms.web.forms import Form
from bmms.web.requests import SAFE
from bmms.web.tokens import fresh_key

OWN = ("csrf_token", "seen", "sent_key", "former_key")


class AlreadySent(Exception):
    """This very form was acted on before; the answer is where that led."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


def form_key() -> str:
    """Which form this is: its path below the organization."""
    return request.path.split("/", 3)[-1] if request.path.startswith("/moa/") else request.path


class KeptForm(Form):
    """A question set that loses nothing."""

    seen = HiddenField()
    sent_key = HiddenField(validators=[Length(max=40)])
    former_key = HiddenField(validators=[Length(max=40)])
    draft: Draft | None = None
    conflicts: Mapping[str, Conflict] = {}

    @classmethod
    def about(cls, row: Base | None = None, seen: Mapping[str, str] | None = None, **defaults: Any) -> Self:
        """The form for a row (None: a new one), with this person's unsent words in it when the page is opened.

        Args:
            seen: what the fields are now (`merging.digest`), where the form is about more than the columns of one row.
        """
        draft = drafts.find(db.session(), g.actor, form_key()) if request.method in SAFE else None
        if request.method not in SAFE or draft is None:
            form = cls(obj=row, data=defaults)
        else:
            form = cls(formdata=cls._with_draft(row, defaults, draft))
        if request.method in SAFE:
            names = [name for name in form._fields if name not in OWN]
            form.seen.data = json.dumps(
                {**merging.seen_of(row, names), **(seen or {}), **(draft.seen if draft else {})}
            )
            form.sent_key.data = fresh_key()
            form.draft = draft
        return form

    @classmethod
    def afresh(cls) -> Self:
        """An empty one, for the next answer on a page that has just acted on this form and stays."""
        form = cls(formdata=None)
        form.seen.data, form.sent_key.data = "{}", fresh_key()
        return form

    @classmethod
    def _with_draft(cls, row: Base | None, defaults: Mapping[str, Any], draft: Draft) -> MultiDict:
        """The row's own answers as texts, and the typed ones over them."""
        plain = cls(formdata=None, obj=row, data=defaults)
        values: MultiDict = MultiDict()
        for name, field in plain._fields.items():
            if name in OWN:
                continue
            kept = draft.fields.get(name)
            if kept is not None:
                values.setlist(name, kept.split("\x1f") if kept else [])
            elif isinstance(field.data, list):
                values.setlist(name, [str(one) for one in field.data])
            elif field.data is not None and field.data is not False:
                values[name] = field._value() if hasattr(field, "_value") else merging.word(field.data)
        return values

    @property
    def draft_key(self) -> str:
        """The name under which the draft is kept."""
        return form_key()

    @property
    def keep_url(self) -> str:
        """Where draft.js sends what is typed."""
        return url_for("drafts.draft_keep")

    @property
    def discard_url(self) -> str:
        """Where the draft is thrown away."""
        return url_for("drafts.draft_discard")

    def answers(self) -> dict[str, Any]:
        """Field name to value, without what only the form itself needs."""
        return {name: value for name, value in super().answers().items() if name not in OWN}

    def shown(self, name: str, value: Any) -> str:
        """An answer as people read it: the words of a choice rather than its code."""
        choices = dict(map(_told, getattr(self._fields[name], "choices", None) or ()))
        if isinstance(value, list | tuple):
            return ", ".join(choices.get(merging.word(one), merging.word(one)) for one in value)
        return choices.get(merging.word(value), merging.word(value))

    @property
    def what_was_seen(self) -> dict[str, str]:
        """The digests that came along; nonsense counts as nothing seen."""
        try:
            found = json.loads(self.seen.data or "{}")
        except ValueError:
            return {}
        return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}

    @property
    def chosen(self) -> dict[str, str]:
        """The choices between two answers that were made in this form."""
        return {name: value for name in self._fields if (value := request.form.get(f"chosen-{name}")) in (MINE, THEIRS)}

    @property
    def ways(self) -> dict[str, dict[str, str]]:
        """How the answers are merged with those of others: for `merging.save`."""
        return {"seen": self.what_was_seen, "chosen": self.chosen}

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """Was the form sent, is it good, and is this the first time?

        Raises:
            AlreadySent: it was acted on before.
        """
        if not super().validate_on_submit(extra_validators=extra_validators):
            return False
        if self.sent_key.data:
            _claim(self.sent_key.data)
            if self.former_key.data:
                drafts.claim(db.session(), g.actor, self.former_key.data)
        g.kept_form = form_key()
        return True

    def look_again(self, version: int) -> None:
        """Somebody else changed the row meanwhile: sent once more, what is typed here takes its place, knowingly."""
        if self.errors and self.row_version.data != version:
            self.row_version.data, self.row_version.raw_data = version, None

    def show(self, broken: RuleBroken) -> None:
        """Put what a rule said at its field; for a conflict also both answers, to choose from."""
        super().show(broken)
        g.pop("kept_form", None)
        if isinstance(broken, Conflicts):
            self.conflicts = broken.conflicts
            now = {name: merging.digest(one.theirs) for name, one in broken.conflicts.items()}
            self.seen.data = json.dumps({**self.what_was_seen, **now})


def _told(choice: Any) -> tuple[str, str]:
    """A choice as (value, words), whether the form was given a pair or an object."""
    value, words = (choice[0], choice[1]) if isinstance(choice, tuple) else (choice.value, choice.label)
    return str(value), str(words)


def _claim(key: str) -> None:
    """Take a sent form for this transaction; a second one waits until the first has ended, and then follows it."""
    session = db.session()
    if drafts.claim(session, g.actor, key):
        g.sent_form = key
        return
    mine = select(SentForm.location).where(SentForm.user_id == g.actor.user_id, SentForm.key == key)
    raise AlreadySent(session.scalar(mine) or request.path)


def init_kept_forms(app: Flask) -> None:
    """When a kept form has been acted on, its draft goes and its answer is remembered, in the same transaction."""
    app.after_request(_settle)
    app.register_error_handler(AlreadySent, _follow)


def _settle(response: Response) -> Response:
    if response.status_code >= 400 or "kept_form" not in g:
        return response
    session = db.session()
    drafts.discard(session, g.actor, g.kept_form)
    if "sent_form" in g:
        location = response.headers.get("HX-Redirect") or response.headers.get("Location") or request.path
        row = session.scalars(
            select(SentForm).where(SentForm.user_id == g.actor.user_id, SentForm.key == g.sent_form)
        ).one()
        row.location = location
        session.flush()
    return response


def _follow(sent: AlreadySent) -> Response:
    from bmms.web.respond import see_other

    return see_other(sent.location, "This was sent before and has been done once.")
