"""Questions before something happens to a record: a step with its words, and the removal of a record or a part."""

from collections.abc import Callable
from typing import Any, Self

from flask import Response
from wtforms import TextAreaField
from wtforms.validators import Length

from bmms.domain.workflow import Step
from bmms.web.forms import Form
from bmms.web.respond import form_page, see_other

Way = tuple[str, str]  # what it is called, and its address


class NoteForm(Form):
    """The words that go with a step."""

    note = TextAreaField("Note", [Length(max=4000)], render_kw={"rows": 4})

    @classmethod
    def of(cls, step: Step) -> Self:
        """The form under the question that the step asks."""
        form = cls()
        form.note.label.text, form.note.flags.required = step.asks or "Note", bool(step.least)
        return form


def step_page(
    step: Step, act: Callable[..., object], *, what: str, top: Way, back: str, form: NoteForm | None = None,
    with_dates: bool = False,
) -> Response:  # fmt: skip
    """Ask for the words that go along with a step, then take it.

    Args:
        act: takes the step, with the answers of the form as keywords.
        what: the record, above the question.
        top: the list in which one finds the record.
        back: its page.
    """
    form = form or NoteForm.of(step)
    if form.acts(lambda: act(**form.answers())):
        return see_other(back, step.done)
    return form_page(
        "steps/step.html", form, fragment="", step=step, what=what, top=top, back=back, with_dates=with_dates
    )


def removal_page(
    act: Callable[[], object], *, title: str, what: str, crumbs: list[Way], back: str, done: str, next_url: str = "",
    consequence: str = "", verb: str = "Remove",
) -> Response:  # fmt: skip
    """Ask, then remove a record or a part of it.

    Args:
        title: what goes.
        what: the record that it belongs to.
        crumbs: the way there.
        done: the message afterwards.
        back: the page from which one came.
        next_url: where to go afterwards, unless back.
    """
    form = Form()
    if form.validate_on_submit():
        act()
        return see_other(next_url or back, done)
    shown: dict[str, Any] = {"title": title, "what": what, "way": crumbs, "back": back}
    return form_page("steps/remove.html", form, fragment="", consequence=consequence, verb=verb, **shown)
