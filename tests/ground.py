"""The rows of the tests' database: removed, kept aside and brought back, in milliseconds instead of by TRUNCATE."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import psycopg
from psycopg import sql

EMPTY = """
DO $$
DECLARE found record;
BEGIN
  FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('DELETE FROM %I', found.tablename);
  END LOOP;
  FOR found IN SELECT sequencename, start_value FROM pg_sequences
               WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
    PERFORM setval(quote_ident(found.sequencename), found.start_value, false);
  END LOOP;
END $$
"""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Rows:
    """All rows of a database as COPY tells them, by table, and how far its sequences have counted."""

    tables: dict[str, bytes]
    sequences: dict[str, int]


class Ground:
    """One database, seen by a superuser whom neither triggers nor foreign keys nor policies stop."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._stages: dict[str, tuple[Rows, object]] = {}
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET lock_timeout = '60s'")  # who leaves a transaction open is told so

    def empty(self) -> None:
        """Remove all rows and let the sequences count from the start."""
        self._connection.execute(EMPTY)

    def keep(self) -> Rows:
        """The rows of now."""
        names = [name for (name,) in self._connection.execute(TABLES)]
        told = {name: self._told(name) for name in names}
        return Rows({name: rows for name, rows in told.items() if rows}, dict(self._connection.execute(SEQUENCES)))

    def bring_back(self, rows: Rows) -> None:
        """Put kept rows into the empty tables."""
        with self._connection.transaction(), self._connection.cursor() as cursor:
            for name, told in rows.tables.items():
                with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))) as copy:
                    copy.write(told)
            for name, last in rows.sequences.items():
                cursor.execute("SELECT setval(quote_ident(%s), %s)", (name, last))

    def stage(self, name: str, make: Callable[[], Answer]) -> Answer:
        """Do what `make` does and commits on ground that is always the same: once; later its rows are brought back.

        Returns:
            what `make` answered: ids, not rows.
        """
        if name not in self._stages:
            answer = make()
            self._stages[name] = (self.keep(), answer)
            return answer
        rows, kept = self._stages[name]
        self.empty()
        self.bring_back(rows)
        return kept  # type: ignore[return-value]

    def _told(self, name: str) -> bytes:
        with self._connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))) as copy:
            return b"".join(copy)
