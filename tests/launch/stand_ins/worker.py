"""Stands for `bmms worker`."""

import os
import time
from pathlib import Path

Path("worker.pid").write_text(str(os.getpid()))
while True:
    time.sleep(60)
