"""Requests that come in together: of which year, the list itself, and Box A for several of them."""

from collections.abc import Collection, Iterable
from typing import Any

from flask import request
from wtforms import BooleanField, IntegerField

from bmms.domain.obligations.labels import BOX_A
from bmms.domain.obligations.sheets.steps import MEANT
from bmms.models.obligations import Obligation
from bmms.web.fields import YEAR, VersionField, as_id
from bmms.web.forms import Form


class BatchForm(Form):
    """Of which year the requests are."""

    fiscal_year = IntegerField("Fiscal year", YEAR)


class RequestImportForm(Form):
    """The word that what is odd about a list is meant; asked for where something is."""

    as_they_are = BooleanField(MEANT, description="They become drafts; what an account does not have is not certified.")


class TogetherForm(Form):
    """Box A for several requests; made by `together_form`."""

    certified = BooleanField(BOX_A)

    def chosen(self, drafts: Collection[Obligation]) -> dict[int, int | None]:
        """Those that are ticked, each with the version that was looked at; also what is no draft any more."""
        here = {one.id: self[f"version_{one.id}"].data for one in drafts if self[f"ask_{one.id}"].data}
        sent = {as_id(name.removeprefix("ask_")) for name in request.form if name.startswith("ask_")}
        gone = {key: as_id(request.form.get(f"version_{key}")) for key in sent - {one.id for one in drafts} if key}
        return here | gone


def together_form(drafts: Iterable[Obligation]) -> TogetherForm:
    """The form with a tick for each draft: ask_<id>, version_<id>."""
    fields: dict[str, Any] = {}
    for one in drafts:
        fields[f"ask_{one.id}"] = BooleanField(one.title)
        fields[f"version_{one.id}"] = VersionField(default=one.row_version)
    return type("TogetherForm", (TogetherForm,), fields)()
