"""What several tests of pages need."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bmms.tenancy import bind_platform
from tasks import worker
from tasks.queue import init_queue


@pytest.fixture
def platform(app, engine: Engine, cast):
    """A session over all accounts, as the command line has it; commit what requests shall see."""
    with Session(engine, expire_on_commit=False, info={"installation": app.extensions["installation"]}) as session:
        bind_platform(session, "tests")
        yield session


@pytest.fixture
def work(app) -> Callable[[], None]:
    """Let the real worker drain the real queue."""
    init_queue(app)  # another test may have made another application meanwhile

    def drain() -> None:
        worker.run_once(app)

    return drain
