"""Lists in pages of 25, from a SELECT of one entity or of several columns."""

from typing import Any

from flask_sqlalchemy.pagination import Pagination, SelectPagination
from sqlalchemy import Select

from bmms.extensions import db

PER_PAGE = 25


class _Rows(SelectPagination):
    """Flask-SQLAlchemy's pages, for rows of several columns."""

    def _query_items(self) -> list[Any]:
        select = self._query_args["select"].limit(self.per_page).offset(self._query_offset)
        session = self._query_args["session"]
        rows = session.execute(select)
        has_entity = any(isinstance(one["type"], type) for one in select.column_descriptions)
        return list(rows.unique() if has_entity else rows)  # plain columns may hold what cannot be compared: JSON


def paginate(query: Select) -> Pagination:
    """The page that `?page=` asks for; a number beyond the end gives an empty page, nonsense the first.

    Items are entities when the query selects one thing, else rows.
    """
    if len(query.column_descriptions) == 1:
        return db.paginate(query, per_page=PER_PAGE, max_per_page=PER_PAGE, error_out=False)
    return _Rows(select=query, session=db.session(), per_page=PER_PAGE, max_per_page=PER_PAGE, error_out=False)
