"""`python start.py <checkout> run|stop|env`: the launcher with small programs in the place of BMMS's own."""

import os
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from bmms.launch.__main__ import main
from bmms.launch.plan import Step, plan_of

checkout = Path(sys.argv[1])
programs = Path(__file__).parent


def program(name: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, str(programs / f"{name}.py"), *words)


def stand_ins() -> object:
    plan = plan_of(checkout, os.environ)
    return replace(
        plan,
        preparation=(
            Step(
                "Bringing the tables up to date",
                program("upgrade"),
                as_owner=True,
                is_done=lambda urls: "DATABASE_OWNER_URL" in urls and (checkout / "upgraded").exists(),
            ),
            Step("Loading the pilot", program("load_demo", str(plan.signins))),
        ),
        web=program("web", plan.host, str(plan.port)),
        worker=program("worker"),
        tuning={} if "DURABLE" in os.environ else {"fsync": "off", "full_page_writes": "off"},
    )


if __name__ == "__main__":
    try:
        chosen = stand_ins()
    except RuntimeError:
        chosen = None  # main will say the same, in its own way
    sys.exit(main(sys.argv[2:], chosen))
