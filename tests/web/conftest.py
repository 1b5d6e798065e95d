"""What several tests of pages need."""

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bmms.tenancy import bind_platform


@pytest.fixture
def platform(app, engine: Engine, cast):
    """A session over all accounts, as the command line has it; commit what requests shall see."""
    with Session(engine, expire_on_commit=False, info={"installation": app.extensions["installation"]}) as session:
        bind_platform(session, "tests")
        yield session
