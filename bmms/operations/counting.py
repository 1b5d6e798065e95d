"""How many rows there are: in the database, in one snapshot, and in what was dumped of it."""

import re
from collections.abc import Mapping
from typing import IO

import psycopg
from psycopg import sql

TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    " AND NOT relispartition ORDER BY relname"
)
LEDGER = "SELECT measure, sum(amount)::text FROM ledger_entries GROUP BY measure ORDER BY measure"
DIFFERING = (
    "SELECT count(*)::text FROM (SELECT account_id, sum(amount) FILTER (WHERE measure = 'authorised') AS authorised,"
    " sum(amount) FILTER (WHERE measure = 'adjustment') AS adjustment,"
    " sum(amount) FILTER (WHERE measure = 'allotment') AS allotted,"
    " sum(amount) FILTER (WHERE measure = 'obligation') AS obligated,"
    " sum(amount) FILTER (WHERE measure = 'disbursement') AS disbursed FROM ledger_entries GROUP BY account_id) AS told"
    " RIGHT JOIN budget_accounts kept ON kept.id = told.account_id"
    " WHERE (kept.authorised, kept.adjustment, kept.allotted, kept.obligated, kept.disbursed) IS DISTINCT FROM"
    " (coalesce(told.authorised, 0), coalesce(told.adjustment, 0), coalesce(told.allotted, 0),"
    " coalesce(told.obligated, 0), coalesce(told.disbursed, 0))"
)
_COPY = re.compile(rb"COPY public\.\"?([a-z_0-9]+)\"? ")


def rows_of(connection: psycopg.Connection) -> dict[str, int]:
    """Rows by table, of all tables of BMMS."""
    found = {}
    for (table,) in connection.execute(TABLES).fetchall():
        counted = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("public", table)))
        found[table] = counted.fetchone()[0]  # type: ignore[index]
    return found


def ledger_of(connection: psycopg.Connection) -> dict[str, str]:
    """What the entries come to by measure, in pesos, and how many accounts keep another total (E-11)."""
    sums: dict[str, str] = dict(connection.execute(LEDGER).fetchall())
    [(differing,)] = connection.execute(DIFFERING).fetchall()
    return {**sums, "differing": differing}


def rows_dumped(script: IO[bytes]) -> dict[str, int]:
    r"""Rows by table in what pg_restore writes as SQL: the lines between `COPY table …` and `\.`."""
    found: dict[str, int] = {}
    table = ""
    for line in script:
        if table:
            if line == b"\\.\n":
                table = ""
            else:
                found[table] += 1
        elif line.startswith(b"COPY ") and (begins := _COPY.match(line)):
            table = begins[1].decode()
            found.setdefault(table, 0)
    return found


def differing(told: Mapping[str, int], found: Mapping[str, int]) -> list[str]:
    """A sentence for each table that has another number of rows."""
    return [
        f"{table}: {told.get(table, 0):,} rows were counted, {found.get(table, 0):,} are there"
        for table in sorted({*told, *found})
        if told.get(table, 0) != found.get(table, 0)
    ]
