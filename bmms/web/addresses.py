"""The parts of addresses: organization codes in the path, and links that stay in the organization of the page."""

from typing import Any

from flask import Flask, current_app, g
from werkzeug.routing import BaseConverter, IntegerConverter

LARGEST_ID = 2**63 - 1  # of a BIGINT


class OrganizationCode(BaseConverter):
    """`<org:org>`: a code in any case; the guard sends readers on to the upper-case one (decision D1)."""

    regex = "[A-Za-z0-9][A-Za-z0-9-]{0,19}"


class RowId(IntegerConverter):
    """`<int:plan_id>`: a number that a row can have; a larger one leads nowhere instead of to the database."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max": LARGEST_ID, **kwargs})


def init_addresses(app: Flask) -> None:
    """`url_for` fills in the organization of the request where a route needs one."""
    app.url_map.converters["org"] = OrganizationCode
    app.url_map.converters["int"] = RowId
    app.url_defaults(_same_organization)


def _same_organization(endpoint: str, values: dict[str, Any]) -> None:
    if "org" not in values and g.get("organization") and current_app.url_map.is_endpoint_expecting(endpoint, "org"):
        values["org"] = g.organization.code
