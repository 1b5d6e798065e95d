"""`make run` with an instance folder of its own: python tests/drill/serve.py INSTANCE PORT."""

import os
import sys
from dataclasses import replace
from pathlib import Path

from bmms.launch.plan import plan_of
from bmms.launch.run import run

CHECKOUT = Path(__file__).resolve().parents[2]


def main(instance: Path, port: str) -> None:
    """Run until terminated; everything that this run keeps lies under `instance`."""
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "BMMS_"))},
        "BMMS_INSTANCE": str(instance),
        "PORT": port,
    }
    plan = plan_of(CHECKOUT, environ)
    signins = instance / "demo-signins.csv"
    preparation = tuple(replace(step, argv=_here(step.argv, plan.signins, signins)) for step in plan.preparation)
    os.environ.clear()
    os.environ.update(environ)
    worker = (*plan.worker, "--lease", "5")
    run(replace(plan, instance=instance, signins=signins, preparation=preparation, worker=worker), environ)


def _here(argv: tuple[str, ...], theirs: Path, own: Path) -> tuple[str, ...]:
    """The sign-ins are written in here; of the demo's spending the latest year is enough for a drill."""
    if str(theirs) not in argv:
        return argv
    return (*(str(own) if word == str(theirs) else word for word in argv), "--years", "1")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
