"""Kill -9 of line, browser and server at random moments while somebody types: at most ten seconds lost, no duplicate.

Six kills in `make test`; `make drill` kills two hundred times.
"""

import os
import random
import shutil
from collections import defaultdict
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.browser.conftest import MISSING, NAMES
from tests.drill.conftest import Installation
from tests.drill.typist import KINDS, PROMISE, Typist

KILLS = 200 if os.environ.get("BMMS_DRILL") else 6
SEED = int(os.environ.get("BMMS_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)


@pytest.mark.browser
@pytest.mark.drill
@pytest.mark.xdist_group("installation")
@pytest.mark.timeout(1200 + 60 * KILLS)
def test_kills_while_typing(playwright: Playwright, installation: Installation, tmp_path: Path) -> None:
    program = next((path for name in NAMES if (path := shutil.which(name))), None)
    assert program, MISSING
    print(f"BMMS_SEED={SEED}")
    kinds = [KINDS[number % len(KINDS)] for number in range(KILLS)]
    random.Random(SEED).shuffle(kinds)
    typist = Typist(playwright, program, installation, tmp_path, SEED)
    for kind in kinds:
        typist.suffer(kind)
    typist.leave()
    worst: dict[str, float] = defaultdict(float)
    for kind, seconds in zip(kinds, typist.lost, strict=True):
        worst[kind] = max(worst[kind], seconds)
    print(f"{KILLS} kills, {len(typist.plans)} plans sent; most seconds lost by kind: {dict(worst)}")
    assert max(typist.lost) <= PROMISE
    assert len(set(typist.plans)) == len(typist.plans) >= 1
