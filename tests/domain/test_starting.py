"""BMMS does not serve while invented people are left after the pilot (decision D34)."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from bmms.config import ConfigError, Pilot
from bmms.domain.platform.starting import check_before_serving


def test_demo_rows_stop_the_start_after_the_pilot(config, cast, engine, owner):
    over = replace(config, pilot=Pilot(mode=False))
    check_before_serving(over, engine)
    with owner.begin() as connection:
        connection.execute(text("UPDATE users SET is_demo = true WHERE username = 'ben'"))
    with pytest.raises(ConfigError, match="cleanup_pilot_data"):
        check_before_serving(over, engine)
    check_before_serving(config, engine)
