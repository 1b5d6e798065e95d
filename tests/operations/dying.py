"""python dying.py STEP ACT OWNER_URL FILES SHELF [BACKUP]: back up or restore, and die by -9 at a step.

Or STEP send ENDPOINT BUCKET SHELF BACKUP: send a copy.

A step is a call that a module of `bmms.operations` makes, whatever it calls: a statement, a program, a rename. At the
end two lists are printed: the steps at which a line is reached for the first time, and the number of all steps. Asked
for a later one, it lives.
"""

import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from bmms.cli.backups import MIGRATIONS, migrate
from bmms.config import Backups
from bmms.domain import clock
from bmms.launch.tables import revisions
from bmms.operations import backing_up, copies, restoring
from bmms.operations.servers import Server
from bmms.operations.shelf import Shelf

LAST, ACT, URL, FILES, SHELF, *BACKUP = sys.argv[1:]
taken, firsts, seen = 0, [], set()


def step(frame: FrameType, event: str, _argument: object) -> None:
    """Count calls out of our modules, and die at the one that was asked for."""
    global taken
    caller = frame if event == "c_call" else frame.f_back if event == "call" else None
    if caller and caller.f_globals.get("__name__", "").startswith("bmms.operations"):
        taken += 1
        line = caller.f_code.co_filename, caller.f_lineno
        if line not in seen:
            seen.add(line)
            firsts.append(taken)
        if taken == int(LAST):
            os.kill(os.getpid(), signal.SIGKILL)


def act() -> None:
    """What `flask backup` and `flask restore` do, without their questions."""
    server, now = Server(URL), clock.now()
    if ACT == "send":
        copies.Bucket(Backups(Path(SHELF), s3_bucket=FILES, s3_endpoint=URL)).send(Path(BACKUP[0]))
    elif ACT == "backup":
        source = backing_up.Source(server, Path(FILES), "test", "0.6.0")
        backing_up.back_up(source, Shelf(Path(SHELF), "test"), now)
    else:
        target = restoring.Target(server, Path(FILES), revisions(MIGRATIONS / "versions"), migrate)
        new = restoring.NEW.format(database=server.database)
        found = restoring.check(Path(BACKUP[0]), target.revisions)
        restoring.bring_in(Path(BACKUP[0]), found, target, new)
        restoring.take_the_place(server, new, now)


threading.setprofile(step)
sys.setprofile(step)
act()
sys.setprofile(None)
print(*firsts)
print(taken)
