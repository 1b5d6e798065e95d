"""The three logins of BMMS in PostgreSQL (decisions D3, D27, D28) and the database that they share.

`bmms_owner` owns the tables and sees all rows (migrations, backup); `bmms_app` is the web server and the worker, bound
by row-level security; `bmms_ocm` is the oversight, read-only. Which tables they may use is the migrations' business.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from bmms.launch.cluster import SUPERUSER, Cluster
from bmms.launch.errors import LaunchError

OWNER, APP, OCM = "bmms_owner", "bmms_app", "bmms_ocm"
URL_NAMES = {"DATABASE_URL": APP, "DATABASE_OWNER_URL": OWNER, "DATABASE_OCM_URL": OCM}

_ATTRIBUTES = {
    OWNER: "LOGIN NOSUPERUSER BYPASSRLS CREATEDB NOCREATEROLE NOREPLICATION",  # a restore makes a database
    APP: "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION",
    OCM: "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION",
}
_LEAVE_ALL_ROLES = """DO $$
DECLARE bond record;
BEGIN
  FOR bond IN SELECT roleid::regrole AS role, member::regrole AS member FROM pg_auth_members
              WHERE member IN ('bmms_app'::regrole, 'bmms_ocm'::regrole)
  LOOP
    EXECUTE format('REVOKE %s FROM %s', bond.role, bond.member);
  END LOOP;
END $$"""


def roles_sql(database: str = "bmms", passwords: Mapping[str, str] | None = None) -> str:
    """What a database administrator runs with psql to make the logins and the database; running it again does no harm.

    `passwords` maps role names to passwords, which appear as SCRAM verifiers, never readable.
    """
    without = [role for role in _ATTRIBUTES if role not in (passwords or {})]
    lines = ["-- Run as a superuser: psql -v ON_ERROR_STOP=1 -d postgres -f <this file>"]
    lines += [f"-- Then set its password in psql: \\password {role}" for role in without]
    lines += [f"{statement};" for statement in _role_statements(passwords or {})]
    create = f"CREATE DATABASE {_name(database)} OWNER {OWNER} ENCODING 'UTF8' TEMPLATE template0"
    lines += [
        f"SELECT {_text(create)}",
        f"  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = {_text(database)}) \\gexec",
        f"\\connect {_name(database)}",
    ]
    lines += [f"{statement};" for statement in _database_statements(database)]
    return "\n".join(lines) + "\n"


def create_roles(superuser_url: str, database: str, passwords: Mapping[str, str]) -> None:
    """Make the logins and the database, or set right what is there. Several processes may do so at once.

    `superuser_url` leads to any database of the server. Raises psycopg.Error.
    """
    # Advisory locks are counted per database: the lock is taken in the one that all callers name.
    with psycopg.connect(superuser_url, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(hashtext('bmms roles'))")
        for statement in _role_statements(passwords):
            server.execute(statement)
        if server.execute("SELECT FROM pg_database WHERE datname = %s", [database]).fetchone() is None:
            server.execute(f"CREATE DATABASE {_name(database)} OWNER {OWNER}")
        with psycopg.connect(superuser_url, dbname=database, autocommit=True) as inside:
            for statement in _database_statements(database):
                inside.execute(statement)


def ensure_database(cluster: Cluster, database: str = "bmms") -> dict[str, str]:
    """The database and its logins on our own server, and their addresses by name of environment variable."""
    passwords = {role: cluster.password(role) for role in _ATTRIBUTES}
    create_roles(cluster.url(SUPERUSER, "postgres"), database, passwords)
    return {name: cluster.url(role, database) for name, role in URL_NAMES.items()}


def require_maker_of_roles(owner_url: str) -> None:
    """Raises LaunchError when this owner's login may not make the application's, or does not see all rows."""
    query = "SELECT rolsuper OR rolcreaterole, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    with psycopg.connect(owner_url) as owner:
        if owner.execute(query).fetchone() != (True, True):
            raise LaunchError(
                "The login in DATABASE_OWNER_URL may not create roles or not see all rows (CREATEROLE, BYPASSRLS). "
                "Let the database administrator run what `bmms print_roles_sql` prints, then set DATABASE_URL too."
            )


def create_app_roles(owner_url: str, passwords: Mapping[str, str]) -> dict[str, str]:
    """Make `bmms_app` and `bmms_ocm` on a server of which only an owner's login was given (the end of decision D28).

    Answers the addresses of both. Raises LaunchError when such a role exists and is not bound by row-level security.
    """
    with psycopg.connect(owner_url, autocommit=True) as owner:
        for role in (APP, OCM):
            _create_app_role(owner, role, passwords[role])
        database = owner.info.dbname
        for statement in grant_statements(database):
            owner.execute(statement)
    return {
        name: _with_login(owner_url, role, passwords[role], database)
        for name, role in URL_NAMES.items()
        if role != OWNER
    }


def _create_app_role(owner: psycopg.Connection[Any], role: str, password: str) -> None:
    found = owner.execute(
        "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = %s", [role]
    ).fetchone()
    if found is None:
        owner.execute(f"CREATE ROLE {role} {_ATTRIBUTES[role]} PASSWORD {_text(scram(password))}")
    elif found[0]:
        raise LaunchError(
            f"The role {role} exists on that server and may do too much: it must be bound by row security."
        )
    if role == OCM:
        owner.execute(f"ALTER ROLE {OCM} SET default_transaction_read_only = on")


def _with_login(url: str, role: str, password: str, database: str) -> str:
    """The same database for another login. Everything else of the address, such as sslmode, stays."""
    replaced = ("user", "password", "dbname")
    parts = {name: str(value) for name, value in conninfo_to_dict(url).items() if name not in replaced}
    query = urlencode(parts, quote_via=quote, safe="/")
    return f"postgresql://{role}:{quote(password, safe='')}@/{quote(database)}?{query}"


def scram(password: str) -> str:
    """What PostgreSQL stores for a password (RFC 5803), so that the password itself reaches no statement and no log."""
    salt, rounds = secrets.token_bytes(16), 4096
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    client_key, server_key = (hmac.digest(salted, name, "sha256") for name in (b"Client Key", b"Server Key"))
    stored = hashlib.sha256(client_key).digest()
    salt64, stored64, server64 = (base64.b64encode(part).decode() for part in (salt, stored, server_key))
    return f"SCRAM-SHA-256${rounds}:{salt64}${stored64}:{server64}"


def _role_statements(passwords: Mapping[str, str]) -> Iterator[str]:
    for role, attributes in _ATTRIBUTES.items():
        yield (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
            f"THEN CREATE ROLE {role}; END IF; END $$"
        )
        secret = f" PASSWORD {_text(scram(passwords[role]))}" if role in passwords else ""
        yield f"ALTER ROLE {role} {attributes}{secret}"
    yield _LEAVE_ALL_ROLES
    yield f"ALTER ROLE {OCM} SET default_transaction_read_only = on"
    yield f"GRANT pg_signal_backend TO {OWNER}"  # a restore ends the connections to what it takes the place of


def _database_statements(database: str) -> Iterator[str]:
    yield f"ALTER DATABASE {_name(database)} OWNER TO {OWNER}"
    yield f"ALTER SCHEMA public OWNER TO {OWNER}"
    yield f"GRANT CONNECT ON DATABASE {_name(database)} TO {OWNER}"
    yield from grant_statements(database)


def grant_statements(database: str) -> Iterator[str]:
    yield f"REVOKE ALL ON DATABASE {_name(database)} FROM PUBLIC"
    yield f"GRANT CONNECT ON DATABASE {_name(database)} TO {APP}, {OCM}"
    yield "REVOKE ALL ON SCHEMA public FROM PUBLIC"
    yield f"GRANT USAGE ON SCHEMA public TO {APP}, {OCM}"


def _name(identifier: str) -> str:
    return '"{}"'.format(identifier.replace('"', '""'))


def _text(literal: str) -> str:
    return "'{}'".format(literal.replace("'", "''"))
