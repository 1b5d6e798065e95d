"""A pilot that was tried with `make run` moves to a real server, as the last part of the guide says."""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bmms.app import complete
from bmms.config import Config, from_environ
from bmms.domain.installation import Installation as Settings
from bmms.domain.payees import tins
from bmms.models.payees import Payee
from bmms.tenancy import bind_scope
from tests.deployment.conftest import nginx, write_site
from tests.deployment.guide import Shell, under
from tests.deployment.servers import Place, new_place
from tests.deployment.units import CHECKOUT, free_port, web_server
from tests.drill.conftest import Installation

pytestmark = [pytest.mark.ops, pytest.mark.xdist_group("installation"), pytest.mark.timeout(1800)]

MOVE, TIN = "From `make run` to this server", "123456789"
# What stays as it is while nobody works, whatever the worker does meanwhile; tax numbers are encrypted anew.
ROWS = {
    "users": "SELECT id, username, email, password_hash FROM users ORDER BY 1",
    "payees": "SELECT id, organization_id, name, tin_digest FROM payees ORDER BY 1",
    "entries": "SELECT id, organization_id, account_id, measure, amount::text FROM ledger_entries ORDER BY 1",
    "files": "SELECT id, storage_key, sha256 FROM stored_files ORDER BY 1",
}


def sealed_payee(installation: Installation) -> tuple[int, int]:
    """A payee of Health with a tax number, kept by the keys of this installation: the ids of both."""
    config = complete(from_environ(installation.environ))
    [[organization]] = installation.ask("SELECT id FROM organizations WHERE code = 'MOH'")
    with opened(config, organization) as session:
        payee = Payee(name="Moved Trading")
        tins.keep(session, payee, TIN)
        session.add(payee)
        session.commit()
        return organization, payee.id


@contextmanager
def opened(config: Config, organization_id: int) -> Iterator[Session]:
    """A session of the application with these settings, in one organization."""
    engine = create_engine(config.database_url)
    with Session(engine, info={"installation": Settings(config)}) as session:
        bind_scope(session, organization_id)
        yield session
    engine.dispose()


def old_machine(place: Place, installation: Installation) -> Path:
    """The checkout of `make run`, with its folder of what is kept."""
    checkout = place.ground / "old"
    checkout.mkdir()
    (checkout / "instance").symlink_to(installation.instance)
    (checkout / ".venv").symlink_to(Path(sys.executable).parents[1])
    return checkout


def as_far_as_the_database(place: Place) -> None:
    """The guide up to there, with the program that lies here."""
    place.name(BMMS_HOME=CHECKOUT)
    place.shell.type('mkdir "$BMMS_ETC" "$BMMS_DATA" "$BMMS_LOG" "$BMMS_BACKUPS"')
    place.write_settings()
    for text in under("The database")[:2]:
        place.shell.type(text)


def test_all_that_is_kept_moves_with_its_keys(installation: Installation) -> None:
    organization, payee = sealed_payee(installation)
    with new_place() as place:
        as_far_as_the_database(place)
        checkout = old_machine(place, installation)
        environ = {**os.environ, "BMMS_INSTANCE": str(installation.instance)}
        with Shell(place.ground / "old-shell", environ) as shell:
            shell.type(f"cd {checkout}")
            shell.type(under(MOVE, "old")[0])
        shutil.move(checkout / "moving", place.ground / "backups" / "moving")
        said = place.shell.follow(MOVE)
        for name, statement in ROWS.items():
            assert place.server.tell(statement) == installation.ask(statement), name
        assert re.search(r"^Encrypted [1-9]\d* values with the newest key\.$", said, re.MULTILINE)
        assert place.shell.type("bmms rotate_data_keys") == "Encrypted 0 values with the newest key.\n"
        with opened(from_environ(place.settings), organization) as session:
            assert tins.opened(session, session.get_one(Payee, payee)) == TIN
        assert list((place.ground / "backups" / "moving").glob("*_key")) == []
        kept = {path.relative_to(installation.instance) for path in (installation.instance / "files").glob("*/*")}
        assert kept == {path.relative_to(place.ground / "lib") for path in (place.ground / "lib" / "files").glob("*/*")}
        port, folder = free_port(), place.ground / "nginx"
        folder.mkdir()
        with web_server(place.environ, place.ground / "web.log", port), nginx(write_site(folder, port)) as site:
            assert site.sign_in(*installation.people[0])
