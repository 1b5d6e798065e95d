"""What several tests of pages need."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bmms.tenancy import bind_platform
from tasks import worker
from tasks.queue import Counts
from tests.cast import Cast
from tests.execution import Treasury, opened, set_up_treasury
from tests.ground import Ground
from tests.planning import desk_of, make_lists, make_plan


@pytest.fixture
def platform(app, engine: Engine, cast):
    """A session over all accounts, as the command line has it; commit what requests shall see."""
    with Session(engine, expire_on_commit=False, info={"installation": app.extensions["installation"]}) as session:
        bind_platform(session, "tests")
        yield session


@pytest.fixture
def work(app: Flask, queue: None) -> Callable[..., Counts]:
    """Let the real worker drain the real queue, for the application of the tests unless another one is named."""
    return lambda served=app: worker.run_once(served)


@pytest.fixture
def plan_id(engine: Engine, app: Flask, cast: Cast, ground: Ground) -> int:
    """A complete draft plan of Health, made by Badar."""

    def make() -> int:
        badar = desk_of(engine, app, cast, "badar")
        made = make_plan(badar, *make_lists(engine), cast.memberships["badar"].id).id
        badar.session.commit()
        badar.session.close()
        return made

    return ground.stage("pages: plan", make)


@pytest.fixture
def treasury(engine: Engine, app: Flask, cast: Cast, ground: Ground) -> Iterator[Treasury]:
    """The treasury of Health, whose staff can sign in."""
    ids = set_up_treasury(engine, app, cast, ground)
    with opened(engine, app, cast) as desks:
        yield Treasury(**desks, **ids)
