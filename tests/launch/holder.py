"""A process that is attached to a server: `python holder.py <instance> <tuning as JSON>`, commands on standard input.

It says one JSON object when it is attached and one after each command; `close`, or the end of input, ends it.
"""

import ctypes
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from bmms.launch.cluster import SUPERUSER, attach
from bmms.launch.errors import LaunchError


def say(**answer: object) -> None:
    print(json.dumps(answer), flush=True)


def main() -> None:
    if len(sys.argv) > 3:  # adopt orphans and never reap them, as the first process of some containers does
        ctypes.CDLL(None).prctl(36, 1)
    try:
        cluster = attach(Path(sys.argv[1]), tuning=json.loads(sys.argv[2]))
    except LaunchError as error:
        say(error=str(error))
        return
    with cluster:
        say(
            url=cluster.url(SUPERUSER, "postgres"),
            pid=cluster.server.pid(),
            home=str(cluster.place.home),
            account=cluster.place.account.name,
        )
        for line in sys.stdin:
            if line.strip() == "close":
                break
            if line.strip() == "fork":
                child = os.fork()
                if child == 0:
                    cluster.close()
                    os._exit(0)
                os.waitpid(child, 0)
            cluster.ensure()
            say(pid=cluster.server.pid())
    say(closed=True)


if __name__ == "__main__":
    main()
