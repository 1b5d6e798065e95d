"""A child of a supervisor: `python child.py <name> [crashing|stubborn|parent]` notes its fate in the file `events`."""

import os
import signal
import subprocess
import sys
import time


def note(what: str) -> None:
    with open("events", "a") as file:
        file.write(f"{sys.argv[1]} {what} {os.getpid()}\n")


def on_term(number: int, frame: object) -> None:
    note("term")
    if "stubborn" not in sys.argv:
        time.sleep(0.1)
        note("end")
        sys.exit(0)


signal.signal(signal.SIGTERM, on_term)
signal.signal(signal.SIGINT, lambda *_: note("int"))
if "parent" in sys.argv:
    subprocess.Popen([sys.executable, __file__, "grandchild", "stubborn"])
note("start")
if "crashing" in sys.argv:
    sys.exit(3)
while True:
    time.sleep(60)
