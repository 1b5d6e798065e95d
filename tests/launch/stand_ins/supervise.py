"""A supervisor in a process of its own: `python supervise.py <JSON>`, the arguments of it and of its children."""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from bmms.launch.errors import LaunchError
from bmms.launch.supervisor import Child, Supervisor

told = json.loads(sys.argv[1])
folder = Path(told["folder"])
script = Path(__file__).with_name("child.py")


def watch() -> None:
    with (folder / "ticks").open("a") as file:
        file.write(".")
    if (folder / "trouble").exists():
        raise LaunchError("The database cannot be mended.")


children = [
    Child(name, [told["program"].get(name, sys.executable), script, name, *words], dict(os.environ), folder)
    for name, words in told["children"]
]
Supervisor(children, watch, stop_seconds=told["stop_seconds"]).run()
