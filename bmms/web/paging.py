"""Lists in pages of 25, from a SELECT of one entity or of several columns."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_sqlalchemy.pagination import Pagination, SelectPagination
from sqlalchemy import Select

from bmms.extensions import db

PER_PAGE = 25
LAST_PAGE = 1_000_000  # no list is longer; a larger number would not fit into the database's


class _Rows(SelectPagination):
    """Flask-SQLAlchemy's pages, for rows of several columns."""

    def _query_items(self) -> list[Any]:
        select = self._query_args["select"].limit(self.per_page).offset(self._query_offset)
        session = self._query_args["session"]
        rows = session.execute(select)
        has_entity = any(isinstance(one["type"], type) for one in select.column_descriptions)
        return list(rows.unique() if has_entity else rows)  # plain columns may hold what cannot be compared: JSON


class _Listed(Pagination):
    """The same pages of what is in memory already."""

    def _query_items(self) -> list[Any]:
        return self._query_args["rows"][self._query_offset :][: self.per_page]

    def _query_count(self) -> int:
        return len(self._query_args["rows"])


def paginate_list(rows: Sequence[Any]) -> Pagination:
    """The page that `?page=` asks for, of a list that had to be worked out as a whole."""
    return _Listed(rows=rows, per_page=PER_PAGE, max_per_page=PER_PAGE, error_out=False)


def paginate(query: Select) -> Pagination:
    """The page that `?page=` asks for; a number beyond the end gives an empty page, nonsense the first.

    Items are entities when the query selects one thing, else rows.
    """
    number = min(request.args.get("page", 1, type=int), LAST_PAGE)
    if len(query.column_descriptions) == 1:
        return db.paginate(query, page=number, per_page=PER_PAGE, max_per_page=PER_PAGE, error_out=False)
    return _Rows(select=query, session=db.session(), page=number, per_page=PER_PAGE, error_out=False)
