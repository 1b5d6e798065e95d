"""The addresses of the database: those of the environment, else of our own server under `instance/` (D2, D28)."""

import atexit
import functools
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from bmms.launch.address import plain
from bmms.launch.cluster import Cluster, attach
from bmms.launch.errors import LaunchError
from bmms.launch.roles import APP, OCM, URL_NAMES, create_app_roles, ensure_database, require_maker_of_roles


@dataclass
class Database:
    """The addresses by name of variable, our own server if it is ours, and what the person should be told."""

    urls: dict[str, str]
    cluster: Cluster | None = None
    notes: list[str] = field(default_factory=list)

    def close(self) -> None:
        """Leave our own server; somebody else's needs nothing."""
        if self.cluster:
            self.cluster.close()


@dataclass(frozen=True)
class Login:
    """As whom an address signs in, and where."""

    name: str
    database: str
    sees_all: bool  # a superuser or BYPASSRLS: the application refuses to run with it (decision D3)


def open_database(instance: Path, environ: Mapping[str, str], tuning: Mapping[str, str] | None = None) -> Database:
    """Where the data of this installation lives. Raises LaunchError.

    Neither DATABASE_URL nor DATABASE_OWNER_URL set: our own server. An owner's login only, in either variable: the
    application's logins are made beside it. DATABASE_URL with the application's login: taken as it is. `tuning`
    is for our own server.
    """
    given = {name: plain(environ[name]) for name in URL_NAMES if environ.get(name)}
    app, owner = given.get("DATABASE_URL"), given.get("DATABASE_OWNER_URL")
    if not app and not owner:
        cluster = attach(instance, tuning=tuning)
        try:
            return Database(ensure_database(cluster), cluster)
        except BaseException:
            cluster.close()
            raise
    for name, url in given.items():
        _try(name, url)
    if app and not owner and login_behind(app).sees_all:
        app, owner = None, app
    if owner and not app:
        require_maker_of_roles(owner)
        made = create_app_roles(owner, _kept_passwords(instance, owner))
        note = f"Only an owner's login was given: {APP} and {OCM} were made for the application, if they were missing."
        for name, url in made.items():
            _try(name, url)
        return Database({"DATABASE_OWNER_URL": owner} | made, notes=[note])
    notes = (
        [] if owner else ["DATABASE_OWNER_URL is not set, so the tables are not brought up to date: see the runbook."]
    )
    return Database(given, notes=notes)


@functools.cache
def development_urls(instance: Path) -> dict[str, str] | None:
    """The three addresses for a command in a second terminal; the server is started if nobody has, and kept until exit.

    None when the environment names a database already. Raises LaunchError.
    """
    if os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_OWNER_URL"):
        return None
    database = open_database(instance, {})
    atexit.register(database.close)
    return database.urls


def _try(name: str, url: str) -> None:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.Error as error:
        raise LaunchError(f"{name} leads to no database: {str(error).strip()}") from error


def login_behind(url: str) -> Login:
    """Who signs in with this address. Raises psycopg.Error."""
    query = """SELECT rolname, current_database(), rolsuper OR rolbypassrls
               FROM pg_roles WHERE rolname = current_user"""
    with psycopg.connect(url, connect_timeout=5) as connection:
        name, database, sees_all = connection.execute(query).fetchall()[0]
    return Login(name, database, sees_all)


def _kept_passwords(instance: Path, owner: str) -> dict[str, str]:
    """The passwords of the app's logins on that server, kept in `instance/database-passwords` (0600).

    Raises LaunchError when a login exists whose password we never knew.
    """
    server = conninfo_to_dict(owner)
    key = f"{server.get('host', '')}:{server.get('port', '')}"
    path = instance / "database-passwords"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if key not in kept:
        with psycopg.connect(owner) as connection:
            found = connection.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [[APP, OCM]]).fetchall()
        if found:
            raise LaunchError(
                f"The role {found[0][0]} exists on that server, so another installation may use it. "
                "Set DATABASE_URL and DATABASE_OCM_URL with their passwords beside DATABASE_OWNER_URL."
            )
        kept[key] = {role: secrets.token_urlsafe(24) for role in (APP, OCM)}
        instance.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            json.dump(kept, file, indent=1)
        fresh.replace(path)
    return kept[key]
