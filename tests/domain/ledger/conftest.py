"""The treasury of Health with an appropriation in force, in last year."""

from collections.abc import Iterator

import pytest

from tests.execution import Treasury, opened, set_up_treasury


@pytest.fixture
def treasury(engine, app, cast, ground) -> Iterator[Treasury]:
    ids = set_up_treasury(engine, app, cast, ground)
    with opened(engine, app, cast) as desks:
        yield Treasury(**desks, **ids)
